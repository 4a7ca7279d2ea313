// Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.
// Enumerations, options and views: what they mean is said in hawser.h. Include <hawser.hpp>.
// clang-format off
#ifndef HAWSER_TYPES_HPP
#define HAWSER_TYPES_HPP

#include "base.hpp"

namespace hawser {
inline namespace HAWSER_MODE {

/// What went wrong: the codes of hawser.h.
enum class StatusCode : std::int32_t {
    ok = 0,
    error = -1, ///< something failed
    usage = -100, ///< the call was wrong
    invalid_handle = -101, ///< no such object: the handle is stale, forged, closed, zero or of another kind
    invalid_argument = -102, ///< an argument or option is not acceptable
    struct_size = -103, ///< struct_size is zero, or the struct sets fields this library does not know
    unsupported = -104, ///< not in this build or on this platform
    invalid_state = -105, ///< not possible in the present state
    concurrency = -106, ///< somebody else is in the middle of the same thing
    invalid_uri = -107, ///< the URI is malformed or not a WebSocket URI
    invalid_proxy = -108, ///< the proxy URL is malformed or of an unknown scheme
    invalid_send = -109, ///< this cannot be sent as a legal WebSocket frame
    network = -200, ///< the network failed
    address = -201, ///< the name does not resolve
    connection_refused = -202, ///< the peer refuses connections
    unreachable = -203, ///< no route to the peer
    connection_reset = -204, ///< the peer reset the connection
    unexpected_eof = -205, ///< the peer ended the connection unexpectedly
    io = -206, ///< the operating system reports an I/O error
    connect_failed = -207, ///< no address of the peer could be reached
    tls = -210, ///< TLS failed
    tls_certificate = -211, ///< the certificate is not acceptable
    tls_alert = -212, ///< the peer sent a TLS alert
    tls_protocol = -213, ///< the peer does not speak acceptable TLS
    timeout = -300, ///< it took too long
    resolve_timeout = -301, ///< the name did not resolve in time
    connect_timeout = -302, ///< the connection was not up in time
    handshake_timeout = -303, ///< the opening handshake was not done in time
    recv_timeout = -304, ///< no message came in time
    send_timeout = -305, ///< the peer takes no data
    ping_timeout = -306, ///< the peer did not answer a ping in time
    close_timeout = -307, ///< the closing handshake was not done in time
    idle_timeout = -308, ///< the connection was idle for too long
    handshake = -400, ///< the opening handshake failed
    security = -401, ///< a limit that guards against hostile peers was exceeded
    request_line_too_long = -402, ///< the request line is too long
    status_line_too_long = -403, ///< the status line is too long
    header_line_too_long = -404, ///< a header line is too long
    too_many_headers = -405, ///< the head has too many headers
    body_too_large = -406, ///< the body is too large
    redirect_downgrade = -407, ///< a redirect leads from wss to ws
    too_many_redirects = -408, ///< too many redirects
    invalid_message = -410, ///< the peer does not speak HTTP/1.1
    invalid_message_eof = -411, ///< the peer ended the connection inside its HTTP message
    invalid_method = -412, ///< the method is not GET
    invalid_http_version = -413, ///< the version is not HTTP/1.1
    invalid_status = -420, ///< the server answered with another status than 101
    redirect = -421, ///< the server redirects
    handshake_aborted = -422, ///< the server decided to refuse the request
    invalid_header = -430, ///< a header is missing or repeated
    invalid_header_format = -431, ///< a header does not match its grammar
    invalid_header_value = -432, ///< a header has a wrong value
    invalid_origin = -433, ///< the origin is not allowed
    invalid_upgrade = -434, ///< the Upgrade or Connection header does not ask for WebSocket
    negotiation = -440, ///< the negotiation of extensions or subprotocols failed
    duplicate_parameter = -441, ///< an extension parameter is repeated
    invalid_parameter_name = -442, ///< an extension parameter is unknown
    invalid_parameter_value = -443, ///< an extension parameter has a wrong value
    subprotocol = -444, ///< no subprotocol in common
    proxy = -450, ///< the proxy failed
    invalid_proxy_message = -451, ///< the proxy does not speak its protocol
    invalid_proxy_status = -452, ///< the proxy refuses to connect
    proxy_authentication = -453, ///< the proxy wants other credentials
    socks_reply = -454, ///< the SOCKS proxy reports a failure
    protocol = -500, ///< the WebSocket protocol was violated
    invalid_frame = -501, ///< a frame breaks the protocol
    invalid_payload = -502, ///< the payload is not UTF-8
    payload_too_big = -503, ///< a message or frame is over the limit
    too_many_fragments = -504, ///< a message has too many fragments
    decompression = -505, ///< the compressed data is corrupt
    invalid_close = -506, ///< a Close frame is malformed
    invalid_message_data = -507, ///< the message could not be decoded
    connection_closed = -600, ///< the connection is closed
    closed_ok = -601, ///< the connection was closed cleanly
    closed_error = -602, ///< the connection was closed with an error
    reconnect = -700, ///< reconnecting failed
    reconnect_exhausted = -701, ///< every attempt to reconnect failed
    reconnect_disabled = -702, ///< reconnecting is off
    reconnect_refused = -703, ///< the cause is permanent, trying again would not help
    resource = -800, ///< a resource is used up
    buffer = -801, ///< a buffer is full
    buffer_overflow = -802, ///< the send buffer overflowed
    queue_full = -803, ///< the receive queue overflowed
    send_queue_full = -804, ///< the send queue is full
    pool = -810, ///< the pool cannot serve
    pool_exhausted = -811, ///< no connection of the pool became free in time
    pool_closed = -812, ///< the pool is closed
    no_memory = -820, ///< out of memory
    too_many_connections = -821, ///< too many connections
    fd_limit = -822, ///< out of file descriptors
    too_many_subscriptions = -823, ///< too many subscriptions
    internal = -900, ///< hawser failed
    callback = -901, ///< a hook of the host failed
    panic = -902, ///< a bug in hawser was caught at the border
    forked = -903, ///< the engine belongs to the parent process
};

/// What a frame is for, RFC 6455 section 11.8.
enum class Opcode : std::uint32_t {
    /// the next fragment of a message begun with SendOptions::more
    cont = 0,
    text = 1,
    binary = 2,
    /// only seen in errors; sent with hws_close
    close = 8,
    ping = 9,
    pong = 10,
};

/// Where a connection stands. Errors carry masks: 1 << state.
enum class State : std::uint32_t {
    connecting = 0,
    open = 1,
    /// a Close frame was sent or received, or the connection broke
    closing = 2,
    closed = 3,
    /// with ClientOptions.reconnect: down, and waiting for the next attempt or making it
    reconnecting = 4,
};

/// How important a line of the log is.
enum class LogLevel : std::uint32_t {
    error = 1,
    warn = 2,
    info = 3,
    debug = 4,
    trace = 5,
};

/// Whether trying again could help: ErrorInfo.retryable.
enum class Retry : std::uint32_t {
    no = 0,
    yes = 1,
    /// not before retry_after_ms
    after = 2,
};

/// Who began it: ErrorInfo.initiated_by.
enum class Side : std::uint32_t {
    neither = 0,
    local = 1,
    remote = 2,
};

/// How Heartbeat.answer is compared with a message.
enum class Match : std::uint32_t {
    /// the message is the answer
    exact = 0,
    /// it begins with it
    prefix = 1,
    /// it has it in it
    contains = 2,
    /// whatever comes will do
    any = 3,
};

/// What becomes of a connection whose send queue has no room for a message that many get: Limits.slow_subscriber.
enum class SlowPolicy : std::uint32_t {
    /// it goes without
    skip = 0,
    /// it is closed with 1013; the cause is SEND_QUEUE_FULL. A message that is larger than the whole queue closes nobody
    close = 1,
};

/// What becomes of a message for which there is no room.
enum class Overflow : std::uint32_t {
    /// it is not taken from its sender until there is room
    backpressure = 1,
    /// the oldest go
    drop_oldest = 2,
    /// it goes
    drop_newest = 3,
    /// an error
    error = 4,
};

/// When messages are sent again that may not have been read: Reconnect.replay.
enum class Replay : std::uint32_t {
    off = 0,
    /// when hws_conn_replay is called
    on_request = 1,
    /// whenever the connection is open again
    always = 2,
};

/// What an event tells, and which of its fields then have a meaning beside kind, user and the handle.
/// The missing numbers belong to later work.
enum class EventKind : std::uint32_t {
    none = 0,
    /// conn, handshake, and on servers listener: messages may be sent. With ClientOptions.reconnect also
    /// reconnected(), value: how long it was down, in milliseconds, token: how many attempts it took to come back
    open = 1,
    /// conn, opcode, data, compressed(): a whole message
    message = 2,
    /// conn, opcode, data, fin(), compressed(): one frame of a message, with limits.deliver_fragments
    fragment = 3,
    /// conn, data: answered already unless timers.auto_pong is off; with limits.deliver_pings
    ping = 4,
    /// conn, data, token of the ping, value: round trip in microseconds
    pong = 5,
    /// conn, token: a message has left for the kernel
    sent = 6,
    /// conn: after a send was refused, the queue is below its low watermark
    writable = 7,
    /// conn, status, error, value: here messages are missing, error.dropped of them; value counts all that the connection has
    /// lost so far. See Limits.overflow
    queue = 8,
    /// conn, status, error, clean(): the last event of a connection that was open
    close = 9,
    /// conn, status, error: the last event of a client that did not open
    connect_failed = 10,
    /// conn, status, error, value: lost, or an attempt has failed, and there will be another in value milliseconds;
    /// UINT64_MAX: only if you say so. With ClientOptions.reconnect
    reconnecting = 11,
    /// request, listener, handshake, plain(): decide on it, now or later; OPEN or ACCEPT_FAILED follows
    request = 12,
    /// listener, status, error, request if there was one: a client failed to open, or nothing can be accepted for now
    accept_failed = 13,
    /// listener, value, token: the last event of a listener; what value and token count, see hws_listener_close
    listener_closed = 14,
    /// conn, handshake, token and value, the id of the pool: hws_pool_acquire has led to a connection. Of one that was
    /// leased before, handshake has http_status, subprotocol, peer and uri only
    pool_ready = 15,
    /// status, error, token and value, the id of the pool: hws_pool_acquire has led to none
    pool_failed = 16,
    /// topic, opcode, data: hws_publish was called on this engine; with EngineOptions.publish_events
    publish = 20,
};

/// Whether a server asks its clients for certificates.
enum class ClientAuth : std::uint32_t {
    /// it does not
    none = 0,
    /// a client may show one; a bad one is refused
    optional = 1,
    /// a client without a good one is refused
    required = 2,
};

/// Versions of TLS, as they are on the wire.
enum class TlsVersion : std::uint32_t {
    v1_2 = 771,
    v1_3 = 772,
};

/// Everything that is known about a failure. Fields that do not apply are 0, empty, or what their comment says.
/// Borrowed: look at it until the next poll. Texts that are not there have no data().
class ErrorInfo {
public:
    ErrorInfo() noexcept = default;
    explicit ErrorInfo(const hws_error_info *raw) noexcept : raw_(raw ? raw : &none) {}

    StatusCode status() const { return StatusCode(raw_->status); }
    /// what was being done, see hws_operation_name
    std::string_view operation() const { return raw_->operation != 0 ? hws_operation_name(raw_->operation) : std::string_view(); }
    /// of the connection, as 1 << State; 0: no connection
    std::uint32_t state() const { return raw_->state; }
    /// mask of the states in which the call would have been legal
    std::uint32_t required_states() const { return raw_->required_states; }
    /// one of Retry
    Retry retryable() const { return Retry(raw_->retryable); }
    /// errno or WSAGetLastError(), or 0
    std::int32_t os_error() const { return raw_->os_error; }
    /// TLS alert number + 1, or 0
    std::uint32_t tls_alert() const { return raw_->tls_alert; }
    /// SOCKS reply + 1, or 0
    std::uint32_t socks_reply() const { return raw_->socks_reply; }
    /// 0: no HTTP response
    std::uint32_t http_status() const { return raw_->http_status; }
    /// 1: the body was longer than what body holds
    bool body_truncated() const { return raw_->body_truncated != 0; }
    /// of the frame at fault
    Opcode opcode() const { return Opcode(raw_->opcode); }
    /// of the queue that is full
    Overflow policy() const { return Overflow(raw_->policy); }
    /// one of Side
    Side initiated_by() const { return Side(raw_->initiated_by); }
    std::uint32_t attempts() const { return raw_->attempts; }
    std::uint32_t max_attempts() const { return raw_->max_attempts; }
    std::chrono::milliseconds retry_after() const { return std::chrono::milliseconds(raw_->retry_after_ms); }
    std::chrono::milliseconds downtime() const { return std::chrono::milliseconds(raw_->downtime_ms); }
    /// -1: not a timeout
    std::chrono::milliseconds timeout() const { return std::chrono::milliseconds(raw_->timeout_ms); }
    /// byte offset of the fault in the value or message; -1: none
    std::int64_t position() const { return raw_->position; }
    /// -1: not about a size, or unknown; likewise the next two
    std::int64_t size() const { return raw_->size; }
    std::int64_t max_size() const { return raw_->max_size; }
    std::int64_t current_size() const { return raw_->current_size; }
    std::uint64_t fragments() const { return raw_->fragments; }
    std::uint64_t max_fragments() const { return raw_->max_fragments; }
    /// of the queue that is full, bytes
    std::uint64_t capacity() const { return raw_->capacity; }
    std::uint64_t dropped() const { return raw_->dropped; }
    std::uint64_t max_connections() const { return raw_->max_connections; }
    std::uint64_t in_use() const { return raw_->in_use; }
    /// monotonic, of the engine
    std::chrono::milliseconds time() const { return std::chrono::milliseconds(raw_->time_ms); }
    hws_conn conn() const { return raw_->conn; }
    /// one line without a line end
    std::string_view message() const { return detail::view(raw_->message); }
    /// the rule that was broken, or the argument at fault
    std::string_view detail() const { return detail::view(raw_->detail); }
    std::string_view uri() const { return detail::view(raw_->uri); }
    std::string_view proxy() const { return detail::view(raw_->proxy); }
    /// where a redirect leads
    std::string_view location() const { return detail::view(raw_->location); }
    /// address of the peer
    std::string_view peer() const { return detail::view(raw_->peer); }
    std::string_view http_method() const { return detail::view(raw_->http_method); }
    std::string_view http_version() const { return detail::view(raw_->http_version); }
    std::string_view http_reason() const { return detail::view(raw_->http_reason); }
    std::string_view header_name() const { return detail::view(raw_->header_name); }
    /// ptr NULL: the header is missing; len 0: it is empty
    std::optional<std::string_view> header_value() const { return raw_->header_value.ptr ? std::optional(detail::view(raw_->header_value)) : std::nullopt; }
    std::string_view origin() const { return detail::view(raw_->origin); }
    std::string_view parameter_name() const { return detail::view(raw_->parameter_name); }
    std::string_view parameter_value() const { return detail::view(raw_->parameter_value); }
    /// of the HTTP response, in order, repeats kept
    std::vector<HeaderView> headers() const { return detail::views(raw_->headers, raw_->header_count); }
    /// first bytes of the HTTP response's body
    Bytes body() const { return Bytes(raw_->body); }
    std::optional<CloseFrame> close_rcvd() const { return detail::view(raw_->close_rcvd); }
    std::optional<CloseFrame> close_sent() const { return detail::view(raw_->close_sent); }
    /// both Close frames: 1 the peer's came first, 0 ours went first; -1: not both
    std::int32_t rcvd_then_sent() const { return raw_->rcvd_then_sent; }
    /// the code of the connection, RFC 6455 section 7.1.5: 1006 when none was received
    std::uint32_t close_code() const { return raw_->close_code; }
    /// what led to this, or NULL
    std::optional<ErrorInfo> cause() const { return raw_->cause ? std::optional<ErrorInfo>(ErrorInfo(raw_->cause)) : std::nullopt; }

    /// It is this, or below it in the table.
    bool is_a(StatusCode ancestor) const noexcept;
    /// It and its causes as one line.
    std::string describe() const;
    const hws_error_info *raw() const noexcept { return raw_; }

private:
    static constexpr hws_error_info none{};
    const hws_error_info *raw_ = &none;
};

/// What was asked and answered in the opening handshake, RFC 6455 section 4.
/// Borrowed: look at it until the next poll. Texts that are not there have no data().
class Handshake {
public:
    Handshake() noexcept = default;
    explicit Handshake(const hws_handshake *raw) noexcept : raw_(raw ? raw : &none) {}

    std::uint32_t http_status() const { return raw_->http_status; }
    std::string_view method() const { return detail::view(raw_->method); }
    std::string_view target() const { return detail::view(raw_->target); }
    std::string_view host() const { return detail::view(raw_->host); }
    std::string_view origin() const { return detail::view(raw_->origin); }
    /// the one that was agreed, or empty
    std::string_view subprotocol() const { return detail::view(raw_->subprotocol); }
    /// those that were agreed, with their parameters: "permessage-deflate; server_max_window_bits=12"
    std::string_view extensions() const { return detail::view(raw_->extensions); }
    /// address of the peer
    std::string_view peer() const { return detail::view(raw_->peer); }
    /// by the client
    std::vector<std::string_view> subprotocols_offered() const { return detail::views(raw_->subprotocols_offered, raw_->subprotocol_count); }
    /// what the peer sent, in order, repeats kept
    std::vector<HeaderView> headers() const { return detail::views(raw_->headers, raw_->header_count); }
    /// clients: where the connection leads, after redirects
    std::string_view uri() const { return detail::view(raw_->uri); }
    /// servers: who was let in by ServerOptions.credentials
    std::string_view user() const { return detail::view(raw_->user); }
    /// "TLSv1.3"; empty without TLS, like all that follows
    std::string_view tls_version() const { return detail::view(raw_->tls_version); }
    /// as IANA has it, "TLS_AES_128_GCM_SHA256"
    std::string_view tls_cipher() const { return detail::view(raw_->tls_cipher); }
    /// the name that the client asked for (SNI)
    std::string_view tls_server_name() const { return detail::view(raw_->tls_server_name); }
    /// the protocol that was agreed by ALPN
    std::string_view tls_alpn() const { return detail::view(raw_->tls_alpn); }
    /// whom the peer's certificate is for, RFC 4514: "CN=alice,O=Example"
    std::string_view tls_subject() const { return detail::view(raw_->tls_subject); }
    /// the peer's certificate, DER
    Bytes tls_certificate() const { return Bytes(raw_->tls_certificate); }
    /// 1: an earlier session was resumed
    bool tls_resumed() const { return raw_->tls_resumed != 0; }
    /// servers: why an offer of an extension was declined, the first that was; NULL if none was. The connection is open
    /// all the same
    std::optional<ErrorInfo> extension_declined() const { return raw_->extension_declined ? std::optional<ErrorInfo>(ErrorInfo(raw_->extension_declined)) : std::nullopt; }
    /// servers with routes: the pattern of the one it was
    std::string_view route() const { return detail::view(raw_->route); }
    /// what the variable parts of the pattern stand for, by name, percent-decoded; "*" is the name of the rest
    std::vector<HeaderView> params() const { return detail::views(raw_->params, raw_->param_count); }
    const hws_handshake *raw() const noexcept { return raw_; }

private:
    static constexpr hws_handshake none{};
    const hws_handshake *raw_ = &none;
};

/// How an engine is made. Zero is the default.
struct EngineOptions {
    /// connections at a time; default and most: 1048576
    std::uint32_t max_connections{};
    /// payload bytes that one batch may lend, and that hws_recv of one connection puts by of others, roughly; default 4 MiB.
    /// A batch that lends 256 KiB ends all the same, as that is what a processor's cache holds; the rest comes with the next
    std::uint64_t event_memory_max{};
    /// bytes of compressors that connections may keep between messages; default 64 MiB. Over it they share one, and each
    /// message is compressed by itself
    std::uint64_t compression_memory_max{};
    /// an engine whose topics the new one shares: what is published to either reaches the subscribers of both; default
    /// topics of its own
    hws_engine share_topics{};
    /// each hws_publish to this engine is a PUBLISH event of it, too; default off. Those that wait are bounded by
    /// event_memory_max
    std::optional<bool> publish_events{};
    /// a thread of the library's own does all work, and hws_poll and hws_recv only take events; default off. See hws_engine_new
    std::optional<bool> io_thread{};
};

/// Deadlines in milliseconds: 0 is the default, never is none.
struct Timers {
    /// answer pings; default on
    std::optional<bool> auto_pong{};
    /// from the call, or from accepting, to the end of the opening handshake, whatever happens; default 10 s
    std::chrono::milliseconds open{};
    /// from the beginning of the closing handshake to the end of TCP; default 10 s
    std::chrono::milliseconds close{};
    /// for a send queue of which nothing leaves; default 60 s
    std::chrono::milliseconds send{};
    /// without a message in either direction; default never. Rests while the connection is not read because its queue is full
    std::chrono::milliseconds idle{};
    /// between keepalive pings; default 20 s. Rests while the connection is paused, or is not read because its queue is full
    std::chrono::milliseconds ping_interval{};
    /// for the answer to one; default 20 s
    std::chrono::milliseconds ping_timeout{};
};

/// What may be received and queued. Zero is the default.
struct Limits {
    /// deliver FRAGMENT events, each frame up to frame_max, instead of whole messages; default off
    std::optional<bool> deliver_fragments{};
    /// deliver PING events, and PONG events for pongs that answer no ping of yours; default off
    std::optional<bool> deliver_pings{};
    /// frames in one message, the empty ones too; default 4096
    std::uint32_t fragments_max{};
    /// bytes in one received message; default 1 MiB
    std::uint64_t message_max{};
    /// bytes in one received frame; default message_max
    std::uint64_t frame_max{};
    /// high watermark of the send queue, bytes; sends over it are refused, and nothing is read; default 16 MiB
    std::uint64_t send_queue_max{};
    /// low watermark: WRITABLE follows a refused send when the queue is not above it; default a quarter of the max
    std::uint64_t send_queue_low{};
    /// bytes in an HTTP head; default 64 KiB
    std::uint64_t head_max{};
    /// bytes in the body of an HTTP response that refuses; default 1 MiB
    std::uint64_t body_max{};
    /// topics that a connection may subscribe to; default 1024
    std::uint32_t subscriptions_max{};
    /// one of SlowPolicy; default SlowPolicy::skip
    SlowPolicy slow_subscriber{};
    /// bytes a second at which a frame must come once it has begun, measured over 30 s; a peer that is slower is cut off
    /// with RECV_TIMEOUT and 1008. Time in which nothing is read from it does not count; default 32, UINT64_MAX none
    std::uint64_t receive_rate_min{};
    /// messages (or fragments) of a connection that may wait for you beyond a batch: what hws_recv has put by, what is read
    /// on (see Overflow), and with EngineOptions.io_thread everything; default 1024
    std::uint32_t recv_queue_messages{};
    /// one of Overflow: what becomes of more; default Overflow::backpressure
    Overflow overflow{};
    /// bytes in the messages that wait; default 4 MiB. One message may always wait, whatever its size
    std::uint64_t recv_queue_max{};
};

/// Compression of messages, permessage-deflate (RFC 7692). Zero is the default: clients offer it, servers grant it.
/// An idle connection costs nothing for it, nor does one whose messages are short. A compressor takes 164 KiB with the
/// default window and memory level and 374 KiB with the largest; it stays with a connection that has compressed until
/// it closes (see EngineOptions.compression_memory_max), unless there is no context takeover. What a connection
/// receives compressed costs it the peer's window, 4 KiB by default, and no more than came.
struct Compression {
    /// default on
    std::optional<bool> enabled{};
    /// 1, fast, to 9, small; default 1
    std::uint32_t level{};
    /// shorter messages, or first fragments, are sent as they are, bytes; default 128
    std::uint32_t min_size{};
    /// 1 to 9: the memory of a compressor beside its window; default 5
    std::uint32_t memory_level{};
    /// 8 to 15, the bits of the window that clients compress with: a server asks for it where it may, a client keeps it;
    /// default 12
    std::uint32_t client_max_window_bits{};
    /// the same for servers: a client asks for it, a server keeps it; default 12 in a server, not asked for in a client
    std::uint32_t server_max_window_bits{};
    /// clients begin each message with an empty window; default off
    std::optional<bool> client_no_context_takeover{};
    /// servers do; default off
    std::optional<bool> server_no_context_takeover{};
};

/// How a client comes back when its connection is lost, or cannot be opened yet. RECONNECTING tells of every loss and
/// every attempt that has failed, OPEN with reconnected() that it is back: under the same handle, with its user
/// value and its subscriptions. ErrorInfo.retryable decides whether it tries again; a peer that closes with 1000 or
/// no code has finished. A 1013 and a Retry-After put off the next attempt. Zero is the default; see docs/reconnect.md.
struct Reconnect {
    /// default on
    std::optional<bool> enabled{};
    /// attempts after the first; default 0: no limit. After the last RECONNECT_EXHAUSTED is the error of the last event
    std::uint32_t max_attempts{};
    /// the delay before an attempt is chosen by chance, up to a ceiling: that of the first; default 1 s
    std::chrono::milliseconds backoff_min{};
    /// and that of all, but for what a peer asks for; default 60 s
    std::chrono::milliseconds backoff_max{};
    /// the ceiling of an attempt in hundredths of that of the attempt before; default 200, at least 100
    std::uint32_t backoff_percent{};
    /// how much of the ceiling chance decides, in hundredths of it; default 100: all, no_jitter: nothing
    std::uint32_t jitter_percent{};
    /// down for so long, it gives up with RECONNECT_EXHAUSTED; default never
    std::chrono::milliseconds downtime_max{};
    /// for each attempt, the first included; default timers.open_ms
    std::chrono::milliseconds attempt{};
    /// open for so long, the attempts before are forgotten; default 60 s
    std::chrono::milliseconds stable{};
    /// open for so long, it is closed with 1000 and opened anew; up to a tenth earlier, by chance; default never
    std::chrono::milliseconds max_age{};
    /// a permanent cause raises RECONNECTING with value UINT64_MAX, and ends the connection with RECONNECT_REFUSED unless
    /// hws_conn_reconnect is called within this time; default none: it ends the connection at once
    std::chrono::milliseconds ask{};
    /// one of Overflow but Overflow::backpressure; default Overflow::error: BUFFER_OVERFLOW
    Overflow buffer_overflow{};
    /// one of Replay; default Replay::off
    Replay replay{};
    /// bytes of messages that may be sent while the connection is not open, to leave when it is; each counts for 64 bytes
    /// more than it has, as in the next two. Default 0: such sends are refused
    std::uint64_t buffer_max{};
    /// with replay: bytes of messages that may be kept until the peer is known to have read them; the oldest go. Default 1 MiB
    std::uint64_t replay_max{};
    /// bytes of what is sent with SendOptions::again; default 1 MiB, and 1024 messages
    std::uint64_t again_max{};
};

/// When and where a connection is opened again. Zero is the default.
struct ReconnectOptions {
    /// default 0: now; never: not until this is called again
    std::chrono::milliseconds after{};
    /// of the Close frame, if it is open; default 1000
    std::uint32_t code{};
    std::string reason{};
    /// where to, from now on; default where it went before. To another scheme, host or port go neither credentials, nor
    /// header fields but those given here, nor connect_to, server_name and certificate
    std::string uri{};
    /// from now on in place of those of the same names: a fresh token, say
    std::vector<Header> headers{};
};

/// A certificate chain, the leaf first, and its private key: PEM, in a file or in memory; memory wins. Keys are PKCS #8,
/// PKCS #1 or SEC 1, of RSA, ECDSA or Ed25519.
struct Certificate {
    std::string cert_file{};
    std::string key_file{};
    std::string cert_pem{};
    std::string key_pem{};
};

/// How a client checks servers, and how either side shows who it is. Zero is the default. Files are read during the
/// call that is given this.
struct Tls {
    /// TlsVersion::v1_2, the default, or TlsVersion::v1_3
    TlsVersion min_version{};
    /// keep sessions, so that later connections of the engine open faster; default on
    std::optional<bool> resumption{};
    /// clients: also trust the roots that the system trusts; default off
    std::optional<bool> system_roots{};
    /// clients: trust the roots bundled with the library, those of Mozilla; default on unless ca_file or ca_pem is set
    std::optional<bool> bundled_roots{};
    /// clients: on accepts every certificate, so that anybody on the way can read and change everything; default off
    std::optional<bool> dangerous_skip_verification{};
    /// servers: one of ClientAuth; needs ca_file or ca_pem. See Handshake.tls_subject
    ClientAuth client_auth{};
    /// PEM of the roots to trust: clients for servers, servers for clients
    std::string ca_file{};
    std::string ca_pem{};
    /// who we are: needed by servers, and by clients where servers ask
    Certificate certificate{};
    /// servers: further ones, chosen by the name that a client asks for (SNI)
    std::vector<Certificate> more_certificates{};
    /// clients: the name to ask for and to expect in the certificate; default the host of the URI
    std::string server_name{};
    /// protocols for ALPN (RFC 7301), the preferred one first; default none
    std::vector<std::string> alpn{};
    /// secrets are appended to this file, in the format of SSLKEYLOGFILE, for Wireshark; whoever has it can read all
    std::string key_log_file{};
};

/// Options of sockets. Zero is the default.
struct Socket {
    /// TCP_NODELAY: small messages leave at once; default on
    std::optional<bool> nodelay{};
    /// TCP's own keep-alive; default off, for the pings of timers.ping_interval_ms see further
    std::optional<bool> keepalive{};
    /// seconds of silence before the first probe; default the system's
    std::uint32_t keepalive_idle_s{};
    /// seconds between probes; default the system's
    std::uint32_t keepalive_interval_s{};
    /// probes without an answer that end the connection; default the system's
    std::uint32_t keepalive_count{};
    /// SO_RCVBUF and SO_SNDBUF, bytes; default the system's, which adapts itself
    std::uint32_t recv_buffer{};
    std::uint32_t send_buffer{};
    /// clients: the local address to connect from, "192.0.2.1" or with a port
    std::string local_address{};
};

/// A message of your own that the peer must answer: for servers that know no pings, or to notice a program that hangs
/// behind a library or proxy that answers pings for it. Zero is the default; message and answer are needed.
///
/// One at a time is on its way, and none inside a fragmented message of yours; it goes uncompressed. Without an answer
/// in time the connection is closed with 1011: CLOSED_ERROR because of PING_TIMEOUT, whose detail says heartbeat. It
/// rests while the connection is paused. Heartbeats and their answers count as messages in hws_stats, and the round trip
/// is rtt_us; timers.idle_ms does not count those that you do not see.
struct Heartbeat {
    /// Opcode::text or Opcode::binary; default Opcode::text
    Opcode opcode{};
    /// what is sent, up to 64 KiB; text is UTF-8
    std::string message{};
    /// what answers it, up to 64 KiB, in a text or binary message; with deliver_fragments, in one of a single frame. None
    /// with Match::any, and none needed where timeout_ms is never
    std::string answer{};
    /// one of Match; default Match::exact
    Match matching{};
    /// answers are MESSAGE events, too; default off, but always on with Match::any. Only as many messages as were
    /// asked for are taken for answers
    std::optional<bool> deliver{};
    /// from one heartbeat to the next; default 20 s, never: none
    std::chrono::milliseconds interval{};
    /// for the answer to one; default 20 s. never: none is waited for, and each interval sends another
    std::chrono::milliseconds timeout{};
};

/// What a client asks for. Zero is the default; uri is needed.
struct ClientOptions {
    /// fail with SUBPROTOCOL unless the server agrees to one; default off
    std::optional<bool> subprotocol_required{};
    /// ws[s]://[user:password@]host[:port][/path][?query], RFC 6455 section 3
    std::string uri{};
    /// the Origin header; default none
    std::string origin{};
    /// the User-Agent header; default "hawser/VERSION"
    std::string user_agent{};
    /// to be offered, the preferred one first
    std::vector<std::string> subprotocols{};
    /// further fields of the request
    std::vector<Header> headers{};
    /// comes back in every event of the connection
    std::uint64_t user{};
    /// may be NULL
    std::optional<Limits> limits{};
    /// may be NULL
    std::optional<Timers> timers{};
    /// for wss; may be NULL
    std::optional<Tls> tls{};
    /// for https proxies; default: whom tls trusts, without its certificate, server_name and alpn
    std::optional<Tls> proxy_tls{};
    /// may be NULL
    std::optional<Socket> socket{};
    /// "http://[user:password@]host:port", or https, socks4, socks4a, socks5, socks5h (here the proxy looks the name up);
    /// default none
    std::string proxy{};
    /// take the proxy from the environment: wss_proxy, https_proxy, all_proxy, no_proxy and their kin; default off
    std::optional<bool> proxy_from_env{};
    /// redirects to follow, RFC 6455 section 4.1, up to 100; default 0: a redirect is an error
    std::uint32_t max_redirects{};
    /// connect there instead of to the host of the URI: "127.0.0.1:9001", "unix:/path", "unix:@name" (Linux, abstract).
    /// Redirects to other hosts do not go there
    std::string connect_to{};
    /// for Basic authentication (RFC 7617); default those of the URI, "ws://user:password@host"
    std::string basic_user{};
    std::string basic_password{};
    /// may be NULL
    std::optional<Compression> compression{};
    /// may be NULL: none
    std::optional<Heartbeat> heartbeat{};
    /// come back when the connection is lost, or cannot be opened yet; default NULL: do not
    std::optional<Reconnect> reconnect{};
};

/// A response of HTTP that opens no WebSocket.
struct Response {
    /// 200 to 599
    std::uint32_t status{};
    /// beside Content-Length and Connection: close, which are added; Content-Type is "text/plain; charset=utf-8" unless it
    /// is here
    std::vector<Header> headers{};
    std::string body{};
};

/// What is answered on a path, or on many. Zero is what the server's options say; pattern is needed.
struct Route {
    /// REQUEST events for what comes here, also for plain HTTP requests (plain()): hws_request_accept or
    /// hws_request_respond answers them, within timers.open_ms of the server; default off
    std::optional<bool> decide{};
    /// "/chat/:room": a segment that begins with a colon is any one segment, and Handshake.params has it. "/files/*":
    /// the rest of the path, whatever it is, also none; "*": every path. Of several that match, the one that says more
    /// wins, whatever their order. Paths are compared as they are: case, slashes and escapes count. Up to 256 segments
    std::string pattern{};
    /// no WebSocket: every GET and HEAD gets this page, without an event; may be NULL
    std::optional<Response> page{};
    /// of its connections, until hws_conn_set_user, and of its REQUEST events
    std::uint64_t user{};
    /// as in ServerOptions, whose own hold where this has none
    std::vector<std::string> subprotocols{};
    std::vector<std::string> origins{};
    std::optional<bool> origin_required{};
    std::optional<bool> subprotocol_required{};
    std::vector<std::string> credentials{};
    std::string realm{};
    /// connections of this route at a time; default no limit but the server's. More are answered 503
    std::uint32_t max_connections{};
    std::optional<Limits> limits{};
    std::optional<Timers> timers{};
    std::optional<Compression> compression{};
    /// may be NULL; interval_ms never: none here
    std::optional<Heartbeat> heartbeat{};
};

/// What a server listens on and admits. Zero is the default; bind is needed.
struct ServerOptions {
    /// connections that may wait to be accepted; default 4096, the system may cap it
    std::uint32_t backlog{};
    /// "127.0.0.1:9001", "[::1]:0"; port 0 is a free one, see hws_listener_address. "unix:/path" (a stale socket there
    /// is replaced) and on Linux "unix:@name", which is in no directory. "fd:3" is a socket that this process was given:
    /// TCP or unix, bound, perhaps listening (then a backlog of 0 leaves it as it is). It belongs to the library after a
    /// success; others may hold it too, and take over what waits there when this listener is closed
    std::string bind{};
    /// the Server header; default "hawser/VERSION"
    std::string server{};
    /// what the server speaks, the preferred one first
    std::vector<std::string> subprotocols{};
    /// origins that are admitted, "https://example.com"; default any. Set it if browsers send you cookies
    std::vector<std::string> origins{};
    /// refuse requests without an Origin header, which browsers always send; default off
    std::optional<bool> origin_required{};
    /// refuse clients that offer none of subprotocols; default off
    std::optional<bool> subprotocol_required{};
    /// connections of this listener at a time; default the engine's. More are answered 503
    std::uint32_t max_connections{};
    /// comes back in the listener's events, and in those of its connections until hws_conn_set_user
    std::uint64_t user{};
    /// of each connection; may be NULL
    std::optional<Limits> limits{};
    /// of each connection; may be NULL
    std::optional<Timers> timers{};
    /// speak TLS; default plain
    std::optional<Tls> tls{};
    /// of each connection; may be NULL
    std::optional<Socket> socket{};
    /// "name:password" of those who are let in, by Basic authentication (RFC 7617); default everybody. The passwords
    /// are for all to read unless there is TLS
    std::vector<std::string> credentials{};
    /// what credentials are for, as browsers show it; default "hawser"
    std::string realm{};
    /// of each connection; may be NULL
    std::optional<Compression> compression{};
    /// what is answered on which path; default: a WebSocket on every path. Paths without a route are answered 404
    std::vector<Route> routes{};
    /// the names of this server, "example.com" (on any port) or "localhost:8080": requests whose Host header is another
    /// are answered 421; default any. Set it on machines whose users browse the web
    std::vector<std::string> hosts{};
    /// SO_REUSEPORT: listeners of other engines and processes that ask for the same, as the same user, may share the TCP
    /// port, and the system spreads connections among them, so that each core has an engine of its own. Default off.
    /// Without it, or for a fairer spread, see hws_adopt
    std::optional<bool> reuse_port{};
    /// connections of this listener at a time from one remote address, of IPv6 from one /64; unix sockets do not count;
    /// default no limit. More are answered 429
    std::uint32_t max_per_address{};
    /// connections of this listener at a time that are not open yet; default 16384. More are answered 503
    std::uint32_t max_handshakes{};
    /// off: clients that fail to open make no ACCEPT_FAILED event, they are only counted: hws_engine_refusals. That
    /// nothing can be accepted for now is told all the same; default on
    std::optional<bool> accept_failed_events{};
    /// of each connection; may be NULL: none
    std::optional<Heartbeat> heartbeat{};
};

/// How the connections of a listener end with it. Zero is the default.
struct Drain {
    /// for the closing handshakes of all, beside timers.close_ms for that of each; default 10 s, never: no limit
    std::chrono::milliseconds drain{};
    /// what peers are told; default 1001
    std::uint32_t code{};
    /// up to 123 bytes
    std::string reason{};
};

/// How one message is sent. Zero is the default.
struct SendOptions {
    /// more fragments of this message follow
    bool more{};
    /// not to be compressed; of a message in fragments the first decides
    bool raw{};
    /// now, if the connection is open, and first whenever it is open again, until hws_conn_forget: a subscription, say. token
    /// is its name, and a new message takes the place of one with the same
    bool again{};
    /// not 0: a SENT event with it follows when the message has left for the kernel; of a ping, it comes back
    /// with the PONG
    std::uint64_t token{};
};

/// How a message goes to many. Zero is the default.
struct PublishOptions {
    /// not to be compressed; of a message in fragments the first decides
    bool raw{};
    /// no PUBLISH event: this came from where those go
    bool local{};
    /// a connection that does not get it, such as the one that it came from; one that has ended is nobody
    hws_conn except{};
};

/// What a pool may do. Zero is the default; client is needed.
struct PoolOptions {
    /// sockets at a time, also those that are being opened, checked or closed; default 10
    std::uint32_t max_connections{};
    /// a connection that nobody has held for so long is closed; default 5 minutes
    std::chrono::milliseconds idle{};
    /// one that was opened so long ago is not lent again; default never
    std::chrono::milliseconds max_age{};
    /// one that nobody has held for longer gets a ping, and is lent when that is answered; default 30 s, never: is lent
    /// without
    std::chrono::milliseconds check_after{};
    /// for the answer to that ping; default 5 s. One that does not answer is dropped, and nobody need know
    std::chrono::milliseconds check{};
    /// calls of hws_pool_acquire that may wait at a time; default 1024
    std::uint32_t waiters_max{};
    /// that ping goes before every lease but a connection's first, whatever check_after_ms says; default off
    std::optional<bool> check_always{};
    /// for every connection. Its uri says to which server; targets are paths there
    std::optional<ClientOptions> client{};
};

/// What a host adds to the response that opens a connection. Zero is the default.
struct AcceptOptions {
    /// one of those that were offered; default what the route's own list leads to
    std::string subprotocol{};
    /// further fields of the response
    std::vector<Header> headers{};
    /// of the connection; default the route's
    std::uint64_t user{};
};

/// Options that suit a purpose: docs/presets.md.
struct Preset {
    Timers timers{};
    Limits limits{};
    Compression compression{};
    Reconnect reconnect{};
};

namespace detail {

inline void set(hws_engine_options &to, const EngineOptions &from, Arena &arena) {
    to.struct_size = sizeof to;
    to.abi_version = HWS_ABI_VERSION;
    set(to.max_connections, from.max_connections, arena);
    set(to.event_memory_max, from.event_memory_max, arena);
    set(to.compression_memory_max, from.compression_memory_max, arena);
    set(to.share_topics, from.share_topics, arena);
    set(to.publish_events, from.publish_events, arena);
    set(to.io_thread, from.io_thread, arena);
}

inline void set(hws_timers &to, const Timers &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.auto_pong, from.auto_pong, arena);
    set(to.open_ms, from.open, arena);
    set(to.close_ms, from.close, arena);
    set(to.send_ms, from.send, arena);
    set(to.idle_ms, from.idle, arena);
    set(to.ping_interval_ms, from.ping_interval, arena);
    set(to.ping_timeout_ms, from.ping_timeout, arena);
}

inline void set(hws_limits &to, const Limits &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.deliver_fragments, from.deliver_fragments, arena);
    set(to.deliver_pings, from.deliver_pings, arena);
    set(to.fragments_max, from.fragments_max, arena);
    set(to.message_max, from.message_max, arena);
    set(to.frame_max, from.frame_max, arena);
    set(to.send_queue_max, from.send_queue_max, arena);
    set(to.send_queue_low, from.send_queue_low, arena);
    set(to.head_max, from.head_max, arena);
    set(to.body_max, from.body_max, arena);
    set(to.subscriptions_max, from.subscriptions_max, arena);
    set(to.slow_subscriber, from.slow_subscriber, arena);
    set(to.receive_rate_min, from.receive_rate_min, arena);
    set(to.recv_queue_messages, from.recv_queue_messages, arena);
    set(to.overflow, from.overflow, arena);
    set(to.recv_queue_max, from.recv_queue_max, arena);
}

inline void set(hws_compression &to, const Compression &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.enabled, from.enabled, arena);
    set(to.level, from.level, arena);
    set(to.min_size, from.min_size, arena);
    set(to.memory_level, from.memory_level, arena);
    set(to.client_max_window_bits, from.client_max_window_bits, arena);
    set(to.server_max_window_bits, from.server_max_window_bits, arena);
    set(to.client_no_context_takeover, from.client_no_context_takeover, arena);
    set(to.server_no_context_takeover, from.server_no_context_takeover, arena);
}

