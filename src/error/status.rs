//! The status table: every code hawser can answer with. Everything else that lists codes (the C enum,
//! `hws_status_*`, the documentation, each binding's exception classes) is made from it.

use std::ffi::CStr;

use super::Operation;

/// What happened, as a stable number: 0 is success, `-(class * 100 + n)` a failure. Numbers are appended,
/// never moved, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Status(i32);

/// One row of the table.
pub struct Row {
    /// The code itself.
    pub status: Status,
    /// Its name in C, `HWS_ERR_…`.
    pub name: &'static CStr,
    /// Plain English, without a full stop.
    pub text: &'static CStr,
    /// What it is-a: every parent that one of the documented hierarchies gives it.
    pub parents: &'static [Status],
    /// Stands for its children and is never raised itself.
    pub is_class: bool,
    /// The exceptions that become this code: what five documents about Python's libraries have, as package and class.
    pub documented: &'static [&'static str],
}

/// A literal that `concat!` gave a NUL, as a C string.
const fn c(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => panic!("a name or text of the table holds a NUL"),
    }
}

macro_rules! statuses {
    ($($code:literal $name:ident $kind:ident [$($parent:ident),*] $text:literal $(as $($class:literal)+)?;)+) => {
        #[allow(missing_docs)] // the table's own text is the documentation
        impl Status {
            $(#[doc = $text] pub const $name: Status = Status($code);)+
        }

        /// Every code but `OK`, in the order of their numbers.
        static TABLE: &[Row] = &[$(Row {
            status: Status($code),
            name: c(concat!("HWS_ERR_", stringify!($name), "\0")),
            text: c(concat!($text, "\0")),
            parents: &[$(Status::$parent),*],
            is_class: statuses!(@is_class $kind),
            documented: &[$($($class),+)?],
        },)+];
    };
    (@is_class class) => { true };
    (@is_class raised) => { false };
}

statuses! {
     -1   ERROR                    class  [] "something failed"
           as "websockets.WebSocketException" "websocket.WebSocketException" "kstlib.KstlibError" "kstlib.WebSocketError" "jetsocket.JetSocketError";
    -100 USAGE                    class  [ERROR] "the call was wrong";
     -101 INVALID_HANDLE           raised [USAGE] "no such object: the handle is stale, forged, closed, zero or of another kind";
     -102 INVALID_ARGUMENT         raised [USAGE] "an argument or option is not acceptable";
     -103 STRUCT_SIZE              raised [USAGE] "struct_size is zero, or the struct sets fields this library does not know";
     -104 UNSUPPORTED              raised [USAGE] "not in this build or on this platform";
     -105 INVALID_STATE            raised [USAGE, PROTOCOL] "not possible in the present state"
           as "websockets.InvalidState" "jetsocket.InvalidStateError";
     -106 CONCURRENCY              raised [USAGE, PROTOCOL] "somebody else is in the middle of the same thing"
           as "websockets.ConcurrencyError";
     -107 INVALID_URI              raised [USAGE] "the URI is malformed or not a WebSocket URI"
           as "websockets.InvalidURI";
     -108 INVALID_PROXY            raised [USAGE, PROXY] "the proxy URL is malformed or of an unknown scheme"
           as "websockets.InvalidProxy";
     -109 INVALID_SEND             raised [USAGE, PROTOCOL] "this cannot be sent as a legal WebSocket frame";
     -200 NETWORK                  class  [ERROR] "the network failed"
           as "jetsocket.ConnectionError";
     -201 ADDRESS                  raised [NETWORK] "the name does not resolve"
           as "websocket.WebSocketAddressException";
     -202 CONNECTION_REFUSED       raised [NETWORK] "the peer refuses connections"
           as "jetsocket.ConnectionRefusedError";
     -203 UNREACHABLE              raised [NETWORK] "no route to the peer";
     -204 CONNECTION_RESET         raised [NETWORK] "the peer reset the connection";
     -205 UNEXPECTED_EOF           raised [NETWORK] "the peer ended the connection unexpectedly";
     -206 IO                       raised [NETWORK] "the operating system reports an I/O error";
     -207 CONNECT_FAILED           raised [NETWORK] "no address of the peer could be reached"
           as "kstlib.WebSocketConnectionError";
     -210 TLS                      class  [NETWORK] "TLS failed";
     -211 TLS_CERTIFICATE          raised [TLS, SECURITY] "the certificate is not acceptable";
     -212 TLS_ALERT                raised [TLS] "the peer sent a TLS alert";
     -213 TLS_PROTOCOL             raised [TLS] "the peer does not speak acceptable TLS";
     -300 TIMEOUT                  class  [ERROR] "it took too long"
           as "websocket.WebSocketTimeoutException" "kstlib.WebSocketTimeoutError";
     -301 RESOLVE_TIMEOUT          raised [TIMEOUT, NETWORK] "the name did not resolve in time";
     -302 CONNECT_TIMEOUT          raised [TIMEOUT, NETWORK] "the connection was not up in time"
           as "jetsocket.ConnectionTimeoutError";
     -303 HANDSHAKE_TIMEOUT        raised [TIMEOUT, HANDSHAKE, NETWORK] "the opening handshake was not done in time";
     -304 RECV_TIMEOUT             raised [TIMEOUT] "no message came in time";
     -305 SEND_TIMEOUT             raised [TIMEOUT] "the peer takes no data";
     -306 PING_TIMEOUT             raised [TIMEOUT] "the peer did not answer a ping in time";
     -307 CLOSE_TIMEOUT            raised [TIMEOUT] "the closing handshake was not done in time";
     -308 IDLE_TIMEOUT             raised [TIMEOUT] "the connection was idle for too long";
     -400 HANDSHAKE                class  [ERROR] "the opening handshake failed"
           as "websockets.InvalidHandshake";
     -401 SECURITY                 class  [HANDSHAKE] "a limit that guards against hostile peers was exceeded"
           as "websockets.SecurityError";
     -402 REQUEST_LINE_TOO_LONG    raised [SECURITY] "the request line is too long";
     -403 STATUS_LINE_TOO_LONG     raised [SECURITY] "the status line is too long";
     -404 HEADER_LINE_TOO_LONG     raised [SECURITY] "a header line is too long";
     -405 TOO_MANY_HEADERS         raised [SECURITY] "the head has too many headers";
     -406 BODY_TOO_LARGE           raised [SECURITY] "the body is too large";
     -407 REDIRECT_DOWNGRADE       raised [SECURITY, REDIRECT] "a redirect leads from wss to ws";
     -408 TOO_MANY_REDIRECTS       raised [SECURITY, REDIRECT] "too many redirects";
     -410 INVALID_MESSAGE          raised [HANDSHAKE] "the peer does not speak HTTP/1.1"
           as "websockets.InvalidMessage";
     -411 INVALID_MESSAGE_EOF      raised [INVALID_MESSAGE, NETWORK] "the peer ended the connection inside its HTTP message";
     -412 INVALID_METHOD           raised [HANDSHAKE] "the method is not GET";
     -413 INVALID_HTTP_VERSION     raised [HANDSHAKE] "the version is not HTTP/1.1";
     -420 INVALID_STATUS           raised [HANDSHAKE] "the server answered with another status than 101"
           as "websockets.InvalidStatus" "websockets.InvalidStatusCode" "websocket.WebSocketBadStatusException";
     -421 REDIRECT                 raised [INVALID_STATUS] "the server redirects"
           as "websockets.RedirectHandshake";
     -422 HANDSHAKE_ABORTED        raised [HANDSHAKE] "the server decided to refuse the request"
           as "websockets.AbortHandshake";
     -430 INVALID_HEADER           raised [HANDSHAKE] "a header is missing or repeated"
           as "websockets.InvalidHeader";
     -431 INVALID_HEADER_FORMAT    raised [INVALID_HEADER] "a header does not match its grammar"
           as "websockets.InvalidHeaderFormat";
     -432 INVALID_HEADER_VALUE     raised [INVALID_HEADER] "a header has a wrong value"
           as "websockets.InvalidHeaderValue";
     -433 INVALID_ORIGIN           raised [INVALID_HEADER, HANDSHAKE] "the origin is not allowed"
           as "websockets.InvalidOrigin";
     -434 INVALID_UPGRADE          raised [INVALID_HEADER, HANDSHAKE] "the Upgrade or Connection header does not ask for WebSocket"
           as "websockets.InvalidUpgrade";
     -440 NEGOTIATION              raised [HANDSHAKE] "the negotiation of extensions or subprotocols failed"
           as "websockets.NegotiationError";
     -441 DUPLICATE_PARAMETER      raised [NEGOTIATION, HANDSHAKE] "an extension parameter is repeated"
           as "websockets.DuplicateParameter";
     -442 INVALID_PARAMETER_NAME   raised [NEGOTIATION, HANDSHAKE] "an extension parameter is unknown"
           as "websockets.InvalidParameterName";
     -443 INVALID_PARAMETER_VALUE  raised [NEGOTIATION, HANDSHAKE] "an extension parameter has a wrong value"
           as "websockets.InvalidParameterValue";
     -444 SUBPROTOCOL              raised [NEGOTIATION] "no subprotocol in common";
     -450 PROXY                    raised [HANDSHAKE] "the proxy failed"
           as "websockets.ProxyError" "websocket.WebSocketProxyException";
     -451 INVALID_PROXY_MESSAGE    raised [PROXY] "the proxy does not speak its protocol"
           as "websockets.InvalidProxyMessage";
     -452 INVALID_PROXY_STATUS     raised [PROXY] "the proxy refuses to connect"
           as "websockets.InvalidProxyStatus";
     -453 PROXY_AUTHENTICATION     raised [INVALID_PROXY_STATUS] "the proxy wants other credentials";
     -454 SOCKS_REPLY              raised [PROXY] "the SOCKS proxy reports a failure";
     -500 PROTOCOL                 class  [ERROR] "the WebSocket protocol was violated"
           as "websockets.ProtocolError" "websockets.WebSocketProtocolError" "websocket.WebSocketProtocolException" "kstlib.WebSocketProtocolError" "jetsocket.ProtocolError";
     -501 INVALID_FRAME            raised [PROTOCOL] "a frame breaks the protocol"
           as "jetsocket.InvalidFrameError";
     -502 INVALID_PAYLOAD          raised [PROTOCOL] "the payload is not UTF-8"
           as "websocket.WebSocketPayloadException";
     -503 PAYLOAD_TOO_BIG          raised [PROTOCOL] "a message or frame is over the limit"
           as "websockets.PayloadTooBig";
     -504 TOO_MANY_FRAGMENTS       raised [PROTOCOL] "a message has too many fragments";
     -505 DECOMPRESSION            raised [PROTOCOL] "the compressed data is corrupt";
     -506 INVALID_CLOSE            raised [PROTOCOL] "a Close frame is malformed";
     -507 INVALID_MESSAGE_DATA     raised [PROTOCOL] "the message could not be decoded"
           as "jetsocket.InvalidMessageError";
     -600 CONNECTION_CLOSED        raised [ERROR] "the connection is closed"
           as "websockets.ConnectionClosed" "websocket.WebSocketConnectionClosedException" "kstlib.WebSocketClosedError" "jetsocket.ConnectionClosedError";
     -601 CLOSED_OK                raised [CONNECTION_CLOSED] "the connection was closed cleanly"
           as "websockets.ConnectionClosedOK";
     -602 CLOSED_ERROR             raised [CONNECTION_CLOSED] "the connection was closed with an error"
           as "websockets.ConnectionClosedError";
     -700 RECONNECT                class  [ERROR] "reconnecting failed";
     -701 RECONNECT_EXHAUSTED      raised [RECONNECT, NETWORK] "every attempt to reconnect failed"
           as "kstlib.WebSocketReconnectError";
     -702 RECONNECT_DISABLED       raised [RECONNECT] "reconnecting is off";
     -703 RECONNECT_REFUSED        raised [RECONNECT] "the cause is permanent, trying again would not help";
     -800 RESOURCE                 class  [ERROR] "a resource is used up";
     -801 BUFFER                   class  [RESOURCE] "a buffer is full"
           as "jetsocket.BufferError";
     -802 BUFFER_OVERFLOW          raised [BUFFER] "the send buffer overflowed"
           as "jetsocket.BufferOverflowError";
     -803 QUEUE_FULL               raised [BUFFER] "the receive queue overflowed"
           as "kstlib.WebSocketQueueFullError";
     -804 SEND_QUEUE_FULL          raised [BUFFER] "the send queue is full";
     -810 POOL                     class  [RESOURCE] "the pool cannot serve"
           as "jetsocket.PoolError";
     -811 POOL_EXHAUSTED           raised [POOL, TIMEOUT] "no connection of the pool became free in time"
           as "jetsocket.PoolExhaustedError";
     -812 POOL_CLOSED              raised [POOL] "the pool is closed";
     -820 NO_MEMORY                raised [RESOURCE] "out of memory";
     -821 TOO_MANY_CONNECTIONS     raised [RESOURCE] "too many connections";
     -822 FD_LIMIT                 raised [RESOURCE] "out of file descriptors";
     -823 TOO_MANY_SUBSCRIPTIONS   raised [RESOURCE] "too many subscriptions";
     -900 INTERNAL                 class  [ERROR] "hawser failed";
     -901 CALLBACK                 raised [INTERNAL] "a hook of the host failed";
     -902 PANIC                    raised [INTERNAL] "a bug in hawser was caught at the border";
     -903 FORKED                   raised [INTERNAL] "the engine belongs to the parent process";
}

impl Status {
    /// Success.
    pub const OK: Status = Status(0);

    /// The number that crosses the C ABI.
    pub const fn code(self) -> i32 {
        self.0
    }

    /// The status with this number, if the table has it.
    pub fn from_code(code: i32) -> Option<Status> {
        (code == 0).then_some(Status::OK).or_else(|| row(Status(code)).map(|r| r.status))
    }

    /// The table itself, in the order of the numbers.
    pub fn table() -> &'static [Row] {
        TABLE
    }

    /// `HWS_ERR_…`, or `HWS_OK`.
    pub fn c_name(self) -> &'static CStr {
        row(self).map_or(c"HWS_OK", |r| r.name)
    }

    /// Plain English.
    pub fn c_text(self) -> &'static CStr {
        row(self).map_or(c"success", |r| r.text)
    }

    /// The name without its prefix, `INVALID_FRAME`.
    pub fn name(self) -> &'static str {
        let name = self.c_name().to_str().unwrap_or_default();
        name.strip_prefix("HWS_ERR_").unwrap_or("OK")
    }

    /// Plain English.
    pub fn text(self) -> &'static str {
        self.c_text().to_str().unwrap_or_default()
    }

    /// The direct parents.
    pub fn parents(self) -> &'static [Status] {
        row(self).map_or(&[], |r| r.parents)
    }

    /// True for the status itself and for everything above it.
    pub fn is_a(self, ancestor: Status) -> bool {
        self == ancestor || self.parents().iter().any(|p| p.is_a(ancestor))
    }

    /// What a failed call of the operating system means.
    pub(super) fn of_io(error: &std::io::Error, operation: Operation) -> Status {
        use std::io::ErrorKind as Kind;
        match error.kind() {
            Kind::ConnectionRefused => Status::CONNECTION_REFUSED,
            Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => Status::CONNECTION_RESET,
            Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown => Status::UNREACHABLE,
            Kind::UnexpectedEof => Status::UNEXPECTED_EOF,
            // TCP gave up: on a connection that was up, because nothing it sent was acknowledged.
            Kind::TimedOut if matches!(operation, Operation::Receive | Operation::Send) => Status::SEND_TIMEOUT,
            Kind::TimedOut => Status::CONNECT_TIMEOUT,
            Kind::OutOfMemory => Status::NO_MEMORY,
            _ => match error.raw_os_error() {
                Some(libc::EMFILE | libc::ENFILE) => Status::FD_LIMIT,
                Some(libc::ENOBUFS) => Status::NO_MEMORY,
                _ => Status::IO,
            },
        }
    }
}

