# Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.
"""The exceptions of hawser: a class for each code, below all of its parents.

Names and attributes are those of websockets, where that has them.
"""

from __future__ import annotations

import builtins
from typing import NamedTuple, Sequence


class Close(NamedTuple):
    """A Close frame; the code is 1005 when it had none."""

    code: int
    reason: str = ""


class HttpResponse(NamedTuple):
    """What a server, or a proxy, answered instead of opening a WebSocket."""

    status_code: int
    reason_phrase: str
    headers: Sequence[tuple[str, str]]
    body: bytes


class WebSocketException(Exception):
    """Something failed: every exception of hawser is one.

    What led to it is its __cause__. Attributes that do not apply are None, 0 or empty.
    """

    status: int = -1
    status_name: str = "ERROR"
    # what was being done, see hws_operation_name
    operation: str | None = None
    # of the connection, as 1 << hws_states; 0: no connection
    state: int = 0
    # mask of the states in which the call would have been legal
    required_states: int = 0
    # one of hws_retries
    retryable: int = 0
    # errno or WSAGetLastError(), or 0
    os_error: int = 0
    # TLS alert number + 1, or 0
    tls_alert: int = 0
    # SOCKS reply + 1, or 0
    socks_reply: int = 0
    # 0: no HTTP response
    http_status: int = 0
    # 1: the body was longer than what body holds
    body_truncated: int = 0
    # of the frame at fault
    opcode: int = 0
    # of the queue that is full
    policy: int = 0
    # one of hws_sides
    initiated_by: int = 0
    attempts: int = 0
    max_attempts: int = 0
    retry_after_ms: int = 0
    downtime_ms: int = 0
    # -1: not a timeout
    timeout_ms: int | None = None
    # byte offset of the fault in the value or message; -1: none
    position: int | None = None
    # -1: not about a size, or unknown; likewise the next two
    size: int | None = None
    max_size: int | None = None
    current_size: int | None = None
    fragments: int = 0
    max_fragments: int = 0
    # of the queue that is full, bytes
    capacity: int = 0
    dropped: int = 0
    max_connections: int = 0
    in_use: int = 0
    # monotonic, of the engine
    time_ms: int = 0
    # one line without a line end
    message: str | None = None
    # the rule that was broken, or the argument at fault
    detail: str | None = None
    uri: str | None = None
    proxy: str | None = None
    # where a redirect leads
    location: str | None = None
    # address of the peer
    peer: str | None = None
    http_method: str | None = None
    http_version: str | None = None
    http_reason: str | None = None
    header_name: str | None = None
    # ptr NULL: the header is missing; len 0: it is empty
    header_value: str | None = None
    origin: str | None = None
    parameter_name: str | None = None
    parameter_value: str | None = None
    # of the HTTP response, in order, repeats kept
    headers: Sequence[tuple[str, str]] = ()
    # first bytes of the HTTP response's body
    body: bytes = b""
    close_rcvd: Close | None = None
    close_sent: Close | None = None
    # both Close frames: 1 the peer's came first, 0 ours went first; -1: not both
    rcvd_then_sent: bool | None = None
    # the code of the connection, RFC 6455 section 7.1.5: 1006 when none was received
    close_code: int = 0

    @property
    def msg(self) -> str | None:
        return self.detail


class UsageError(WebSocketException):
    """The call was wrong."""

    status = -100
    status_name = "USAGE"


class InvalidHandle(UsageError):
    """No such object: the handle is stale, forged, closed, zero or of another kind."""

    status = -101
    status_name = "INVALID_HANDLE"


class InvalidArgument(UsageError, ValueError):
    """An argument or option is not acceptable."""

    status = -102
    status_name = "INVALID_ARGUMENT"


class StructSize(UsageError):
    """Struct_size is zero, or the struct sets fields this library does not know."""

    status = -103
    status_name = "STRUCT_SIZE"


class Unsupported(UsageError):
    """Not in this build or on this platform."""

    status = -104
    status_name = "UNSUPPORTED"


