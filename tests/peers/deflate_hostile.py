"""permessage-deflate with peers that mean harm, or know RFC 7692 better than most: raw sockets, both ways."""
import base64
import os
import random
import socket
import struct
import zlib

import messages
import scripted
from harness import PATIENCE, holds

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9
AGREED = "permessage-deflate"
END = b"\0\0\xff\xff"
EMPTY_BLOCK = b"\0" + END

# What a server answers to "permessage-deflate; client_max_window_bits".
ANSWERS = [
    ("permessage-bzip2", "NEGOTIATION"),
    ("x-webkit-deflate-frame", "NEGOTIATION"),
    ("permessage-deflate, permessage-deflate", "NEGOTIATION"),
    ("permessage-deflate, permessage-bzip2", "NEGOTIATION"),
    ("permessage-deflate; server_max_window_bit=12", "INVALID_PARAMETER_NAME"),
    ("permessage-deflate; mode=fast", "INVALID_PARAMETER_NAME"),
    *[(f"permessage-deflate; {side}_no_context_takeover; {side}_no_context_takeover", "DUPLICATE_PARAMETER")
      for side in ("server", "client")],
    ("permessage-deflate; server_max_window_bits=10; server_max_window_bits=10", "DUPLICATE_PARAMETER"),
    ("permessage-deflate; client_max_window_bits=10; client_max_window_bits=11", "DUPLICATE_PARAMETER"),
    *[(f"permessage-deflate; {side}_max_window_bits{value}", "INVALID_PARAMETER_VALUE")
      for side in ("server", "client") for value in ("", "=7", "=16", "=08", "=0", "=-9", "=1e1", "=twelve")],
    *[(f"permessage-deflate; {side}_no_context_takeover={value}", "INVALID_PARAMETER_VALUE")
      for side in ("server", "client") for value in ("1", "true")],
]
# What a client offers, and whether hws_echo takes it: a bad offer is declined, and the connection opens without it.
OFFERS = [
    ("permessage-deflate", True),
    ("permessage-deflate; client_max_window_bits", True),
    ('permessage-deflate; server_max_window_bits="10"', True),
    ("permessage-bzip2, permessage-deflate", True),
    ("permessage-deflate; mode=fast, permessage-deflate", True),
    ("permessage-bzip2", False),
    ("permessage-deflate; mode=fast", False),
    ("permessage-deflate; server_max_window_bits", False),
    ("permessage-deflate; server_max_window_bits=16", False),
    ("permessage-deflate; client_max_window_bits=7", False),
    ("permessage-deflate; client_no_context_takeover=1", False),
    ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", False),
]


class Sender:
    """A compressor whose messages may refer to those before them."""

    def __init__(self, bits=15):
        self.inner = zlib.compressobj(9, wbits=-bits)

    def __call__(self, data, flush=zlib.Z_SYNC_FLUSH):
        return (self.inner.compress(data) + self.inner.flush(flush)).removesuffix(END)


def alone(data, flush=zlib.Z_SYNC_FLUSH, level=9, strategy=zlib.Z_DEFAULT_STRATEGY):
    """A message that refers to none before it."""
    packer = zlib.compressobj(level, wbits=-15, strategy=strategy)
    return (packer.compress(data) + packer.flush(flush)).removesuffix(END)


def frame(payload, opcode=TEXT, compressed=True, fin=True, rsv=0, mask=False):
    first = fin << 7 | compressed << 6 | rsv << 4 | opcode
    size = len(payload)
    head = (struct.pack("!BB", first, mask << 7 | size) if size < 126 else
            struct.pack("!BBH", first, mask << 7 | 126, size) if size < 65536 else
            struct.pack("!BBQ", first, mask << 7 | 127, size))
    return head + (bytes(4) if mask else b"") + payload  # a mask of zeros is one, too


def pieces(payload, size, opcode=TEXT, **more):
    """A message in fragments: only the first one says that it is compressed."""
    cuts = [payload[start:start + size] for start in range(0, len(payload), size)]
    return b"".join(frame(cut, opcode if number == 0 else 0, number == 0, number == len(cuts) - 1, **more)
                    for number, cut in enumerate(cuts))