inline void set(hws_reconnect &to, const Reconnect &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.enabled, from.enabled, arena);
    set(to.max_attempts, from.max_attempts, arena);
    set(to.backoff_min_ms, from.backoff_min, arena);
    set(to.backoff_max_ms, from.backoff_max, arena);
    set(to.backoff_percent, from.backoff_percent, arena);
    set(to.jitter_percent, from.jitter_percent, arena);
    set(to.downtime_max_ms, from.downtime_max, arena);
    set(to.attempt_ms, from.attempt, arena);
    set(to.stable_ms, from.stable, arena);
    set(to.max_age_ms, from.max_age, arena);
    set(to.ask_ms, from.ask, arena);
    set(to.buffer_overflow, from.buffer_overflow, arena);
    set(to.replay, from.replay, arena);
    set(to.buffer_max, from.buffer_max, arena);
    set(to.replay_max, from.replay_max, arena);
    set(to.again_max, from.again_max, arena);
}

inline void set(hws_reconnect_options &to, const ReconnectOptions &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.after_ms, from.after, arena);
    set(to.code, from.code, arena);
    set(to.reason, from.reason, arena);
    set(to.uri, from.uri, arena);
    set(to.headers, to.header_count, from.headers, arena);
}

inline void set(hws_certificate &to, const Certificate &from, Arena &arena) {
    set(to.cert_file, from.cert_file, arena);
    set(to.key_file, from.key_file, arena);
    set(to.cert_pem, from.cert_pem, arena);
    set(to.key_pem, from.key_pem, arena);
}

