"""Publishing: one message that all connections get."""

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import measure
from peers import PUBLISHERS, what_was_built

HERE = Path(__file__).resolve().parent
# Where Debian's node-ws lies: unpacked by scripts/peers-install, or installed.
WS_PLACES = (HERE.parent / ".tools/peers/root/usr/share/nodejs", Path("/usr/share/nodejs"))


class Publish(NamedTuple):
    """A cell of messages that all connections get; or JSON of so many bytes, compressed, each by itself."""
    connections: int
    size: int
    deflate: bool = False
    in_flight: int = 1

    def __str__(self):
        return f"{self.connections} / {self.size}" + (" compressed" if self.deflate else "")

    def load_arguments(self):
        deflate = ["--deflate", "--no-takeover"] if self.deflate else []
        return ["--publish", "--connections", self.connections, "--size", self.size, *deflate]


# Bytes, and whether they are compressed: by default ws for Node compresses nothing shorter.
PUBLISHED = ((125, False), (1024, False), (1024, True))
# Of those that differ only in length one is enough.
COUNTED = [Publish(500, 125), Publish(500, 1024, deflate=True)]


def node_places():
    """Where Node and ws are; empty where either is missing."""
    node = shutil.which("node")
    ws = next((place for place in WS_PLACES if (place / "ws").is_dir()), None)
    return {"node": node, "ws": ws, "here": HERE} if node and ws else {}


def ws_version(places):
    return json.loads((places["ws"] / "ws" / "package.json").read_text(encoding="utf-8"))["version"]


def is_there(peer, places):
    if "{node}" in peer.command:
        return "node" in places
    return not peer.record or what_was_built(peer, places) is not None


def servers(bench, failures):
    """The servers that publish, as far as they are there."""
    places = {**bench.places, **node_places()}
    peers = [peer for peer in PUBLISHERS if is_there(peer, places)]
    publishers = measure.Bench(peers, places, bench.server_cpu, bench.load_cpu)
    publishers.failures = failures
    return publishers


def all_cells(bench, plan, subscribers):
    return measure.all_cells(bench, plan, [Publish(subscribers, *kind) for kind in PUBLISHED], plan.crowd_repeat_until)


def syscalls(bench):
    return measure.counted_cells(bench, "strace", COUNTED, measure.count_syscalls)


def instructions(bench):
    """Of messages that nobody compresses: a compressor for each subscriber would keep callgrind busy for minutes."""
    native = [peer for peer in bench.peers if peer.native]
    return measure.counted_cells(bench, "valgrind", COUNTED[:1], measure.count_instructions, native)
