"""restart_peer.py HWS_ECHO reuse|handover: a server is replaced by a new one while clients keep coming.

Four threads open WebSockets, one after the other, until the old server has exited and 200 have come in all. Each must get
101 or, from the server that goes, 503; a refused connection or a reset is a failure. Prints `ok` and the counts.
"""
import collections
import contextlib
import signal
import socket
import subprocess
import sys
import threading

PATIENCE = 30
REQUEST = (b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
CLOSE_1001 = b"\x88\x82\0\0\0\0\x03\xe9"  # masked with zeros
LEAST = 200


def start(echo, *flags, **more):
    """A server that listens, and its address."""
    process = subprocess.Popen([echo, "--quiet", *flags], stdout=subprocess.PIPE, text=True, **more)
    line = process.stdout.readline()
    if not line.startswith("listening on "):
        raise SystemExit(f"hws_echo says {line!r}")
    host, _, port = line.removeprefix("listening on ").strip().rpartition(":")
    return process, (host, int(port))


def head(connection):
    text = b""
    while not text.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            raise ConnectionError(f"the end after {text!r}")
        text += byte
    return text


def visit(address):
    """Opens a WebSocket; gives the status of the answer."""
    with socket.create_connection(address, PATIENCE) as connection:
        connection.sendall(REQUEST)
        status = head(connection).split()[1].decode()
        if status != "101":
            while connection.recv(4096):  # to an end that is no reset
                pass
        return status


class Visitors:
    def __init__(self, address):
        self.address, self.over = address, threading.Event()
        self.enough = threading.Condition()
        self.heard = collections.Counter()
        self.threads = [threading.Thread(target=self.visit, daemon=True) for _ in range(4)]
        for thread in self.threads:
            thread.start()

    def visit(self):
        while not self.over.is_set():
            try:
                status = visit(self.address)
            except OSError as error:
                status = f"{type(error).__name__}: {error}"
            with self.enough:
                self.heard[status] += 1
                self.enough.notify_all()

    def wait_for(self, more):
        with self.enough:
            goal = self.heard.total() + more
            if not self.enough.wait_for(lambda: self.heard.total() >= goal, PATIENCE):
                raise SystemExit(f"too few have come: {dict(self.heard)}")

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join(PATIENCE)


def stay(address):
    """Guests who answer when they are told to leave."""
    connection = socket.create_connection(address, PATIENCE)
    connection.sendall(REQUEST)
    head(connection)

    def leave():
        with connection:
            frame = connection.recv(2, socket.MSG_WAITALL)
            if frame[:1] == b"\x88":
                connection.recv(frame[1], socket.MSG_WAITALL)
                connection.sendall(CLOSE_1001)
            connection.recv(1)

    threading.Thread(target=leave, daemon=True).start()


def end(process):
    process.send_signal(signal.SIGTERM)
    status = process.wait(PATIENCE)
    if status != 0:
        raise SystemExit(f"exit status {status}")


def reuse(echo):
    old, address = start(echo, "--bind", "127.0.0.1:0", "--reuse-port")
    return old, address, lambda: start(echo, "--bind", f"127.0.0.1:{address[1]}", "--reuse-port")[0]


def handover(echo):
    """One socket, held by us as by a service manager, with the number 3 in each server."""
    ours = socket.create_server(("127.0.0.1", 0))

    def start_with_it():
        command = ["sh", "-c", f'exec "$0" "$@" 3<&{ours.fileno()}', echo]
        process = subprocess.Popen([*command, "--quiet", "--bind", "fd:3"], stdout=subprocess.PIPE, text=True,
                                   pass_fds=[ours.fileno()])
        line = process.stdout.readline()
        if line.strip() != "listening on %s:%d" % ours.getsockname():
            raise SystemExit(f"hws_echo says {line!r}")
        return process

    return start_with_it(), ours.getsockname(), start_with_it


def main(echo, way):
    with contextlib.ExitStack() as leaving:
        old, address, replace = {"reuse": reuse, "handover": handover}[way](echo)
        leaving.callback(old.kill)
        for _ in range(5):
            stay(address)
        visitors = Visitors(address)
        visitors.wait_for(50)
        new = replace()
        leaving.callback(new.kill)
        visitors.wait_for(50)
        end(old)
        visitors.wait_for(LEAST - 100)
        visitors.stop()
        end(new)
        bad = {status: count for status, count in visitors.heard.items() if status not in ("101", "503")}
        if bad:
            raise SystemExit(f"{bad} of {visitors.heard.total()}")
        print(f"ok {visitors.heard.total()} came, {visitors.heard['503']} were told to come back")


main(*sys.argv[1:])