inline void set(hws_tls &to, const Tls &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.min_version, from.min_version, arena);
    set(to.resumption, from.resumption, arena);
    set(to.system_roots, from.system_roots, arena);
    set(to.bundled_roots, from.bundled_roots, arena);
    set(to.dangerous_skip_verification, from.dangerous_skip_verification, arena);
    set(to.client_auth, from.client_auth, arena);
    set(to.ca_file, from.ca_file, arena);
    set(to.ca_pem, from.ca_pem, arena);
    set(to.certificate, from.certificate, arena);
    set(to.more_certificates, to.more_certificate_count, from.more_certificates, arena);
    set(to.server_name, from.server_name, arena);
    set(to.alpn, to.alpn_count, from.alpn, arena);
    set(to.key_log_file, from.key_log_file, arena);
}

inline void set(hws_socket &to, const Socket &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.nodelay, from.nodelay, arena);
    set(to.keepalive, from.keepalive, arena);
    set(to.keepalive_idle_s, from.keepalive_idle_s, arena);
    set(to.keepalive_interval_s, from.keepalive_interval_s, arena);
    set(to.keepalive_count, from.keepalive_count, arena);
    set(to.recv_buffer, from.recv_buffer, arena);
    set(to.send_buffer, from.send_buffer, arena);
    set(to.local_address, from.local_address, arena);
}

