"""WebSocket clients and servers: ``connect`` and ``serve`` are for threads, those in ``hawser.aio`` for asyncio, and
``Engine`` is what both are made of. Exceptions are in ``hawser.exceptions``, and here."""

from . import exceptions
from ._cdef import VERSION as __version__
from .engine import Engine
from .exceptions import *  # noqa: F403 -- a class for each code
from .handles import Connection, Listener, Pool, Request, preset
from .sync import connect, serve
from .types import Event, EventFlags, EventKind, Opcode, SendFlags, State

__all__ = ["Connection", "Engine", "Event", "EventFlags", "EventKind", "Listener", "Opcode", "Pool", "Request"]
__all__ += ["SendFlags", "State", "__version__", "connect", "preset", "serve", *exceptions.__all__]
