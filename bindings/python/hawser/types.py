# Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.
"""The constants, options and results of hawser, as include/hawser.h has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Mapping, Sequence, TypedDict, Union

if TYPE_CHECKING:
    from .exceptions import WebSocketException
    from .handles import Connection, EngineHandle, Listener, Request

HeadersLike = Union[Mapping[str, str], Sequence["tuple[str, str]"]]


class Toggle(IntEnum):
    """On, off, or what is usual."""

    DEFAULT = 0
    ON = 1
    OFF = 2


class Opcode(IntEnum):
    """What a frame is for, RFC 6455 section 11.8."""

    # the next fragment of a message begun with HWS_SEND_MORE
    CONT = 0
    TEXT = 1
    BINARY = 2
    # only seen in errors; sent with hws_close
    CLOSE = 8
    PING = 9
    PONG = 10


class State(IntEnum):
    """Where a connection stands. Errors carry masks: 1 << state."""

    CONNECTING = 0
    OPEN = 1
    # a Close frame was sent or received, or the connection broke
    CLOSING = 2
    CLOSED = 3
    # with hws_client_options.reconnect: down, and waiting for the next attempt or making it
    RECONNECTING = 4


class LogLevel(IntEnum):
    """How important a line of the log is."""

    ERROR = 1
    WARN = 2
    INFO = 3
    DEBUG = 4
    TRACE = 5


class Retry(IntEnum):
    """Whether trying again could help: hws_error_info.retryable."""

    NO = 0
    YES = 1
    # not before retry_after_ms
    AFTER = 2


class Side(IntEnum):
    """Who began it: hws_error_info.initiated_by."""

    NEITHER = 0
    LOCAL = 1
    REMOTE = 2


class SendFlags(IntFlag):
    """Flags of hws_send_options."""

    # more fragments of this message follow
    MORE = 1
    # not to be compressed; of a message in fragments the first decides
    RAW = 2
    # now, if the connection is open, and first whenever it is open again, until hws_conn_forget: a subscription, say. token
    # is its name, and a new message takes the place of one with the same
    AGAIN = 8


class EventFlags(IntFlag):
    """Flags of hws_event."""

    # FRAGMENT: the last frame of its message
    FIN = 1
    # MESSAGE, FRAGMENT: it came compressed
    COMPRESSED = 2
    # CLOSE: both sides closed with 1000, 1001 or no code
    CLEAN = 4
    # OPEN: it was open before, and has come back
    RECONNECTED = 8
    # REQUEST: it asks for no WebSocket, and can only be answered
    PLAIN = 16


class Match(IntEnum):
    """How hws_heartbeat.answer is compared with a message."""

    # the message is the answer
    EXACT = 0
    # it begins with it
    PREFIX = 1
    # it has it in it
    CONTAINS = 2
    # whatever comes will do
    ANY = 3


class PublishFlags(IntFlag):
    """Flags of hws_publish_options, beside HWS_SEND_RAW."""

    # no PUBLISH event: this came from where those go
    LOCAL = 4


class SlowPolicy(IntEnum):
    """What becomes of a connection whose send queue has no room for a message that many get: hws_limits.slow_subscriber."""

    # it goes without
    SKIP = 0
    # it is closed with 1013; the cause is SEND_QUEUE_FULL. A message that is larger than the whole queue closes nobody
    CLOSE = 1


class Overflow(IntEnum):
    """What becomes of a message for which there is no room."""

    # it is not taken from its sender until there is room
    BACKPRESSURE = 1
    # the oldest go
    DROP_OLDEST = 2
    # it goes
    DROP_NEWEST = 3
    # an error
    ERROR = 4


class Replay(IntEnum):
    """When messages are sent again that may not have been read: hws_reconnect.replay."""

    OFF = 0
    # when hws_conn_replay is called
    ON_REQUEST = 1
    # whenever the connection is open again
    ALWAYS = 2


class EventKind(IntEnum):
    """What an event tells, and which of its fields then have a meaning beside kind, user and the handle.
    The missing numbers belong to later work.
    """

    NONE = 0
    # conn, handshake, and on servers listener: messages may be sent. With hws_client_options.reconnect also
    # HWS_FLAG_RECONNECTED, value: how long it was down, in milliseconds, token: how many attempts it took to come back
    OPEN = 1
    # conn, opcode, data, HWS_FLAG_COMPRESSED: a whole message
    MESSAGE = 2
    # conn, opcode, data, HWS_FLAG_FIN, HWS_FLAG_COMPRESSED: one frame of a message, with limits.deliver_fragments
    FRAGMENT = 3
    # conn, data: answered already unless timers.auto_pong is off; with limits.deliver_pings
    PING = 4
    # conn, data, token of the ping, value: round trip in microseconds
    PONG = 5
    # conn, token: a message has left for the kernel
    SENT = 6
    # conn: after a send was refused, the queue is below its low watermark
    WRITABLE = 7
    # conn, status, error, value: here messages are missing, error.dropped of them; value counts all that the connection has
    # lost so far. See hws_limits.overflow
    QUEUE = 8
    # conn, status, error, HWS_FLAG_CLEAN: the last event of a connection that was open
    CLOSE = 9
    # conn, status, error: the last event of a client that did not open
    CONNECT_FAILED = 10
    # conn, status, error, value: lost, or an attempt has failed, and there will be another in value milliseconds;
    # UINT64_MAX: only if you say so. With hws_client_options.reconnect
    RECONNECTING = 11
    # request, listener, handshake, HWS_FLAG_PLAIN: decide on it, now or later; OPEN or ACCEPT_FAILED follows
    REQUEST = 12
    # listener, status, error, request if there was one: a client failed to open, or nothing can be accepted for now
    ACCEPT_FAILED = 13
    # listener, value, token: the last event of a listener; what value and token count, see hws_listener_close
    LISTENER_CLOSED = 14
    # conn, handshake, token and value, the id of the pool: hws_pool_acquire has led to a connection. Of one that was
    # leased before, handshake has http_status, subprotocol, peer and uri only
    POOL_READY = 15
    # status, error, token and value, the id of the pool: hws_pool_acquire has led to none
    POOL_FAILED = 16
    # topic, opcode, data: hws_publish was called on this engine; with hws_engine_options.publish_events
    PUBLISH = 20


class ClientAuth(IntEnum):
    """Whether a server asks its clients for certificates."""

    # it does not
    NONE = 0
    # a client may show one; a bad one is refused
    OPTIONAL = 1
    # a client without a good one is refused
    REQUIRED = 2


class TlsVersion(IntEnum):
    """Versions of TLS, as they are on the wire."""

    V2 = 771
    V3 = 772


class EngineOptions(TypedDict, total=False):
    """How an engine is made. Zero is the default."""

    # HWS_ABI_VERSION, or 0 to skip the check
    abi_version: int
    # connections at a time; default and most: 1048576
    max_connections: int
    # payload bytes that one batch may lend, and that hws_recv of one connection puts by of others, roughly; default 4 MiB.
    # A batch that lends 256 KiB ends all the same, as that is what a processor's cache holds; the rest comes with the next
    event_memory_max: int
    # bytes of compressors that connections may keep between messages; default 64 MiB. Over it they share one, and each
    # message is compressed by itself
    compression_memory_max: int
    # an engine whose topics the new one shares: what is published to either reaches the subscribers of both; default
    # topics of its own
    share_topics: EngineHandle
    # each hws_publish to this engine is a PUBLISH event of it, too; default off. Those that wait are bounded by
    # event_memory_max
    publish_events: bool
    # a thread of the library's own does all work, and hws_poll and hws_recv only take events; default off. See hws_engine_new
    io_thread: bool


class Timers(TypedDict, total=False):
    """Deadlines in milliseconds: 0 is the default, HWS_NEVER is none."""

    # answer pings; default on
    auto_pong: bool
    # from the call, or from accepting, to the end of the opening handshake, whatever happens; default 10 s
    open_ms: int
    # from the beginning of the closing handshake to the end of TCP; default 10 s
    close_ms: int
    # for a send queue of which nothing leaves; default 60 s
    send_ms: int
    # without a message in either direction; default never. Rests while the connection is not read because its queue is full
    idle_ms: int
    # between keepalive pings; default 20 s. Rests while the connection is paused, or is not read because its queue is full
    ping_interval_ms: int
    # for the answer to one; default 20 s
    ping_timeout_ms: int


class Limits(TypedDict, total=False):
    """What may be received and queued. Zero is the default."""

    # deliver FRAGMENT events, each frame up to frame_max, instead of whole messages; default off
    deliver_fragments: bool
    # deliver PING events, and PONG events for pongs that answer no ping of yours; default off
    deliver_pings: bool
    # frames in one message, the empty ones too; default 4096
    fragments_max: int
    # bytes in one received message; default 1 MiB
    message_max: int
    # bytes in one received frame; default message_max
    frame_max: int
    # high watermark of the send queue, bytes; sends over it are refused, and nothing is read; default 16 MiB
    send_queue_max: int
    # low watermark: WRITABLE follows a refused send when the queue is not above it; default a quarter of the max
    send_queue_low: int
    # bytes in an HTTP head; default 64 KiB
    head_max: int
    # bytes in the body of an HTTP response that refuses; default 1 MiB
    body_max: int
    # topics that a connection may subscribe to; default 1024
    subscriptions_max: int
    # one of hws_slow_policies; default HWS_SLOW_SKIP
    slow_subscriber: SlowPolicy | str
    # bytes a second at which a frame must come once it has begun, measured over 30 s; a peer that is slower is cut off
    # with RECV_TIMEOUT and 1008. Time in which nothing is read from it does not count; default 32, UINT64_MAX none
    receive_rate_min: int
    # messages (or fragments) of a connection that may wait for you beyond a batch: what hws_recv has put by, what is read
    # on (see hws_overflows), and with hws_engine_options.io_thread everything; default 1024
    recv_queue_messages: int
    # one of hws_overflows: what becomes of more; default HWS_OVERFLOW_BACKPRESSURE
    overflow: Overflow | str
    # bytes in the messages that wait; default 4 MiB. One message may always wait, whatever its size
    recv_queue_max: int


class Compression(TypedDict, total=False):
    """Compression of messages, permessage-deflate (RFC 7692). Zero is the default: clients offer it, servers grant it.
    An idle connection costs nothing for it, nor does one whose messages are short. A compressor takes 164 KiB with the
    default window and memory level and 374 KiB with the largest; it stays with a connection that has compressed until
    it closes (see hws_engine_options.compression_memory_max), unless there is no context takeover. What a connection
    receives compressed costs it the peer's window, 4 KiB by default, and no more than came.
    """

    # default on
    enabled: bool
    # 1, fast, to 9, small; default 1
    level: int
    # shorter messages, or first fragments, are sent as they are, bytes; default 128
    min_size: int
    # 1 to 9: the memory of a compressor beside its window; default 5
    memory_level: int
    # 8 to 15, the bits of the window that clients compress with: a server asks for it where it may, a client keeps it;
    # default 12
    client_max_window_bits: int
    # the same for servers: a client asks for it, a server keeps it; default 12 in a server, not asked for in a client
    server_max_window_bits: int
    # clients begin each message with an empty window; default off
    client_no_context_takeover: bool
    # servers do; default off
    server_no_context_takeover: bool


class Reconnect(TypedDict, total=False):
    """How a client comes back when its connection is lost, or cannot be opened yet. RECONNECTING tells of every loss and
    every attempt that has failed, OPEN with HWS_FLAG_RECONNECTED that it is back: under the same handle, with its user
    value and its subscriptions. hws_error_info.retryable decides whether it tries again; a peer that closes with 1000 or
    no code has finished. A 1013 and a Retry-After put off the next attempt. Zero is the default; see docs/reconnect.md.
    """

    # default on
    enabled: bool
    # attempts after the first; default 0: no limit. After the last RECONNECT_EXHAUSTED is the error of the last event
    max_attempts: int
    # the delay before an attempt is chosen by chance, up to a ceiling: that of the first; default 1 s
    backoff_min_ms: int
    # and that of all, but for what a peer asks for; default 60 s
    backoff_max_ms: int
    # the ceiling of an attempt in hundredths of that of the attempt before; default 200, at least 100
    backoff_percent: int
    # how much of the ceiling chance decides, in hundredths of it; default 100: all, HWS_NO_JITTER: nothing
    jitter_percent: int
    # down for so long, it gives up with RECONNECT_EXHAUSTED; default never
    downtime_max_ms: int
    # for each attempt, the first included; default timers.open_ms
    attempt_ms: int
    # open for so long, the attempts before are forgotten; default 60 s
    stable_ms: int
    # open for so long, it is closed with 1000 and opened anew; up to a tenth earlier, by chance; default never
    max_age_ms: int
    # a permanent cause raises RECONNECTING with value UINT64_MAX, and ends the connection with RECONNECT_REFUSED unless
    # hws_conn_reconnect is called within this time; default none: it ends the connection at once
    ask_ms: int
    # one of hws_overflows but HWS_OVERFLOW_BACKPRESSURE; default HWS_OVERFLOW_ERROR: BUFFER_OVERFLOW
    buffer_overflow: Overflow | str
    # one of hws_replays; default HWS_REPLAY_OFF
    replay: Replay | str
    # bytes of messages that may be sent while the connection is not open, to leave when it is; each counts for 64 bytes
    # more than it has, as in the next two. Default 0: such sends are refused
    buffer_max: int
    # with replay: bytes of messages that may be kept until the peer is known to have read them; the oldest go. Default 1 MiB
    replay_max: int
    # bytes of what is sent with HWS_SEND_AGAIN; default 1 MiB, and 1024 messages
    again_max: int


class Certificate(TypedDict, total=False):
    """A certificate chain, the leaf first, and its private key: PEM, in a file or in memory; memory wins. Keys are PKCS #8,
    PKCS #1 or SEC 1, of RSA, ECDSA or Ed25519.
    """

    cert_file: str
    key_file: str
    cert_pem: bytes
    key_pem: bytes


class Tls(TypedDict, total=False):
    """How a client checks servers, and how either side shows who it is. Zero is the default. Files are read during the
    call that is given this.
    """

    # HWS_TLS_1_2, the default, or HWS_TLS_1_3
    min_version: int
    # keep sessions, so that later connections of the engine open faster; default on
    resumption: bool
    # clients: also trust the roots that the system trusts; default off
    system_roots: bool
    # clients: trust the roots bundled with the library, those of Mozilla; default on unless ca_file or ca_pem is set
    bundled_roots: bool
    # clients: on accepts every certificate, so that anybody on the way can read and change everything; default off
    dangerous_skip_verification: bool
    # servers: one of hws_client_auths; needs ca_file or ca_pem. See hws_handshake.tls_subject
    client_auth: ClientAuth | str
    # PEM of the roots to trust: clients for servers, servers for clients
    ca_file: str
    ca_pem: bytes
    # who we are: needed by servers, and by clients where servers ask
    certificate: Certificate
    # servers: further ones, chosen by the name that a client asks for (SNI)
    more_certificates: Sequence[Certificate]
    # clients: the name to ask for and to expect in the certificate; default the host of the URI
    server_name: str
    # protocols for ALPN (RFC 7301), the preferred one first; default none
    alpn: Sequence[str]
    # secrets are appended to this file, in the format of SSLKEYLOGFILE, for Wireshark; whoever has it can read all
    key_log_file: str


class Socket(TypedDict, total=False):
    """Options of sockets. Zero is the default."""

    # TCP_NODELAY: small messages leave at once; default on
    nodelay: bool
    # TCP's own keep-alive; default off, for the pings of timers.ping_interval_ms see further
    keepalive: bool
    # seconds of silence before the first probe; default the system's
    keepalive_idle_s: int
    # seconds between probes; default the system's
    keepalive_interval_s: int
    # probes without an answer that end the connection; default the system's
    keepalive_count: int
    # SO_RCVBUF and SO_SNDBUF, bytes; default the system's, which adapts itself
    recv_buffer: int
    send_buffer: int
    # clients: the local address to connect from, "192.0.2.1" or with a port
    local_address: str


class Heartbeat(TypedDict, total=False):
    """A message of your own that the peer must answer: for servers that know no pings, or to notice a program that hangs
    behind a library or proxy that answers pings for it. Zero is the default; message and answer are needed.

    One at a time is on its way, and none inside a fragmented message of yours; it goes uncompressed. Without an answer
    in time the connection is closed with 1011: CLOSED_ERROR because of PING_TIMEOUT, whose detail says heartbeat. It
    rests while the connection is paused. Heartbeats and their answers count as messages in hws_stats, and the round trip
    is rtt_us; timers.idle_ms does not count those that you do not see.
    """

    # HWS_TEXT or HWS_BINARY; default HWS_TEXT
    opcode: int
    # what is sent, up to 64 KiB; text is UTF-8
    message: bytes
    # what answers it, up to 64 KiB, in a text or binary message; with deliver_fragments, in one of a single frame. None
    # with HWS_MATCH_ANY, and none needed where timeout_ms is HWS_NEVER
    answer: bytes
    # one of hws_matches; default HWS_MATCH_EXACT
    matching: Match | str
    # answers are MESSAGE events, too; default off, but always on with HWS_MATCH_ANY. Only as many messages as were
    # asked for are taken for answers
    deliver: bool
    # from one heartbeat to the next; default 20 s, HWS_NEVER: none
    interval_ms: int
    # for the answer to one; default 20 s. HWS_NEVER: none is waited for, and each interval sends another
    timeout_ms: int


class ClientOptions(TypedDict, total=False):
    """What a client asks for. Zero is the default; uri is needed."""

    # fail with SUBPROTOCOL unless the server agrees to one; default off
    subprotocol_required: bool
    # ws[s]://[user:password@]host[:port][/path][?query], RFC 6455 section 3
    uri: str
    # the Origin header; default none
    origin: str
    # the User-Agent header; default "hawser/VERSION"
    user_agent: str
    # to be offered, the preferred one first
    subprotocols: Sequence[str]
    # further fields of the request
    headers: HeadersLike
    # comes back in every event of the connection
    user: int
    # may be NULL
    limits: Limits
    # may be NULL
    timers: Timers
    # for wss; may be NULL
    tls: Tls
    # for https proxies; default: whom tls trusts, without its certificate, server_name and alpn
    proxy_tls: Tls
    # may be NULL
    socket: Socket
    # "http://[user:password@]host:port", or https, socks4, socks4a, socks5, socks5h (here the proxy looks the name up);
    # default none
    proxy: str
    # take the proxy from the environment: wss_proxy, https_proxy, all_proxy, no_proxy and their kin; default off
    proxy_from_env: bool
    # redirects to follow, RFC 6455 section 4.1, up to 100; default 0: a redirect is an error
    max_redirects: int
    # connect there instead of to the host of the URI: "127.0.0.1:9001", "unix:/path", "unix:@name" (Linux, abstract).
    # Redirects to other hosts do not go there
    connect_to: str
    # for Basic authentication (RFC 7617); default those of the URI, "ws://user:password@host"
    basic_user: str
    basic_password: str
    # may be NULL
    compression: Compression
    # may be NULL: none
    heartbeat: Heartbeat
    # come back when the connection is lost, or cannot be opened yet; default NULL: do not
    reconnect: Reconnect


class Response(TypedDict, total=False):
    """A response of HTTP that opens no WebSocket."""

    # 200 to 599
    status: int
    # beside Content-Length and Connection: close, which are added; Content-Type is "text/plain; charset=utf-8" unless it
    # is here
    headers: HeadersLike
    body: bytes


class Route(TypedDict, total=False):
    """What is answered on a path, or on many. Zero is what the server's options say; pattern is needed."""

    # REQUEST events for what comes here, also for plain HTTP requests (HWS_FLAG_PLAIN): hws_request_accept or
    # hws_request_respond answers them, within timers.open_ms of the server; default off
    decide: bool
    # "/chat/:room": a segment that begins with a colon is any one segment, and hws_handshake.params has it. "/files/*":
    # the rest of the path, whatever it is, also none; "*": every path. Of several that match, the one that says more
    # wins, whatever their order. Paths are compared as they are: case, slashes and escapes count. Up to 256 segments
    pattern: str
    # no WebSocket: every GET and HEAD gets this page, without an event; may be NULL
    page: Response
    # of its connections, until hws_conn_set_user, and of its REQUEST events
    user: int
    # as in hws_server_options, whose own hold where this has none
    subprotocols: Sequence[str]
    origins: Sequence[str]
    origin_required: bool
    subprotocol_required: bool
    credentials: Sequence[str]
    realm: str
    # connections of this route at a time; default no limit but the server's. More are answered 503
    max_connections: int
    limits: Limits
    timers: Timers
    compression: Compression
    # may be NULL; interval_ms HWS_NEVER: none here
    heartbeat: Heartbeat