inline void set(hws_heartbeat &to, const Heartbeat &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.opcode, from.opcode, arena);
    set(to.message, from.message, arena);
    set(to.answer, from.answer, arena);
    set(to.matching, from.matching, arena);
    set(to.deliver, from.deliver, arena);
    set(to.interval_ms, from.interval, arena);
    set(to.timeout_ms, from.timeout, arena);
}

inline void set(hws_client_options &to, const ClientOptions &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.subprotocol_required, from.subprotocol_required, arena);
    set(to.uri, from.uri, arena);
    set(to.origin, from.origin, arena);
    set(to.user_agent, from.user_agent, arena);
    set(to.subprotocols, to.subprotocol_count, from.subprotocols, arena);
    set(to.headers, to.header_count, from.headers, arena);
    set(to.user, from.user, arena);
    set(to.limits, from.limits, arena);
    set(to.timers, from.timers, arena);
    set(to.tls, from.tls, arena);
    set(to.proxy_tls, from.proxy_tls, arena);
    set(to.socket, from.socket, arena);
    set(to.proxy, from.proxy, arena);
    set(to.proxy_from_env, from.proxy_from_env, arena);
    set(to.max_redirects, from.max_redirects, arena);
    set(to.connect_to, from.connect_to, arena);
    set(to.basic_user, from.basic_user, arena);
    set(to.basic_password, from.basic_password, arena);
    set(to.compression, from.compression, arena);
    set(to.heartbeat, from.heartbeat, arena);
    set(to.reconnect, from.reconnect, arena);
}

