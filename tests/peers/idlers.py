"""Ten thousand that connect and do nothing, or next to nothing: everybody else is served as if they were not there, and
each of them is told 408 when its time is up."""
import collections
import contextlib
import resource
import socket
from pathlib import Path

from websockets.sync.client import connect

from harness import PATIENCE, holds

CROWD = 10_000
SPARE_FILES = 200  # of each process, beside the crowd
OPEN_FOR = 10  # seconds: the crowd is complete well before
HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
ANSWER = b"HTTP/1.1 408 "


def run(stage):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < CROWD + SPARE_FILES:
        return stage.skip("ten thousand idlers", f"a process may have {hard} files", 3)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # also for the server: it inherits ours
    try:
        stage.check("ten thousand that say nothing", outwaited, stage, b"")
        stage.check("ten thousand with half a head", outwaited, stage, HALF_A_HEAD)
        stage.check("ten thousand from one address that may have ten", turned_away, stage)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def outwaited(stage, words):
    server, port = serve(stage, "--open-timeout", OPEN_FOR)
    echoes(port)
    quiet = resident(server)
    with crowd(port, words) as idlers:
        echoes(port)
        each = (resident(server) - quiet) // CROWD
        answered = sum(last_words(idler).startswith(ANSWER) for idler in idlers)
        holds(answered == CROWD, f"{answered} of {CROWD} were told 408")
    echoes(port)
    print(f"   {each} bytes of memory for each while they wait")
    holds(each < 4096, f"{each} bytes for each")


def turned_away(stage):
    """Who is not let in takes nobody's place: another address is served meanwhile. As many as may be refused at a time are
    told why, the others are dropped."""
    _, port = serve(stage, "--open-timeout", OPEN_FOR, "--max-per-address", 10)
    with crowd(port, b"", sources=1) as idlers:
        echoes(port, "127.0.0.9")
        told = collections.Counter(last_words(idler)[:13] for idler in idlers)
        holds(told.pop(ANSWER) == 10 and told.pop(b"HTTP/1.1 429 ") >= 1000 and set(told) <= {b""}, f"{told}")


def serve(stage, *flags):
    server = stage.start(stage.bin / "hws_echo", "--bind", "127.0.0.1:0", *flags, says=r"^listening on .*:(\d+)$")
    return server, int(server.said[1])


def echoes(port, source="127.0.0.1"):
    with connect(f"ws://127.0.0.1:{port}/", source_address=(source, 0), proxy=None, open_timeout=PATIENCE) as client:
        client.send("hello")
        holds(client.recv(PATIENCE) == "hello", "another echo")


@contextlib.contextmanager
def crowd(port, words, sources=4):
    """So many connections, from so many addresses: one alone has not enough ports beside those that still linger."""
    with contextlib.ExitStack() as leaving:
        idlers = []
        for number in range(CROWD):
            source = f"127.0.0.{2 + number % sources}"
            idler = leaving.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0)))
            idlers.append(idler)
            if words:
                idler.sendall(words)
        yield idlers


def last_words(idler):
    """All that it is told until the end, which comes."""
    said = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while some := idler.recv(4096):
            said += some
    return bytes(said)


def resident(server):
    """Bytes of memory of a server's own, not shared with other processes: the child's, for `timeout` is between us."""
    child = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text(encoding="ascii").split()[0]
    lines = Path(f"/proc/{child}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))