class ServerOptions(TypedDict, total=False):
    """What a server listens on and admits. Zero is the default; bind is needed."""

    # connections that may wait to be accepted; default 4096, the system may cap it
    backlog: int
    # "127.0.0.1:9001", "[::1]:0"; port 0 is a free one, see hws_listener_address. "unix:/path" (a stale socket there
    # is replaced) and on Linux "unix:@name", which is in no directory. "fd:3" is a socket that this process was given:
    # TCP or unix, bound, perhaps listening (then a backlog of 0 leaves it as it is). It belongs to the library after a
    # success; others may hold it too, and take over what waits there when this listener is closed
    bind: str
    # the Server header; default "hawser/VERSION"
    server: str
    # what the server speaks, the preferred one first
    subprotocols: Sequence[str]
    # origins that are admitted, "https://example.com"; default any. Set it if browsers send you cookies
    origins: Sequence[str]
    # refuse requests without an Origin header, which browsers always send; default off
    origin_required: bool
    # refuse clients that offer none of subprotocols; default off
    subprotocol_required: bool
    # connections of this listener at a time; default the engine's. More are answered 503
    max_connections: int
    # comes back in the listener's events, and in those of its connections until hws_conn_set_user
    user: int
    # of each connection; may be NULL
    limits: Limits
    # of each connection; may be NULL
    timers: Timers
    # speak TLS; default plain
    tls: Tls
    # of each connection; may be NULL
    socket: Socket
    # "name:password" of those who are let in, by Basic authentication (RFC 7617); default everybody. The passwords
    # are for all to read unless there is TLS
    credentials: Sequence[str]
    # what credentials are for, as browsers show it; default "hawser"
    realm: str
    # of each connection; may be NULL
    compression: Compression
    # what is answered on which path; default: a WebSocket on every path. Paths without a route are answered 404
    routes: Sequence[Route]
    # the names of this server, "example.com" (on any port) or "localhost:8080": requests whose Host header is another
    # are answered 421; default any. Set it on machines whose users browse the web
    hosts: Sequence[str]
    # SO_REUSEPORT: listeners of other engines and processes that ask for the same, as the same user, may share the TCP
    # port, and the system spreads connections among them, so that each core has an engine of its own. Default off.
    # Without it, or for a fairer spread, see hws_adopt
    reuse_port: bool
    # connections of this listener at a time from one remote address, of IPv6 from one /64; unix sockets do not count;
    # default no limit. More are answered 429
    max_per_address: int
    # connections of this listener at a time that are not open yet; default 16384. More are answered 503
    max_handshakes: int
    # off: clients that fail to open make no ACCEPT_FAILED event, they are only counted: hws_engine_refusals. That
    # nothing can be accepted for now is told all the same; default on
    accept_failed_events: bool
    # of each connection; may be NULL: none
    heartbeat: Heartbeat