inline void set(hws_response &to, const Response &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.status, from.status, arena);
    set(to.headers, to.header_count, from.headers, arena);
    set(to.body, from.body, arena);
}

inline void set(hws_route &to, const Route &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.decide, from.decide, arena);
    set(to.pattern, from.pattern, arena);
    set(to.page, from.page, arena);
    set(to.user, from.user, arena);
    set(to.subprotocols, to.subprotocol_count, from.subprotocols, arena);
    set(to.origins, to.origin_count, from.origins, arena);
    set(to.origin_required, from.origin_required, arena);
    set(to.subprotocol_required, from.subprotocol_required, arena);
    set(to.credentials, to.credential_count, from.credentials, arena);
    set(to.realm, from.realm, arena);
    set(to.max_connections, from.max_connections, arena);
    set(to.limits, from.limits, arena);
    set(to.timers, from.timers, arena);
    set(to.compression, from.compression, arena);
    set(to.heartbeat, from.heartbeat, arena);
}

inline void set(hws_server_options &to, const ServerOptions &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.backlog, from.backlog, arena);
    set(to.bind, from.bind, arena);
    set(to.server, from.server, arena);
    set(to.subprotocols, to.subprotocol_count, from.subprotocols, arena);
    set(to.origins, to.origin_count, from.origins, arena);
    set(to.origin_required, from.origin_required, arena);
    set(to.subprotocol_required, from.subprotocol_required, arena);
    set(to.max_connections, from.max_connections, arena);
    set(to.user, from.user, arena);
    set(to.limits, from.limits, arena);
    set(to.timers, from.timers, arena);
    set(to.tls, from.tls, arena);
    set(to.socket, from.socket, arena);
    set(to.credentials, to.credential_count, from.credentials, arena);
    set(to.realm, from.realm, arena);
    set(to.compression, from.compression, arena);
    set(to.routes, to.route_count, from.routes, arena);
    set(to.hosts, to.host_count, from.hosts, arena);
    set(to.reuse_port, from.reuse_port, arena);
    set(to.max_per_address, from.max_per_address, arena);
    set(to.max_handshakes, from.max_handshakes, arena);
    set(to.accept_failed_events, from.accept_failed_events, arena);
    set(to.heartbeat, from.heartbeat, arena);
}

