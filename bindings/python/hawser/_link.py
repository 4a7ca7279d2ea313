"""What ``hawser.sync`` and ``hawser.aio`` have in common. Its coroutines wait only in ``until`` of their hub."""

import logging
from collections import deque
from contextlib import suppress
from inspect import isawaitable
from typing import Any, Callable, Iterable, Mapping, Self

from ._library import Data as Data
from .engine import Engine
from .exceptions import ConcurrencyError, ConnectionClosed, ConnectionClosedOK, InvalidHandle, InvalidState
from .exceptions import SendQueueFull, WebSocketException
from .handles import Connection as Handle
from .types import NAMES, SECONDS, Event, EventKind, Handshake, Opcode, SendFlags

Message = str | bytes
OnEvent = Callable[[Event], None] | None
LAST = (EventKind.CLOSE, EventKind.CONNECT_FAILED, EventKind.LISTENER_CLOSED)  # of their kind of handle
log = logging.getLogger("hawser")


def translate(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as websockets calls them (seconds, None for none) as those of the header; what is one stays."""
    out = {NAMES.get(name, name): value for name, value in options.items() if name not in SECONDS}
    times = {SECONDS[k]: -1 if v is None else max(1, round(v * 1000)) for k, v in options.items() if k in SECONDS}
    out["timers"] = {**out.get("timers", {}), **times}
    if "max_size" in out:
        size = out.pop("max_size")
        out["limits"] = {**out.get("limits", {}), "message_max": 2**63 if size is None else size}
    if out.get("compression", {}) in (None, "deflate"):
        out["compression"] = {"enabled": out["compression"] is not None}
    if isinstance(out.get("proxy"), bool):
        out["proxy_from_env"] = out.pop("proxy")
    return out


class Link:
    """A connection with what has come and not been taken. Over ``max_queue`` messages its peer is slowed down."""

    def __init__(self, hub: Any, handle: Handle, max_queue: int = 16, on_event: OnEvent = None) -> None:
        self.handshake: Handshake | None = None
        self.error: WebSocketException | None = None  # what ended it
        self.handle, self._hub, self._max_queue, self._on_event = handle, hub, max_queue, on_event
        self._messages: deque[Message] = deque()
        self._pongs: dict[int, float | None] = {}  # of pings that somebody waits for
        self._token = self._writable = 0  # the last ping, and how often there was room again
        self._receiving = self._closing = self._paused = False
        hub.links[handle] = self

    subprotocol = property(lambda self: self.handshake and self.handshake.subprotocol)
    remote_address = property(lambda self: self.handshake and self.handshake.peer)

    def feed(self, event: Event) -> None:
        if event.kind in (EventKind.MESSAGE, EventKind.FRAGMENT) and not self._closing:
            self._messages.append(event.data)
            self._pause(len(self._messages) >= self._max_queue)
        elif event.kind == EventKind.OPEN:
            self.handshake = event.handshake
        elif event.kind == EventKind.WRITABLE:
            self._writable += 1
        elif event.kind == EventKind.PONG and event.token in self._pongs:
            self._pongs[event.token] = event.value / 1e6
        elif event.kind in LAST:
            self.error = event.error
        if self._on_event:
            try:
                self._on_event(event)
            except Exception:
                log.exception("on_event has failed at %s", event.kind.name)

    def abort(self) -> None:
        """Drops the connection at once. Once it has ended, nothing."""
        with suppress(InvalidHandle):
            self.handle.abort()
            self._hub.touch()

    def _pause(self, paused: bool) -> None:
        if paused != self._paused:
            self._paused = paused
            with suppress(InvalidHandle):
                self.handle.pause(paused)

    async def _until(self, ready: Callable[[], Any]) -> None:
        """Waits; raises what ends the connection before."""
        while not ready():
            if self.error:
                raise self.error.with_traceback(None) from self.error.__cause__
            await self._hub.until(lambda: ready() or self.error, self.handle)

    async def _opened(self) -> Self:
        """Waits until it is open. If nobody does any more, it is dropped."""
        try:
            await self._until(lambda: self.handshake)
            return self
        except BaseException:
            self._hub.links.pop(self.handle, None)
            self.abort()
            raise

    async def recv(self) -> Message:
        """The next message: a str if it is text. After the last, ConnectionClosed."""
        if self._receiving:
            raise ConcurrencyError("somebody else receives from this connection")
        self._receiving = True
        try:
            await self._until(lambda: self._messages)
            message = self._messages.popleft()
            self._pause(self._paused and len(self._messages) > self._max_queue // 4)
            return message
        finally:
            self._receiving = False

    async def send(self, message: Data | Iterable[Data]) -> None:
        """Sends a message, of an iterable in fragments; waits while the send queue is full."""
        if isinstance(message, Data):
            return await self._queue(message)
        pieces = list(message) or [""]
        opcode = Opcode.TEXT if isinstance(pieces[0], str) else Opcode.BINARY
        *buffers, last = [piece.encode() if isinstance(piece, str) else memoryview(piece) for piece in pieces]
        for buffer in buffers:
            await self._queue(buffer, opcode=opcode, flags=SendFlags.MORE)
            opcode = Opcode.CONT
        await self._queue(last, opcode=opcode)

    async def _queue(self, data: Data, **options: Any) -> None:
        """Sends a frame as soon as there is room for it."""
        while True:
            writable = self._writable
            try:
                self._hub.touch()
                return self.handle.send(data, **options)
            except SendQueueFull as error:
                if (error.size or 0) > error.capacity:
                    raise
            except (InvalidHandle, ConnectionClosed):
                if not self.error:
                    raise
            await self._until(lambda: self._writable > writable)

    async def ping(self, data: Data = b"") -> float:
        """Waits for the pong; the seconds that it took."""
        self._token = token = self._token + 1
        self._pongs[token] = None
        try:
            await self._queue(data, opcode=Opcode.PING, token=token)
            await self._until(lambda: self._pongs[token] is not None)
            return self._pongs[token] or 0.0
        finally:
            del self._pongs[token]

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Closes, and waits for the end; what the peer still sends is dropped. Once it has ended, nothing."""
        with suppress(InvalidHandle):  # it has ended, or its engine has
            self.handle.close(code, reason)
            self._closing = True
            await self._hub.until(lambda: self.error, self.handle)


class Hub(Engine):
    """An engine that hands its events to its connections, or else to its server. Closed when it has none left."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.links: dict[Any, Any] = {}

    def feed(self, event: Event) -> None:
        if link := self.links.get(event.conn) or self.links.get(event.listener):
            link.feed(event)
        if event.kind in LAST:
            self.links.pop(event.conn or event.listener, None)

    def touch(self) -> None:
        """It is asked for something: there is work for its next poll."""


class Server:
    """A listener, a handler of its connections, and one of the requests for ``routes``, which ``decide`` answers."""

    hub: Any  # the class of its hub, which starts coroutines
    link: Any  # and that of its connections

    def __init__(self, handler: Any, host: str = "127.0.0.1", port: int = 0, *, on_request: Any = None, **options: Any):
        self._hub, self._handler, self._on_request = self.hub(), handler, on_request
        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.handle = self._hub.listen(**{"bind": bind, **translate(options)})
        self.address: str = self.handle.address()
        self._hub.links[self.handle] = self

    def feed(self, event: Event) -> None:
        """Takes events of the listener, and the first of a connection."""
        if event.kind == EventKind.OPEN:
            link = self.link(self._hub, event.conn)
            link.feed(event)
            self._hub.start(self._serve(link))
        elif event.kind == EventKind.REQUEST and self._on_request:
            self._hub.start(self._call(self._on_request, event.request, event.handshake))

    def publish(self, topic: str, message: Data, **options: Any) -> tuple[int, int]:
        """Sends to all who have subscribed, ``connection.handle.subscribe(topic)``: how many got it, and did not."""
        counts: tuple[int, int] = self._hub.publish(topic, message, **options)
        self._hub.touch()
        return counts

    async def _call(self, function: Any, *arguments: Any) -> None:
        """Calls a function of the host's, which may be a coroutine."""
        if isawaitable(result := function(*arguments)):
            await result

    async def _serve(self, link: Any) -> None:
        code = 1000
        try:
            await self._call(self._handler, link)
        except Exception as error:
            if not (error is link.error or isinstance(error, ConnectionClosedOK) or self._hub.closed):
                log.exception("a connection's handler has failed")
                code = 1011
        await Link.close(link, code)

    async def shutdown(self, code: int = 1001, reason: str = "") -> None:
        """Closes the listener and all connections; serve_forever returns when they are closed. Twice is once."""
        with suppress(InvalidState, InvalidHandle):  # it has stopped already
            self.handle.close(code=code, reason=reason)

    async def serve_forever(self) -> None:
        """Until ``shutdown``, and until all connections are closed."""
        await self._hub.until(lambda: self.handle not in self._hub.links, self.handle)