class Drain(TypedDict, total=False):
    """How the connections of a listener end with it. Zero is the default."""

    # for the closing handshakes of all, beside timers.close_ms for that of each; default 10 s, HWS_NEVER: no limit
    drain_ms: int
    # what peers are told; default 1001
    code: int
    # up to 123 bytes
    reason: str


class ReconnectOptions(TypedDict, total=False):
    """When and where a connection is opened again. Zero is the default."""

    # default 0: now; HWS_NEVER: not until this is called again
    after_ms: int
    # of the Close frame, if it is open; default 1000
    code: int
    reason: str
    # where to, from now on; default where it went before. To another scheme, host or port go neither credentials, nor
    # header fields but those given here, nor connect_to, server_name and certificate
    uri: str
    # from now on in place of those of the same names: a fresh token, say
    headers: HeadersLike


class PoolOptions(TypedDict, total=False):
    """What a pool may do. Zero is the default; client is needed."""

    # sockets at a time, also those that are being opened, checked or closed; default 10
    max_connections: int
    # a connection that nobody has held for so long is closed; default 5 minutes
    idle_ms: int
    # one that was opened so long ago is not lent again; default never
    max_age_ms: int
    # one that nobody has held for longer gets a ping, and is lent when that is answered; default 30 s, HWS_NEVER: is lent
    # without
    check_after_ms: int
    # for the answer to that ping; default 5 s. One that does not answer is dropped, and nobody need know
    check_ms: int
    # calls of hws_pool_acquire that may wait at a time; default 1024
    waiters_max: int
    # that ping goes before every lease but a connection's first, whatever check_after_ms says; default off
    check_always: bool
    # for every connection. Its uri says to which server; targets are paths there
    client: ClientOptions


