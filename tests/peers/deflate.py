"""permessage-deflate with websockets for Python: every kind of agreement, both ways, 0 bytes to 16 MiB."""
import itertools
import random

from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory as Offer
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory as Grant

import websockets_peer
from harness import holds
from python_websockets import dial
from websockets_peer import LARGEST

SIZES = [0, 1, 127, 128, 129, 4095, 4096, 32767, 32768, 65535, 65536, 2**20, LARGEST]
SHORT = SIZES[:9]


def run(stage):
    words = text(LARGEST)
    echo = stage.echo("--max-size", LARGEST)
    for ours, theirs, server_bits, client_bits in itertools.product([False, True], [False, True], [None, 8, 9, 12, 15],
                                                                     [None, True, 9, 15]):
        offer = Offer(ours, theirs, server_bits, client_bits)
        sizes = SIZES if (server_bits, client_bits) in [(None, True), (9, 9), (15, 15)] else SHORT
        name = f"websockets to hws_echo, takeover {not ours}/{not theirs}, windows {server_bits}/{client_bits}"
        stage.check(name, echoes, echo, offer, words, sizes)
    plain = stage.echo("--no-deflate")
    stage.check("websockets to hws_echo --no-deflate", declined, plain, words)
    for ours, theirs, server_bits, client_bits in itertools.product([False, True], [False, True], [None, 9, 12, 15],
                                                                     [None, 9, 15]):
        grant = Grant(ours, theirs, server_bits, client_bits)
        port = stage.enter(websockets_peer.server(extensions=[grant], compression=None))
        name = f"hws_cat to websockets, takeover {not ours}/{not theirs}, windows {server_bits}/{client_bits}"
        stage.check(name, talks, stage, port, words, [1, 128, 5000, 70_000])
    port = stage.enter(websockets_peer.server())
    stage.check("hws_cat to websockets, large", talks, stage, port, words, [2**20, 2**22 - 2])


def text(size):
    """Neither all the same nor noise: it refers back, near and far."""
    chance = random.Random(7692)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(1, 9))) for _ in range(3000)]
    return " ".join(chance.choices(words, k=size // 3))[:size]


def echoes(address, offer, words, sizes):
    with dial(address, compression=None, extensions=[offer]) as connection:
        holds(connection.protocol.extensions, "nothing was agreed")
        for size in sizes:
            for message in (words[:size], words[-size:].encode() if size else b""):
                connection.send(message)
                back = connection.recv(30)
                holds(back == message, f"{len(back)} bytes come back, not the {size} sent")
        pieces = [words[:300], "", words[:5000], words[300:301]]
        connection.send(iter(pieces))
        holds(connection.recv(30) == "".join(pieces), "a message in fragments comes back changed")


def declined(address, words):
    with dial(address, compression="deflate") as connection:
        holds(not connection.protocol.extensions, "something was agreed")
        connection.send(words[:5000])
        holds(connection.recv(30) == words[:5000], "it comes back changed")


def talks(stage, port, words, sizes):
    for size in sizes:
        line = words[:size].replace("\n", " ") + "\n"
        out, errors, status = stage.talk([stage.bin / "hws_cat", f"ws://localhost:{port}/", "--max-size", LARGEST], line)
        holds(out == line and status == 0, f"{len(out)} characters, not {len(line)}, exit status {status}: {errors}")