/// The row of a status. The table is in descending order of its numbers.
fn row(status: Status) -> Option<&'static Row> {
    TABLE.binary_search_by(|r| status.0.cmp(&r.status.0)).ok().map(|at| &TABLE[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_descend_and_every_parent_is_in_the_table() {
        assert!(TABLE.windows(2).all(|w| w[0].status.0 > w[1].status.0));
        for r in TABLE {
            assert_eq!(Status::from_code(r.status.0), Some(r.status));
            assert!(r.parents.iter().all(|p| row(*p).is_some()), "{:?}", r.name);
            assert!(r.status.is_a(Status::ERROR), "{:?} is-a ERROR", r.name);
        }
        assert_eq!(Status::from_code(-99), None);
    }

    #[test]
    fn what_a_time_out_of_tcp_means_depends_on_how_far_it_had_come() {
        let error = std::io::Error::from(std::io::ErrorKind::TimedOut);
        assert_eq!(Status::of_io(&error, Operation::Connect), Status::CONNECT_TIMEOUT);
        assert_eq!(Status::of_io(&error, Operation::Receive), Status::SEND_TIMEOUT);
    }

    #[test]
    fn is_a_follows_every_documented_parent() {
        let s = Status::INVALID_ORIGIN;
        assert!(s.is_a(Status::INVALID_HEADER) && s.is_a(Status::HANDSHAKE));
        assert!(Status::HANDSHAKE_TIMEOUT.is_a(Status::TIMEOUT) && Status::HANDSHAKE_TIMEOUT.is_a(Status::NETWORK));
        assert!(!Status::CLOSED_OK.is_a(Status::CLOSED_ERROR));
        assert_eq!(Status::CLOSED_OK.name(), "CLOSED_OK");
    }
}
