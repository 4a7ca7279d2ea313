"""What ``hawser.sync`` and ``hawser.aio`` have in common. Its coroutines wait for nothing but ``until`` of their hub."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import suppress
from typing import Any, Callable, Iterable, Mapping, Union

from ._library import Data as Data
from .engine import Engine
from .exceptions import ConcurrencyError, ConnectionClosedOK, InvalidHandle, SendQueueFull, WebSocketException
from .handles import Connection as Handle
from .types import NAMES, SECONDS, Event, EventKind, Handshake, Opcode, SendFlags

Message = Union[str, bytes]
OnEvent = Union[Callable[[Event], None], None]
log = logging.getLogger("hawser")


def translate(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as websockets calls them (seconds, None for none) as those of the header; what is one stays."""
    out = {NAMES.get(name, name): value for name, value in options.items()}
    seconds = {field: out.pop(name) for name, field in SECONDS.items() if name in out}
    times = {field: -1 if value is None else max(1, round(value * 1000)) for field, value in seconds.items()}
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
        self.handle = handle
        self.handshake: Handshake | None = None
        self.error: WebSocketException | None = None  # what ended it
        self._hub, self._max_queue, self._on_event = hub, max_queue, on_event
        self._messages: deque[Message] = deque()
        self._pongs: dict[int, float | None] = {}  # of pings that somebody waits for
        self._token = 0
        self._receiving = self._closing = self._paused = self._writable = False
        hub.links[handle] = self

    subprotocol = property(lambda self: self.handshake and self.handshake.subprotocol)
    remote_address = property(lambda self: self.handshake and self.handshake.peer)

    def feed(self, event: Event) -> None:
        """Notes an event."""
        if event.kind == EventKind.OPEN:
            self.handshake = event.handshake
        elif event.kind in (EventKind.CLOSE, EventKind.CONNECT_FAILED):
            self.error = event.error
        elif event.kind in (EventKind.MESSAGE, EventKind.FRAGMENT) and not self._closing:
            self._messages.append(event.data)
            self._pause(len(self._messages) >= self._max_queue)
        elif event.kind == EventKind.PONG and event.token in self._pongs:
            self._pongs[event.token] = event.value / 1e6
        self._writable |= event.kind == EventKind.WRITABLE
        if self._on_event:
            try:
                self._on_event(event)
            except Exception:
                log.exception("on_event has failed at %s", event.kind.name)

    def abort(self) -> None:
        """Drops the connection at once. Once it has ended, nothing."""
        self._hub.touch()
        with suppress(InvalidHandle):
            self.handle.abort()

    def _pause(self, paused: bool) -> None:
        if paused != self._paused:
            self._paused = paused
            with suppress(InvalidHandle):
                self.handle.pause(paused)

    def _check(self) -> None:
        if self.error:
            raise self.error.with_traceback(None) from self.error.__cause__

    async def _until(self, ready: Callable[[], Any]) -> None:
        """Waits; raises what ends the connection before."""
        while not ready():
            self._check()
            await self._hub.until(lambda: ready() or self.error, self.handle)

    async def _recv(self) -> Message:
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

    async def _send(self, message: Data | Iterable[Data], **options: Any) -> None:
        if not isinstance(message, (str, bytes, bytearray, memoryview)):
            pieces = list(message) or [""]
            opcode = Opcode.TEXT if isinstance(pieces[0], str) else Opcode.BINARY
            buffers = [piece.encode() if isinstance(piece, str) else memoryview(piece) for piece in pieces]
            for at, buffer in enumerate(buffers):
                more = SendFlags.MORE * (at + 1 < len(buffers))
                await self._send(buffer, opcode=Opcode.CONT if at else opcode, flags=more)
            return
        while True:
            self._hub.touch()
            self._check()
            self._writable = False
            try:
                return self.handle.send(message, **options)
            except SendQueueFull as error:
                if (error.size or 0) > error.capacity:
                    raise
            except InvalidHandle:
                self._check()  # it has ended meanwhile
                raise
            await self._until(lambda: self._writable)

    async def _ping(self, data: Data) -> float:
        self._token = token = self._token + 1
        self._pongs[token] = None
        try:
            await self._send(data, opcode=Opcode.PING, token=token)
            await self._until(lambda: self._pongs[token] is not None)
            return self._pongs[token] or 0.0
        finally:
            del self._pongs[token]

    async def _close(self, code: int = 1000, reason: str = "") -> None:
        self._hub.touch()
        with suppress(InvalidHandle):  # it has ended, or its engine has
            self.handle.close(code, reason)
            self._closing = True
            await self._hub.until(lambda: self.error, self.handle)


class Hub:
    """An engine with its connections."""

    io_thread = True

    def __init__(self) -> None:
        self.engine = Engine(io_thread=self.io_thread)
        self.links: dict[Any, Any] = {}

    def feed(self, event: Event) -> None:
        if link := self.links.get(event.conn):
            link.feed(event)
            if link.error:
                del self.links[event.conn]

    def touch(self) -> None:
        """The engine is being asked for something."""


class Server(Hub):
    """With a listener at ``address``, and a handler for each connection."""

    link: Any  # the class of its connections
    until: Any
    _call: Any  # calls a function of the host's, whose kind differs
    _start: Any  # runs a coroutine beside all else
    _stopped = False

    def __init__(
        self, handler: Any, host: str = "127.0.0.1", port: int = 0, *, on_request: Any = None, **options: Any
    ) -> None:
        super().__init__()
        self._handler, self._on_request = handler, on_request
        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.listener = self.engine.listen(**{"bind": bind, **translate(options)})
        self.address = self.listener.address()

    def feed(self, event: Event) -> None:
        link = self.link(self, event.conn) if event.kind == EventKind.OPEN else None
        super().feed(event)
        if link:
            self._start(self._serve(link))
        elif event.kind == EventKind.REQUEST and self._on_request:
            self._start(self._call(self._on_request, event.request, event.handshake))

    def publish(self, topic: str, message: Data, **options: Any) -> tuple[int, int]:
        """Sends to all who have subscribed, ``connection.handle.subscribe(topic)``: how many got it, and did not."""
        self.touch()
        return self.engine.publish(topic, message, **options)

    async def _serve(self, link: Any) -> None:
        code = 1000
        try:
            await self._call(self._handler, link)
        except Exception as error:
            if not (error is link.error or isinstance(error, ConnectionClosedOK) or self.engine.closed):
                log.exception("a connection's handler has failed")
                code = 1011
        await link._close(code)

    def _stop(self, code: int, reason: str) -> None:
        self.touch()
        if not self._stopped:
            self.listener.close(code=code, reason=reason)
            self._stopped = True

    async def _ended(self) -> None:
        await self.until(lambda: self._stopped and not self.links)