class InvalidURI(UsageError, ValueError):
    """The URI is malformed or not a WebSocket URI."""

    status = -107
    status_name = "INVALID_URI"


class NetworkError(WebSocketException, OSError):
    """The network failed."""

    status = -200
    status_name = "NETWORK"


class Address(NetworkError):
    """The name does not resolve."""

    status = -201
    status_name = "ADDRESS"


class ConnectionRefused(NetworkError, ConnectionRefusedError):
    """The peer refuses connections."""

    status = -202
    status_name = "CONNECTION_REFUSED"


class Unreachable(NetworkError):
    """No route to the peer."""

    status = -203
    status_name = "UNREACHABLE"


class ConnectionReset(NetworkError, ConnectionResetError):
    """The peer reset the connection."""

    status = -204
    status_name = "CONNECTION_RESET"


class UnexpectedEof(NetworkError, EOFError):
    """The peer ended the connection unexpectedly."""

    status = -205
    status_name = "UNEXPECTED_EOF"


class Io(NetworkError):
    """The operating system reports an I/O error."""

    status = -206
    status_name = "IO"


class ConnectFailed(NetworkError):
    """No address of the peer could be reached."""

    status = -207
    status_name = "CONNECT_FAILED"


class TlsError(NetworkError):
    """TLS failed."""

    status = -210
    status_name = "TLS"


class TlsAlert(TlsError):
    """The peer sent a TLS alert."""

    status = -212
    status_name = "TLS_ALERT"


class TlsProtocol(TlsError):
    """The peer does not speak acceptable TLS."""

    status = -213
    status_name = "TLS_PROTOCOL"


class TimeoutError(WebSocketException, builtins.TimeoutError):
    """It took too long."""

    status = -300
    status_name = "TIMEOUT"


class ResolveTimeout(TimeoutError, NetworkError):
    """The name did not resolve in time."""

    status = -301
    status_name = "RESOLVE_TIMEOUT"


class ConnectTimeout(TimeoutError, NetworkError):
    """The connection was not up in time."""

    status = -302
    status_name = "CONNECT_TIMEOUT"


class RecvTimeout(TimeoutError):
    """No message came in time."""

    status = -304
    status_name = "RECV_TIMEOUT"


class SendTimeout(TimeoutError):
    """The peer takes no data."""

    status = -305
    status_name = "SEND_TIMEOUT"


class PingTimeout(TimeoutError):
    """The peer did not answer a ping in time."""

    status = -306
    status_name = "PING_TIMEOUT"


class CloseTimeout(TimeoutError):
    """The closing handshake was not done in time."""

    status = -307
    status_name = "CLOSE_TIMEOUT"


class IdleTimeout(TimeoutError):
    """The connection was idle for too long."""

    status = -308
    status_name = "IDLE_TIMEOUT"


class InvalidHandshake(WebSocketException):
    """The opening handshake failed."""

    status = -400
    status_name = "HANDSHAKE"


class HandshakeTimeout(TimeoutError, InvalidHandshake, NetworkError):
    """The opening handshake was not done in time."""

    status = -303
    status_name = "HANDSHAKE_TIMEOUT"


class SecurityError(InvalidHandshake):
    """A limit that guards against hostile peers was exceeded."""

    status = -401
    status_name = "SECURITY"


class TlsCertificate(TlsError, SecurityError):
    """The certificate is not acceptable."""

    status = -211
    status_name = "TLS_CERTIFICATE"


class RequestLineTooLong(SecurityError):
    """The request line is too long."""

    status = -402
    status_name = "REQUEST_LINE_TOO_LONG"


class StatusLineTooLong(SecurityError):
    """The status line is too long."""

    status = -403
    status_name = "STATUS_LINE_TOO_LONG"


class HeaderLineTooLong(SecurityError):
    """A header line is too long."""

    status = -404
    status_name = "HEADER_LINE_TOO_LONG"