def bits(*values):
    """Bytes of (value, number of bits), the lowest bit first."""
    number = shift = 0
    for value, count in values:
        number |= value << shift
        shift += count
    return number.to_bytes((shift + 7) // 8, "little")


def said_twice(size, sender):
    noise = random.Random(1).randbytes(size)
    return frame(sender(noise), BINARY) + frame(sender(noise), BINARY)


BOMB = alone(bytes(2**26))
BROKEN_UTF8 = alone(b"Gr\xfc\xdfe" * 100)

# Ways to compress that few use. What the client then prints of the last message.
GOOD = [
    # name, frames, number of messages, the last one
    ("blocks that say they are the last", b"".join(frame(alone(text, zlib.Z_FINISH) + b"\0")
                                                   for text in (b"first", b"second", b"third")), 3, "third"),
    ("the last block, and nothing behind it", b"".join(frame(alone(text, zlib.Z_FINISH))
                                                       for text in (b"first", b"second", b"third")), 3, "third"),
    ("two last blocks in a message", frame(alone(b"a", zlib.Z_FINISH) + alone(b"b")) + frame(alone(b"c")), 2, "c"),
    ("stored blocks", frame(alone(b"stored" * 3, level=0)), 1, "stored" * 3),
    ("fixed codes", frame(alone(b"fixed" * 3, strategy=zlib.Z_FIXED)), 1, "fixed" * 3),
    ("an example of RFC 7692", frame(bytes.fromhex("f248cdc9c90700")), 1, "Hello"),
    ("two blocks", frame(bytes.fromhex("f24805000000ffffcac9c90700")), 1, "Hello"),
    ("empty", frame(b"\0"), 1, ""),
    ("a payload of no bytes", frame(b""), 1, ""),
    ("empty, by a block of fixed codes", frame(b"\2\0"), 1, ""),
    ("empty blocks without end", frame(EMPTY_BLOCK * 2000 + alone(b"x")), 1, "x"),
    ("single bytes", pieces(alone(b"crumbs" * 20), 1), 1, "crumbs" * 20),
    ("a ping between fragments", pieces(alone(b"halves"), 5)[:7] + frame(b"", PING, False)
     + pieces(alone(b"halves"), 5)[7:], 1, "halves"),
    ("every other message is compressed", frame(b"plain", compressed=False) + frame(alone(b"small"))
     + frame(b"again", compressed=False), 3, "again"),
    ("UTF-8 across fragments", pieces(alone("⚓ ahoi ⚓".encode(), level=0), 7), 1, "%E2%9A%93%20ahoi%20%E2%9A%93"),
]
HARMFUL = [
    # name, the server's answer, its frames, flags of hws_cat, expected
    ("a bomb", AGREED, frame(BOMB, BINARY), "--max-size 1048576", "error=PAYLOAD_TOO_BIG code=1009*"),
    ("a bomb of text", AGREED, frame(BOMB), "--max-size 1048576", "error=PAYLOAD_TOO_BIG code=1009*"),
    ("a bomb in fragments", AGREED, pieces(BOMB, 1000, BINARY), "--max-size 1048576",
     "error=PAYLOAD_TOO_BIG code=1009*"),
    ("one byte too many", AGREED, frame(alone(bytes(1001)), BINARY), "--max-size 1000",
     "error=PAYLOAD_TOO_BIG code=1009*"),
    ("a block of a kind that there is not", AGREED, frame(b"\xff" * 20), "", "error=DECOMPRESSION code=1007*"),
    ("noise", AGREED, frame(random.Random(3).randbytes(1000), BINARY), "", "error=DECOMPRESSION code=1007*"),
    ("a stored block whose length is wrong", AGREED, frame(b"\0\5\0\5\0hello"), "", "error=DECOMPRESSION code=1007*"),
    ("a message that ends inside a block", AGREED, frame(alone(messages.letters(500).encode())[:-20]), "",
     "error=DECOMPRESSION code=1007*"),
    ("a reference to before the beginning", AGREED, frame(bits((0, 1), (1, 2), (64, 7), (0, 5), (0, 7)), BINARY), "",
     "error=DECOMPRESSION code=1007*"),
    ("a reference to an earlier message, without takeover", f"{AGREED}; server_no_context_takeover",
     said_twice(600, Sender()), "--recv 2", "error=DECOMPRESSION code=1007*"),
    ("a reference that is further than the window", f"{AGREED}; server_max_window_bits=9",
     said_twice(1000, Sender()), "--recv 2", "error=DECOMPRESSION code=1007*"),
    ("text that is none", AGREED, frame(BROKEN_UTF8), "", "error=INVALID_PAYLOAD code=1007*"),
    ("compressed, and nothing was agreed", "", frame(alone(b"hello")), "", "error=INVALID_FRAME code=1002*"),
    ("compressed, and nothing was offered", "", frame(alone(b"hello")), "--no-deflate",
     "error=INVALID_FRAME code=1002*"),
    ("another reserved bit", AGREED, frame(b"hello", compressed=False, rsv=2), "", "error=INVALID_FRAME code=1002*"),
    ("and the last one", AGREED, frame(b"hello", compressed=False, rsv=1), "", "error=INVALID_FRAME code=1002*"),
    ("a compressed ping", AGREED, frame(b"", PING), "", "error=INVALID_FRAME code=1002*"),
    ("a compressed Close", AGREED, frame(b"", CLOSE), "", "error=INVALID_FRAME code=1002*"),
    ("a continuation that says it is compressed", AGREED, frame(alone(b"hello"), fin=False) + frame(b"\0", 0), "",
     "error=INVALID_FRAME code=1002*"),
]


def run(stage):
    url = "ws://127.0.0.1:{port}/ "
    for answer, error in ANSWERS:
        with scripted.server(scripted.says(answer)) as port:
            stage.cat(f"the server agrees to {answer}", url, f"error={error}*", port=port)
    with scripted.server(scripted.says(AGREED)) as port:
        stage.cat("the server agrees to what was not offered", url + "--no-deflate", "error=NEGOTIATION*", port=port)
    for name, frames, count, last in GOOD:
        goodbye = frame(struct.pack("!H", 1000), CLOSE, False)
        with scripted.server(scripted.says(AGREED, frames + goodbye)) as port:
            stage.cat(f"from a server: {name}", f"{url} --recv {count}", f"ok last={last} code=1000", port=port)
    for name, answer, frames, flags, expected in HARMFUL:
        with scripted.server(scripted.says(answer, frames)) as port:
            stage.cat(f"from a server: {name}", f"{url} {flags}", expected, port=port)
    as_clients(stage)


# ---- clients that mean harm
FROM_CLIENTS = [
    # name, what the client offers, its frames, the code that hws_echo closes with
    ("a bomb", AGREED, frame(BOMB, BINARY, mask=True), 1009),
    ("a bomb in fragments", AGREED, pieces(BOMB, 1000, BINARY, mask=True), 1009),
    ("a block of a kind that there is not", AGREED, frame(b"\xff" * 20, mask=True), 1007),
    ("text that is none", AGREED, frame(BROKEN_UTF8, mask=True), 1007),
    ("a reserved bit that was not agreed", "permessage-bzip2", frame(alone(b"hello"), mask=True), 1002),
    ("a compressed ping", AGREED, frame(b"", PING, mask=True), 1002),
]


def as_clients(stage):
    port = int(stage.echo().rpartition(":")[2])
    for offer, taken in OFFERS:
        stage.check(f"a client offers {offer}", is_answered, port, offer, taken)
    for name, offer, frames, code in FROM_CLIENTS:
        stage.check(f"from a client: {name}", is_closed, port, offer, frames, code)
    stage.cat("and hws_echo still serves", "ws://127.0.0.1:{port}/", "ok last=hello code=1000", port=port)


def opened(port, offer):
    """A connection and the head of the answer to it."""
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(f"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
                       f"Sec-WebSocket-Extensions: {offer}\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        holds(byte, f"the end instead of an answer: {head}")
        head += byte
    return connection, head.decode()


def is_answered(port, offer, taken):
    connection, head = opened(port, offer)
    connection.close()
    holds(head.startswith("HTTP/1.1 101 "), head)
    holds(("permessage-deflate" in head) == taken, head)


def is_closed(port, offer, frames, code):
    connection, _ = opened(port, offer)
    with connection:
        try:
            connection.sendall(frames)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it need not read all of it
        found = b""
        while len(found) < 4 and (more := connection.recv(65536)):
            found += more
    closed = found[:1] == b"\x88" and struct.unpack("!H", found[2:4]) == (code,)
    holds(closed, f"{found[:100]}, not a Close with {code}")
