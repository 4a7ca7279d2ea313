# Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.
"""What the library hands out: handles, whose methods are the functions of include/hawser.h, and structs, copied.

A handle is a value that never dangles: methods of one that is stale raise InvalidHandle. Options are the fields of a
struct, see ``types``. No method waits.
"""

from __future__ import annotations

from itertools import repeat, starmap
from typing import TYPE_CHECKING, Any, Unpack

from ._library import NULL, Data, ffi, lent, lib, octets, string, struct
from .exceptions import BY_STATUS, Close, WebSocketException
from .types import Event, EventFlags, EventKind, Handshake, Opcode, PoolCounts, Stats

if TYPE_CHECKING:
    from . import types


HWS_ERROR = ffi.typeof("hws_error *")
LAST_ERRORS = starmap(lib.hws_last_error, repeat(()))  # that of whoever asks, for ever


def call(function: Any, *arguments: Any) -> None:
    """Calls a function of the library and raises what fails.

    The error is kept before any Python may run on this thread: finalizers and handlers of signals may call the library, too,
    and fail. Hence the iterators, which are C, and allocate nothing that the garbage collector would come for.
    """
    kept = ffi.new(HWS_ERROR)
    keep = starmap(lib.hws_error_keep, zip(LAST_ERRORS, (kept,)))
    failed: Any = filter(None, starmap(function, (arguments,)))
    for status, unkept in zip(failed, keep):
        raise failure(status) if unkept else taken(kept[0])


def taken(kept: Any) -> WebSocketException:
    """A kept error, which is freed."""
    info = ffi.new("hws_error_info **")
    try:
        lib.hws_error_get(kept, info)
        return error(info[0]) or WebSocketException()
    finally:
        lib.hws_error_free(kept)


def failure(status: int) -> WebSocketException:
    """An error of which no more is known: there was no memory to keep it in."""
    made = BY_STATUS.get(status, WebSocketException)(ffi.string(lib.hws_status_text(status)).decode())
    made.message = made.args[0]
    return made


def close(c: Any) -> Close | None:
    return Close(c.code, string(c.reason) or "") if c.present else None


def header(c: Any) -> tuple[str, str]:
    return string(c.name) or "", string(c.value) or ""


