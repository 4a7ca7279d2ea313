"""Connections for asyncio, like those of websockets: ``connect`` and ``serve``. Needs a loop with add_reader."""

import asyncio
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, AsyncIterator, Callable, Coroutine, Generator, Self
from weakref import WeakValueDictionary

from . import _link
from ._link import Link, Message, OnEvent, translate
from .exceptions import ConnectionClosedOK


class Connection(Link, AbstractAsyncContextManager["Connection"]):
    """A connection: ``async with`` and ``await`` open it. Any task may send; one at a time receives."""

    async def __aiter__(self) -> AsyncIterator[Message]:
        """All messages, to the end; ConnectionClosedError if that is not in order."""
        with suppress(ConnectionClosedOK):
            while True:
                yield await self.recv()

    def __await__(self) -> Generator[Any, None, Self]:
        return self._opened().__await__()

    __aenter__ = Link._opened

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Hub(_link.Hub):
    """Polled by the loop when there is something to do: its descriptor is readable, or a time has come."""

    def __init__(self) -> None:
        super().__init__(io_thread=False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.fileno(), self._poll)
        self._timer: asyncio.Handle = self._loop.call_soon(self._poll)
        self._changed: dict[Any, asyncio.Event] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    def touch(self, delay: float = 0) -> None:
        self._timer.cancel()
        self._timer = self._loop.call_later(delay, self._poll)

    def _poll(self) -> None:
        for event in self.poll(0):
            self.feed(event)
            if changed := self._changed.pop(event.conn or event.listener, None):
                changed.set()
        if not self.links:
            self.close()
        elif (left := self.next_timeout()) >= 0:
            self.touch(left / 1000)

    async def until(self, ready: Callable[[], Any], handle: Any) -> None:
        """Waits for what events of a connection, or of the listener, bring."""
        while not ready():
            self.touch()
            await self._changed.setdefault(handle, asyncio.Event()).wait()

    def start(self, steps: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(steps)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def close(self) -> None:
        self._timer.cancel()
        self._loop.remove_reader(self.fileno())
        super().close()


_clients: WeakValueDictionary[asyncio.AbstractEventLoop, Hub] = WeakValueDictionary()


def connect(uri: str, *, max_queue: int = 16, on_event: OnEvent = None, **options: Any) -> Connection:
    """``async with connect(uri) as websocket:`` or ``await connect(uri)``; options as of ``hawser.connect``."""
    loop = asyncio.get_running_loop()
    if (hub := _clients.get(loop)) is None or hub.closed:
        hub = _clients[loop] = Hub()
    return Connection(hub, hub.connect(uri=uri, **translate(options)), max_queue, on_event)


class serve(_link.Server, AbstractAsyncContextManager["serve"]):
    """``async with serve(handler, host, port) as server:`` listens, with a task of ``handler`` for each connection."""

    hub, link = Hub, Connection

    async def shutdown(self, code: int = 1001, reason: str = "") -> None:
        """Closes the listener and all connections, and waits for them and their handlers. Twice is once."""
        await super().shutdown(code, reason)
        await self.serve_forever()
        await asyncio.gather(*self._hub.tasks, return_exceptions=True)

    async def __aexit__(self, *_: object) -> None:
        await self.shutdown()
