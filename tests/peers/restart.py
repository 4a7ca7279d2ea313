"""Servers with several threads, on sockets that others have bound, and replaced while clients keep coming."""
import signal
import socket
import subprocess
import sys
from pathlib import Path

from harness import OK, PATIENCE, free_port, holds

SCRIPT = Path(__file__).parent / "restart_peer.py"
# Without tcp_migrate_req the kernel resets who has not been accepted when a listener of several closes.
ISLAND = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c",
          'ip link set lo up && echo 1 >/proc/sys/net/ipv4/tcp_migrate_req && exec "$@"', "sh"]


def run(stage):
    stage.table([
        ("four threads", "ws://{address}/", OK),
        ("four threads, 1000 messages", "ws://{address}/ --send-count 1000 --recv 1000", OK),
    ], address=stage.echo("--threads", "4"))
    stage.table([("four threads, TLS", "wss://localhost:{port}/ --ca {certs}/ca.pem", OK)],
                port=stage.tls_echo("--threads", "4").rpartition(":")[2])
    stage.table([
        ("nobody is there, however often it is tried", "ws://127.0.0.1:{port}/ --reconnect 1",
         "error=RECONNECT_EXHAUSTED cause=CONNECTION_REFUSED"),
    ], port=free_port())
    stage.check("threads share no path", refuses, stage, "--threads", "2", "--bind", f"unix:{stage.tmp}/shared")
    stage.check("a descriptor that is no socket", refuses, stage, "--bind", "fd:0")
    stage.check("four threads: all are told goodbye", all_are_told, stage)
    stage.check("the socket is handed over", replaced, stage, "handover")
    why = no_island()
    if why:
        stage.skip("the port is shared", why)
    else:
        stage.check("the port is shared", replaced, stage, "reuse", ISLAND)


def refuses(stage, *flags):
    out, errors, status = stage.run([stage.bin / "hws_echo", *flags])
    holds(status == 1 and errors.startswith("error=INVALID_ARGUMENT"), f"{status}: {out}{errors}")


def replaced(stage, way, inside=()):
    out, errors, status = stage.run([*inside, sys.executable, SCRIPT, stage.bin / "hws_echo", way])
    holds(status == 0 and out.startswith("ok "), f"{status}: {out}{errors}")


def all_are_told(stage):
    """Forty guests of four threads, one SIGTERM, forty times 1001; the counts are the sums over the threads."""
    command = [stage.bin / "hws_echo", "--bind", "127.0.0.1:0", "--threads", "4", "--stats", "0.2"]
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=stage.env) as server:
        try:
            host, _, port = server.stdout.readline().removeprefix("listening on ").strip().rpartition(":")
            guests = [guest((host, int(port))) for _ in range(40)]
            server.send_signal(signal.SIGTERM)
            for connection in guests:
                frame = read(connection, 2)
                holds(frame[0] == 0x88 and read(connection, frame[1])[:2] == b"\x03\xe9", "another frame than 1001")
                connection.sendall(b"\x88\x82\0\0\0\0\x03\xe9")
                holds(connection.recv(1) == b"", "more behind the Close frame")
            errors = server.communicate(timeout=PATIENCE)[1]
        finally:
            server.kill()
    last = [line for line in errors.splitlines() if line.startswith("stats ")][-1]
    holds(server.returncode == 0, f"exit status {server.returncode}")
    holds("connections=0 messages_in=40 messages_out=40 " in last, last)


def guest(address):
    """A WebSocket that has got one echo."""
    connection = socket.create_connection(address, PATIENCE)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                       b"\x81\x81\0\0\0\0!")
    text = b""
    while not text.endswith(b"\r\n\r\n"):
        text += read(connection, 1)
    holds(text.startswith(b"HTTP/1.1 101 ") and read(connection, 3) == b"\x81\x01!", "no echo")
    return connection


def read(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        holds(more, f"the end after {data!r}")
        data += more
    return data


def no_island():
    """Why the kernel's setting cannot be made here."""
    done = subprocess.run([*ISLAND, "true"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    return "" if done.returncode == 0 else f"this machine has no room for it: {done.stderr.strip()}"
