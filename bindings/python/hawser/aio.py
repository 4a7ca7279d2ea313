"""Connections for asyncio, like those of websockets: ``connect`` and ``serve``. Needs a loop with add_reader."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any, AsyncIterator, Callable, Iterable

from . import _link
from ._link import Data, Link, Message, OnEvent, Result, Steps, translate
from .exceptions import ConnectionClosedOK
from .types import Event


class Connection(Link, AbstractAsyncContextManager["Connection"]):
    """An open connection, like that of ``hawser.sync``. Any task may send; one at a time receives."""

    async def recv(self) -> Message:
        return await self._run(self._recv())

    async def send(self, message: Data | Iterable[Data]) -> None:
        await self._run(self._send(message))

    async def ping(self, data: Data = b"") -> float:
        return await self._run(self._ping(data))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._run(self._close(code, reason))

    async def __aiter__(self) -> AsyncIterator[Message]:
        try:
            while True:
                yield await self.recv()
        except ConnectionClosedOK:
            pass

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _run(self, steps: Steps[Result]) -> Result:
        try:
            while True:
                await self._hub.until(next(steps), self)
        except StopIteration as end:
            result: Result = end.value
        finally:
            steps.close()
        return result


class Hub(_link.Hub):
    """Polled by the loop when there is something to do: its descriptor is readable, or a time has come."""

    link = Connection
    io_thread = False

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        self._changed: dict[Any, set[asyncio.Future[None]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop.add_reader(self.engine.fileno(), self._poll)

    def touch(self) -> None:
        self._again(None if self.engine.closed else self._loop.call_soon(self._poll))

    def _again(self, timer: asyncio.Handle | None) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = timer

    def _poll(self) -> None:
        for event in self.engine.poll(0):
            link = self.links.get(event.conn.id) if event.conn else None
            self.feed(event)
            for waiter in [*self._changed.get(link, ()), *self._changed.get(None, ())]:
                if not waiter.done():
                    waiter.set_result(None)
        if not self.engine.closed:
            left = self.engine.next_timeout()
            self._again(self._loop.call_later(left / 1000, self._poll) if left >= 0 else None)

    async def until(self, ready: Callable[[], Any], link: Link | None = None) -> None:
        """Waits for what events bring, those of a connection or all."""
        self.touch()
        while not ready():
            waiter = self._loop.create_future()
            self._changed.setdefault(link, set()).add(waiter)
            try:
                await waiter
            finally:
                self._changed[link].discard(waiter)
                if not self._changed[link]:
                    del self._changed[link]

    def close(self) -> None:
        self._again(None)
        self._loop.remove_reader(self.engine.fileno())
        self.engine.close()

    def _start(self, function: Any, *args: Any) -> None:
        task = self._loop.create_task(function(*args))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, link: Connection) -> None:
        code = 1000
        try:
            await self._handler(link)
        except Exception as error:
            code = link._failed(error)
        await link.close(code)


_clients: dict[asyncio.AbstractEventLoop, Clients] = {}


class Clients(Hub):
    """Those of a loop. The last one to end closes the engine."""

    def feed(self, event: Event) -> None:
        super().feed(event)
        if not self.links:
            del _clients[self._loop]
            self.close()


class connect(AbstractAsyncContextManager[Connection]):
    """``async with connect(uri) as websocket:`` or ``await connect(uri)``; options as of ``hawser.connect``."""

    def __init__(self, uri: str, *, max_queue: int = 16, on_event: OnEvent = None, **options: Any) -> None:
        self._rest, self._options = (max_queue, on_event), {"uri": uri, **translate(options)}

    def __await__(self) -> Any:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> Connection:
        loop = asyncio.get_running_loop()
        for closed in [other for other in _clients if other.is_closed()]:
            del _clients[closed]
        hub = _clients.get(loop) or _clients.setdefault(loop, Clients())
        self._connection = connection = Connection(hub, hub.engine.connect(**self._options), *self._rest)
        try:
            await hub.until(lambda: connection.handshake or connection.error, connection)
        except asyncio.CancelledError:
            connection.abort()
            raise
        connection._check()
        return connection

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()


class serve(Hub, AbstractAsyncContextManager["serve"]):
    """``async with serve(handler, host, port) as server:`` listens, with a task of ``handler`` for each connection."""

    def __init__(
        self, handler: Any, host: str = "127.0.0.1", port: int = 0, *, on_request: Any = None, **options: Any
    ) -> None:
        self._args = handler, host, port, on_request, options

    async def __aenter__(self) -> serve:
        super().__init__()
        self._listen(*self._args)
        return self

    async def serve_forever(self) -> None:
        """Until ``shutdown``, and until all connections are closed."""
        await self.until(lambda: self._stopped and not self.links)

    async def shutdown(self, code: int = 1001, reason: str = "") -> None:
        """Closes the listener and all connections, and waits for them and their handlers. Twice is once."""
        self._stop(code, reason)
        await self.serve_forever()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aexit__(self, *_: object) -> None:
        await self.shutdown()
        self.close()