class AcceptOptions(TypedDict, total=False):
    """What a host adds to the response that opens a connection. Zero is the default."""

    # one of those that were offered; default what the route's own list leads to
    subprotocol: str
    # further fields of the response
    headers: HeadersLike
    # of the connection; default the route's
    user: int


class SendOptions(TypedDict, total=False):
    """How one message is sent. Zero is the default."""

    # hws_send_flags
    flags: int
    # not 0: a SENT event with it follows when the message has left for the kernel; of a ping, it comes back
    # with the PONG
    token: int


class PublishOptions(TypedDict, total=False):
    """How a message goes to many. Zero is the default."""

    # HWS_SEND_RAW, hws_publish_flags
    flags: int
    # a connection that does not get it, such as the one that it came from; one that has ended is nobody
    except_: Connection


@dataclass
class Handshake:
    """What was asked and answered in the opening handshake, RFC 6455 section 4."""

    http_status: int = 0
    method: str | None = None
    target: str | None = None
    host: str | None = None
    origin: str | None = None
    # the one that was agreed, or empty
    subprotocol: str | None = None
    # those that were agreed, with their parameters: "permessage-deflate; server_max_window_bits=12"
    extensions: str | None = None
    # address of the peer
    peer: str | None = None
    # by the client
    subprotocols_offered: list[str] = field(default_factory=list)
    # what the peer sent, in order, repeats kept
    headers: list[tuple[str, str]] = field(default_factory=list)
    # clients: where the connection leads, after redirects
    uri: str | None = None
    # servers: who was let in by hws_server_options.credentials
    user: str | None = None
    # "TLSv1.3"; empty without TLS, like all that follows
    tls_version: str | None = None
    # as IANA has it, "TLS_AES_128_GCM_SHA256"
    tls_cipher: str | None = None
    # the name that the client asked for (SNI)
    tls_server_name: str | None = None
    # the protocol that was agreed by ALPN
    tls_alpn: str | None = None
    # whom the peer's certificate is for, RFC 4514: "CN=alice,O=Example"
    tls_subject: str | None = None
    # the peer's certificate, DER
    tls_certificate: bytes = b""
    # 1: an earlier session was resumed
    tls_resumed: int = 0
    # servers: why an offer of an extension was declined, the first that was; NULL if none was. The connection is open
    # all the same
    extension_declined: WebSocketException | None = None
    # servers with routes: the pattern of the one it was
    route: str | None = None
    # what the variable parts of the pattern stand for, by name, percent-decoded; "*" is the name of the rest
    params: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Stats:
    """Counters."""

    # of an engine: that there are; of a connection: 1 while it lasts
    connections: int = 0
    # payload of messages
    bytes_in: int = 0
    bytes_out: int = 0
    # everything on the wire
    wire_in: int = 0
    wire_out: int = 0
    messages_in: int = 0
    messages_out: int = 0
    # received
    pings: int = 0
    pongs: int = 0
    # bytes that wait to be sent
    send_queued: int = 0
    # of an engine: connections that did not open
    handshake_failures: int = 0
    # of a connection: the last round trip of a ping, microseconds
    rtt_us: int = 0
    # of a connection over a unix socket: 1 where the system says whose process the peer is
    peer_known: int = 0
    peer_pid: int = 0
    peer_uid: int = 0
    peer_gid: int = 0
    # of messages that came compressed: their bytes as they came, and inflated; bytes_in counts the latter
    deflated_in: int = 0
    inflated_in: int = 0
    # of messages that were sent compressed: their bytes as they went, and before; bytes_out counts the latter
    deflated_out: int = 0
    inflated_out: int = 0
    # of an engine: requests that got the page of their route
    http_responses: int = 0
    # connections that were lost, or opened anew by plan, and came back
    reconnects: int = 0
    # bytes that are kept to be sent, or sent again, when the connection is open again: see hws_reconnect
    send_kept: int = 0
    # messages that were to wait for that and were dropped
    send_dropped: int = 0
    # messages that could not have been sent again, for want of room in hws_reconnect.replay_max
    send_unprotected: int = 0
    # messages (or fragments) that wait for you beyond a batch, and bytes in them
    recv_queued: int = 0
    recv_queued_bytes: int = 0
    # messages that were dropped because too many waited
    recv_dropped: int = 0


