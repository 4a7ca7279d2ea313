// hawser.hpp -- hawser for C++17: RAII, option structs, a class for every error; or, without exceptions, Result<T>.
//
// What a function does, owns and fails with is said in hawser.h under the same name: Connection::subscribe is
// hws_subscribe. Functions return Outcome<T>: a T, and failures are thrown; with -fno-exceptions or
// HAWSER_NO_EXCEPTIONS a Result<T>. Any thread may call any; but for poll, dispatch and receive one at a time.
#ifndef HAWSER_HPP
#define HAWSER_HPP

#include "hawser/handles.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <unordered_map>

namespace hawser {
inline namespace HAWSER_MODE {
using Events = Span<const Event>;

/// A line of the log; handle is the connection, listener or engine it is about, or 0.
struct LogLine {
    LogLevel level{};
    std::uint64_t handle = 0;
    std::string_view target, text;
};

namespace detail {
/// The functions that the library calls, by number: one that is replaced while it is called stays until it returns.
class Hooks {
public:
    using Hook = std::function<void(const LogLine &)>;
    static constexpr std::uintptr_t logger = 1;

    static Hooks &all() {
        static auto *hooks = new Hooks; // never destroyed: the library's threads may outlive main
        return *hooks;
    }
    std::uintptr_t new_key() { return ++last_key_; }
    void put(std::uintptr_t key, Hook hook) {
        auto made = hook ? std::make_shared<const Hook>(std::move(hook)) : nullptr;
        const std::lock_guard<std::mutex> lock(mutex_);
        thrown_.erase(key);
        made.swap(hooks_[key]); // what was there ends when the lock is open
        if (!hooks_[key]) hooks_.erase(key);
    }
    void call(void *key, const LogLine &line) noexcept {
        const auto number = reinterpret_cast<std::uintptr_t>(key);
        std::shared_ptr<const Hook> hook;
        std::unique_lock<std::mutex> lock(mutex_);
        if (const auto found = hooks_.find(number); found != hooks_.end()) hook = found->second;
        lock.unlock();
#if defined(HAWSER_NO_EXCEPTIONS)
        if (hook) (*hook)(line);
#else
        try {
            if (hook) (*hook)(line);
        } catch (...) { // may not go through the library
            lock.lock();
            if (hooks_.count(number) != 0) thrown_[number] = std::current_exception();
            has_thrown_ = !thrown_.empty();
        }
#endif
    }
    /// What the hook of an engine has thrown, or the logger.
    void rethrow(std::uintptr_t key) {
        if (!has_thrown_) return;
        const std::lock_guard<std::mutex> lock(mutex_);
        auto thrown = thrown_.extract(key);
        if (!thrown) thrown = thrown_.extract(logger);
        has_thrown_ = !thrown_.empty();
        if (thrown) std::rethrow_exception(thrown.mapped());
    }

private:
    std::mutex mutex_;
    std::unordered_map<std::uintptr_t, std::shared_ptr<const Hook>> hooks_;
    std::unordered_map<std::uintptr_t, std::exception_ptr> thrown_;
    std::atomic<std::uintptr_t> last_key_{logger};
    std::atomic<bool> has_thrown_{false};
};
} // namespace detail

/// Sends the log of all engines to a function, which any thread may call. What it throws comes out of a poll.
inline Outcome<void> set_logger(LogLevel most, std::function<void(const LogLine &)> logger) {
    detail::Hooks::all().put(detail::Hooks::logger, std::move(logger));
    const auto call = [](auto *key, auto level, auto handle, auto *target, auto *text, auto size) {
        detail::Hooks::all().call(key, {LogLevel(level), handle, target, {text, size}});
    };
    const auto key = reinterpret_cast<void *>(detail::Hooks::logger);
    return detail::done(hws_set_logger(static_cast<std::uint32_t>(most), call, key));
}

/// An engine, which drives connections and listeners, and is freed with all of them.
class Engine : public detail::EngineCalls {
public:
    static Outcome<Engine> create(const EngineOptions &options = {}) {
        const detail::Lowered<hws_engine_options> lowered(options);
        hws_engine engine{};
        if (hws_engine_new(lowered.get(), &engine) != HWS_OK) return detail::fail<Engine>(Error::last());
        return Engine(engine);
    }
#if !defined(HAWSER_NO_EXCEPTIONS)
    explicit Engine(const EngineOptions &options = {}) : Engine(create(options)) {}
#endif
    /// Takes over what hws_engine_new made.
    explicit Engine(hws_engine engine) : EngineCalls(engine), work_{std::make_unique<Event[]>(capacity), {}, 0} {}
    Engine(Engine &&other) noexcept
        : EngineCalls(std::exchange(other.handle_, {})), work_(std::exchange(other.work_, {})) {}
    Engine &operator=(Engine other) noexcept {
        std::swap(handle_, other.handle_);
        std::swap(work_, other.work_);
        state_ = 0; // whoever polls one of them may not move it
        return *this;
    }
    ~Engine() {
        if (handle_.id != 0) (void)hws_engine_free(handle_);
        if (work_.wake_hook != 0) detail::Hooks::all().put(work_.wake_hook, nullptr);
    }
    /// Ends it, from any thread or a handler: now, or behind the handler that runs, and no other is called then; a poll
    /// that waits fails with INVALID_HANDLE. What poll has given is gone: let no other thread look at it any more.
    Outcome<void> close() const {
        std::int32_t due = 0;
        hws_status status = hws_engine_next_timeout(handle_, &due); // fails where the end would
        if (status == HWS_OK && state_.fetch_or(closed) == 0) status = hws_engine_free(handle_);
        else if (status == HWS_OK) (void)hws_wake(handle_); // whoever polls ends it
        return detail::done(status);
    }

    /// Does all work that is due, waits for events if there are none, and gives up to 64; first what dispatch has left.
    Outcome<Events> poll(std::chrono::milliseconds timeout = never) {
        const Turn turn{*this};
        if (const auto error = fill(turn, timeout)) return detail::fail<Events>(*error);
        return std::exchange(work_.rest, {});
    }
    /// Polls, and hands each event to a function. If that throws, the next dispatch goes on with the event after.
    template <class Function>
    Outcome<std::size_t> dispatch(Function &&handle, std::chrono::milliseconds timeout = never) {
        const Turn turn{*this};
        if (const auto error = fill(turn, timeout)) return detail::fail<std::size_t>(*error);
        std::size_t handled = 0;
        for (; !work_.rest.empty() && !is_closed(); ++handled) {
            const Event &event = work_.rest[0];
            work_.rest = Events(work_.rest.data() + 1, work_.rest.size() - 1);
            handle(event);
        }
        return handled;
    }
    /// The function is called when poll should be called soon, by any thread. What it throws comes out of a poll.
    Outcome<void> on_wake(std::function<void()> wake) {
        detail::Hooks &hooks = detail::Hooks::all();
        if (work_.wake_hook == 0) work_.wake_hook = hooks.new_key();
        hooks.put(work_.wake_hook, wake ? [wake](const LogLine &) { wake(); } : detail::Hooks::Hook());
        const auto call = [](void *key) { detail::Hooks::all().call(key, {}); };
        return detail::done(hws_engine_on_wake(handle_, call, reinterpret_cast<void *>(work_.wake_hook)));
    }

private:
    static constexpr std::uint32_t capacity = 64;
    static constexpr unsigned polled = 1, closed = 2;

    /// The right to poll. A close in the meantime is done at its end, when nobody looks at events any more.
    struct Turn {
        Engine &engine;
        const bool is_ours = (engine.state_.fetch_or(polled) & polled) == 0;
        ~Turn() {
            if (is_ours && (engine.state_.fetch_and(~polled) & closed) != 0) (void)hws_engine_free(engine.handle_);
        }
    };
    bool is_closed() const noexcept { return (state_ & closed) != 0; }

    /// Sees to it that there are events, unless the time is over, or says why not.
    std::optional<Error> fill(const Turn &turn, std::chrono::milliseconds timeout) {
        if (!turn.is_ours) return Error(StatusCode::concurrency);
        if (!work_.rest.empty() && !is_closed()) return std::nullopt;
        work_.rest = {};
        detail::Hooks::all().rethrow(work_.wake_hook);
        std::uint32_t count = 0;
        const auto events = reinterpret_cast<hws_event *>(work_.batch.get());
        const auto ms = detail::count_ms(timeout);
        if (hws_poll(handle_, events, sizeof *events, capacity, ms, &count) != HWS_OK) return Error::last();
        if (is_closed()) return Error(StatusCode::invalid_handle);
        work_.rest = Events(work_.batch.get(), count);
        return std::nullopt;
    }

    struct Work {
        std::unique_ptr<Event[]> batch;
        Events rest; ///< what dispatch has not handed over yet
        std::uintptr_t wake_hook = 0;
    } work_;
    mutable std::atomic<unsigned> state_{0};
};

/// A client with an engine to itself: it is open when it is made, and sends a Close frame when its scope ends.
class Client {
public:
    static Outcome<Client> open(const ClientOptions &options) {
        const detail::Lowered<hws_client_options> lowered(options);
        const detail::Lowered<hws_engine_options> usual(EngineOptions{});
        hws_engine engine{};
        hws_conn conn{};
        hws_event event{};
        std::uint32_t count = 0;
        if (hws_engine_new(usual.get(), &engine) != HWS_OK) return detail::fail<Client>(Error::last());
        Client client{Engine(engine)};
        hws_status status = hws_connect(engine, lowered.get(), &conn);
        client.conn_ = conn;
        while (status == HWS_OK && event.kind != HWS_EVENT_OPEN) {
            status = hws_poll(engine, &event, sizeof event, 1, HWS_NEVER, &count);
            if (event.kind == HWS_EVENT_CONNECT_FAILED) return detail::fail<Client>(Error(ErrorInfo(event.error)));
        }
        return detail::outcome(status, std::move(client));
    }
#if !defined(HAWSER_NO_EXCEPTIONS)
    explicit Client(const ClientOptions &options) : Client(open(options)) {}
#endif
    Client(Client &&) noexcept = default;
    Client &operator=(Client &&) noexcept = default;
    ~Client() {
        if (!engine_ || hws_close(conn_, 0, {}) != HWS_OK) return;
        std::uint32_t count = 0; // with no room for events only the Close frame leaves
        (void)hws_poll(engine_, nullptr, sizeof(hws_event), 0, 0, &count);
    }

    /// Everything else that a connection can do.
    const Connection *operator->() const noexcept { return &conn_; }
    const Connection &operator*() const noexcept { return conn_; }

    /// Closes the connection, and waits until it has ended, well or not; messages that still come are dropped.
    Outcome<void> close(std::uint32_t code = 1000, std::string_view reason = {}) {
        hws_event event{};
        hws_status status = hws_close(conn_, code, detail::lend(reason));
        while (status == HWS_OK) status = hws_recv(conn_, &event, sizeof event, HWS_NEVER);
        return detail::done(hws_status_is_a(status, HWS_ERR_CONNECTION_CLOSED) ? HWS_OK : status);
    }

private:
    explicit Client(Engine engine) noexcept : engine_(std::move(engine)) {}

    Engine engine_;
    Connection conn_;
};
} // namespace HAWSER_MODE
} // namespace hawser

#endif
