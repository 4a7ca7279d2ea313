// Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.
// What can be done with what. Include <hawser.hpp>.
// clang-format off
#ifndef HAWSER_HANDLES_HPP
#define HAWSER_HANDLES_HPP

#include "handle.hpp"

namespace hawser {
inline namespace HAWSER_MODE {

/// How many connections got a message, and how many went without.
struct Reach {
    std::uint32_t reached{};
    std::uint32_t skipped{};
};

/// A connection, client or server side. Needs no freeing: stale at the poll after its last event.
class Connection : public detail::Sender {
public:
    using Sender::Sender;

    /// Opens a connection again that was made with ClientOptions.reconnect. While it is down, this is the next attempt,
    /// whatever was decided before; an attempt that is being made is given up. While it is open, what is queued leaves, the
    /// closing handshake is done, and it is opened anew; with after_ms at that time, unless it is lost before, and a later
    /// call replaces that, and max_age_ms too. RECONNECTING and OPEN follow. options may be NULL.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, INVALID_URI, FORKED, PANIC; INVALID_HEADER_VALUE for headers that
    /// cannot be sent; INVALID_SEND for a code or reason that may not be sent; RECONNECT_DISABLED for a connection that was not
    /// made to come back, or has ended; CONNECTION_CLOSED after hws_close.
    Outcome<void> reconnect() const { return detail::done(hws_conn_reconnect(handle_, nullptr)); }
    Outcome<void> reconnect(const ReconnectOptions &options) const {
        const detail::Lowered<hws_reconnect_options> lowered(options);
        return detail::done(hws_conn_reconnect(handle_, lowered.get()));
    }

    /// With Replay::on_request, once a connection has come back: what was sent before, with a token up to after_token, has
    /// arrived; all else that the peer is not known to have read is sent again in its order, and then what was sent while
    /// the connection was down. Until this is called that waits, too; what is sent meanwhile leaves at once. Tokens are those of
    /// SendOptions, ascending; messages without one are always sent again.
    /// Errors: INVALID_HANDLE, FORKED, PANIC; INVALID_STATE for a connection that is not open, or whose replay is not on
    /// request; CONNECTION_CLOSED while it closes; RECONNECT_DISABLED for one that was not made to come back, or has ended.
    Outcome<void> replay(std::uint64_t after_token) const { return detail::done(hws_conn_replay(handle_, after_token)); }

    /// Ends what SendOptions::again began: the message with this token is not sent any more when the connection is open again. 0:
    /// none of them is. A token that is not there is no error.
    /// Errors: INVALID_HANDLE, FORKED, PANIC; RECONNECT_DISABLED for a connection that was not made to come back, or has ended.
    Outcome<void> forget(std::uint64_t token) const { return detail::done(hws_conn_forget(handle_, token)); }

    /// Begins the closing handshake, RFC 6455 section 7: what is queued leaves first, then a Close frame. code 0 is 1000;
    /// the reason has up to 123 bytes. CLOSE follows within timers.close_ms. A connection that is not open yet is dropped
    /// and CONNECT_FAILED follows; one that is closing already goes on with that. A pause ends: the peer's answer must be read.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; INVALID_SEND for a code or reason that may not be sent.
    Outcome<void> close(std::uint32_t code = 0, std::string_view reason = {}) const { return detail::done(hws_close(handle_, code, detail::lend(reason))); }

    /// Drops a connection at once, without a Close frame and with what is queued. CLOSE or CONNECT_FAILED follows.
    /// Errors: INVALID_HANDLE, FORKED, PANIC.
    Outcome<void> abort() const { return detail::done(hws_abort(handle_)); }

    /// Stops taking messages from a connection (paused not 0), or takes them again. Meanwhile nothing is read, so that
    /// the peer is slowed down; keepalive pings rest; what is queued goes on leaving, and SENT and WRITABLE come. Events that
    /// hws_poll has already delivered are not taken back; those that wait beyond a batch are held. Before a deadline or a broken
    /// transport ends a paused connection, what had arrived is delivered. In a connection that
    /// reconnects there is nothing to pause: the OPEN that tells of its return ends every pause, and a call before that has no
    /// effect.
    /// Errors: INVALID_HANDLE, FORKED, PANIC.
    Outcome<void> pause(bool paused = true) const { return detail::done(hws_conn_pause(handle_, paused)); }

    /// Where a connection stands: one of State.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
    Outcome<State> state() const {
        std::uint32_t out{};
        const hws_status result = hws_conn_state(handle_, &out);
        return detail::outcome<State>(result, State(out));
    }

    /// Attaches a number to a connection, for events made from now on. A pointer fits.
    /// Errors: INVALID_HANDLE, FORKED, PANIC.
    Outcome<void> set_user(std::uint64_t user) const { return detail::done(hws_conn_set_user(handle_, user)); }

    /// The number attached to a connection.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
    Outcome<std::uint64_t> user() const {
        std::uint64_t out{};
        const hws_status result = hws_conn_user(handle_, &out);
        return detail::outcome<std::uint64_t>(result, out);
    }

    /// What was agreed in the opening handshake. Complete until the poll after OPEN; later only http_status, subprotocol
    /// and peer remain, because idle connections should cost little.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; INVALID_STATE before OPEN.
    Outcome<Handshake> handshake() const {
        const hws_handshake *out = nullptr;
        const hws_status result = hws_conn_handshake(handle_, &out);
        return detail::outcome<Handshake>(result, Handshake(out));
    }

    /// What ended a connection; an error with status StatusCode::ok while it lives.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
    Outcome<ErrorInfo> error() const {
        const hws_error_info *out = nullptr;
        const hws_status result = hws_conn_error(handle_, &out);
        return detail::outcome<ErrorInfo>(result, ErrorInfo(out));
    }

    /// Counters of a connection.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC.
    Outcome<hws_stats> stats() const {
        detail::Sized<hws_stats> out;
        const hws_status result = hws_conn_stats(handle_, &out);
        return detail::outcome<hws_stats>(result, out);
    }

    /// Subscribes a connection to a topic: from now on it gets what is published to it. Topics are levels between slashes, as
    /// in MQTT: "chat/room 7". Here + may stand for any one level, and # at the end for all that follow, and for none:
    /// "chat/#" is "chat", too. However many of its subscriptions fit, a connection gets a message once. They end with the
    /// connection. Twice the same is one.
    /// Errors: INVALID_HANDLE, FORKED, PANIC; INVALID_ARGUMENT for a topic that is empty, longer than 1024 bytes, not UTF-8, or
    /// has a NUL or a wildcard elsewhere; INVALID_STATE before OPEN; CONNECTION_CLOSED once it closes; TOO_MANY_SUBSCRIPTIONS
    /// over limits.subscriptions_max.
    Outcome<void> subscribe(std::string_view topic) const { return detail::done(hws_subscribe(handle_, detail::lend(topic))); }

    /// Takes a subscription back, written as it was subscribed to; an empty topic stands for all of the connection's. One that
    /// there is not is no error.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
    Outcome<void> unsubscribe(std::string_view topic) const { return detail::done(hws_unsubscribe(handle_, detail::lend(topic))); }
};

/// A listening socket. Closed with hws_listener_close.
class Listener : public detail::Handle<hws_listener> {
public:
    using Handle::Handle;

    /// Writes the address that a listener is bound to, "127.0.0.1:40213".
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, also for a cap that is too small (*needed is set then);
    /// INVALID_STATE when it is closed; FORKED, PANIC.
    Outcome<std::string> address() const {
        char text[256];
        std::size_t size = 0;
        const hws_status result = hws_listener_address(handle_, text, sizeof text, &size);
        return detail::outcome(result, std::string(text, result == HWS_OK ? size : 0));
    }

    /// Stops accepting; LISTENER_CLOSED follows. drain may be NULL: connections that are open, or being opened, stay.
    /// With it they end: open ones are closed with its code and reason, clients in their opening handshake are answered 503,
    /// and so are those whom the system has accepted for us already, unless bind was "fd:": they stay with whoever holds the
    /// socket. What has not ended after drain_ms is cut off. LISTENER_CLOSED comes behind the last events of all these
    /// connections; its value is how many of the open ones ended with a completed closing handshake, its token how many were
    /// cut off without one.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; INVALID_SEND for a code or reason that may not be
    /// sent; INVALID_STATE when it is closed, or closing, already.
    Outcome<void> close() const { return detail::done(hws_listener_close(handle_, nullptr)); }
    Outcome<void> close(const Drain &drain) const {
        const detail::Lowered<hws_drain> lowered(drain);
        return detail::done(hws_listener_close(handle_, lowered.get()));
    }

    /// From here on new connections of a listener open with this certificate and these rules; those that are open, or
    /// being opened, keep theirs.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; IO for a file that cannot be read; INVALID_STATE
    /// when the listener is closed, or plain. After an error the listener goes on as before.
    Outcome<void> set_tls(const Tls &tls) const {
        const detail::Lowered<hws_tls> lowered(tls);
        return detail::done(hws_listener_set_tls(handle_, lowered.get()));
    }
};

/// A request that waits for a decision: hws_request_accept, hws_request_respond. Needs no freeing: stale once it is
/// decided, its peer has left, or the time is up.
class Request : public detail::Handle<hws_request> {
public:
    using Handle::Handle;

    /// Grants the request of a REQUEST event: OPEN follows, and CLOSE at its end. options may be NULL.
    /// Errors: INVALID_HANDLE, also when the peer has left or the time is up; INVALID_ARGUMENT, also for a subprotocol that
    /// was not offered; STRUCT_SIZE, INVALID_HEADER_VALUE, NO_MEMORY, FORKED, PANIC; INVALID_STATE for a request that asks for no WebSocket.
    /// After an error other than INVALID_HANDLE the request still waits.
    Outcome<Connection> accept() const {
        hws_conn out{};
        const hws_status result = hws_request_accept(handle_, nullptr, &out);
        return detail::outcome<Connection>(result, Connection(out));
    }
    Outcome<Connection> accept(const AcceptOptions &options) const {
        const detail::Lowered<hws_accept_options> lowered(options);
        hws_conn out{};
        const hws_status result = hws_request_accept(handle_, lowered.get(), &out);
        return detail::outcome<Connection>(result, Connection(out));
    }

    /// Answers the request of a REQUEST event with a response of your own, and opens nothing: 200 for a health check, 401
    /// with WWW-Authenticate, 302 with Location. ACCEPT_FAILED with HANDSHAKE_ABORTED follows when the peer has it.
    /// Errors: INVALID_HANDLE, also when the peer has left or the time is up; INVALID_ARGUMENT, STRUCT_SIZE,
    /// INVALID_HEADER_VALUE, NO_MEMORY, FORKED, PANIC. After an error other than INVALID_HANDLE the request still waits.
    Outcome<void> respond(const Response &response) const {
        const detail::Lowered<hws_response> lowered(response);
        return detail::done(hws_request_respond(handle_, lowered.get()));
    }
};

/// A pool of client connections. Freed with hws_pool_free.
class Pool : public detail::Handle<hws_pool> {
public:
    using Handle::Handle;

    /// Asks for a connection to a target, "/path?query", or {0}: that of the pool's uri. An idle one with this target will do;
    /// else one is opened. Exactly one event with the token follows: POOL_READY with the connection, which is leased to you
    /// until you release it or its CLOSE comes; or POOL_FAILED with POOL_EXHAUSTED after timeout_ms (0: open_ms of the client's
    /// timers, never: no deadline), with the reason why the connection that was opened for this call did not open, or
    /// with POOL_CLOSED. Calls are served in their order, whatever their targets.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; INVALID_URI for a target that is none; POOL_EXHAUSTED when
    /// waiters_max calls wait, or their events do; POOL_CLOSED after hws_pool_free.
    Outcome<void> acquire(std::string_view target = {}, std::chrono::milliseconds timeout = {}, std::uint64_t token = 0) const { return detail::done(hws_pool_acquire(handle_, detail::lend(target), detail::count_ms(timeout), token)); }

    /// Gives a leased connection back, from here on without any events of it but those that are in your hands. With reusable
    /// not 0 it is lent again, under another handle; your handle, subscriptions, tokens and number (hws_conn_set_user)
    /// end. It is closed instead, which is no error, if reusable is 0, if it is not open any more, if a message is under way in
    /// either direction or was received and not yet delivered, if much is still to be sent, or if the pool has been freed.
    /// Errors: INVALID_HANDLE, also for a connection that was released before, or whose last event came before the last poll;
    /// INVALID_ARGUMENT if conn is not of this pool; POOL_CLOSED for that after hws_pool_free; FORKED, PANIC.
    Outcome<void> release(Connection conn, bool reusable = true) const { return detail::done(hws_pool_release(handle_, conn, reusable)); }

    /// Closes a pool: calls that wait get POOL_FAILED with POOL_CLOSED, connections that nobody holds are closed with 1000.
    /// Leased ones stay with their holders, and are closed when they are released.
    /// Errors: INVALID_HANDLE, FORKED, PANIC; POOL_CLOSED if it is closed already.
    Outcome<void> close() const { return detail::done(hws_pool_free(handle_)); }

    /// What there is in a pool, and what has been.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; POOL_CLOSED after hws_pool_free.
    Outcome<hws_pool_counts> stats() const {
        detail::Sized<hws_pool_counts> out;
        const hws_status result = hws_pool_stats(handle_, &out);
        return detail::outcome<hws_pool_counts>(result, out);
    }
};

namespace detail {
class EngineCalls : public Handle<hws_engine> {
public:
    using Handle::Handle;

    /// Makes a waiting hws_poll, or else the next one, return at once. Several calls may make one poll return.
    /// Errors: INVALID_HANDLE, FORKED, PANIC.
    Outcome<void> wake() const { return detail::done(hws_wake(handle_)); }

    /// A file descriptor that is readable when hws_poll has something to do, for a loop of the host's own: wait for
    /// it or for hws_engine_next_timeout, then hws_poll with timeout 0. With io_thread it is readable exactly while something
    /// waits for hws_poll, or hws_wake was called.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; UNSUPPORTED on Windows.
    Outcome<std::ptrdiff_t> pollable() const {
        std::ptrdiff_t out{};
        const hws_status result = hws_engine_pollable(handle_, &out);
        return detail::outcome<std::ptrdiff_t>(result, out);
    }

    /// How many milliseconds a loop of the host's own may wait for the descriptor: 0 while anything is left to do,
    /// never without any deadline; with io_thread there is none.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
    Outcome<std::chrono::milliseconds> next_timeout() const {
        std::int32_t out{};
        const hws_status result = hws_engine_next_timeout(handle_, &out);
        return detail::outcome<std::chrono::milliseconds>(result, std::chrono::milliseconds(out));
    }

    /// Begins to connect: looks the name up, connects, passes proxy and TLS, does the opening handshake, follows redirects.
    /// OPEN or CONNECT_FAILED follows within timers.open_ms; with reconnect that is the time of each attempt.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, INVALID_URI, FORKED, PANIC; INVALID_HEADER_VALUE for
    /// headers that cannot be sent; INVALID_PROXY; IO for a certificate's file that cannot be read; TOO_MANY_CONNECTIONS. No
    /// event follows a call that failed.
    Outcome<Connection> connect(const ClientOptions &options) const {
        const detail::Lowered<hws_client_options> lowered(options);
        hws_conn out{};
        const hws_status result = hws_connect(handle_, lowered.get(), &out);
        return detail::outcome<Connection>(result, Connection(out));
    }

    /// Binds and listens. An OPEN event follows for each client whose opening handshake succeeds, ACCEPT_FAILED for
    /// each whose does not.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, also for a descriptor that is no such socket (which stays as it was);
    /// STRUCT_SIZE, INVALID_HEADER_VALUE, FORKED, PANIC; IO with os_error when the address cannot be bound or a file not be
    /// read, FD_LIMIT, TOO_MANY_CONNECTIONS; UNSUPPORTED for unix sockets, descriptors and reuse_port where there are none.
    Outcome<Listener> listen(const ServerOptions &options) const {
        const detail::Lowered<hws_server_options> lowered(options);
        hws_listener out{};
        const hws_status result = hws_listen(handle_, lowered.get(), &out);
        return detail::outcome<Listener>(result, Listener(out));
    }

    /// How many connections of listeners, of all that this engine has had, failed to open with this status or one that is-a it.
    /// StatusCode::error counts them all; those that are dropped because too many are being refused already count too.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, also when status is no error; FORKED, PANIC.
    Outcome<std::uint64_t> refusals(StatusCode status) const {
        std::uint64_t out{};
        const hws_status result = hws_engine_refusals(handle_, static_cast<hws_status>(status), &out);
        return detail::outcome<std::uint64_t>(result, out);
    }

    /// Speaks WebSocket over a connected stream socket of the host's: TCP, or a unix socket, also one of a socketpair. Either
    /// client or server is given, the other is NULL: on which side hawser is. A client's proxy, connect_to, max_redirects and
    /// socket and what a server's options say of its listener (bind, backlog, reuse_port, how many connections, events) are not
    /// used; TLS is. OPEN or CONNECT_FAILED follows, on both sides.
    /// Where there is no SO_REUSEPORT, or it spreads connections badly, one thread can accept for the engines of many: it
    /// calls accept() on a socket of its own and hws_adopt with the engine whose turn it is. Adopting is safe from any thread
    /// and wakes the one that polls.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, also when the socket is not connected or not a stream; STRUCT_SIZE,
    /// INVALID_URI, INVALID_PROXY, FORKED, PANIC; INVALID_HEADER_VALUE for headers that cannot be sent; IO for a certificate's
    /// file that cannot be read; FD_LIMIT, TOO_MANY_CONNECTIONS; UNSUPPORTED on Windows.
    Outcome<Connection> adopt(std::ptrdiff_t socket, const ClientOptions &client) const {
        const detail::Lowered<hws_client_options> lowered(client);
        hws_conn out{};
        const hws_status result = hws_adopt(handle_, socket, lowered.get(), nullptr, &out);
        return detail::outcome<Connection>(result, Connection(out));
    }
    Outcome<Connection> adopt(std::ptrdiff_t socket, const ServerOptions &server) const {
        const detail::Lowered<hws_server_options> lowered(server);
        hws_conn out{};
        const hws_status result = hws_adopt(handle_, socket, nullptr, lowered.get(), &out);
        return detail::outcome<Connection>(result, Connection(out));
    }

    /// Counters of an engine: of all connections that are and were.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC.
    Outcome<hws_stats> stats() const {
        detail::Sized<hws_stats> out;
        const hws_status result = hws_engine_stats(handle_, &out);
        return detail::outcome<hws_stats>(result, out);
    }

    /// Sends a message, Opcode::text or Opcode::binary, to all connections that have subscribed to a topic: those of the engine, and of
    /// engines that share its topics. It is made and compressed once, not once for each, and leaves with the next hws_poll at
    /// the latest. Who cannot take it goes without and is skipped: without room in its send queue (see
    /// limits.slow_subscriber), in the middle of a fragmented message, or closing. options, reached and skipped may be NULL.
    /// Errors: INVALID_HANDLE, STRUCT_SIZE, NO_MEMORY, FORKED, PANIC; INVALID_ARGUMENT, also for a topic that is empty, longer
    /// than 1024 bytes or has a wildcard; INVALID_SEND for text that is not UTF-8; QUEUE_FULL when the events
    /// of EngineOptions.publish_events are not polled. Nobody got it then.
    Outcome<Reach> publish(std::string_view topic, Opcode opcode, Bytes data) const {
        Reach out;
        const hws_status result = hws_publish(handle_, detail::lend(topic), static_cast<hws_opcode>(opcode), data.data(), data.size(), nullptr, &out.reached, &out.skipped);
        return detail::outcome<Reach>(result, out);
    }
    Outcome<Reach> publish(std::string_view topic, Opcode opcode, Bytes data, const PublishOptions &options) const {
        const detail::Lowered<hws_publish_options> lowered(options);
        Reach out;
        const hws_status result = hws_publish(handle_, detail::lend(topic), static_cast<hws_opcode>(opcode), data.data(), data.size(), lowered.get(), &out.reached, &out.skipped);
        return detail::outcome<Reach>(result, out);
    }

    /// How many connections something that is published to a topic would go to: those that have subscribed, in the engine and
    /// in engines that share its topics.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
    Outcome<std::uint32_t> topic_subscribers(std::string_view topic) const {
        std::uint32_t out{};
        const hws_status result = hws_topic_subscribers(handle_, detail::lend(topic), &out);
        return detail::outcome<std::uint32_t>(result, out);
    }

    /// Makes a pool of client connections to one server. It opens none until one is asked for.
    /// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; for options.client those of hws_connect: INVALID_URI,
    /// INVALID_HEADER_VALUE, INVALID_PROXY, IO; TOO_MANY_CONNECTIONS.
    Outcome<Pool> pool(const PoolOptions &options) const {
        const detail::Lowered<hws_pool_options> lowered(options);
        hws_pool out{};
        const hws_status result = hws_pool_new(handle_, lowered.get(), &out);
        return detail::outcome<Pool>(result, Pool(out));
    }
};
} // namespace detail

/// What has happened. EventKind says which fields then have a meaning.
/// Borrowed, with all that it leads to: look at it until the next poll.
class Event {
public:
    EventKind kind() const noexcept { return EventKind(raw_.kind); }
    Connection conn() const noexcept { return Connection(raw_.conn); }
    /// where it happened, or where the connection came from
    Listener listener() const noexcept { return Listener(raw_.listener); }
    Request request() const noexcept { return Request(raw_.request); }
    /// what was attached to the connection, or listener, when the event was made
    std::uint64_t user() const noexcept { return std::uint64_t(raw_.user); }
    std::uint64_t token() const noexcept { return std::uint64_t(raw_.token); }
    std::uint64_t value() const noexcept { return std::uint64_t(raw_.value); }
    StatusCode status() const noexcept { return StatusCode(raw_.status); }
    Opcode opcode() const noexcept { return Opcode(raw_.opcode); }
    Bytes data() const noexcept { return Bytes(raw_.data); }
    /// never NULL where the kind has an error
    ErrorInfo error() const noexcept { return ErrorInfo(raw_.error); }
    Handshake handshake() const noexcept { return Handshake(raw_.handshake); }
    std::string_view topic() const noexcept { return detail::view(raw_.topic); }
    /// FRAGMENT: the last frame of its message
    bool fin() const noexcept { return (raw_.flags & HWS_FLAG_FIN) != 0; }
    /// MESSAGE, FRAGMENT: it came compressed
    bool compressed() const noexcept { return (raw_.flags & HWS_FLAG_COMPRESSED) != 0; }
    /// CLOSE: both sides closed with 1000, 1001 or no code
    bool clean() const noexcept { return (raw_.flags & HWS_FLAG_CLEAN) != 0; }
    /// OPEN: it was open before, and has come back
    bool reconnected() const noexcept { return (raw_.flags & HWS_FLAG_RECONNECTED) != 0; }
    /// REQUEST: it asks for no WebSocket, and can only be answered
    bool plain() const noexcept { return (raw_.flags & HWS_FLAG_PLAIN) != 0; }
    /// data as text
    std::string_view text() const noexcept { return data().text(); }
    /// user as the pointer that it was
    template <class T> T *user_as() const noexcept {
        return reinterpret_cast<T *>(static_cast<std::uintptr_t>(raw_.user));
    }
    const hws_event &raw() const noexcept { return raw_; }

private:
    hws_event raw_{};
};

static_assert(sizeof(Event) == sizeof(hws_event), "an array of one is an array of the other");

/// The options of a preset: "realtime", "dashboard" or "mobile".
inline Outcome<Preset> preset(std::string_view name) {
    detail::Sized<hws_timers> timers;
    detail::Sized<hws_limits> limits;
    detail::Sized<hws_compression> compression;
    detail::Sized<hws_reconnect> reconnect;
    detail::Sized<hws_preset> parts;
    parts.timers = &timers;
    parts.limits = &limits;
    parts.compression = &compression;
    parts.reconnect = &reconnect;
    Preset preset;
    const hws_status result = hws_preset_get(detail::lend(name), &parts);
    detail::get(preset.timers, timers);
    detail::get(preset.limits, limits);
    detail::get(preset.compression, compression);
    detail::get(preset.reconnect, reconnect);
    return detail::outcome(result, preset);
}

} // namespace HAWSER_MODE
} // namespace hawser

#endif