class TooManyHeaders(SecurityError):
    """The head has too many headers."""

    status = -405
    status_name = "TOO_MANY_HEADERS"


class BodyTooLarge(SecurityError):
    """The body is too large."""

    status = -406
    status_name = "BODY_TOO_LARGE"


class InvalidMessage(InvalidHandshake):
    """The peer does not speak HTTP/1.1."""

    status = -410
    status_name = "INVALID_MESSAGE"


class InvalidMessageEof(InvalidMessage, NetworkError):
    """The peer ended the connection inside its HTTP message."""

    status = -411
    status_name = "INVALID_MESSAGE_EOF"


class InvalidMethod(InvalidHandshake):
    """The method is not GET."""

    status = -412
    status_name = "INVALID_METHOD"


class InvalidHttpVersion(InvalidHandshake):
    """The version is not HTTP/1.1."""

    status = -413
    status_name = "INVALID_HTTP_VERSION"


class InvalidStatus(InvalidHandshake):
    """The server answered with another status than 101."""

    status = -420
    status_name = "INVALID_STATUS"

    @property
    def response(self) -> HttpResponse:
        return HttpResponse(self.http_status, self.http_reason or "", self.headers, self.body)


class RedirectHandshake(InvalidStatus):
    """The server redirects."""

    status = -421
    status_name = "REDIRECT"


class RedirectDowngrade(SecurityError, RedirectHandshake):
    """A redirect leads from wss to ws."""

    status = -407
    status_name = "REDIRECT_DOWNGRADE"


class TooManyRedirects(SecurityError, RedirectHandshake):
    """Too many redirects."""

    status = -408
    status_name = "TOO_MANY_REDIRECTS"


class AbortHandshake(InvalidHandshake):
    """The server decided to refuse the request."""

    status = -422
    status_name = "HANDSHAKE_ABORTED"

    @property
    def response(self) -> HttpResponse:
        return HttpResponse(self.http_status, self.http_reason or "", self.headers, self.body)


class InvalidHeader(InvalidHandshake):
    """A header is missing or repeated."""

    status = -430
    status_name = "INVALID_HEADER"

    @property
    def name(self) -> str | None:
        return self.header_name

    @property
    def value(self) -> str | None:
        return self.header_value


class InvalidHeaderFormat(InvalidHeader):
    """A header does not match its grammar."""

    status = -431
    status_name = "INVALID_HEADER_FORMAT"


class InvalidHeaderValue(InvalidHeader):
    """A header has a wrong value."""

    status = -432
    status_name = "INVALID_HEADER_VALUE"


class InvalidOrigin(InvalidHeader):
    """The origin is not allowed."""

    status = -433
    status_name = "INVALID_ORIGIN"


class InvalidUpgrade(InvalidHeader):
    """The Upgrade or Connection header does not ask for WebSocket."""

    status = -434
    status_name = "INVALID_UPGRADE"


class NegotiationError(InvalidHandshake):
    """The negotiation of extensions or subprotocols failed."""

    status = -440
    status_name = "NEGOTIATION"


class DuplicateParameter(NegotiationError):
    """An extension parameter is repeated."""

    status = -441
    status_name = "DUPLICATE_PARAMETER"

    @property
    def name(self) -> str | None:
        return self.parameter_name


class InvalidParameterName(NegotiationError):
    """An extension parameter is unknown."""

    status = -442
    status_name = "INVALID_PARAMETER_NAME"

    @property
    def name(self) -> str | None:
        return self.parameter_name


class InvalidParameterValue(NegotiationError):
    """An extension parameter has a wrong value."""

    status = -443
    status_name = "INVALID_PARAMETER_VALUE"

    @property
    def name(self) -> str | None:
        return self.parameter_name

    @property
    def value(self) -> str | None:
        return self.parameter_value


class Subprotocol(NegotiationError):
    """No subprotocol in common."""

    status = -444
    status_name = "SUBPROTOCOL"


