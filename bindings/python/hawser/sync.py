"""Connections for threads, like those of websockets.sync: ``connect`` and ``serve``."""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager
from typing import Any, Callable, Iterable, Iterator

from . import _link
from ._link import Data, Link, Message, OnEvent, Result, Steps, translate
from .exceptions import ConnectionClosedOK, RecvTimeout
from .types import Event


class Connection(Link, AbstractContextManager["Connection"]):
    """An open connection. Any thread may send; one at a time receives."""

    def recv(self, timeout: float | None = None) -> Message:
        """The next message: a str if it is text. After the last, ConnectionClosed; RecvTimeout, a TimeoutError."""
        return self._run(self._recv(), timeout)

    def send(self, message: Data | Iterable[Data], timeout: float | None = None) -> None:
        """Sends a message, of an iterable in fragments; waits while the send queue is full."""
        self._run(self._send(message), timeout)

    def ping(self, data: Data = b"", timeout: float | None = None) -> float:
        """Waits for the pong; the seconds that it took."""
        return self._run(self._ping(data), timeout)

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Closes, and waits for the end; what the peer still sends is dropped. Once it has ended, nothing."""
        self._run(self._close(code, reason))

    def __iter__(self) -> Iterator[Message]:
        """All messages, to the end; ConnectionClosedError if that is not in order."""
        try:
            while True:
                yield self.recv()
        except ConnectionClosedOK:
            pass

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, steps: Steps[Result], timeout: float | None = None) -> Result:
        try:
            while self._hub.until(next(steps), timeout):
                pass
            steps.throw(RecvTimeout("it took too long"))
        except StopIteration as end:
            result: Result = end.value
        finally:
            steps.close()
        return result


class Hub(_link.Hub):
    """For any number of threads: one of those that wait polls for all."""

    link = Connection

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._polling = False

    def until(self, ready: Callable[[], Any], timeout: float | None = None) -> bool:
        """Waits for what events bring; False when the time is over."""
        end = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            with self._changed:
                left = end - time.monotonic()
                if ready() or left <= 0:
                    return bool(ready())
                if self._polling:
                    self._changed.wait(None if timeout is None else left)
                    continue
                self._polling = True
            events: list[Event] = []
            try:
                events = self.engine.poll(None if timeout is None else left)
            finally:
                with self._changed:
                    self._polling = False
                    for event in events:
                        self.feed(event)
                    self._changed.notify_all()

    def _start(self, function: Any, *args: Any) -> None:
        threading.Thread(target=function, args=args, daemon=True).start()

    def _serve(self, link: Connection) -> None:
        code = 1000
        try:
            self._handler(link)
        except Exception as error:
            code = link._failed(error)
        link.close(code)


class ClientConnection(Connection):
    """With an engine, and its thread, of its own."""

    def close(self, code: int = 1000, reason: str = "") -> None:
        super().close(code, reason)
        self._hub.engine.close()


def connect(uri: str, *, max_queue: int = 16, on_event: OnEvent = None, **options: Any) -> ClientConnection:
    """Connects, and waits until that is open. Options are those of websockets.sync.client.connect and of the header.

    ``on_event`` is called with each event of the connection, such as those that tell how it reconnects.
    """
    hub = Hub()
    try:
        connection = ClientConnection(hub, hub.engine.connect(uri=uri, **translate(options)), max_queue, on_event)
        hub.until(lambda: connection.handshake or connection.error)
        connection._check()
        return connection
    except BaseException:
        hub.engine.close()
        raise


class serve(Hub, AbstractContextManager["serve"]):
    """A listener at ``address``; ``serve_forever`` runs ``handler`` in a thread for each connection, port 0 is a free one.

    ``on_request(request, handshake)`` answers what comes to ``routes`` with ``decide``, in a thread of its own.
    """

    def __init__(
        self, handler: Any, host: str = "127.0.0.1", port: int = 0, *, on_request: Any = None, **options: Any
    ) -> None:
        super().__init__()
        self._listen(handler, host, port, on_request, options)

    def serve_forever(self) -> None:
        """Until ``shutdown``, and until all connections are closed."""
        self.until(lambda: self._stopped and not self.links)

    def shutdown(self, code: int = 1001, reason: str = "") -> None:
        """Closes the listener and all connections; serve_forever returns when they are closed. Twice is once."""
        self._stop(code, reason)
        self.engine.wake()

    def __exit__(self, *_: object) -> None:
        self.engine.close()
