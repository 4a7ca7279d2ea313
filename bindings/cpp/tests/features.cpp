// What the binding adds to the library, and that every kind of option and result gets through it.
#include "check.hpp"

#include <array>
#include <map>
#if __has_include(<span>)
#include <span>
#endif
#include <sys/socket.h>

using namespace check;
using hawser::Connection;
using hawser::Event;
using hawser::Opcode;

namespace {

TEST("messages of every type and container") {
    Server server;
    Script client;
    const Connection conn = client.open(server.client());
    const std::vector<std::byte> bytes = {std::byte{1}, std::byte{0}, std::byte{255}};
    const std::array<std::uint8_t, 2> array = {7, 8};
    const auto echo = [&](auto send) -> const Event & {
        CHECK(status(send) == StatusCode::ok);
        return client.await(EventKind::message);
    };
    CHECK(echo([&] { return conn.send_text("text"); }).text() == "text");
    CHECK(echo([&] { return conn.send_text(std::string("Grüße")); }).opcode() == Opcode::text);
    CHECK(echo([&] { return conn.send_text(""); }).data().empty());
    CHECK(echo([&] { return conn.send_binary(bytes); }).data()[2] == std::byte{255});
    CHECK(echo([&] { return conn.send_binary(array); }).data().size() == 2);
    CHECK(echo([&] { return conn.send_binary("literal"); }).text() == "literal"); // without its NUL
    CHECK(echo([&] { return conn.send_binary({}); }).opcode() == Opcode::binary);
    const std::string large(300000, 'x');
    CHECK(echo([&] { return conn.send_text(large); }).text() == large);
    hawser::SendOptions more;
    more.more = true;
    CHECK(status([&] { return conn.send_text("one ", more); }) == StatusCode::ok);
    CHECK(echo([&] { return conn.send_next("two"); }).text() == "one two");
#if defined(__cpp_lib_span)
    const std::span<const std::byte> span = echo([&] { return conn.send_binary(std::span(bytes)); }).data();
    CHECK(span.size() == 3 && span[0] == std::byte{1});
    CHECK(status([&] { return conn.ping("now", {.token = 5}); }) == StatusCode::ok);
    CHECK(client.await(EventKind::pong).token() == 5);
#endif
}

TEST("a program that waits: Client") {
    Server server;
    hawser::Client client = must(hawser::Client::open(server.client()));
    CHECK(status([&] { return client->send_text("Ahoy!"); }) == StatusCode::ok);
    const hawser::Message answer = must(client->receive());
    CHECK(answer.data == "Ahoy!" && answer.opcode == Opcode::text && answer.fin);
    CHECK(status([&] { return client->receive(1ms); }) == StatusCode::recv_timeout);
    CHECK(must(client->state()) == hawser::State::open);
    CHECK(status([&] { return client.close(4001, "done"); }) == StatusCode::ok);
    hawser::ClientOptions nobody;
    nobody.uri = "ws://127.0.0.1:1/";
    const hawser::Error refused = error([&] { return hawser::Client::open(nobody); });
    CHECK(refused.status() == StatusCode::connection_refused && refused.os_error() != 0);
    CHECK(refused.is_a(StatusCode::network) && !refused.is_a(StatusCode::handshake));
}

TEST("options of all kinds, on both sides") {
    hawser::ServerOptions options;
    options.subprotocols = {"v2", "v1"};
    options.credentials = {"ann:secret"};
    options.origins = {"https://good.example"};
    options.limits.emplace().message_max = 1000;
    options.compression.emplace().enabled = false;
    Server server(options);
    Script client;
    hawser::ClientOptions ask = server.client();
    ask.subprotocols = {"v1", "v0"};
    ask.origin = "https://good.example";
    ask.headers = {{"X-One", "1"}, {"X-Empty", ""}};
    ask.basic_user = "ann";
    ask.basic_password = "secret";
    ask.user = 42;
    ask.timers.emplace().open = 30s;
    ask.socket.emplace().nodelay = true;
    ask.heartbeat.emplace();
    ask.heartbeat->message = "beat";
    ask.heartbeat->answer = "beat";
    ask.heartbeat->matching = hawser::Match::contains;
    const Connection conn = must(client.engine.connect(ask));
    const Event &open = client.await(EventKind::open);
    CHECK(open.handshake().subprotocol() == "v1");
    CHECK(open.handshake().extensions().empty());
    CHECK(open.user() == 42 && must(conn.user()) == 42);
    CHECK(status([&] { return conn.send_text(std::string(1001, 'x')); }) == StatusCode::ok);
    const hawser::Error closed(client.await(EventKind::close).error());
    CHECK(closed.status() == StatusCode::closed_error && closed.close_rcvd());
    CHECK(closed.close_rcvd()->code == 1009);
    ask.basic_password = "guess";
    must(client.engine.connect(ask));
    const hawser::ErrorInfo refused = client.await(EventKind::connect_failed).error();
    CHECK(refused.status() == StatusCode::invalid_status && refused.http_status() == 401);
    bool is_basic = false;
    for (const auto &[name, value] : refused.headers())
        is_basic = is_basic || (name == "WWW-Authenticate" && value.substr(0, 5) == "Basic");
    CHECK(is_basic);
}

TEST("routes: a page, a decision, variables") {
    Script both;
    hawser::ServerOptions options;
    options.bind = "127.0.0.1:0";
    options.routes.resize(2);
    options.routes[0].pattern = "/health";
    options.routes[0].page.emplace().status = 200;
    options.routes[0].page->body = "fine";
    options.routes[1].pattern = "/rooms/:room";
    options.routes[1].decide = true;
    const auto listener = must(both.engine.listen(options));
    hawser::ClientOptions client;
    client.uri = "ws://" + must(listener.address()) + "/rooms/deck";
    client.subprotocols = {"a", "b"};

    must(both.engine.connect(client));
    const Event &asked = both.await(EventKind::request);
    CHECK(asked.handshake().params().at(0).name == "room" && asked.handshake().params()[0].value == "deck");
    CHECK(asked.handshake().route() == "/rooms/:room" && !asked.plain());
    CHECK(asked.handshake().subprotocols_offered() == (std::vector<std::string_view>{"a", "b"}));
    int seat = 7;
    hawser::AcceptOptions accept;
    accept.subprotocol = "b";
    accept.headers = {{"X-Seat", "7"}};
    accept.user = reinterpret_cast<std::uintptr_t>(&seat);
    const Connection guest = must(asked.request().accept(accept));
    CHECK(status([&] { return asked.request().accept(); }) == StatusCode::invalid_handle);
    std::map<Connection, std::string> opened; // both ends, in whichever order
    for (int i = 0; i < 2; ++i) {
        const Event &open = both.await(EventKind::open);
        opened[open.conn()] = open.handshake().subprotocol();
        if (open.conn() == guest) CHECK(open.user_as<int>() == &seat);
    }
    CHECK(opened.size() == 2 && opened[guest] == "b");

    must(both.engine.connect(client));
    hawser::Response response;
    response.status = 403;
    response.headers = {{"X-Why", "full"}};
    response.body = "full";
    CHECK(status([&] { return both.await(EventKind::request).request().respond(response); }) == StatusCode::ok);
    const hawser::ErrorInfo refused = both.await(EventKind::connect_failed).error();
    CHECK(refused.http_status() == 403 && refused.body().text() == "full");
    client.uri = "ws://" + must(listener.address()) + "/health";
    must(both.engine.connect(client));
    CHECK(both.await(EventKind::connect_failed).error().body().text() == "fine");
    CHECK(must(both.engine.refusals(StatusCode::handshake_aborted)) >= 1);

    hawser::Drain drain;
    drain.reason = "closing time";
    CHECK(status([&] { return listener.close(drain); }) == StatusCode::ok);
    CHECK(both.await(EventKind::close).error().close_code() == 1001);
    CHECK(both.await(EventKind::listener_closed).value() == 1);
}

TEST("topics, and who does not get it") {
    Server server;
    Script client;
    const Connection one = client.open(server.client()), two = client.open(server.client());
    CHECK(status([&] { return one.send_text("subscribe deck/+"); }) == StatusCode::ok);
    (void)client.await(EventKind::message);
    CHECK(status([&] { return two.send_text("subscribe deck/#"); }) == StatusCode::ok);
    (void)client.await(EventKind::message);
    CHECK(status([&] { return one.send_text("publish deck/upper"); }) == StatusCode::ok);
    CHECK(client.await(EventKind::message).conn() == two);
    Script alone;
    CHECK(must(alone.engine.publish("nobody", Opcode::text, "x")).reached == 0);
    CHECK(must(alone.engine.topic_subscribers("nobody")) == 0);
}

TEST("a pool lends a connection again") {
    Server server;
    Script client;
    hawser::PoolOptions options;
    options.max_connections = 1;
    options.client = server.client();
    const hawser::Pool pool = must(client.engine.pool(options));
    CHECK(status([&] { return pool.acquire("/first", {}, 1); }) == StatusCode::ok);
    const Event &ready = client.await(EventKind::pool_ready);
    CHECK(ready.token() == 1 && ready.value() == pool.id());
    const Connection conn = ready.conn();
    CHECK(status([&] { return pool.acquire({}, 1ms, 2); }) == StatusCode::ok);
    CHECK(client.await(EventKind::pool_failed).error().is_a(StatusCode::timeout));
    CHECK(must(pool.stats()).leased == 1);
    CHECK(status([&] { return pool.release(conn); }) == StatusCode::ok);
    CHECK(status([&] { return pool.release(conn); }) == StatusCode::invalid_handle);
    CHECK(status([&] { return pool.acquire("/first"); }) == StatusCode::ok);
    CHECK(client.await(EventKind::pool_ready).conn() != conn);
    CHECK(must(pool.stats()).reused == 1);
    CHECK(status([&] { return pool.close(); }) == StatusCode::ok);
    CHECK(status([&] { return pool.acquire(); }) == StatusCode::pool_closed);
}

TEST("a connection comes back, and a preset says how") {
    hawser::Preset preset = must(hawser::preset("realtime"));
    CHECK(preset.reconnect.backoff_min == 250ms && preset.compression.enabled == false);
    CHECK(preset.timers.ping_interval == 5s && !preset.timers.auto_pong);
    preset.reconnect.backoff_min = 1ms;
    preset.reconnect.jitter_percent = hawser::no_jitter;
    preset.reconnect.buffer_max = 1000;
    Server server;
    Script client;
    hawser::ClientOptions options = server.client();
    options.reconnect = preset.reconnect;
    options.timers = preset.timers;
    const Connection conn = client.open(options);
    CHECK(status([&] { return conn.send_text("drop"); }) == StatusCode::ok);
    CHECK(client.await(EventKind::reconnecting).error().retryable() == hawser::Retry::yes);
    CHECK(status([&] { return conn.send_text("while it was down"); }) == StatusCode::ok);
    CHECK(client.await(EventKind::open).reconnected());
    CHECK(client.await(EventKind::message).text() == "while it was down");
    CHECK(must(conn.stats()).reconnects == 1);
}

TEST("two ends of a socketpair") {
    int ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    Script both;
    hawser::ClientOptions client;
    client.uri = "ws://localhost/";
    hawser::ServerOptions server;
    const Connection one = must(both.engine.adopt(ends[0], client)), two = must(both.engine.adopt(ends[1], server));
    (void)both.await(EventKind::open), (void)both.await(EventKind::open);
    CHECK(status([&] { return one.send_text("through the pair"); }) == StatusCode::ok);
    CHECK(both.await(EventKind::message).conn() == two);
    CHECK(status([&] { return two.close(4000); }) == StatusCode::ok);
    CHECK(both.await(EventKind::close).error().close_code() == 4000);
}

TEST("a loop of somebody else's") {
    hawser::EngineOptions options;
    options.io_thread = true;
    Script script(options);
    CHECK(must(script.engine.pollable()) >= 0);
    CHECK(must(script.engine.next_timeout()) == hawser::never);
    std::atomic<int> woken{0};
    CHECK(status([&] { return script.engine.on_wake([&] { ++woken; }); }) == StatusCode::ok);
    CHECK(status([&] { return script.engine.wake(); }) == StatusCode::ok);
    CHECK(woken > 0 && must(script.engine.poll()).empty());
    CHECK(must(script.engine.stats()).connections == 0);
}

TEST("the log") {
    std::atomic<int> lines{0};
    CHECK(status([&] {
              return hawser::set_logger(hawser::LogLevel::trace, [&](const hawser::LogLine &line) {
                  if (!line.text.empty() && !line.target.empty()) ++lines;
              });
          }) == StatusCode::ok);
    Server server;
    { const hawser::Client client = must(hawser::Client::open(server.client())); }
    CHECK(lines > 0);
    CHECK(status([&] { return hawser::set_logger(hawser::LogLevel::error, {}); }) == StatusCode::ok);
}

TEST("times are clamped, not wrapped") {
    Server server;
    Script client;
    hawser::ClientOptions options = server.client();
    options.timers.emplace().idle = std::chrono::hours(1'000'000);
    options.timers->ping_interval = hawser::never;
    (void)client.open(options);
}

} // namespace

int main() { return run_all(); }