class ProxyError(InvalidHandshake):
    """The proxy failed."""

    status = -450
    status_name = "PROXY"


class InvalidProxy(UsageError, ProxyError):
    """The proxy URL is malformed or of an unknown scheme."""

    status = -108
    status_name = "INVALID_PROXY"


class InvalidProxyMessage(ProxyError):
    """The proxy does not speak its protocol."""

    status = -451
    status_name = "INVALID_PROXY_MESSAGE"


class InvalidProxyStatus(ProxyError):
    """The proxy refuses to connect."""

    status = -452
    status_name = "INVALID_PROXY_STATUS"

    @property
    def response(self) -> HttpResponse:
        return HttpResponse(self.http_status, self.http_reason or "", self.headers, self.body)


class ProxyAuthentication(InvalidProxyStatus):
    """The proxy wants other credentials."""

    status = -453
    status_name = "PROXY_AUTHENTICATION"


class SocksReply(ProxyError):
    """The SOCKS proxy reports a failure."""

    status = -454
    status_name = "SOCKS_REPLY"


class ProtocolError(WebSocketException):
    """The WebSocket protocol was violated."""

    status = -500
    status_name = "PROTOCOL"


class InvalidState(UsageError, ProtocolError, AssertionError):
    """Not possible in the present state."""

    status = -105
    status_name = "INVALID_STATE"


class ConcurrencyError(UsageError, ProtocolError, RuntimeError):
    """Somebody else is in the middle of the same thing."""

    status = -106
    status_name = "CONCURRENCY"


class InvalidSend(UsageError, ProtocolError):
    """This cannot be sent as a legal WebSocket frame."""

    status = -109
    status_name = "INVALID_SEND"


class InvalidFrame(ProtocolError):
    """A frame breaks the protocol."""

    status = -501
    status_name = "INVALID_FRAME"


class InvalidPayload(ProtocolError):
    """The payload is not UTF-8."""

    status = -502
    status_name = "INVALID_PAYLOAD"


class PayloadTooBig(ProtocolError):
    """A message or frame is over the limit."""

    status = -503
    status_name = "PAYLOAD_TOO_BIG"

    @property
    def cur_size(self) -> int | None:
        return self.current_size


class TooManyFragments(ProtocolError):
    """A message has too many fragments."""

    status = -504
    status_name = "TOO_MANY_FRAGMENTS"


class Decompression(ProtocolError):
    """The compressed data is corrupt."""

    status = -505
    status_name = "DECOMPRESSION"


class InvalidClose(ProtocolError):
    """A Close frame is malformed."""

    status = -506
    status_name = "INVALID_CLOSE"


class InvalidMessageData(ProtocolError):
    """The message could not be decoded."""

    status = -507
    status_name = "INVALID_MESSAGE_DATA"


class ConnectionClosed(WebSocketException):
    """The connection is closed."""

    status = -600
    status_name = "CONNECTION_CLOSED"

    @property
    def rcvd(self) -> Close | None:
        return self.close_rcvd

    @property
    def sent(self) -> Close | None:
        return self.close_sent

    @property
    def code(self) -> int:
        return self.close_code

    @property
    def reason(self) -> str:
        return self.close_rcvd.reason if self.close_rcvd else ""


class ConnectionClosedOK(ConnectionClosed):
    """The connection was closed cleanly."""

    status = -601
    status_name = "CLOSED_OK"


class ConnectionClosedError(ConnectionClosed):
    """The connection was closed with an error."""

    status = -602
    status_name = "CLOSED_ERROR"


class ReconnectError(WebSocketException):
    """Reconnecting failed."""

    status = -700
    status_name = "RECONNECT"


class ReconnectExhausted(ReconnectError, NetworkError):
    """Every attempt to reconnect failed."""

    status = -701
    status_name = "RECONNECT_EXHAUSTED"


class ReconnectDisabled(ReconnectError):
    """Reconnecting is off."""

    status = -702
    status_name = "RECONNECT_DISABLED"


