"""Connections for asyncio, like those of websockets: ``connect`` and ``serve``. Needs a loop with add_reader."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any, AsyncIterator, Callable, Coroutine, Iterable

from . import _link
from ._link import Data, Link, Message, OnEvent, translate
from .exceptions import ConnectionClosedOK
from .types import Event


class Connection(Link, AbstractAsyncContextManager["Connection"]):
    """An open connection, like that of ``hawser.sync``. Any task may send; one at a time receives."""

    async def recv(self) -> Message:
        return await self._recv()

    async def send(self, message: Data | Iterable[Data]) -> None:
        await self._send(message)

    async def ping(self, data: Data = b"") -> float:
        return await self._ping(data)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._close(code, reason)

    async def __aiter__(self) -> AsyncIterator[Message]:
        try:
            while True:
                yield await self.recv()
        except ConnectionClosedOK:
            pass

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Hub(_link.Hub):
    """Polled by the loop when there is something to do: its descriptor is readable, or a time has come."""

    io_thread = False

    def attach(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed: dict[Any, asyncio.Event] = {}
        self._timer: asyncio.Handle = self._loop.call_soon(self._poll)
        self._loop.add_reader(self.engine.fileno(), self._poll)

    def touch(self, delay: float = 0) -> None:
        self._timer.cancel()
        self._timer = self._loop.call_later(delay, self._poll)

    def _poll(self) -> None:
        for event in () if self.engine.closed else self.engine.poll(0):
            self.feed(event)
            for waited in {event.conn, None} & self._changed.keys():
                self._changed.pop(waited).set()
        if not self.engine.closed and (left := self.engine.next_timeout()) >= 0:
            self.touch(left / 1000)

    async def until(self, ready: Callable[[], Any], handle: Any = None) -> None:
        """Waits for what events bring, those of a connection or all."""
        self.touch()
        while not ready():
            await self._changed.setdefault(handle, asyncio.Event()).wait()

    def close(self) -> None:
        self._timer.cancel()
        self._loop.remove_reader(self.engine.fileno())
        self.engine.close()


_clients: dict[asyncio.AbstractEventLoop, Clients] = {}


class Clients(Hub):
    """Those of a loop. The last one to end closes the engine."""

    def __init__(self) -> None:
        super().__init__()
        self.attach()
        _clients[self._loop] = self

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
        hub = _clients.get(loop) or Clients()
        self._connection = connection = Connection(hub, hub.engine.connect(**self._options), *self._rest)
        try:
            await connection._until(lambda: connection.handshake)
        except asyncio.CancelledError:
            connection.abort()
            raise
        return connection

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()


class serve(_link.Server, Hub, AbstractAsyncContextManager["serve"]):
    """``async with serve(handler, host, port) as server:`` listens, with a task of ``handler`` for each connection."""

    link = Connection

    async def __aenter__(self) -> serve:
        self.attach()
        self._tasks: set[asyncio.Task[None]] = set()
        return self

    async def serve_forever(self) -> None:
        """Until ``shutdown``, and until all connections are closed."""
        await self._ended()

    async def shutdown(self, code: int = 1001, reason: str = "") -> None:
        """Closes the listener and all connections, and waits for them and their handlers. Twice is once."""
        self._stop(code, reason)
        await self.serve_forever()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aexit__(self, *_: object) -> None:
        await self.shutdown()
        self.close()

    async def _call(self, function: Any, *args: Any) -> None:
        await function(*args)

    def _start(self, steps: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(steps)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