inline void set(hws_drain &to, const Drain &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.drain_ms, from.drain, arena);
    set(to.code, from.code, arena);
    set(to.reason, from.reason, arena);
}

inline void set(hws_send_options &to, const SendOptions &from, Arena &arena) {
    to.struct_size = sizeof to;
    to.flags |= from.more ? HWS_SEND_MORE : 0;
    to.flags |= from.raw ? HWS_SEND_RAW : 0;
    to.flags |= from.again ? HWS_SEND_AGAIN : 0;
    set(to.token, from.token, arena);
}

inline void set(hws_publish_options &to, const PublishOptions &from, Arena &arena) {
    to.struct_size = sizeof to;
    to.flags |= from.raw ? HWS_SEND_RAW : 0;
    to.flags |= from.local ? HWS_PUBLISH_LOCAL : 0;
    set(to.except, from.except, arena);
}

inline void set(hws_pool_options &to, const PoolOptions &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.max_connections, from.max_connections, arena);
    set(to.idle_ms, from.idle, arena);
    set(to.max_age_ms, from.max_age, arena);
    set(to.check_after_ms, from.check_after, arena);
    set(to.check_ms, from.check, arena);
    set(to.waiters_max, from.waiters_max, arena);
    set(to.check_always, from.check_always, arena);
    set(to.client, from.client, arena);
}

