"""The engine: what all else is made of. Nothing blocks but ``Engine.poll``, and any thread may call anything."""

import threading
import time
import weakref
from contextlib import AbstractContextManager
from typing import Any, Unpack

from . import types
from ._library import ffi, lib, struct
from .exceptions import ConcurrencyError, Forked, InvalidHandle
from .handles import EngineHandle, call, event

BATCH = 64
SIGNALS_S = 0.2  # so often Python's main thread looks for signals while it waits


class Engine(EngineHandle, AbstractContextManager["Engine"]):
    """The loop that drives connections and listeners. Freed by ``close``, ``with``, or when nobody has it any more."""

    def __init__(self, **options: Unpack[types.EngineOptions]) -> None:
        out = ffi.new("hws_engine *")
        call(lib.hws_engine_new, struct("hws_engine_options", options), out)
        super().__init__(out[0])
        self._events = ffi.new("hws_event[]", BATCH)
        self._polling = threading.RLock()  # what events point to must not go while they are read
        self._poller: int | None = None
        self.closed = False
        self._free = weakref.finalize(self, lib.hws_engine_free, self.handle)
        self._free.atexit = False  # a thread may still poll

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Drops everything at once; a poll on another thread raises InvalidHandle. Twice is once."""
        self.closed = True
        if self._poller == threading.get_ident():
            return  # a finalizer, or a signal's handler, within a poll, which frees it at its end
        if lib.hws_wake(self.handle) == Forked.status:
            return  # it is the parent's, as is whoever holds the lock
        with self._polling:
            self._free()

    def poll(self, timeout: float | None = None) -> list[types.Event]:
        """Does all work that is due and gives the next events; waits for some up to ``timeout`` seconds."""
        until = float("inf") if timeout is None else time.monotonic() + timeout
        step = SIGNALS_S if threading.current_thread() is threading.main_thread() else 1e6
        count = ffi.new("uint32_t *")
        if self._poller or not self._polling.acquire(blocking=False):
            raise ConcurrencyError("another thread polls this engine")
        self._poller = threading.get_ident()
        try:
            while not self.closed:
                left = max(0.0, min(until - time.monotonic(), step))
                full = time.monotonic() + left
                wait_ms = int(left * 1000 + 0.999)
                call(lib.hws_poll, self.handle, self._events, ffi.sizeof("hws_event"), BATCH, wait_ms, count)
                if count[0] or left < step or time.monotonic() < full:
                    break  # what was waited for, the end of the time, or a wake
            if self.closed:
                raise InvalidHandle("the engine has been closed")
            return [event(self._events[at]) for at in range(count[0])]
        finally:
            self._poller = None
            if self.closed:  # asked after that: who closes it from here on, within this thread, frees it himself
                self._free()
            self._polling.release()

    fileno = EngineHandle.pollable  # for selectors
