"""Connections for asyncio, like those of websockets: ``connect`` and ``serve``. Needs a loop with add_reader."""

from __future__ import annotations

import asyncio
import weakref
from typing import Any, AsyncIterator, Awaitable, Callable, Iterable

from ._link import Data, Event, Link, Message, Result, Steps, address, translate
from ._link import Hub as BaseHub
from .exceptions import ConnectionClosedOK


class Connection(Link):
    """An open connection. Any task may send; one at a time receives."""

    async def recv(self) -> Message:
        """The next message: a str if it is text. After the last, ConnectionClosed."""
        return await self._run(self._recv())

    async def send(self, message: Data | Iterable[Data]) -> None:
        """Sends a message, of an iterable in fragments; waits while the send queue is full."""
        await self._run(self._send(message))

    async def ping(self, data: Data = b"") -> float:
        """Waits for the pong; the seconds that it took."""
        return await self._run(self._ping(data))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Closes, and waits for the end; what the peer still sends is dropped. Once it has ended, nothing."""
        await self._run(self._close(code, reason))

    async def __aiter__(self) -> AsyncIterator[Message]:
        """All messages, to the end; ConnectionClosedError if that is not in order."""
        try:
            while True:
                yield await self.recv()
        except ConnectionClosedOK:
            pass

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _run(self, steps: Steps[Result]) -> Result:
        try:
            while True:
                await self._hub.until(next(steps))
        except StopIteration as end:
            return end.value
        finally:
            steps.close()


class Hub(BaseHub):
    """Read when the descriptor of its engine is readable."""

    link = Connection

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._waiters: dict[asyncio.Future[None], Callable[[], Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        asyncio.get_running_loop().add_reader(self.engine.fileno(), self._read)

    def _read(self) -> None:
        for event in self.engine.poll(0):
            self.feed(event)
        for waiter, ready in list(self._waiters.items()):
            if not waiter.done() and ready():
                waiter.set_result(None)

    async def until(self, ready: Callable[[], Any]) -> None:
        """Waits for what events bring."""
        if not ready():
            waiter = asyncio.get_running_loop().create_future()
            self._waiters[waiter] = ready
            try:
                await waiter
            finally:
                del self._waiters[waiter]

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.engine.fileno())
        self.engine.close()

    def _start(self, function: Any, *args: Any) -> None:
        task = asyncio.get_running_loop().create_task(function(*args))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, link: Connection) -> None:
        code = 1000
        try:
            await self._handler(link)
        except Exception as error:
            code = link._failed(error)
        await link.close(code)


class Clients(Hub):
    """Those of a loop. The last one to end closes the engine."""

    of: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Clients] = weakref.WeakKeyDictionary()

    def feed(self, event: Event) -> None:
        super().feed(event)
        if not self.links and self.of.pop(asyncio.get_running_loop(), None):
            self.close()


class connect:
    """``async with connect(uri) as websocket:`` or ``await connect(uri)``; options as of ``hawser.connect``."""

    def __init__(self, uri: str, *, max_queue: int = 16, on_event: Callable[[Event], None] | None = None, **options: Any):
        self._rest, self._options = (max_queue, on_event), {"uri": uri, **translate(options)}

    def __await__(self) -> Any:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> Connection:
        loop = asyncio.get_running_loop()
        hub = Clients.of.get(loop) or Clients.of.setdefault(loop, Clients())
        self._connection = connection = Connection(hub, hub.engine.connect(**self._options), *self._rest)
        try:
            await hub.until(lambda: connection.handshake or connection.error)
        except asyncio.CancelledError:
            connection.abort()
            raise
        if connection.error:
            raise connection.error
        return connection

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()


class Server(Hub):
    """A listener at ``address``, with a task for each connection."""

    async def serve_forever(self) -> None:
        """Until ``shutdown``, and until all connections are closed."""
        await self.until(lambda: self._stopped and not self.links)

    async def shutdown(self, code: int = 1001, reason: str = "") -> None:
        """Closes the listener and all connections, and waits for them and their handlers. Twice is once."""
        self._stop(code, reason)
        await self.serve_forever()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class serve:
    """``async with serve(handler, host, port) as server:`` listens, with a task of ``handler`` for each connection."""

    def __init__(self, handler: Callable[[Connection], Awaitable[Any]], host: str = "127.0.0.1", port: int = 0, *,
                 on_request: Any = None, **options: Any) -> None:  # fmt: skip
        self._make = lambda: Server(handler, on_request, **{"bind": address(host, port), **translate(options)})

    async def __aenter__(self) -> Server:
        self._server = self._make()
        return self._server

    async def __aexit__(self, *_: object) -> None:
        await self._server.shutdown()
        self._server.close()