class Handle:
    """A number that stands for an object of the library."""

    __slots__ = ("handle",)

    def __init__(self, handle: Any) -> None:
        self.handle: tuple[int] = (handle.id,)  # copied, as cffi takes a struct

    @property
    def id(self) -> int:
        return self.handle[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<hawser {type(self).__name__} {self.id:#x}>"


class Connection(Handle):
    """A connection, client or server side. Needs no freeing: stale at the poll after its last event."""

    __slots__ = ()

    def reconnect(self, **options: Unpack[types.ReconnectOptions]) -> None:
        """Opens a connection again that was made with hws_client_options.reconnect. While it is down, this is the next attempt,
        whatever was decided before; an attempt that is being made is given up. While it is open, what is queued leaves, the
        closing handshake is done, and it is opened anew; with after_ms at that time, unless it is lost before, and a later
        call replaces that, and max_age_ms too. RECONNECTING and OPEN follow. options may be NULL.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, INVALID_URI, FORKED, PANIC; INVALID_HEADER_VALUE for headers that
        cannot be sent; INVALID_SEND for a code or reason that may not be sent; RECONNECT_DISABLED for a connection that was not
        made to come back, or has ended; CONNECTION_CLOSED after hws_close.
        """
        options_ = struct("hws_reconnect_options", options) if options else NULL
        call(lib.hws_conn_reconnect, self.handle, options_)

    def replay(self, after_token: int = 0) -> None:
        """With HWS_REPLAY_ON_REQUEST, once a connection has come back: what was sent before, with a token up to after_token, has
        arrived; all else that the peer is not known to have read is sent again in its order, and then what was sent while
        the connection was down. Until this is called that waits, too; what is sent meanwhile leaves at once. Tokens are those of
        hws_send_options, ascending; messages without one are always sent again.

        Errors: INVALID_HANDLE, FORKED, PANIC; INVALID_STATE for a connection that is not open, or whose replay is not on
        request; CONNECTION_CLOSED while it closes; RECONNECT_DISABLED for one that was not made to come back, or has ended.
        """
        call(lib.hws_conn_replay, self.handle, after_token)

    def forget(self, token: int = 0) -> None:
        """Ends what HWS_SEND_AGAIN began: the message with this token is not sent any more when the connection is open again. 0:
        none of them is. A token that is not there is no error.

        Errors: INVALID_HANDLE, FORKED, PANIC; RECONNECT_DISABLED for a connection that was not made to come back, or has ended.
        """
        call(lib.hws_conn_forget, self.handle, token)

    def send(self, data: Data, opcode: int | None = None, **options: Unpack[types.SendOptions]) -> None:
        """Sends a message: HWS_TEXT, HWS_BINARY, a HWS_PING or HWS_PONG of up to 125 bytes, or with HWS_SEND_MORE a
        fragment, whose followers are HWS_CONT. It is queued whole or not at all, and leaves with the next hws_poll at
        the latest. options may be NULL.

        With hws_reconnect.buffer_max whole text and binary messages are taken while the connection is not open, too, and leave
        when it is.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, NO_MEMORY, FORKED, PANIC; INVALID_STATE before OPEN, and while the
        connection reconnects; BUFFER_OVERFLOW where what is to wait has no room; RECONNECT_DISABLED for what is to be sent
        again, on a connection that does not come back;
        CONNECTION_CLOSED once it closes; INVALID_SEND for what no frame may hold, such as text that is not UTF-8;
        SEND_QUEUE_FULL over limits.send_queue_max (WRITABLE follows, unless the message alone is larger);
        CONCURRENCY for a message inside a fragmented one, or a ping whose payload is on its way already.
        """
        usual = Opcode.TEXT if isinstance(data, str) else Opcode.BINARY
        opcode_ = usual if opcode is None else opcode
        options_ = struct("hws_send_options", options) if options else NULL
        call(lib.hws_send, self.handle, opcode_, *lent(data), options_)

    def close(self, code: int = 0, reason: str = "") -> None:
        """Begins the closing handshake, RFC 6455 section 7: what is queued leaves first, then a Close frame. code 0 is 1000;
        the reason has up to 123 bytes. CLOSE follows within timers.close_ms. A connection that is not open yet is dropped
        and CONNECT_FAILED follows; one that is closing already goes on with that. A pause ends: the peer's answer must be read.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; INVALID_SEND for a code or reason that may not be sent.
        """
        call(lib.hws_close, self.handle, code, lent(reason))

    def abort(self) -> None:
        """Drops a connection at once, without a Close frame and with what is queued. CLOSE or CONNECT_FAILED follows.

        Errors: INVALID_HANDLE, FORKED, PANIC.
        """
        call(lib.hws_abort, self.handle)

    def pause(self, paused: int = 1) -> None:
        """Stops taking messages from a connection (paused not 0), or takes them again. Meanwhile nothing is read, so that
        the peer is slowed down; keepalive pings rest; what is queued goes on leaving, and SENT and WRITABLE come. Events that
        hws_poll has already delivered are not taken back; those that wait beyond a batch are held. Before a deadline or a broken
        transport ends a paused connection, what had arrived is delivered. In a connection that
        reconnects there is nothing to pause: the OPEN that tells of its return ends every pause, and a call before that has no
        effect.

        Errors: INVALID_HANDLE, FORKED, PANIC.
        """
        call(lib.hws_conn_pause, self.handle, paused)

    def state(self) -> int:
        """Where a connection stands: one of hws_states.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
        """
        state_ = ffi.new("uint32_t *")
        call(lib.hws_conn_state, self.handle, state_)
        return int(state_[0])

    def stats(self) -> Stats:
        """Counters of a connection.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC.
        """
        stats_ = struct("hws_stats", {})
        call(lib.hws_conn_stats, self.handle, stats_)
        return stats(stats_)

    def subscribe(self, topic: str) -> None:
        """Subscribes a connection to a topic: from now on it gets what is published to it. Topics are levels between slashes, as
        in MQTT: "chat/room 7". Here + may stand for any one level, and # at the end for all that follow, and for none:
        "chat/#" is "chat", too. However many of its subscriptions fit, a connection gets a message once. They end with the
        connection. Twice the same is one.

        Errors: INVALID_HANDLE, FORKED, PANIC; INVALID_ARGUMENT for a topic that is empty, longer than 1024 bytes, not UTF-8, or
        has a NUL or a wildcard elsewhere; INVALID_STATE before OPEN; CONNECTION_CLOSED once it closes; TOO_MANY_SUBSCRIPTIONS
        over limits.subscriptions_max.
        """
        call(lib.hws_subscribe, self.handle, lent(topic))

    def unsubscribe(self, topic: str) -> None:
        """Takes a subscription back, written as it was subscribed to; an empty topic stands for all of the connection's. One that
        there is not is no error.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
        """
        call(lib.hws_unsubscribe, self.handle, lent(topic))


class Request(Handle):
    """A request that waits for a decision: hws_request_accept, hws_request_respond. Needs no freeing: stale once it is
    decided, its peer has left, or the time is up.
    """

    __slots__ = ()

    def accept(self, **options: Unpack[types.AcceptOptions]) -> Connection:
        """Grants the request of a REQUEST event: OPEN follows, and CLOSE at its end. options may be NULL.

        Errors: INVALID_HANDLE, also when the peer has left or the time is up; INVALID_ARGUMENT, also for a subprotocol that
        was not offered; STRUCT_SIZE, INVALID_HEADER_VALUE, NO_MEMORY, FORKED, PANIC; INVALID_STATE for a request that asks for no WebSocket.
        After an error other than INVALID_HANDLE the request still waits.
        """
        options_ = struct("hws_accept_options", options) if options else NULL
        conn_ = ffi.new("hws_conn *")
        call(lib.hws_request_accept, self.handle, options_, conn_)
        return Connection(conn_[0])

    def respond(self, **response: Unpack[types.Response]) -> None:
        """Answers the request of a REQUEST event with a response of your own, and opens nothing: 200 for a health check, 401
        with WWW-Authenticate, 302 with Location. ACCEPT_FAILED with HANDSHAKE_ABORTED follows when the peer has it.

        Errors: INVALID_HANDLE, also when the peer has left or the time is up; INVALID_ARGUMENT, STRUCT_SIZE,
        INVALID_HEADER_VALUE, NO_MEMORY, FORKED, PANIC. After an error other than INVALID_HANDLE the request still waits.
        """
        response_ = struct("hws_response", response) if response else NULL
        call(lib.hws_request_respond, self.handle, response_)


class Listener(Handle):
    """A listening socket. Closed with hws_listener_close."""

    __slots__ = ()

    def address(self) -> str:
        """Writes the address that a listener is bound to, "127.0.0.1:40213".

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, also for a cap that is too small (*needed is set then);
        INVALID_STATE when it is closed; FORKED, PANIC.
        """
        buf = ffi.new("char[]", 512)
        call(lib.hws_listener_address, self.handle, buf, 512, NULL)
        return str(ffi.string(buf), "utf-8")

    def close(self, **drain: Unpack[types.Drain]) -> None:
        """Stops accepting; LISTENER_CLOSED follows. drain may be NULL: connections that are open, or being opened, stay.

        With it they end: open ones are closed with its code and reason, clients in their opening handshake are answered 503,
        and so are those whom the system has accepted for us already, unless bind was "fd:": they stay with whoever holds the
        socket. What has not ended after drain_ms is cut off. LISTENER_CLOSED comes behind the last events of all these
        connections; its value is how many of the open ones ended with a completed closing handshake, its token how many were
        cut off without one.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; INVALID_SEND for a code or reason that may not be
        sent; INVALID_STATE when it is closed, or closing, already.
        """
        drain_ = struct("hws_drain", drain) if drain else NULL
        call(lib.hws_listener_close, self.handle, drain_)

    def set_tls(self, **tls: Unpack[types.Tls]) -> None:
        """From here on new connections of a listener open with this certificate and these rules; those that are open, or
        being opened, keep theirs.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; IO for a file that cannot be read; INVALID_STATE
        when the listener is closed, or plain. After an error the listener goes on as before.
        """
        tls_ = struct("hws_tls", tls) if tls else NULL
        call(lib.hws_listener_set_tls, self.handle, tls_)


class Pool(Handle):
    """A pool of client connections. Freed with hws_pool_free."""

    __slots__ = ()

    def acquire(self, target: str = "", timeout_ms: int = 0, token: int = 0) -> None:
        """Asks for a connection to a target, "/path?query", or {0}: that of the pool's uri. An idle one with this target will do;
        else one is opened. Exactly one event with the token follows: POOL_READY with the connection, which is leased to you
        until you release it or its CLOSE comes; or POOL_FAILED with POOL_EXHAUSTED after timeout_ms (0: open_ms of the client's
        timers, HWS_NEVER: no deadline), with the reason why the connection that was opened for this call did not open, or
        with POOL_CLOSED. Calls are served in their order, whatever their targets.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; INVALID_URI for a target that is none; POOL_EXHAUSTED when
        waiters_max calls wait, or their events do; POOL_CLOSED after hws_pool_free.
        """
        call(lib.hws_pool_acquire, self.handle, lent(target), timeout_ms, token)

    def release(self, conn: Connection, reusable: int = 1) -> None:
        """Gives a leased connection back, from here on without any events of it but those that are in your hands. With reusable
        not 0 it is lent again, under another handle; your handle, subscriptions, tokens and number (hws_conn_set_user)
        end. It is closed instead, which is no error, if reusable is 0, if it is not open any more, if a message is under way in
        either direction or was received and not yet delivered, if much is still to be sent, or if the pool has been freed.

        Errors: INVALID_HANDLE, also for a connection that was released before, or whose last event came before the last poll;
        INVALID_ARGUMENT if conn is not of this pool; POOL_CLOSED for that after hws_pool_free; FORKED, PANIC.
        """
        call(lib.hws_pool_release, self.handle, conn.handle, reusable)

    def free(self) -> None:
        """Closes a pool: calls that wait get POOL_FAILED with POOL_CLOSED, connections that nobody holds are closed with 1000.
        Leased ones stay with their holders, and are closed when they are released.

        Errors: INVALID_HANDLE, FORKED, PANIC; POOL_CLOSED if it is closed already.
        """
        call(lib.hws_pool_free, self.handle)

    def stats(self) -> PoolCounts:
        """What there is in a pool, and what has been.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; POOL_CLOSED after hws_pool_free.
        """
        stats_ = struct("hws_pool_counts", {})
        call(lib.hws_pool_stats, self.handle, stats_)
        return pool_counts(stats_)


class EngineHandle(Handle):
    """An engine: the loop that drives connections and listeners. Freed with hws_engine_free."""

    __slots__ = ()

    def wake(self) -> None:
        """Makes a waiting hws_poll, or else the next one, return at once. Several calls may make one poll return.

        Errors: INVALID_HANDLE, FORKED, PANIC.
        """
        call(lib.hws_wake, self.handle)

    def pollable(self) -> int:
        """A file descriptor that is readable when hws_poll has something to do, for a loop of the host's own: wait for
        it or for hws_engine_next_timeout, then hws_poll with timeout 0. With io_thread it is readable exactly while something
        waits for hws_poll, or hws_wake was called.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; UNSUPPORTED on Windows.
        """
        fd_ = ffi.new("ptrdiff_t *")
        call(lib.hws_engine_pollable, self.handle, fd_)
        return int(fd_[0])

    def next_timeout(self) -> int:
        """How many milliseconds a loop of the host's own may wait for the descriptor: 0 while anything is left to do,
        HWS_NEVER without any deadline; with io_thread there is none.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
        """
        timeout_ms_ = ffi.new("int32_t *")
        call(lib.hws_engine_next_timeout, self.handle, timeout_ms_)
        return int(timeout_ms_[0])

    def connect(self, **options: Unpack[types.ClientOptions]) -> Connection:
        """Begins to connect: looks the name up, connects, passes proxy and TLS, does the opening handshake, follows redirects.
        OPEN or CONNECT_FAILED follows within timers.open_ms; with reconnect that is the time of each attempt.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, INVALID_URI, FORKED, PANIC; INVALID_HEADER_VALUE for
        headers that cannot be sent; INVALID_PROXY; IO for a certificate's file that cannot be read; TOO_MANY_CONNECTIONS. No
        event follows a call that failed.
        """
        options_ = struct("hws_client_options", options) if options else NULL
        conn_ = ffi.new("hws_conn *")
        call(lib.hws_connect, self.handle, options_, conn_)
        return Connection(conn_[0])

    def listen(self, **options: Unpack[types.ServerOptions]) -> Listener:
        """Binds and listens. An OPEN event follows for each client whose opening handshake succeeds, ACCEPT_FAILED for
        each whose does not.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, also for a descriptor that is no such socket (which stays as it was);
        STRUCT_SIZE, INVALID_HEADER_VALUE, FORKED, PANIC; IO with os_error when the address cannot be bound or a file not be
        read, FD_LIMIT, TOO_MANY_CONNECTIONS; UNSUPPORTED for unix sockets, descriptors and reuse_port where there are none.
        """
        options_ = struct("hws_server_options", options) if options else NULL
        listener_ = ffi.new("hws_listener *")
        call(lib.hws_listen, self.handle, options_, listener_)
        return Listener(listener_[0])

    def refusals(self, status: int) -> int:
        """How many connections of listeners, of all that this engine has had, failed to open with this status or one that is-a it.
        HWS_ERR_ERROR counts them all; those that are dropped because too many are being refused already count too.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, also when status is no error; FORKED, PANIC.
        """
        count_ = ffi.new("uint64_t *")
        call(lib.hws_engine_refusals, self.handle, status, count_)
        return int(count_[0])

    def adopt(
        self, socket: int, client: types.ClientOptions | None = None, server: types.ServerOptions | None = None
    ) -> Connection:
        """Speaks WebSocket over a connected stream socket of the host's: TCP, or a unix socket, also one of a socketpair. Either
        client or server is given, the other is NULL: on which side hawser is. A client's proxy, connect_to, max_redirects and
        socket and what a server's options say of its listener (bind, backlog, reuse_port, how many connections, events) are not
        used; TLS is. OPEN or CONNECT_FAILED follows, on both sides.

        Where there is no SO_REUSEPORT, or it spreads connections badly, one thread can accept for the engines of many: it
        calls accept() on a socket of its own and hws_adopt with the engine whose turn it is. Adopting is safe from any thread
        and wakes the one that polls.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, also when the socket is not connected or not a stream; STRUCT_SIZE,
        INVALID_URI, INVALID_PROXY, FORKED, PANIC; INVALID_HEADER_VALUE for headers that cannot be sent; IO for a certificate's
        file that cannot be read; FD_LIMIT, TOO_MANY_CONNECTIONS; UNSUPPORTED on Windows.
        """
        client_ = struct("hws_client_options", client) if client else NULL
        server_ = struct("hws_server_options", server) if server else NULL
        conn_ = ffi.new("hws_conn *")
        call(lib.hws_adopt, self.handle, socket, client_, server_, conn_)
        return Connection(conn_[0])

    def stats(self) -> Stats:
        """Counters of an engine: of all connections that are and were.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC.
        """
        stats_ = struct("hws_stats", {})
        call(lib.hws_engine_stats, self.handle, stats_)
        return stats(stats_)

    def publish(
        self, topic: str, data: Data, opcode: int | None = None, **options: Unpack[types.PublishOptions]
    ) -> tuple[int, int]:
        """Sends a message, HWS_TEXT or HWS_BINARY, to all connections that have subscribed to a topic: those of the engine, and of
        engines that share its topics. It is made and compressed once, not once for each, and leaves with the next hws_poll at
        the latest. Who cannot take it goes without and is skipped: without room in its send queue (see
        limits.slow_subscriber), in the middle of a fragmented message, or closing. options, reached and skipped may be NULL.

        Errors: INVALID_HANDLE, STRUCT_SIZE, NO_MEMORY, FORKED, PANIC; INVALID_ARGUMENT, also for a topic that is empty, longer
        than 1024 bytes or has a wildcard; INVALID_SEND for text that is not UTF-8; QUEUE_FULL when the events
        of hws_engine_options.publish_events are not polled. Nobody got it then.
        """
        usual = Opcode.TEXT if isinstance(data, str) else Opcode.BINARY
        opcode_ = usual if opcode is None else opcode
        options_ = struct("hws_publish_options", options) if options else NULL
        reached_ = ffi.new("uint32_t *")
        skipped_ = ffi.new("uint32_t *")
        call(lib.hws_publish, self.handle, lent(topic), opcode_, *lent(data), options_, reached_, skipped_)
        return int(reached_[0]), int(skipped_[0])

    def topic_subscribers(self, topic: str) -> int:
        """How many connections something that is published to a topic would go to: those that have subscribed, in the engine and
        in engines that share its topics.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
        """
        count_ = ffi.new("uint32_t *")
        call(lib.hws_topic_subscribers, self.handle, lent(topic), count_)
        return int(count_[0])

    def pool(self, **options: Unpack[types.PoolOptions]) -> Pool:
        """Makes a pool of client connections to one server. It opens none until one is asked for.

        Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; for options.client those of hws_connect: INVALID_URI,
        INVALID_HEADER_VALUE, INVALID_PROXY, IO; TOO_MANY_CONNECTIONS.
        """
        options_ = struct("hws_pool_options", options) if options else NULL
        pool_ = ffi.new("hws_pool *")
        call(lib.hws_pool_new, self.handle, options_, pool_)
        return Pool(pool_[0])


def error(c: Any) -> WebSocketException | None:
    """An hws_error_info as an exception; its causes are the chain of __cause__."""
    if c == NULL or c.status == 0:
        return None
    status = c.status
    while status not in BY_STATUS:  # of a newer library
        status = lib.hws_status_parent(status, 0) or -1
    made = BY_STATUS[status](string(c.message))
    made.__cause__ = error(c.cause)
    if isinstance(made, OSError) and c.os_error:
        made.errno = c.os_error
    made.operation = ffi.string(lib.hws_operation_name(c.operation)).decode() if c.operation else None
    made.state = c.state
    made.required_states = c.required_states
    made.retryable = c.retryable
    made.os_error = c.os_error
    made.tls_alert = c.tls_alert
    made.socks_reply = c.socks_reply
    made.http_status = c.http_status
    made.body_truncated = c.body_truncated
    made.opcode = c.opcode
    made.policy = c.policy
    made.initiated_by = c.initiated_by
    made.attempts = c.attempts
    made.max_attempts = c.max_attempts
    made.retry_after_ms = c.retry_after_ms
    made.downtime_ms = c.downtime_ms
    made.timeout_ms = None if c.timeout_ms < 0 else c.timeout_ms
    made.position = None if c.position < 0 else c.position
    made.size = None if c.size < 0 else c.size
    made.max_size = None if c.max_size < 0 else c.max_size
    made.current_size = None if c.current_size < 0 else c.current_size
    made.fragments = c.fragments
    made.max_fragments = c.max_fragments
    made.capacity = c.capacity
    made.dropped = c.dropped
    made.max_connections = c.max_connections
    made.in_use = c.in_use
    made.time_ms = c.time_ms
    made.message = string(c.message)
    made.detail = string(c.detail)
    made.uri = string(c.uri)
    made.proxy = string(c.proxy)
    made.location = string(c.location)
    made.peer = string(c.peer)
    made.http_method = string(c.http_method)
    made.http_version = string(c.http_version)
    made.http_reason = string(c.http_reason)
    made.header_name = string(c.header_name)
    made.header_value = string(c.header_value)
    made.origin = string(c.origin)
    made.parameter_name = string(c.parameter_name)
    made.parameter_value = string(c.parameter_value)
    made.headers = [header(c.headers[at]) for at in range(c.header_count)]
    made.body = octets(c.body)
    made.close_rcvd = close(c.close_rcvd)
    made.close_sent = close(c.close_sent)
    made.rcvd_then_sent = None if c.rcvd_then_sent < 0 else bool(c.rcvd_then_sent)
    made.close_code = c.close_code
    return made


def preset(name: str) -> dict[str, Any]:
    """Options that go together, "realtime", "dashboard" or "mobile": ``connect(uri, **preset("mobile"))``."""
    parts = {
        "timers": struct("hws_timers", {}),
        "limits": struct("hws_limits", {}),
        "compression": struct("hws_compression", {}),
        "reconnect": struct("hws_reconnect", {}),
    }
    out = struct("hws_preset", {})
    for part, pointer in parts.items():
        setattr(out, part, pointer)
    call(lib.hws_preset_get, lent(name), out)
    return {
        part: {name: getattr(got, name) for name in dir(got) if name != "struct_size"} for part, got in parts.items()
    }


def handshake(c: Any) -> Handshake:
    return Handshake(
        http_status=c.http_status,
        method=string(c.method),
        target=string(c.target),
        host=string(c.host),
        origin=string(c.origin),
        subprotocol=string(c.subprotocol),
        extensions=string(c.extensions),
        peer=string(c.peer),
        subprotocols_offered=[string(c.subprotocols_offered[at]) or "" for at in range(c.subprotocol_count)],
        headers=[header(c.headers[at]) for at in range(c.header_count)],
        uri=string(c.uri),
        user=string(c.user),
        tls_version=string(c.tls_version),
        tls_cipher=string(c.tls_cipher),
        tls_server_name=string(c.tls_server_name),
        tls_alpn=string(c.tls_alpn),
        tls_subject=string(c.tls_subject),
        tls_certificate=octets(c.tls_certificate),
        tls_resumed=c.tls_resumed,
        extension_declined=error(c.extension_declined),
        route=string(c.route),
        params=[header(c.params[at]) for at in range(c.param_count)],
    )


def stats(c: Any) -> Stats:
    return Stats(
        connections=c.connections,
        bytes_in=c.bytes_in,
        bytes_out=c.bytes_out,
        wire_in=c.wire_in,
        wire_out=c.wire_out,
        messages_in=c.messages_in,
        messages_out=c.messages_out,
        pings=c.pings,
        pongs=c.pongs,
        send_queued=c.send_queued,
        handshake_failures=c.handshake_failures,
        rtt_us=c.rtt_us,
        peer_known=c.peer_known,
        peer_pid=c.peer_pid,
        peer_uid=c.peer_uid,
        peer_gid=c.peer_gid,
        deflated_in=c.deflated_in,
        inflated_in=c.inflated_in,
        deflated_out=c.deflated_out,
        inflated_out=c.inflated_out,
        http_responses=c.http_responses,
        reconnects=c.reconnects,
        send_kept=c.send_kept,
        send_dropped=c.send_dropped,
        send_unprotected=c.send_unprotected,
        recv_queued=c.recv_queued,
        recv_queued_bytes=c.recv_queued_bytes,
        recv_dropped=c.recv_dropped,
    )


def pool_counts(c: Any) -> PoolCounts:
    return PoolCounts(
        sockets=c.sockets,
        idle=c.idle,
        leased=c.leased,
        opening=c.opening,
        checking=c.checking,
        closing=c.closing,
        waiting=c.waiting,
        opened=c.opened,
        open_failed=c.open_failed,
        reused=c.reused,
        checks_failed=c.checks_failed,
        timeouts=c.timeouts,
        discarded=c.discarded,
        expired=c.expired,
        displaced=c.displaced,
    )


def event(c: Any) -> Event:
    return Event(
        kind=EventKind(c.kind),
        flags=EventFlags(c.flags),
        conn=Connection(c.conn) if c.conn.id else None,
        listener=Listener(c.listener) if c.listener.id else None,
        request=Request(c.request) if c.request.id else None,
        user=c.user,
        token=c.token,
        value=c.value,
        status=c.status,
        opcode=c.opcode,
        data=octets(c.data).decode() if c.opcode == Opcode.TEXT and c.kind != EventKind.FRAGMENT else octets(c.data),
        error=error(c.error),
        handshake=handshake(c.handshake) if c.handshake else None,
        topic=string(c.topic),
    )
