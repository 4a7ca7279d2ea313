"""What nobody should do: errors, never a crash, a hang or a leak."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
import warnings
import weakref
from unittest import mock

import hawser
from hawser import EventKind, aio
from hawser._library import lib

logging.getLogger("hawser").addHandler(logging.NullHandler())
logging.getLogger("hawser").propagate = False
logging.getLogger("asyncio").setLevel(logging.ERROR)  # not that a busy machine is slow


def echo(connection):
    for message in connection:
        connection.send(message)


@contextlib.contextmanager
def serving(handler=echo, **options):
    with hawser.serve(handler, **options) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://{server.address}/"
        finally:
            server.shutdown()
            thread.join()


def until(engine, kind):
    """The first event of this kind."""
    while True:
        for event in engine.poll(10):
            if event.kind == kind:
                return event


class Threads(list):
    """Threads whose failures are not lost."""

    def __init__(self, count, function):
        super().__init__(threading.Thread(target=self._run, args=(function, at)) for at in range(count))
        self.failures = []
        for thread in self:
            thread.start()

    def _run(self, function, at):
        try:
            function(at)
        except BaseException as error:
            self.failures.append(error)

    def join(self):
        for thread in self:
            thread.join(60)
        return self.failures


class Exceptions(unittest.TestCase):
    def test_each_is_a_what_the_library_says(self):
        kinds = hawser.exceptions.BY_STATUS
        at = 0
        while status := lib.hws_status_at(at):
            self.assertIn(status, kinds)
            at += 1
        self.assertEqual(at, len(kinds))
        for status, kind in kinds.items():
            for above, ancestor in kinds.items():
                self.assertEqual(issubclass(kind, ancestor), bool(lib.hws_status_is_a(status, above)), (kind, ancestor))

    def test_they_nest_as_those_of_websockets_do(self):
        try:
            import websockets.exceptions as theirs
        except ImportError:
            self.skipTest("websockets is not there")
        names = [name for name in theirs.__all__ if hasattr(hawser, name)]
        self.assertGreater(len(names), 20)
        for name in names:
            for base in getattr(theirs, name).__mro__:
                above = getattr(hawser, base.__name__, base)
                self.assertTrue(issubclass(getattr(hawser, name), above), (name, above))

    def test_none_is_that_of_a_finalizer_or_a_signals_handler(self):
        engine, stale = hawser.Engine(), hawser.Engine()
        stale.close()
        reason, runs = "x" * 40_000, 0

        def fails():
            nonlocal runs
            runs += 1
            for call in (stale.wake, stale.stats, lambda: stale.publish("topic", "text")):
                with contextlib.suppress(hawser.InvalidHandle):
                    call()

        class Garbage:
            def __init__(self):
                self.itself = self

            def __del__(self):
                fails()
                if again:
                    Garbage()

        def check():
            with self.assertRaises(hawser.InvalidURI) as caught:
                engine.connect(uri=f"ws://{reason}:port/")
            error = caught.exception
            self.assertEqual(error.uri, first.uri)
            self.assertEqual((str(error), error.detail, error.position), (str(first), first.detail, first.position))

        with self.assertRaises(hawser.InvalidURI) as caught:
            engine.connect(uri=f"ws://{reason}:port/")
        first = caught.exception
        thresholds, again = gc.get_threshold(), True
        self.addCleanup(gc.set_threshold, *thresholds)
        gc.set_threshold(1)
        Garbage()
        for _ in range(50):
            check()
        again = False
        gc.set_threshold(*thresholds)
        gc.collect()
        self.assertGreater(runs, 50)

        def trace(frame, event, _):  # what is traced may be interrupted between any two steps
            if "hawser" not in frame.f_code.co_filename:
                return None
            frame.f_trace_opcodes = True
            if event == "opcode":
                fails()
            return trace

        runs, before = 0, sys.gettrace()
        sys._getframe().f_trace_opcodes = True  # CPython 3.12 asks once, in settrace, whether any frame wants them
        sys.settrace(trace)
        try:
            check()
        finally:
            sys.settrace(before)
        self.assertGreater(runs, 50)
        engine.close()

    def test_one_that_a_program_makes_has_all_attributes(self):
        error = hawser.InvalidStatus("made up")
        self.assertEqual(
            (error.http_status, error.response.headers, error.detail, error.__cause__), (0, (), None, None)
        )
        with self.assertRaises(OSError):
            raise hawser.ConnectTimeout("made up")


class Engines(unittest.TestCase):
    def test_closed_twice(self):
        engine = hawser.Engine()
        engine.close()
        engine.close()

    def test_used_after_close(self):
        engine = hawser.Engine()
        engine.close()
        for call in (
            lambda: engine.poll(0),
            lambda: engine.connect(uri="ws://127.0.0.1:1/"),
            lambda: engine.listen(bind="127.0.0.1:0"),
            engine.stats,
            engine.wake,
            engine.fileno,
            lambda: engine.publish("topic", "text"),
        ):
            self.assertRaises(hawser.InvalidHandle, call)

    def test_a_hundred(self):
        engines = [hawser.Engine(io_thread=at % 2 == 0) for at in range(100)]
        listeners = [engine.listen(bind="127.0.0.1:0") for engine in engines]
        client = hawser.Engine()
        for listener in listeners:
            client.connect(uri=f"ws://{listener.address()}/")
        opened = 0
        while opened < 100:
            for engine in engines:
                engine.poll(0)
            opened += sum(event.kind == EventKind.OPEN for event in client.poll(0.001))
        del engines, listeners
        client.close()

    def test_dropped_without_close(self):
        for _ in range(100):
            engine = hawser.Engine(io_thread=True)
            listener = engine.listen(bind="127.0.0.1:0")
            engine.connect(uri=f"ws://{listener.address()}/")
            engine.poll(0)
        gone = weakref.ref(engine)
        del engine
        gc.collect()
        self.assertIsNone(gone())
        self.assertRaises(hawser.InvalidHandle, listener.address)

    def test_closed_in_a_finalizer(self):
        engine = hawser.Engine()

        class Owner:
            def __del__(self):
                engine.close()
                ended.append(True)

        ended = []
        owner = Owner()
        owner.itself = owner
        del owner
        gc.collect()
        self.assertEqual(ended, [True])
        self.assertRaises(hawser.InvalidHandle, engine.wake)

    def test_closed_while_another_thread_polls(self):
        for _ in range(50):
            engine = hawser.Engine()
            threads = Threads(1, lambda _: [engine.poll() for _ in range(2)])
            engine.wake()
            engine.close()
            (failure,) = threads.join()
            self.assertIsInstance(failure, hawser.InvalidHandle)

    def test_closed_while_its_events_are_read(self):
        def chat(engine, heard):
            while True:
                try:
                    events = engine.poll()
                except hawser.ConcurrencyError:
                    time.sleep(0.0001)
                    continue
                for event in events:
                    self.assertIn(event.kind, (EventKind.OPEN, EventKind.MESSAGE))
                    self.assertIn(event.data, (b"", "chatter" * 100))
                    with contextlib.suppress(hawser.InvalidHandle):
                        event.conn.send("chatter" * 100)
                    heard.release()

        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(1e-5)
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            for io_thread in (False, True):
                engine, heard = hawser.Engine(io_thread=io_thread), threading.Semaphore(0)
                listener = engine.listen(bind="127.0.0.1:0")
                for _ in range(4):
                    engine.connect(uri=f"ws://{listener.address()}/")
                chatting = Threads(2, lambda _: chat(engine, heard))
                for _ in range(50):
                    self.assertTrue(heard.acquire(timeout=30))
                closing = Threads(2, lambda _: engine.close())
                self.assertEqual(closing.join(), [])
                self.assertRaises(hawser.InvalidHandle, listener.address)
                self.assertEqual([type(failure) for failure in chatting.join()], [hawser.InvalidHandle] * 2)

    def test_its_events_are_all_read_before_it_is_closed(self):
        def by_a_finalizer():
            self.assertRaises(hawser.ConcurrencyError, engine.poll, 0)
            engine.close()

        def by_another_thread():
            closing.extend(Threads(1, lambda _: engine.close()))
            closing[0].join(0.1)
            self.assertTrue(closing[0].is_alive())

        def read(raw):
            if not engine.closed:
                close()
            engine.wake()  # it is there
            return hawser.handles.event(raw)

        for close in (by_a_finalizer, by_another_thread):
            engine, closing = hawser.Engine(publish_events=True), []
            for _ in range(5):
                engine.publish("topic", "news")
            with mock.patch.object(hawser.engine, "event", read):
                events = engine.poll(0)
            self.assertEqual([event.data for event in events], ["news"] * 5)
            for thread in closing:
                thread.join()
            self.assertRaises(hawser.InvalidHandle, engine.wake)

    def test_polled_by_two(self):
        with hawser.Engine() as engine:
            threads = Threads(1, lambda _: engine.poll(30))
            while not engine._poller:
                time.sleep(0.001)
            self.assertRaises(hawser.ConcurrencyError, engine.poll, 0)
            engine.wake()
            self.assertEqual(threads.join(), [])

    def test_wake_ends_a_poll(self):
        with hawser.Engine() as engine:
            engine.wake()
            self.assertEqual(engine.poll(), [])

    def test_a_poll_can_be_interrupted(self):
        # A shell starts what is in the background with SIGINT ignored.
        program = "import hawser, os, signal, threading\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        program += "threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()\nhawser.Engine().poll()"
        run = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, timeout=30)
        self.assertEqual(run.returncode, -signal.SIGINT, run.stderr)

    def test_closed_by_a_handler_of_a_signal(self):
        engine = hawser.Engine()
        before = signal.signal(signal.SIGUSR1, lambda *_: engine.close())
        timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        try:
            self.assertRaises(hawser.InvalidHandle, engine.poll)
        finally:
            timer.join()
            signal.signal(signal.SIGUSR1, before)

    def test_used_in_a_child_after_fork(self):
        with hawser.Engine(io_thread=True) as engine:
            listener = engine.listen(bind="127.0.0.1:0")
            threads = Threads(1, lambda _: engine.poll())
            while not engine._poller:
                time.sleep(0.001)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that forking with threads is dangerous
                child = os.fork()
            if child == 0:
                try:
                    engine.stats()
                except hawser.Forked:
                    engine.close()
                    os._exit(0 if hawser.Engine().poll(0) == [] else 2)
                os._exit(1)
            self.assertEqual(os.waitpid(child, 0)[1], 0)
            engine.wake()
            self.assertEqual(threads.join(), [])
            self.assertIn(":", listener.address())

    def test_a_program_that_just_ends(self):
        program = "import hawser, threading, time\nengine = hawser.Engine(io_thread=True)\nengine.listen(bind='127.0.0.1:0')\n"
        program += "threading.Thread(target=engine.poll, daemon=True).start()\ntime.sleep(0.05)"
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30)
        self.assertEqual((run.returncode, run.stderr), (0, b""))


class Options(unittest.TestCase):
    def test_an_option_that_is_none(self):
        with hawser.Engine() as engine:
            for options in ({"colour": 1}, {"timers": {"colour": 1}}, {"struct_sized": 1}):
                with self.assertRaisesRegex(TypeError, "has no"):
                    engine.connect(uri="ws://127.0.0.1:1/", **options)

    def test_values_of_a_wrong_type(self):
        with hawser.Engine() as engine:
            for options in (
                {"uri": 1},
                {"uri": "ws://h/", "headers": [("one",)]},
                {"uri": "ws://h/", "headers": 7},
                {"uri": "ws://h/", "max_redirects": -1},
                {"uri": "ws://h/", "limits": {"overflow": "perhaps"}},
                {"uri": "ws://h/", "limits": 3},
                {"uri": "ws://h/\0"},
            ):
                with self.assertRaises((TypeError, ValueError, OverflowError, KeyError, AttributeError)):
                    engine.connect(**options)

    def test_a_preset_is_options(self):
        with serving() as uri, hawser.connect(uri, **hawser.preset("realtime")) as connection:
            connection.send("fast")
            self.assertEqual(connection.recv(), "fast")
        with self.assertRaisesRegex(hawser.InvalidArgument, "realtime"):
            hawser.preset("none of them")


class Connections(unittest.TestCase):
    def test_closed_twice_and_used_after(self):
        with serving() as uri:
            connection = hawser.connect(uri)
            connection.close()
            connection.close()
            connection.abort()
            self.assertRaises(hawser.ConnectionClosedOK, connection.recv)
            self.assertRaises(hawser.ConnectionClosedOK, connection.send, "late")
            self.assertRaises(hawser.ConnectionClosedOK, connection.ping)
            self.assertRaises(hawser.InvalidHandle, connection.handle.stats)
            self.assertEqual(list(connection), [])

    def test_what_is_no_message(self):
        with serving() as uri, hawser.connect(uri) as connection:
            for message in (None, 7, ["text", 7]):
                self.assertRaises(TypeError, connection.send, message)
            self.assertRaises(UnicodeEncodeError, connection.send, "\ud800")
            self.assertRaises(hawser.InvalidSend, connection.handle.send, b"\xff", hawser.Opcode.TEXT)
            self.assertRaises(hawser.InvalidSend, connection.close, 1005)

    def test_many_threads_send_one_receives(self):
        with serving() as uri, hawser.connect(uri) as connection:
            threads = Threads(8, lambda at: [connection.send(f"{at}:{number}") for number in range(200)])
            got = [connection.recv(30) for _ in range(1600)]
            self.assertEqual(threads.join(), [])
            for at in range(8):
                own = [message for message in got if message.startswith(f"{at}:")]
                self.assertEqual(own, [f"{at}:{number}" for number in range(200)])

    def test_two_receive(self):
        with serving() as uri, hawser.connect(uri) as connection:
            failures = Threads(2, lambda _: connection.recv(0.5)).join()
            kinds = sorted(type(failure).__name__ for failure in failures)
            self.assertEqual(kinds, ["ConcurrencyError", "RecvTimeout"])

    def test_closed_while_another_thread_receives(self):
        for _ in range(20):
            with serving() as uri:
                connection = hawser.connect(uri)
                threads = Threads(1, lambda _: connection.recv())
                connection.close()
                (failure,) = threads.join()
                self.assertIsInstance(failure, (hawser.ConnectionClosedOK, hawser.InvalidHandle))

    def test_one_that_is_dropped_ends(self):
        ended = threading.Event()

        def handler(connection):
            self.assertRaises(hawser.ConnectionClosedError, connection.recv)
            ended.set()

        with serving(handler) as uri:
            hawser.connect(uri).send("and gone")
            gc.collect()
            hawser.connect(uri)
            gc.collect()
            self.assertTrue(ended.wait(10))

    def test_a_callback_that_raises(self):
        def fails(event):
            raise RuntimeError("on_event")

        with serving() as uri, hawser.connect(uri, on_event=fails) as connection:
            connection.send("still there")
            self.assertEqual(connection.recv(), "still there")

    def test_a_handler_that_raises(self):
        def fails(connection):
            raise RuntimeError("handler")

        with serving(fails) as uri:
            connection = hawser.connect(uri)
            with self.assertRaises(hawser.ConnectionClosedError) as caught:
                connection.recv()
            self.assertEqual((caught.exception.code, caught.exception.rcvd.code), (1011, 1011))
            connection.close()

    def test_a_handler_that_waits_as_if_for_asyncio(self):
        class Foreign:
            def __await__(self):
                yield

        async def waits(connection):
            await Foreign()

        with serving(waits) as uri, hawser.connect(uri) as connection:
            with self.assertRaises(hawser.ConnectionClosedError) as caught:
                connection.recv(30)
            self.assertEqual(caught.exception.code, 1011)

    def test_a_peer_that_is_faster(self):
        sent = 2000

        def floods(connection):
            for number in range(sent):
                connection.send(f"{number} " + "x" * 10_000)

        with serving(floods, limits={"send_queue_max": 100_000}) as uri:
            connection = hawser.connect(uri, max_queue=4, limits={"recv_queue_messages": 16})
            time.sleep(0.2)
            numbers = []
            for message in connection:
                self.assertLess(len(connection._messages), 200)
                numbers.append(int(message.split()[0]))
            self.assertEqual(numbers, list(range(sent)))
            connection.close()

    def test_refused(self):
        with self.assertRaises(ConnectionRefusedError) as caught:
            hawser.connect("ws://127.0.0.1:1/")
        self.assertEqual(caught.exception.errno, caught.exception.os_error)


class Asyncio(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        async def handler(connection):
            connection.handle.subscribe("news")
            async for message in connection:
                await connection.send(message)

        serve = aio.serve(handler)
        self.server = await serve.__aenter__()
        self.addAsyncCleanup(serve.__aexit__)
        self.uri = f"ws://{self.server.address}/"

    async def test_closed_twice_and_used_after(self):
        connection = await aio.connect(self.uri)
        await connection.close()
        await connection.close()
        with self.assertRaises(hawser.ConnectionClosedOK):
            await connection.recv()
        with self.assertRaises(hawser.ConnectionClosedOK):
            await connection.send("late")

    async def test_many(self):
        async def one(number):
            async with aio.connect(self.uri) as connection:
                hubs.add(connection._hub)
                await connection.send(str(number))
                return await connection.recv()

        numbers, hubs = range(200), set()
        self.assertEqual(await asyncio.gather(*map(one, numbers)), [str(number) for number in numbers])
        self.assertEqual([hub.closed for hub in hubs], [True])

    async def test_cancelled(self):
        async with aio.connect(self.uri) as connection:
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(connection.recv(), 0.05)
            await connection.send("after")
            self.assertEqual(await connection.recv(), "after")
            self.assertEqual(connection._hub._changed, {})

    async def test_two_receive(self):
        async with aio.connect(self.uri) as connection:
            first = asyncio.ensure_future(connection.recv())
            await asyncio.sleep(0)
            with self.assertRaises(hawser.ConcurrencyError):
                await connection.recv()
            await connection.send("one")
            self.assertEqual(await first, "one")

    async def test_room_in_the_queue_is_for_all_who_wait(self):
        async def handler(connection):
            got.extend([message[0] async for message in connection])

        def jumps_the_queue(event):
            if event.kind == EventKind.WRITABLE:
                rooms.append(event)
                self.assertRaises(StopIteration, connection.send("small").send, None)

        async def fills_it():
            while not rooms:
                await connection.send("a" * 90_000)
                sent.append("a")

        got, sent, rooms, limits = [], [], [], {"send_queue_max": 100_000}
        async with aio.serve(handler) as server:
            uri = f"ws://{server.address}/"
            async with aio.connect(uri, limits=limits, on_event=jumps_the_queue) as connection:
                await asyncio.wait_for(fills_it(), 30)
        self.assertEqual(got, [*sent[:-1], "s", "a"])

    async def test_one_that_is_given_up_leaves_nothing(self):
        async def ended():
            while not opening._hub.closed:
                await asyncio.sleep(0)

        with socket.create_server(("127.0.0.1", 0)) as silent:
            opening = aio.connect(f"ws://127.0.0.1:{silent.getsockname()[1]}/")
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(opening, 0.05)
            await asyncio.wait_for(ended(), 30)

    async def test_refused(self):
        for _ in range(3):
            with self.assertRaises(ConnectionRefusedError):
                await aio.connect("ws://127.0.0.1:1/")
        with self.assertRaises(hawser.InvalidURI):
            await aio.connect("http://127.0.0.1:1/")

    async def test_a_handler_that_raises(self):
        async def fails(connection):
            raise RuntimeError("handler")

        async with aio.serve(fails) as server:
            connection = await aio.connect(f"ws://{server.address}/")
            with self.assertRaises(hawser.ConnectionClosedError) as caught:
                await connection.recv()
            self.assertEqual(caught.exception.code, 1011)

    async def test_closed_from_another_thread(self):
        connection = await aio.connect(self.uri)
        await asyncio.get_running_loop().run_in_executor(None, connection.handle.close)
        with self.assertRaises(hawser.ConnectionClosedOK):
            await connection.recv()

    async def test_fragments_and_topics(self):
        async with aio.connect(self.uri) as connection:
            await connection.send(["one ", "two ", "three"])
            self.assertEqual(await connection.recv(), "one two three")
            self.assertEqual(self.server.publish("news", b"\x00"), (1, 0))
            self.assertEqual(await connection.recv(), b"\x00")


if __name__ == "__main__":
    unittest.main()
