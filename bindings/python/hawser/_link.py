"""What ``hawser.sync`` and ``hawser.aio`` have in common. What takes time is a generator of conditions to wait for."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import suppress
from typing import Any, Callable, Generator, Iterable, Mapping, TypeVar, Union

from ._library import Data as Data
from .engine import Engine
from .exceptions import ConcurrencyError, ConnectionClosedOK, InvalidHandle, SendQueueFull, WebSocketException
from .handles import Connection as Handle
from .types import Event, EventKind, Handshake, Opcode, SendFlags

Message = Union[str, bytes]
Result = TypeVar("Result")
Steps = Generator[Callable[[], Any], None, Result]
OnEvent = Union[Callable[[Event], None], None]
TIMES = {
    "open_timeout": "open_ms",
    "close_timeout": "close_ms",
    "ping_interval": "ping_interval_ms",
    "ping_timeout": "ping_timeout_ms",
}
NAMES = {"additional_headers": "headers", "user_agent_header": "user_agent", "server_header": "server"}
log = logging.getLogger("hawser")


def translate(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as websockets calls them (seconds, None for none) as those of the header; what is one stays."""
    out = {NAMES.get(name, name): value for name, value in options.items()}
    seconds = {field: out.pop(name) for name, field in TIMES.items() if name in out}
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
        hub.links[handle.id] = self

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

    def _recv(self) -> Steps[Message]:
        if self._receiving:
            raise ConcurrencyError("somebody else receives from this connection")
        self._receiving = True
        try:
            while not self._messages:
                self._check()
                yield lambda: self._messages or self.error
            message = self._messages.popleft()
            self._pause(self._paused and len(self._messages) > self._max_queue // 4)
            return message
        finally:
            self._receiving = False

    def _send(self, message: Data | Iterable[Data], **options: Any) -> Steps[None]:
        if not isinstance(message, (str, bytes, bytearray, memoryview)):
            pieces = list(message) or [""]
            opcode = Opcode.TEXT if isinstance(pieces[0], str) else Opcode.BINARY
            buffers = [piece.encode() if isinstance(piece, str) else memoryview(piece) for piece in pieces]
            for at, buffer in enumerate(buffers):
                more = SendFlags.MORE * (at + 1 < len(buffers))
                yield from self._send(buffer, opcode=Opcode.CONT if at else opcode, flags=more)
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
            yield lambda: self._writable or self.error

    def _ping(self, data: Data) -> Steps[float]:
        self._token = token = self._token + 1
        self._pongs[token] = None
        try:
            yield from self._send(data, opcode=Opcode.PING, token=token)
            while (taken := self._pongs[token]) is None:
                self._check()
                yield lambda: self._pongs[token] is not None or self.error
            return taken
        finally:
            del self._pongs[token]

    def _close(self, code: int, reason: str) -> Steps[None]:
        self._hub.touch()
        with suppress(InvalidHandle):  # it has ended, or its engine has
            self.handle.close(code, reason)
            self._closing = True
            yield lambda: self.error

    def _failed(self, error: BaseException) -> int:
        """The code that is due when a handler has ended with an error."""
        if error is self.error or isinstance(error, ConnectionClosedOK) or self._hub.engine.closed:
            return 1000
        log.error("a connection's handler has failed", exc_info=error)
        return 1011


class Hub:
    """An engine with its connections; on servers with a listener, and a handler for each."""

    link: Any = Link
    io_thread = True
    _stopped = False

    def __init__(self) -> None:
        self.engine = Engine(io_thread=self.io_thread)
        self.links: dict[int, Any] = {}

    def _listen(self, handler: Any, host: str, port: int, on_request: Any, options: Mapping[str, Any]) -> None:
        self._handler, self._on_request = handler, on_request
        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.listener = self.engine.listen(**{"bind": bind, **translate(options)})
        self.address = self.listener.address()

    def feed(self, event: Event) -> None:
        handle = event.conn
        link = self.links.get(handle.id) if handle else None
        if link:
            link.feed(event)
            if link.error:
                del self.links[link.handle.id]
        elif event.kind == EventKind.OPEN:
            link = self.link(self, handle)
            link.feed(event)
            self._start(self._serve, link)
        elif event.kind == EventKind.REQUEST and self._on_request:
            self._start(self._on_request, event.request, event.handshake)

    def publish(self, topic: str, message: Data, **options: Any) -> tuple[int, int]:
        """Sends to all who have subscribed, ``connection.handle.subscribe(topic)``: how many got it, and did not."""
        self.touch()
        return self.engine.publish(topic, message, **options)

    def touch(self) -> None:
        """The engine is being asked for something."""

    def _stop(self, code: int, reason: str) -> None:
        self.touch()
        if not self._stopped:
            self.listener.close(code=code, reason=reason)
            self._stopped = True

    def _start(self, function: Any, *args: Any) -> None:
        raise NotImplementedError

    def _serve(self, link: Any) -> Any:
        raise NotImplementedError
