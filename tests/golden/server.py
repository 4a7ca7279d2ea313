#!/usr/bin/env python3
"""The server that every player of the golden transcript talks to: a path is a behaviour.

Python's standard library only, and byte for byte the same each time: no date, no random number, no unread byte left
when a connection ends (which would turn an orderly end into a reset).
"""

import base64
import hashlib
import socket
import struct
import threading
import urllib.parse

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Gone(Exception):
    """The client has ended the connection."""


class Peer:
    """A client: its request, then frames."""

    def __init__(self, sock):
        self.sock = sock
        self.file = sock.makefile("rb")

    def read_request(self):
        line = self.file.readline().decode("latin-1")
        if not line:
            raise Gone
        self.path = line.split(" ")[1]
        self.headers = []
        for line in iter(self.file.readline, b"\r\n"):
            name, _, value = line.decode("latin-1").partition(":")
            self.headers.append((name.strip(), value.strip()))

    def header(self, name):
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")

    def respond(self, status, *headers, body=""):
        head = [f"HTTP/1.1 {status}", *headers]
        self.raw("".join(line + "\r\n" for line in head).encode() + b"\r\n" + body.encode())

    def accept(self, *headers, accept=None, upgrade="websocket"):
        if accept is None:
            key = self.header("Sec-WebSocket-Key").encode()
            accept = [base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()]
        lines = [f"Sec-WebSocket-Accept: {value}" for value in accept]
        self.respond("101 Switching Protocols", f"Upgrade: {upgrade}", "Connection: Upgrade", *lines, *headers)

    def raw(self, data):
        self.sock.sendall(data)

    def send(self, opcode, data=b"", fin=True, rsv1=False):
        data = data.encode() if isinstance(data, str) else data
        first = opcode | fin << 7 | rsv1 << 6
        if len(data) < 126:
            head = struct.pack("!BB", first, len(data))
        elif len(data) < 65536:
            head = struct.pack("!BBH", first, 126, len(data))
        else:
            head = struct.pack("!BBQ", first, 127, len(data))
        self.raw(head + data)

    def take(self, count):
        data = self.file.read(count)
        if len(data) < count:
            raise Gone
        return data

    def frame(self):
        """The next frame: its first byte and its data."""
        first, length = self.take(2)
        length &= 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self.take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.take(8))
        key = self.take(4) * (length // 4 + 1)
        data = self.take(length)
        return first, (int.from_bytes(data, "big") ^ int.from_bytes(key[:length], "big")).to_bytes(length, "big")

    def heard(self):
        """The next data frame; control frames are answered."""
        while True:
            first, data = self.frame()
            if first & 15 == PING:
                self.send(PONG, data)
            elif first & 15 == CLOSE:
                self.send(CLOSE, data)
                raise Gone
            elif first & 15 != PONG:
                return first, data

    def wait_for(self, text):
        while self.heard()[1] != text.encode():
            pass

    def end(self):
        """Nothing more from here; and what the client still says is read."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
            while self.sock.recv(65536):
                pass
        except OSError:
            pass
        self.file.close()
        self.sock.close()


def echo(peer):
    while True:
        first, data = peer.heard()
        peer.send(first & 15, data, fin=bool(first & 128))


def request(peer):
    names = ("Origin", "User-Agent", "Authorization", "X-One", "X-Two")
    peer.send(TEXT, " ".join([peer.path, *(f"{name}={peer.header(name)}" for name in names)]))
    echo(peer)


def fragments(peer):
    while True:
        first, data = peer.heard()
        if data == b"go":
            peer.send(TEXT, "Hel", fin=False)
            peer.send(CONT, "", fin=False)
            peer.send(CONT, "lo")
        else:
            peer.send(first & 15, data, fin=bool(first & 128))


def deflate(peer):
    """Says how a message came, then sends it back the same way."""
    while True:
        first, data = peer.heard()
        peer.send(TEXT, f"compressed={first >> 6 & 1}")
        peer.send(first & 15, data, rsv1=bool(first & 64))


def ping(peer):
    peer.wait_for("go")
    peer.send(PING, "marco")
    while (frame := peer.frame())[0] & 15 != PONG:
        pass
    peer.send(TEXT, b"answered: " + frame[1])
    peer.send(PONG, "unasked")
    echo(peer)


def closing(code, reason):
    def behave(peer):
        peer.wait_for("go")
        peer.send(CLOSE, b"" if code == "none" else struct.pack("!H", int(code)) + reason.encode())
        while peer.frame()[0] & 15 != CLOSE:
            pass

    return behave


def sending(*what):
    """Sends bytes on `go`."""

    def behave(peer):
        peer.wait_for("go")
        for data in what:
            peer.raw(data)
        echo(peer)

    return behave


def flood(peer):
    peer.wait_for("go")
    for number in range(1, 11):
        peer.send(TEXT, f"message {number}")
    echo(peer)


def vanish(peer):
    peer.wait_for("go")
    peer.send(TEXT, "last words")


def silent(peer):
    """Reads and never answers."""
    while peer.take(1):
        pass


def deflate_parameters():
    return "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover"


visits = {}


def serve(peer):
    peer.read_request()
    path = peer.path.split("?")[0]
    visits[path] = visit = visits.get(path, 0) + 1
    parts = path.split("/")[1:]
    accept, behave = {}, echo
    headers = []
    if path == "/echo":
        headers = ["X-Golden: yes", "X-Golden: and again"]
        if "chat" in peer.header("Sec-WebSocket-Protocol"):
            headers.append("Sec-WebSocket-Protocol: chat")
    elif path == "/request":
        behave = request
    elif path == "/fragments":
        behave = fragments
    elif path == "/deflate":
        behave = deflate
        headers = [deflate_parameters()] if peer.header("Sec-WebSocket-Extensions") else []
    elif path == "/ping":
        behave = ping
    elif path == "/401":
        challenge = 'WWW-Authenticate: Basic realm="golden"'
        return peer.respond("401 Unauthorized", challenge, "X-Twice: 1", "X-Twice: 2", "Content-Length: 9", body="no entry\n")
    elif path == "/503":
        return peer.respond("503 Service Unavailable", "Retry-After: 120", "Content-Length: 0")
    elif path == "/redirect":
        return peer.respond("302 Found", "Location: /echo", "Content-Length: 0")
    elif path == "/accept/missing":
        accept = {"accept": []}
    elif path == "/accept/empty":
        accept = {"accept": [""]}
    elif path == "/accept/wrong":
        accept = {"accept": ["bm90IHdoYXQgd2FzIGFza2VkPz8="]}
    elif path == "/upgrade/wrong":
        accept = {"upgrade": "h2c"}
    elif path == "/subprotocol/other":
        headers = ["Sec-WebSocket-Protocol: other"]
    elif path == "/extension/value":
        headers = ["Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16"]
    elif path == "/extension/duplicate":
        headers = [deflate_parameters() + "; server_no_context_takeover"]
    elif path == "/header/format":
        headers = ["Sec-WebSocket-Extensions: permessage-deflate; ="]
    elif path == "/garbage":
        return peer.raw(b"SSH-2.0-OpenSSH_9.2\r\n")
    elif path == "/eof":
        return peer.raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgr")
    elif path == "/mute":
        return silent(peer)
    elif path == "/big":
        behave = sending(b"\x82\x7e" + struct.pack("!H", 2000) + bytes(2000))
    elif path == "/bad/frame":
        behave = sending(b"\x83\x02no")
    elif path == "/bad/text":
        behave = sending(b"\x81\x06fine \xff")
    elif path == "/bad/close":
        behave = sending(b"\x88\x02" + struct.pack("!H", 1005))
    elif parts[0] == "close":
        behave = closing(parts[1], urllib.parse.unquote(parts[2]))
    elif path == "/vanish":
        behave = vanish
    elif path == "/silent":
        behave = silent
    elif path == "/flood":
        behave = flood
    elif path == "/once":
        behave = vanish if visit == 1 else echo
    elif path in ("/never", "/forbidden"):
        if visit > 1:
            status = "503 Service Unavailable" if path == "/never" else "403 Forbidden"
            return peer.respond(status, "Content-Length: 0")
        behave = vanish
    peer.accept(*headers, **accept)
    behave(peer)


def run(peer):
    try:
        serve(peer)
    except (Gone, ConnectionError):
        pass
    peer.end()


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    print("listening on %s:%d" % listener.getsockname(), flush=True)
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=run, args=(Peer(sock),), daemon=True).start()


if __name__ == "__main__":
    main()
