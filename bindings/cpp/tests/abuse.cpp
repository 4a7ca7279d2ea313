// Everything that one should not do: it ends in an error, never in a crash, and leaks nothing.
#include "check.hpp"

#include <sys/wait.h>
#include <unistd.h>

using namespace check;
using hawser::Connection;
using hawser::Engine;
using hawser::Opcode;

namespace {

// What everybody can be asked, of something that is not there.
void expect_stale(Connection conn) {
    const auto stale = StatusCode::invalid_handle;
    CHECK(status([&] { return conn.send_text("hello"); }) == stale);
    CHECK(status([&] { return conn.send_binary(std::vector<std::uint8_t>(3)); }) == stale);
    CHECK(status([&] { return conn.ping(); }) == stale);
    CHECK(conn.try_send(Opcode::text, "hello") == stale);
    CHECK(status([&] { return conn.receive(0ms); }) == stale);
    CHECK(status([&] { return conn.close(1000, "bye"); }) == stale);
    CHECK(status([&] { return conn.close(); }) == stale);
    CHECK(status([&] { return conn.abort(); }) == stale);
    CHECK(status([&] { return conn.pause(); }) == stale);
    CHECK(status([&] { return conn.state(); }) == stale);
    CHECK(status([&] { return conn.user(); }) == stale);
    CHECK(status([&] { return conn.set_user(1); }) == stale);
    CHECK(status([&] { return conn.handshake(); }) == stale);
    CHECK(status([&] { return conn.error(); }) == stale);
    CHECK(status([&] { return conn.stats(); }) == stale);
    CHECK(status([&] { return conn.subscribe("topic"); }) == stale);
    CHECK(status([&] { return conn.reconnect(); }) == stale);
    CHECK(status([&] { return conn.replay(0); }) == stale);
}

void expect_stale(Engine &engine) {
    const auto stale = StatusCode::invalid_handle;
    hawser::ClientOptions client;
    client.uri = "ws://127.0.0.1:1/";
    hawser::ServerOptions server;
    server.bind = "127.0.0.1:0";
    CHECK(is_a(status([&] { return engine.poll(0ms); }), StatusCode::usage));
    CHECK(is_a(status([&] { return engine.dispatch([](const hawser::Event &) {}, 0ms); }), StatusCode::usage));
    CHECK(status([&] { return engine.connect(client); }) == stale);
    CHECK(status([&] { return engine.listen(server); }) == stale);
    CHECK(status([&] { return engine.adopt(0, client); }) == stale);
    CHECK(status([&] { return engine.wake(); }) == stale);
    CHECK(status([&] { return engine.on_wake([] {}); }) == stale);
    CHECK(status([&] { return engine.stats(); }) == stale);
    CHECK(status([&] { return engine.publish("topic", Opcode::text, "x"); }) == stale);
    CHECK(status([&] { return engine.close(); }) == stale);
}

TEST("an engine is closed twice, and used afterwards") {
    Engine engine = must(Engine::create());
    CHECK(status([&] { return engine.close(); }) == StatusCode::ok);
    expect_stale(engine);
}

TEST("an engine that was moved away") {
    Server server;
    Engine first = must(Engine::create());
    const Connection conn = must(first.connect(server.client()));
    Engine second = std::move(first);
    expect_stale(first);
    first = must(Engine::create());
    CHECK(must(first.poll(0ms)).empty());
    first = std::move(second); // ends the one that was made in between
    expect_stale(second);
    CHECK(must(first.poll(30s))[0].conn() == conn);
}

TEST("handles that were never given out, and those of an engine that is gone") {
    expect_stale(Connection());
    expect_stale(Connection(hws_conn{0x123456789abcdef}));
    Server server;
    Connection conn;
    hawser::Listener listener;
    {
        Script client;
        conn = client.open(server.client());
        hawser::ServerOptions options;
        options.bind = "127.0.0.1:0";
        listener = must(client.engine.listen(options));
    }
    expect_stale(conn);
    CHECK(status([&] { return listener.address(); }) == StatusCode::invalid_handle);
    CHECK(status([&] { return listener.close(); }) == StatusCode::invalid_handle);
    CHECK(status([&] { return hawser::Request().accept(); }) == StatusCode::invalid_handle);
    CHECK(status([&] { return hawser::Pool().acquire(); }) == StatusCode::invalid_handle);
}

TEST("a connection is closed twice, and used after its last event") {
    Server server;
    Script client;
    const Connection conn = client.open(server.client());
    CHECK(status([&] { return conn.close(); }) == StatusCode::ok);
    CHECK(status([&] { return conn.close(4000, "again"); }) == StatusCode::ok); // it goes on with the first
    CHECK(status([&] { return conn.send_text("late"); }) == StatusCode::connection_closed);
    CHECK(client.await(EventKind::close).status() == StatusCode::closed_ok);
    CHECK(must(client.engine.poll(0ms)).empty());
    expect_stale(conn);
}

TEST("a client is closed twice") {
    Server server;
    hawser::Client client = must(hawser::Client::open(server.client()));
    CHECK(status([&] { return client.close(); }) == StatusCode::ok);
    CHECK(status([&] { return client.close(); }) == StatusCode::invalid_handle);
    CHECK(status([&] { return client->receive(); }) == StatusCode::invalid_handle);
}

TEST("clients go out of scope without a close") {
    Server server;
    for (int i = 0; i < 20; ++i) {
        hawser::Client client = must(hawser::Client::open(server.client()));
        CHECK(client->try_send(Opcode::text, "unheard") == StatusCode::ok);
        hawser::Client moved = std::move(client);
        CHECK(moved->try_send(Opcode::text, "unheard, too") == StatusCode::ok);
    }
}

TEST("many threads send, one polls") {
    Server server;
    Script client;
    const Connection conn = client.open(server.client());
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([conn] {
            for (int j = 0; j < 100; ++j) CHECK(conn.try_send(Opcode::text, "from a thread") == StatusCode::ok);
        });
    for (int i = 0; i < 400; ++i) CHECK(client.await(EventKind::message).text() == "from a thread");
    for (auto &thread : threads) thread.join();
}

// Polls for as long as it takes; when somebody else polls just then, a moment later.
StatusCode poll_in_turn(Engine &engine) {
    StatusCode polled = StatusCode::concurrency;
    while (polled == StatusCode::concurrency) polled = status([&] { return engine.poll(); });
    return polled;
}

TEST("two threads poll one engine") {
    Engine engine = must(Engine::create());
    std::thread other([&] { CHECK(poll_in_turn(engine) == StatusCode::ok); });
    hws_event event;
    std::uint32_t count = 0; // into memory of its own: the engine's belongs to the other
    while (hws_poll(engine, &event, sizeof event, 1, 0, &count) == HWS_OK) std::this_thread::sleep_for(1ms);
    CHECK(hawser::Error::last().status() == StatusCode::concurrency);
    CHECK(status([&] { return engine.wake(); }) == StatusCode::ok);
    other.join();
}

TEST("an engine is closed while another thread polls") {
    Engine engine = must(Engine::create());
    std::atomic<bool> is_over{false};
    std::thread other([&] {
        CHECK(poll_in_turn(engine) == StatusCode::invalid_handle);
        is_over = true;
    });
    hws_event event;
    std::uint32_t count = 0; // wait until it polls
    while (hws_poll(engine, &event, sizeof event, 1, 0, &count) == HWS_OK) std::this_thread::sleep_for(1ms);
    CHECK(status([&] { return engine.close(); }) == StatusCode::ok);
    other.join();
    CHECK(is_over);
}

TEST("an engine is closed while another thread's handler reads") {
    Server server;
    const auto end = std::chrono::steady_clock::now() + 1s;
    for (int round = 0; round < 20 || std::chrono::steady_clock::now() < end; ++round) {
        Engine engine = must(Engine::create());
        const Connection conn = must(engine.connect(server.client()));
        std::atomic<int> heard{0};
        const auto hear = [&](const hawser::Event &event) {
            const bool is_open = event.kind() == EventKind::open;
            for (int i = 0; is_open && i < 20; ++i) CHECK(conn.try_send(Opcode::text, "chatter") == StatusCode::ok);
            if (heard++ == round % 8) std::this_thread::sleep_for(200us); // meanwhile it is closed
            CHECK(is_open || std::string(event.text()) == "chatter");
            CHECK(conn.try_send(Opcode::text, "chatter") == StatusCode::ok); // it is all there
        };
        std::thread reader([&] {
            StatusCode last = StatusCode::ok;
            while (last == StatusCode::ok) last = status([&] { return engine.dispatch(hear); });
            CHECK(last == StatusCode::invalid_handle);
        });
        while (heard <= round % 8) std::this_thread::sleep_for(50us);
        std::thread other([&] { (void)status([&] { return engine.close(); }); });
        (void)status([&] { return engine.close(); }); // one of them may be too late
        other.join();
        reader.join();
        expect_stale(engine);
    }
}

// An engine whose next dispatch has five events.
Engine with_five() {
    hawser::EngineOptions options;
    options.publish_events = true;
    Engine engine = must(Engine::create(options));
    for (int i = 0; i < 5; ++i) (void)must(engine.publish("topic", Opcode::text, "news"));
    return engine;
}

TEST("an engine is closed by its handler: it ends behind it, and no other is called") {
    Engine engine = with_five();
    const Connection conn = must(engine.connect(Server().client()));
    int heard = 0;
    const auto hear = [&](const hawser::Event &event) {
        ++heard;
        CHECK(status([&] { return engine.close(); }) == StatusCode::ok);
        CHECK(status([&] { return engine.close(); }) == StatusCode::ok); // it goes on with the first
        CHECK(event.text() == "news");
        CHECK(status([&] { return conn.state(); }) == StatusCode::ok);
    };
    CHECK(status([&] { return engine.dispatch(hear); }) == StatusCode::ok);
    CHECK(heard == 1);
    expect_stale(conn);
    expect_stale(engine);
}

TEST("a second poll while a handler reads, of its own or of another thread") {
    Engine engine = with_five();
    int heard = 0;
    const auto hear = [&](const hawser::Event &event) {
        const auto refused = error([&] { return engine.dispatch([](const hawser::Event &) {}, 0ms); });
        CHECK(refused.status() == StatusCode::concurrency && !refused.message().empty() && refused.timeout() == -1ms);
        std::thread([&] { CHECK(status([&] { return engine.poll(0ms); }) == StatusCode::concurrency); }).join();
        CHECK(event.text() == "news");
        ++heard;
    };
    CHECK(must(engine.dispatch(hear)) == 5);
    CHECK(heard == 5);
    CHECK(status([&] { return engine.poll(0ms); }) == StatusCode::ok);
}

TEST("a hundred engines") {
    Server server;
    std::vector<Engine> engines;
    for (int i = 0; i < 100; ++i) engines.push_back(must(Engine::create()));
    for (Engine &engine : engines) must(engine.connect(server.client()));
    for (Engine &engine : engines) CHECK(must(engine.poll(30s))[0].kind() == EventKind::open);
    for (std::size_t i = 0; i < engines.size(); i += 2)
        CHECK(status([&] { return engines[i].close(); }) == StatusCode::ok);
}

TEST("hooks may not call the library") {
    Engine engine = must(Engine::create());
    std::atomic<StatusCode> in_hook{StatusCode::ok};
    (void)status([&] { return engine.on_wake([&] { in_hook = status([&] { return engine.wake(); }); }); });
    CHECK(status([&] { return engine.wake(); }) == StatusCode::ok);
    CHECK(in_hook == StatusCode::callback);
}

TEST("hooks are replaced and engines end while they are called") {
    for (int round = 0; round < 20; ++round) {
        Engine engine = must(Engine::create());
        std::atomic<int> calls{0};
        std::thread waker([&] {
            while (status([&] { return engine.wake(); }) == StatusCode::ok) {
            }
        });
        for (int i = 0; i < 50; ++i) (void)status([&] { return engine.on_wake([&calls] { ++calls; }); });
        (void)status([&] { return engine.on_wake({}); });
        CHECK(status([&] { return engine.close(); }) == StatusCode::ok);
        waker.join();
    }
}

TEST("an error outlives all that it came from, on another thread") {
    hawser::Error error;
    {
        Script client;
        hawser::ClientOptions options;
        options.uri = "ws://127.0.0.1:1/";
        must(client.engine.connect(options));
        error = hawser::Error(client.await(EventKind::connect_failed).error());
    }
    std::thread([copy = error] {
        CHECK(copy.status() == StatusCode::connection_refused);
        CHECK(copy.uri() == "ws://127.0.0.1:1/");
        CHECK(std::string_view(copy.what()) == copy.message());
        CHECK(copy.describe().find("CONNECTION_REFUSED") == 0);
    }).join();
    const hawser::Error none;
    CHECK(none.status() == StatusCode::ok);
    CHECK(std::string_view(none.what()).empty());
    CHECK(!none.cause());
}

TEST("arguments that make no sense") {
    Server server;
    hawser::ClientOptions nowhere;
    nowhere.uri = "http://example.com/";
    Script client;
    const Connection conn = client.open(server.client());
    CHECK(status([&] { return conn.send_text("\xff\xfe"); }) == StatusCode::invalid_send);
    CHECK(status([&] { return conn.ping(std::string(126, 'x')); }) == StatusCode::invalid_send);
    CHECK(status([&] { return conn.send_next("of nothing"); }) == StatusCode::invalid_send);
    CHECK(status([&] { return conn.send(static_cast<Opcode>(77), "x"); }) == StatusCode::invalid_argument);
    CHECK(status([&] { return conn.close(1005); }) == StatusCode::invalid_send);
    CHECK(status([&] { return conn.close(1000, std::string(124, 'x')); }) == StatusCode::invalid_send);
    CHECK(status([&] { return conn.subscribe(""); }) == StatusCode::invalid_argument);
    CHECK(status([&] { return client.engine.poll(-5ms); }) == StatusCode::invalid_argument);
    CHECK(status([&] { return client.engine.connect({}); }) == StatusCode::invalid_argument);
    CHECK(status([&] { return client.engine.connect(nowhere); }) == StatusCode::invalid_uri);
    CHECK(status([&] { return client.engine.adopt(-1, server.client()); }) == StatusCode::invalid_argument);
    CHECK(status([&] { return hawser::preset("none such"); }) == StatusCode::invalid_argument);
    hawser::ClientOptions options = server.client();
    options.timers.emplace().open = -7ms;
    CHECK(status([&] { return client.engine.connect(options); }) == StatusCode::invalid_argument);
}

TEST("a child process uses its parent's engine") {
    Server server;
    Script client;
    const Connection conn = client.open(server.client());
    const pid_t child = fork();
    if (child == 0) {
        const bool is_fine = status([&] { return client.engine.poll(0ms); }) == StatusCode::forked &&
                             status([&] { return conn.close(); }) == StatusCode::forked;
        { const Engine ends_here = std::move(client.engine); }
        execlp(is_fine ? "true" : "false", "", nullptr); // no leak check here: the server's thread was never ours
        _exit(2);
    }
    int result = -1;
    waitpid(child, &result, 0);
    CHECK(result == 0);
    CHECK(status([&] { return conn.send_text("still here"); }) == StatusCode::ok);
    CHECK(client.await(EventKind::message).text() == "still here");
}

#if !defined(HAWSER_NO_EXCEPTIONS)

struct Trouble : std::runtime_error {
    using std::runtime_error::runtime_error;
};

TEST("hooks that throw: it comes out of a poll, and all goes on") {
    Engine engine;
    for (int i = 0; i < 3; ++i) {
        engine.on_wake([] { throw Trouble("in the hook"); });
        engine.wake();
        bool came = false;
        try {
            engine.poll(0ms);
        } catch (const Trouble &trouble) {
            came = std::string_view(trouble.what()) == "in the hook";
        }
        CHECK(came);
        CHECK(engine.poll(0ms).empty());
    }
    hawser::set_logger(hawser::LogLevel::trace, [](const hawser::LogLine &) { throw 42; });
    hawser::ClientOptions nobody;
    nobody.uri = "ws://127.0.0.1:1/";
    int thrown = 0;
    (void)engine.connect(nobody);
    for (bool ended = false; !ended;) {
        try {
            for (const hawser::Event &event : engine.poll(30s)) ended = event.kind() == EventKind::connect_failed;
        } catch (int) {
            ++thrown;
        }
        if (thrown > 0) hawser::set_logger(hawser::LogLevel::error, {});
    }
    CHECK(thrown > 0);
}

TEST("a handler that throws loses no event") {
    Server server;
    Script client;
    const Connection conn = client.open(server.client());
    for (int i = 0; i < 100; ++i) conn.send_text(std::to_string(i));
    int heard = 0, thrown = 0;
    while (heard < 100) {
        try {
            client.engine.dispatch([&](const hawser::Event &event) {
                if (event.kind() != EventKind::message) return;
                CHECK(event.text() == std::to_string(heard));
                if (heard++ % 3 == 0) throw Trouble("in the handler");
            });
        } catch (const Trouble &) {
            ++thrown;
        }
    }
    CHECK(thrown == 34);
}

TEST("a handler that throws, and a poll behind it") {
    Engine engine = with_five();
    bool thrown = false;
    try {
        engine.dispatch([](const hawser::Event &) { throw Trouble("in the handler"); });
    } catch (const Trouble &) {
        thrown = true;
    }
    CHECK(thrown);
    CHECK(engine.poll(0ms).size() == 4);
    CHECK(engine.poll(0ms).empty());
}

TEST("destructors that use what is gone while an exception flies") {
    struct Late {
        Connection conn;
        ~Late() { CHECK(conn.try_send(Opcode::text, "too late") == StatusCode::invalid_handle); }
    };
    Server server;
    try {
        Late late;
        Script client;
        late.conn = client.open(server.client());
        hawser::Client another(server.client());
        hawser::raise(hawser::Error(late.conn.error()));
    } catch (const hawser::Error &) {
    }
}

TEST("every class catches what is below it, and nothing else") {
    hawser::ClientOptions nowhere;
    nowhere.uri = "ws://[::1/";
    try {
        Engine().connect(nowhere);
        CHECK(!"it throws");
    } catch (const hawser::InvalidURI &error) {
        const hawser::Error &base = error;
        CHECK(dynamic_cast<const hawser::UsageError *>(&base) != nullptr);
        CHECK(dynamic_cast<const hawser::NetworkError *>(&base) == nullptr);
        CHECK(dynamic_cast<const std::exception *>(&base) != nullptr);
    }
    CHECK((std::is_base_of_v<hawser::InvalidHeader, hawser::InvalidOrigin>));
    CHECK((std::is_base_of_v<hawser::TimeoutError, hawser::PoolExhausted>));
    CHECK((std::is_base_of_v<hawser::PoolError, hawser::PoolExhausted>));
    hws_error_info future{}; // of a library that is newer than we are
    future.struct_size = sizeof future;
    future.status = -4711;
    bool caught = false;
    try {
        hawser::raise(hawser::ErrorInfo(&future));
    } catch (const hawser::WebSocketException &) {
        caught = true;
    }
    CHECK(caught);
}

#endif

} // namespace

int main() { return run_all(); }