class ReconnectRefused(ReconnectError):
    """The cause is permanent, trying again would not help."""

    status = -703
    status_name = "RECONNECT_REFUSED"


class ResourceError(WebSocketException):
    """A resource is used up."""

    status = -800
    status_name = "RESOURCE"


class BufferError(ResourceError):
    """A buffer is full."""

    status = -801
    status_name = "BUFFER"


class BufferOverflow(BufferError):
    """The send buffer overflowed."""

    status = -802
    status_name = "BUFFER_OVERFLOW"


class QueueFull(BufferError):
    """The receive queue overflowed."""

    status = -803
    status_name = "QUEUE_FULL"


class SendQueueFull(BufferError):
    """The send queue is full."""

    status = -804
    status_name = "SEND_QUEUE_FULL"


class PoolError(ResourceError):
    """The pool cannot serve."""

    status = -810
    status_name = "POOL"


class PoolExhausted(PoolError, TimeoutError):
    """No connection of the pool became free in time."""

    status = -811
    status_name = "POOL_EXHAUSTED"


class PoolClosed(PoolError):
    """The pool is closed."""

    status = -812
    status_name = "POOL_CLOSED"


class NoMemory(ResourceError):
    """Out of memory."""

    status = -820
    status_name = "NO_MEMORY"


class TooManyConnections(ResourceError):
    """Too many connections."""

    status = -821
    status_name = "TOO_MANY_CONNECTIONS"


class FdLimit(ResourceError):
    """Out of file descriptors."""

    status = -822
    status_name = "FD_LIMIT"


class TooManySubscriptions(ResourceError):
    """Too many subscriptions."""

    status = -823
    status_name = "TOO_MANY_SUBSCRIPTIONS"


class InternalError(WebSocketException):
    """Hawser failed."""

    status = -900
    status_name = "INTERNAL"


class Callback(InternalError):
    """A hook of the host failed."""

    status = -901
    status_name = "CALLBACK"


class Panic(InternalError):
    """A bug in hawser was caught at the border."""

    status = -902
    status_name = "PANIC"


class Forked(InternalError):
    """The engine belongs to the parent process."""

    status = -903
    status_name = "FORKED"


BY_STATUS: dict[int, type[WebSocketException]] = {
    -1: WebSocketException,
    -100: UsageError,
    -101: InvalidHandle,
    -102: InvalidArgument,
    -103: StructSize,
    -104: Unsupported,
    -105: InvalidState,
    -106: ConcurrencyError,
    -107: InvalidURI,
    -108: InvalidProxy,
    -109: InvalidSend,
    -200: NetworkError,
    -201: Address,
    -202: ConnectionRefused,
    -203: Unreachable,
    -204: ConnectionReset,
    -205: UnexpectedEof,
    -206: Io,
    -207: ConnectFailed,
    -210: TlsError,
    -211: TlsCertificate,
    -212: TlsAlert,
    -213: TlsProtocol,
    -300: TimeoutError,
    -301: ResolveTimeout,
    -302: ConnectTimeout,
    -303: HandshakeTimeout,
    -304: RecvTimeout,
    -305: SendTimeout,
    -306: PingTimeout,
    -307: CloseTimeout,
    -308: IdleTimeout,
    -400: InvalidHandshake,
    -401: SecurityError,
    -402: RequestLineTooLong,
    -403: StatusLineTooLong,
    -404: HeaderLineTooLong,
    -405: TooManyHeaders,
    -406: BodyTooLarge,
    -407: RedirectDowngrade,
    -408: TooManyRedirects,
    -410: InvalidMessage,
    -411: InvalidMessageEof,
    -412: InvalidMethod,
    -413: InvalidHttpVersion,
    -420: InvalidStatus,
    -421: RedirectHandshake,
    -422: AbortHandshake,
    -430: InvalidHeader,
    -431: InvalidHeaderFormat,
    -432: InvalidHeaderValue,
    -433: InvalidOrigin,
    -434: InvalidUpgrade,
    -440: NegotiationError,
    -441: DuplicateParameter,
    -442: InvalidParameterName,
    -443: InvalidParameterValue,
    -444: Subprotocol,
    -450: ProxyError,
    -451: InvalidProxyMessage,
    -452: InvalidProxyStatus,
    -453: ProxyAuthentication,
    -454: SocksReply,
    -500: ProtocolError,
    -501: InvalidFrame,
    -502: InvalidPayload,
    -503: PayloadTooBig,
    -504: TooManyFragments,
    -505: Decompression,
    -506: InvalidClose,
    -507: InvalidMessageData,
    -600: ConnectionClosed,
    -601: ConnectionClosedOK,
    -602: ConnectionClosedError,
    -700: ReconnectError,
    -701: ReconnectExhausted,
    -702: ReconnectDisabled,
    -703: ReconnectRefused,
    -800: ResourceError,
    -801: BufferError,
    -802: BufferOverflow,
    -803: QueueFull,
    -804: SendQueueFull,
    -810: PoolError,
    -811: PoolExhausted,
    -812: PoolClosed,
    -820: NoMemory,
    -821: TooManyConnections,
    -822: FdLimit,
    -823: TooManySubscriptions,
    -900: InternalError,
    -901: Callback,
    -902: Panic,
    -903: Forked,
}

