//! Handles and plain values.

/// An engine: the loop that drives connections and listeners. Freed with hws_engine_free.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct hws_engine {
    pub id: u64,
}

/// A listening socket. Closed with hws_listener_close.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct hws_listener {
    pub id: u64,
}

/// A connection, client or server side. Needs no freeing: stale at the poll after its last event.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct hws_conn {
    pub id: u64,
}

/// A request that waits for a decision: hws_request_accept, hws_request_respond. Needs no freeing: stale once it is
/// decided, its peer has left, or the time is up.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct hws_request {
    pub id: u64,
}

/// A pool of client connections. Freed with hws_pool_free.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct hws_pool {
    pub id: u64,
}

/// An error that was kept with hws_error_keep. Freed with hws_error_free.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct hws_error {
    pub id: u64,
}

/// 0 is success, every error is negative: one of hws_status_codes.
pub type hws_status = i32;
/// One of hws_event_kinds.
pub type hws_event_kind = u32;
/// One of hws_opcodes, RFC 6455 section 5.2.
pub type hws_opcode = u32;
/// One of hws_toggles.
pub type hws_toggle = u32;

/// Bytes. ptr may be NULL when len is 0.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_bytes {
    pub ptr: *const u8,
    pub len: usize,
}

/// UTF-8 text. Passed in, len may be HWS_NUL_TERMINATED; handed out, a NUL follows the len bytes. A text that
/// is not there has ptr NULL, an empty one has not.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_str {
    pub ptr: *const std::ffi::c_char,
    pub len: usize,
}

/// A header field of HTTP.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_header {
    pub name: hws_str,
    pub value: hws_str,
}

/// On, off, or what is usual.
#[repr(C)]
pub enum hws_toggles {
    HWS_DEFAULT = 0,
    HWS_ON = 1,
    HWS_OFF = 2,
}

/// What a frame is for, RFC 6455 section 11.8.
#[repr(C)]
pub enum hws_opcodes {
    /// the next fragment of a message begun with HWS_SEND_MORE
    HWS_CONT = 0,
    HWS_TEXT = 1,
    HWS_BINARY = 2,
    /// only seen in errors; sent with hws_close
    HWS_CLOSE = 8,
    HWS_PING = 9,
    HWS_PONG = 10,
}

/// Where a connection stands. Errors carry masks: 1 << state.
#[repr(C)]
pub enum hws_states {
    HWS_STATE_CONNECTING = 0,
    HWS_STATE_OPEN = 1,
    /// a Close frame was sent or received, or the connection broke
    HWS_STATE_CLOSING = 2,
    HWS_STATE_CLOSED = 3,
    /// with hws_client_options.reconnect: down, and waiting for the next attempt or making it
    HWS_STATE_RECONNECTING = 4,
}

/// How important a line of the log is.
#[repr(C)]
pub enum hws_log_levels {
    HWS_LOG_ERROR = 1,
    HWS_LOG_WARN = 2,
    HWS_LOG_INFO = 3,
    HWS_LOG_DEBUG = 4,
    HWS_LOG_TRACE = 5,
}

/// Whether trying again could help: hws_error_info.retryable.
#[repr(C)]
pub enum hws_retries {
    HWS_RETRY_NO = 0,
    HWS_RETRY_YES = 1,
    /// not before retry_after_ms
    HWS_RETRY_AFTER = 2,
}

/// Who began it: hws_error_info.initiated_by.
#[repr(C)]
pub enum hws_sides {
    HWS_SIDE_NEITHER = 0,
    HWS_SIDE_LOCAL = 1,
    HWS_SIDE_REMOTE = 2,
}

/// Flags of hws_send_options.
#[repr(C)]
pub enum hws_send_flags {
    /// more fragments of this message follow
    HWS_SEND_MORE = 1,
    /// not to be compressed; of a message in fragments the first decides
    HWS_SEND_RAW = 2,
    /// now, if the connection is open, and first whenever it is open again, until hws_conn_forget: a subscription, say. token
    /// is its name, and a new message takes the place of one with the same
    HWS_SEND_AGAIN = 8,
}

/// What becomes of a message for which there is no room.
#[repr(C)]
pub enum hws_overflows {
    /// it is not taken from its sender until there is room
    HWS_OVERFLOW_BACKPRESSURE = 1,
    /// the oldest go
    HWS_OVERFLOW_DROP_OLDEST = 2,
    /// it goes
    HWS_OVERFLOW_DROP_NEWEST = 3,
    /// an error
    HWS_OVERFLOW_ERROR = 4,
}

/// When messages are sent again that may not have been read: hws_reconnect.replay.
#[repr(C)]
pub enum hws_replays {
    HWS_REPLAY_OFF = 0,
    /// when hws_conn_replay is called
    HWS_REPLAY_ON_REQUEST = 1,
    /// whenever the connection is open again
    HWS_REPLAY_ALWAYS = 2,
}