inline void set(hws_accept_options &to, const AcceptOptions &from, Arena &arena) {
    to.struct_size = sizeof to;
    set(to.subprotocol, from.subprotocol, arena);
    set(to.headers, to.header_count, from.headers, arena);
    set(to.user, from.user, arena);
}

inline void get(Timers &to, const hws_timers &from) {
    get(to.auto_pong, from.auto_pong);
    get(to.open, from.open_ms);
    get(to.close, from.close_ms);
    get(to.send, from.send_ms);
    get(to.idle, from.idle_ms);
    get(to.ping_interval, from.ping_interval_ms);
    get(to.ping_timeout, from.ping_timeout_ms);
}

inline void get(Limits &to, const hws_limits &from) {
    get(to.deliver_fragments, from.deliver_fragments);
    get(to.deliver_pings, from.deliver_pings);
    get(to.fragments_max, from.fragments_max);
    get(to.message_max, from.message_max);
    get(to.frame_max, from.frame_max);
    get(to.send_queue_max, from.send_queue_max);
    get(to.send_queue_low, from.send_queue_low);
    get(to.head_max, from.head_max);
    get(to.body_max, from.body_max);
    get(to.subscriptions_max, from.subscriptions_max);
    get(to.slow_subscriber, from.slow_subscriber);
    get(to.receive_rate_min, from.receive_rate_min);
    get(to.recv_queue_messages, from.recv_queue_messages);
    get(to.overflow, from.overflow);
    get(to.recv_queue_max, from.recv_queue_max);
}