__all__ = [
    "WebSocketException",
    "UsageError",
    "InvalidHandle",
    "InvalidArgument",
    "StructSize",
    "Unsupported",
    "InvalidState",
    "ConcurrencyError",
    "InvalidURI",
    "InvalidProxy",
    "InvalidSend",
    "NetworkError",
    "Address",
    "ConnectionRefused",
    "Unreachable",
    "ConnectionReset",
    "UnexpectedEof",
    "Io",
    "ConnectFailed",
    "TlsError",
    "TlsCertificate",
    "TlsAlert",
    "TlsProtocol",
    "TimeoutError",
    "ResolveTimeout",
    "ConnectTimeout",
    "HandshakeTimeout",
    "RecvTimeout",
    "SendTimeout",
    "PingTimeout",
    "CloseTimeout",
    "IdleTimeout",
    "InvalidHandshake",
    "SecurityError",
    "RequestLineTooLong",
    "StatusLineTooLong",
    "HeaderLineTooLong",
    "TooManyHeaders",
    "BodyTooLarge",
    "RedirectDowngrade",
    "TooManyRedirects",
    "InvalidMessage",
    "InvalidMessageEof",
    "InvalidMethod",
    "InvalidHttpVersion",
    "InvalidStatus",
    "RedirectHandshake",
    "AbortHandshake",
    "InvalidHeader",
    "InvalidHeaderFormat",
    "InvalidHeaderValue",
    "InvalidOrigin",
    "InvalidUpgrade",
    "NegotiationError",
    "DuplicateParameter",
    "InvalidParameterName",
    "InvalidParameterValue",
    "Subprotocol",
    "ProxyError",
    "InvalidProxyMessage",
    "InvalidProxyStatus",
    "ProxyAuthentication",
    "SocksReply",
    "ProtocolError",
    "InvalidFrame",
    "InvalidPayload",
    "PayloadTooBig",
    "TooManyFragments",
    "Decompression",
    "InvalidClose",
    "InvalidMessageData",
    "ConnectionClosed",
    "ConnectionClosedOK",
    "ConnectionClosedError",
    "ReconnectError",
    "ReconnectExhausted",
    "ReconnectDisabled",
    "ReconnectRefused",
    "ResourceError",
    "BufferError",
    "BufferOverflow",
    "QueueFull",
    "SendQueueFull",
    "PoolError",
    "PoolExhausted",
    "PoolClosed",
    "NoMemory",
    "TooManyConnections",
    "FdLimit",
    "TooManySubscriptions",
    "InternalError",
    "Callback",
    "Panic",
    "Forked",
]
