"""Connections for threads, like those of websockets.sync: ``connect`` and ``serve``."""

import threading
import time
from contextlib import AbstractContextManager, suppress
from contextvars import ContextVar
from typing import Any, Callable, Coroutine, Iterable, Iterator, TypeVar, cast

from . import _link
from ._link import Data, Link, Message, OnEvent, translate
from .exceptions import ConnectionClosedOK, RecvTimeout

Result = TypeVar("Result")
_end: ContextVar[float] = ContextVar("_end")  # when what this thread runs has taken too long


def run(steps: Coroutine[Any, None, Result], timeout: float | None = None) -> Result:
    """Runs a coroutine to its end on this thread, unless that takes too long. ``until`` of its hub blocks."""
    token = _end.set(float("inf") if timeout is None else time.monotonic() + timeout)
    try:
        steps.send(None)
        raise steps.throw(TypeError("on threads a coroutine can wait for nothing else"))
    except StopIteration as returned:
        return cast(Result, returned.value)
    finally:
        _end.reset(token)


class Connection(Link, AbstractContextManager["Connection"]):
    """An open connection. Any thread may send; one at a time receives. What takes too long raises RecvTimeout."""

    def recv(self, timeout: float | None = None) -> Message:
        return run(super().recv(), timeout)

    def send(self, message: Data | Iterable[Data], timeout: float | None = None) -> None:
        run(super().send(message), timeout)

    def ping(self, data: Data = b"", timeout: float | None = None) -> float:
        return run(super().ping(data), timeout)

    def close(self, code: int = 1000, reason: str = "") -> None:
        run(super().close(code, reason))

    def __iter__(self) -> Iterator[Message]:
        """All messages, to the end; ConnectionClosedError if that is not in order."""
        with suppress(ConnectionClosedOK):
            while True:
                yield self.recv()

    def __exit__(self, *_: object) -> None:
        self.close()


class Hub(_link.Hub):
    """For any number of threads: one of those that wait polls for all."""

    def __init__(self) -> None:
        super().__init__(io_thread=True)
        self._changed = threading.Condition()
        self._busy = False

    def start(self, steps: Coroutine[Any, None, None]) -> None:
        threading.Thread(target=run, args=(steps,), daemon=True).start()

    async def until(self, ready: Callable[[], Any], handle: Any) -> None:
        with self._changed:
            while not ready():
                left = _end.get() - time.monotonic()
                if left <= 0:
                    raise RecvTimeout("it took too long")
                if self._busy:
                    self._changed.wait(min(left, threading.TIMEOUT_MAX))
                else:
                    self._poll(left)

    def _poll(self, timeout: float) -> None:
        self._busy = True
        self._changed.release()  # others go on with what they need not wait for
        try:
            events = self.poll(timeout)
        finally:
            self._changed.acquire()
            self._busy = False
            self._changed.notify_all()
        for event in events:
            self.feed(event)
        if not self.links:
            self.close()


def connect(uri: str, *, max_queue: int = 16, on_event: OnEvent = None, **options: Any) -> Connection:
    """Waits until it is open. Options: those of websockets and the header; ``on_event`` is called with each event."""
    hub = Hub()
    return run(Connection(hub, hub.connect(uri=uri, **translate(options)), max_queue, on_event)._opened())


class serve(_link.Server, AbstractContextManager["serve"]):
    """Listens at ``address``; each ``handler(connection)`` and ``on_request(request, handshake)`` has its thread."""

    hub, link = Hub, Connection

    def serve_forever(self) -> None:
        run(super().serve_forever())

    def shutdown(self, code: int = 1001, reason: str = "") -> None:
        run(super().shutdown(code, reason))

    def __exit__(self, *_: object) -> None:
        self._hub.close()