@dataclass
class PoolCounts:
    """What there is in a pool, and what has been."""

    # that there are: the sum of the next five
    sockets: int = 0
    idle: int = 0
    leased: int = 0
    opening: int = 0
    # a ping waits for its answer
    checking: int = 0
    closing: int = 0
    # calls of hws_pool_acquire that wait
    waiting: int = 0
    # connections that opened
    opened: int = 0
    # connections that failed to open
    open_failed: int = 0
    # leases of connections that had been leased before
    reused: int = 0
    # connections whose peers did not answer the ping
    checks_failed: int = 0
    # calls of hws_pool_acquire that waited in vain
    timeouts: int = 0
    # connections that were released and could not be lent on, or that ended or said something while nobody held them
    discarded: int = 0
    # connections closed because of idle_ms or max_age_ms
    expired: int = 0
    # idle connections closed to make room for one with another target
    displaced: int = 0


@dataclass
class Event:
    """One event: 128 bytes with 64-bit pointers. hws_event_kinds says which fields have a meaning."""

    kind: EventKind = EventKind.NONE
    # hws_event_flags
    flags: EventFlags = EventFlags(0)
    conn: Connection | None = None
    # where it happened, or where the connection came from
    listener: Listener | None = None
    request: Request | None = None
    # what was attached to the connection, or listener, when the event was made
    user: int = 0
    token: int = 0
    value: int = 0
    status: int = 0
    opcode: int = 0
    data: str | bytes = b""
    # never NULL where the kind has an error
    error: WebSocketException | None = None
    handshake: Handshake | None = None
    topic: str | None = None


# Options that may be words, such as "drop_oldest".
WORDS = {
    "buffer_overflow": Overflow,
    "client_auth": ClientAuth,
    "matching": Match,
    "overflow": Overflow,
    "replay": Replay,
    "slow_subscriber": SlowPolicy,
}

# Options that are lists, with the fields that say how long they are.
COUNTS = {
    "alpn": "alpn_count",
    "credentials": "credential_count",
    "headers": "header_count",
    "hosts": "host_count",
    "more_certificates": "more_certificate_count",
    "origins": "origin_count",
    "routes": "route_count",
    "subprotocols": "subprotocol_count",
}

# What websockets calls options.
NAMES = {
    "additional_headers": "headers",
    "user_agent_header": "user_agent",
    "server_header": "server",
}

# What websockets calls timers, which are in seconds there.
SECONDS = {
    "open_timeout": "open_ms",
    "close_timeout": "close_ms",
    "ping_interval": "ping_interval_ms",
    "ping_timeout": "ping_timeout_ms",
}