inline void get(Compression &to, const hws_compression &from) {
    get(to.enabled, from.enabled);
    get(to.level, from.level);
    get(to.min_size, from.min_size);
    get(to.memory_level, from.memory_level);
    get(to.client_max_window_bits, from.client_max_window_bits);
    get(to.server_max_window_bits, from.server_max_window_bits);
    get(to.client_no_context_takeover, from.client_no_context_takeover);
    get(to.server_no_context_takeover, from.server_no_context_takeover);
}

inline void get(Reconnect &to, const hws_reconnect &from) {
    get(to.enabled, from.enabled);
    get(to.max_attempts, from.max_attempts);
    get(to.backoff_min, from.backoff_min_ms);
    get(to.backoff_max, from.backoff_max_ms);
    get(to.backoff_percent, from.backoff_percent);
    get(to.jitter_percent, from.jitter_percent);
    get(to.downtime_max, from.downtime_max_ms);
    get(to.attempt, from.attempt_ms);
    get(to.stable, from.stable_ms);
    get(to.max_age, from.max_age_ms);
    get(to.ask, from.ask_ms);
    get(to.buffer_overflow, from.buffer_overflow);
    get(to.replay, from.replay);
    get(to.buffer_max, from.buffer_max);
    get(to.replay_max, from.replay_max);
    get(to.again_max, from.again_max);
}

} // namespace detail
} // namespace HAWSER_MODE
} // namespace hawser

#endif
