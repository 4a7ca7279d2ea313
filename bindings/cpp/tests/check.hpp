// What the tests share: named tests, a server in a thread, and answers that look alike with exceptions and without.
#ifndef HAWSER_CHECK_HPP
#define HAWSER_CHECK_HPP

#include <hawser.hpp>

#include <cstdio>
#include <cstdlib>
#include <thread>

namespace check {

using namespace std::chrono_literals;
using hawser::EventKind;
using hawser::StatusCode;

struct Test {
    const char *name;
    void (*run)();
};

inline std::vector<Test> tests;
inline bool failed = false;

inline void expect(bool is_true, const char *what, const char *file, int line) {
    if (is_true) return;
    std::printf("%s:%d: not true: %s\n", file, line, what);
    failed = true;
}

#define CHECK(condition) check::expect(static_cast<bool>(condition), #condition, __FILE__, __LINE__)
#define HAWSER_JOIN2(a, b) a##b
#define HAWSER_JOIN(a, b) HAWSER_JOIN2(a, b)
#define TEST(name)                                                                                                     \
    static void HAWSER_JOIN(test_, __LINE__)();                                                                        \
    static const bool HAWSER_JOIN(added_, __LINE__) =                                                                  \
        (check::tests.push_back({name, HAWSER_JOIN(test_, __LINE__)}), true);                                          \
    static void HAWSER_JOIN(test_, __LINE__)()

inline int run_all() {
    bool all_fine = true;
    for (const Test &test : tests) {
        failed = false;
#if defined(HAWSER_NO_EXCEPTIONS)
        test.run();
#else
        try {
            test.run();
        } catch (const std::exception &error) {
            std::printf("thrown: %s\n", error.what());
            failed = true;
        }
#endif
        std::printf("%s %s\n", failed ? "FAILED" : "ok", test.name);
        std::fflush(stdout);
        all_fine = all_fine && !failed;
    }
    return all_fine ? 0 : 1;
}

/// How a call ends: status([&] { return conn.close(); }).
template <class Call> StatusCode status(Call call) {
#if defined(HAWSER_NO_EXCEPTIONS)
    const auto result = call();
    return result ? StatusCode::ok : result.error().status();
#else
    try {
        (void)call();
        return StatusCode::ok;
    } catch (const hawser::Error &error) {
        return error.status();
    }
#endif
}

/// The error that a call ends with.
template <class Call> hawser::Error error(Call call) {
#if defined(HAWSER_NO_EXCEPTIONS)
    const auto result = call();
    return result ? hawser::Error() : result.error();
#else
    try {
        (void)call();
        return hawser::Error();
    } catch (const hawser::Error &error) {
        return error;
    }
#endif
}

/// What a call must give.
template <class T> T must(T value) { return value; }
template <class T> T must(hawser::Result<T> result) {
    if (!result) std::fprintf(stderr, "%s\n", result.error().describe().c_str()), std::abort();
    return *std::move(result);
}

/// One event after the other; each is good until the next is asked for.
class Script {
public:
    explicit Script(const hawser::EngineOptions &options = {}) : engine(must(hawser::Engine::create(options))) {}

    /// The next event of this kind; others are passed over.
    const hawser::Event &await(EventKind kind) {
        for (;;) {
            if (rest_.empty()) rest_ = must(engine.poll(30s));
            if (rest_.empty()) std::fprintf(stderr, "no event %d came\n", static_cast<int>(kind)), std::abort();
            const hawser::Event &event = rest_[0];
            rest_ = hawser::Events(rest_.data() + 1, rest_.size() - 1);
            if (event.kind() == kind) return event;
        }
    }
    hawser::Connection open(const hawser::ClientOptions &options) {
        const hawser::Connection conn = must(engine.connect(options));
        (void)await(EventKind::open);
        return conn;
    }

    hawser::Engine engine;

private:
    hawser::Events rest_;
};

/// A server in a thread of its own: what is said comes back, "subscribe TOPIC" and "publish TOPIC" are done, "drop"
/// hangs up.
class Server {
public:
    explicit Server(hawser::ServerOptions options = {}) : engine_(must(hawser::Engine::create())) {
        options.bind = "127.0.0.1:0";
        address_ = must(must(engine_.listen(options)).address());
        thread_ = std::thread([this] {
            while (!over_)
                (void)status([this] { return engine_.dispatch([this](const auto &event) { hear(event); }); });
        });
    }
    ~Server() {
        over_ = true;
        (void)status([this] { return engine_.wake(); });
        thread_.join();
    }
    std::string uri(const std::string &path = "/") const { return "ws://" + address_ + path; }
    hawser::ClientOptions client(const std::string &path = "/") const {
        hawser::ClientOptions options;
        options.uri = uri(path);
        return options;
    }

private:
    void hear(const hawser::Event &event) {
        const std::string_view text = event.text();
        const auto topic = text.substr(std::min(text.find(' ') + 1, text.size()));
        if (event.kind() != EventKind::message) return;
        if (text.substr(0, 9) == "subscribe") (void)status([&] { return event.conn().subscribe(topic); });
        if (text.substr(0, 7) == "publish") publish(topic, event);
        else if (text == "drop") (void)status([&] { return event.conn().abort(); });
        else (void)event.conn().try_send(event.opcode(), event.data());
    }
    void publish(std::string_view topic, const hawser::Event &event) {
        hawser::PublishOptions but;
        but.except = event.conn();
        (void)status([&] { return engine_.publish(topic, hawser::Opcode::text, event.data(), but); });
    }

    hawser::Engine engine_;
    std::string address_;
    std::atomic<bool> over_{false};
    std::thread thread_;
};

} // namespace check

#endif