/// How hws_heartbeat.answer is compared with a message.
#[repr(C)]
pub enum hws_matches {
    /// the message is the answer
    HWS_MATCH_EXACT = 0,
    /// it begins with it
    HWS_MATCH_PREFIX = 1,
    /// it has it in it
    HWS_MATCH_CONTAINS = 2,
    /// whatever comes will do
    HWS_MATCH_ANY = 3,
}

/// Flags of hws_publish_options, beside HWS_SEND_RAW.
#[repr(C)]
pub enum hws_publish_flags {
    /// no PUBLISH event: this came from where those go
    HWS_PUBLISH_LOCAL = 4,
}

/// What becomes of a connection whose send queue has no room for a message that many get: hws_limits.slow_subscriber.
#[repr(C)]
pub enum hws_slow_policies {
    /// it goes without
    HWS_SLOW_SKIP = 0,
    /// it is closed with 1013; the cause is SEND_QUEUE_FULL. A message that is larger than the whole queue closes nobody
    HWS_SLOW_CLOSE = 1,
}

/// Flags of hws_event.
#[repr(C)]
pub enum hws_event_flags {
    /// FRAGMENT: the last frame of its message
    HWS_FLAG_FIN = 1,
    /// MESSAGE, FRAGMENT: it came compressed
    HWS_FLAG_COMPRESSED = 2,
    /// CLOSE: both sides closed with 1000, 1001 or no code
    HWS_FLAG_CLEAN = 4,
    /// OPEN: it was open before, and has come back
    HWS_FLAG_RECONNECTED = 8,
    /// REQUEST: it asks for no WebSocket, and can only be answered
    HWS_FLAG_PLAIN = 16,
}

/// What an event tells, and which of its fields then have a meaning beside kind, user and the handle.
/// The missing numbers belong to later work.
#[repr(C)]
pub enum hws_event_kinds {
    HWS_EVENT_NONE = 0,
    /// conn, handshake, and on servers listener: messages may be sent. With hws_client_options.reconnect also
    /// HWS_FLAG_RECONNECTED, value: how long it was down, in milliseconds, token: how many attempts it took to come back
    HWS_EVENT_OPEN = 1,
    /// conn, opcode, data, HWS_FLAG_COMPRESSED: a whole message
    HWS_EVENT_MESSAGE = 2,
    /// conn, opcode, data, HWS_FLAG_FIN, HWS_FLAG_COMPRESSED: one frame of a message, with limits.deliver_fragments
    HWS_EVENT_FRAGMENT = 3,
    /// conn, data: answered already unless timers.auto_pong is off; with limits.deliver_pings
    HWS_EVENT_PING = 4,
    /// conn, data, token of the ping, value: round trip in microseconds
    HWS_EVENT_PONG = 5,
    /// conn, token: a message has left for the kernel
    HWS_EVENT_SENT = 6,
    /// conn: after a send was refused, the queue is below its low watermark
    HWS_EVENT_WRITABLE = 7,
    /// conn, status, error, value: here messages are missing, error.dropped of them; value counts all that the connection has
    /// lost so far. See hws_limits.overflow
    HWS_EVENT_QUEUE = 8,
    /// conn, status, error, HWS_FLAG_CLEAN: the last event of a connection that was open
    HWS_EVENT_CLOSE = 9,
    /// conn, status, error: the last event of a client that did not open
    HWS_EVENT_CONNECT_FAILED = 10,
    /// conn, status, error, value: lost, or an attempt has failed, and there will be another in value milliseconds;
    /// UINT64_MAX: only if you say so. With hws_client_options.reconnect
    HWS_EVENT_RECONNECTING = 11,
    /// request, listener, handshake, HWS_FLAG_PLAIN: decide on it, now or later; OPEN or ACCEPT_FAILED follows
    HWS_EVENT_REQUEST = 12,
    /// listener, status, error, request if there was one: a client failed to open, or nothing can be accepted for now
    HWS_EVENT_ACCEPT_FAILED = 13,
    /// listener, value, token: the last event of a listener; what value and token count, see hws_listener_close
    HWS_EVENT_LISTENER_CLOSED = 14,
    /// conn, handshake, token and value, the id of the pool: hws_pool_acquire has led to a connection. Of one that was
    /// leased before, handshake has http_status, subprotocol, peer and uri only
    HWS_EVENT_POOL_READY = 15,
    /// status, error, token and value, the id of the pool: hws_pool_acquire has led to none
    HWS_EVENT_POOL_FAILED = 16,
    /// topic, opcode, data: hws_publish was called on this engine; with hws_engine_options.publish_events
    HWS_EVENT_PUBLISH = 20,
}
