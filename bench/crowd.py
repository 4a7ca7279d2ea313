"""Many connections: active ones among idle ones, messages that all get, and a server with two threads."""

import json
import os
import shutil
from pathlib import Path
from typing import NamedTuple

import measure
from peers import PEERS, PUBLISHERS, Peer

HERE = Path(__file__).resolve().parent

ACTIVE = measure.Cell(500, 1, 125)
# An address has 28 thousand ports for one server, so the idle come from several: no port is searched for long. At the end
# each sends a message, and short ones, for they all do it at once.
CROWD = ["--sources", 8, "--roll-call", "--size", ACTIVE.size]

# Bytes, and whether they are compressed: by default ws for Node compresses nothing shorter.
PUBLISHED = ((125, False), (1024, False), (1024, True))
COUNTED = [measure.Publish(500, size, deflate) for size, deflate in PUBLISHED]

# Of a server whose threads find work: the load generator has one, and takes its time on the same processors.
THREADED = [measure.Cell(64, 32, 125), measure.Compressed(64, 8, 1024)]
THREADS = 2

# Where Debian's node-ws lies: installed, or unpacked by scripts/peers-install.
WS_PLACES = (HERE.parent / ".tools/peers/root/usr/share/nodejs", Path("/usr/share/nodejs"))


# ---- active connections among idle ones ----

class Among(NamedTuple):
    """A peer whose active connections are measured while so many others are open and silent."""
    peer: Peer
    idle: int

    @property
    def name(self):
        return f"{self.peer.name} with {self.idle} idle connections"

    def sample(self, bench, cell, seconds):
        with bench.server(self.peer) as server:
            def look():
                return measure.sample_of(bench, server, cell, seconds)
            return measure.hold_idle(bench, server, self.idle, False, look, CROWD) if self.idle else look()


class Bench(measure.Bench):
    """Each peer alone with those who are active, and with the crowd."""

    def __init__(self, bench, idle):
        super().__init__(bench.peers, bench.places, bench.server_cpu, bench.load_cpu)
        self.idle = idle

    def among(self, peer):
        return Among(peer, 0), Among(peer, self.idle)

    @property
    def subjects(self):
        return [subject for peer in self.peers for subject in self.among(peer)]

    def sample(self, subject, cell, seconds):
        return subject.sample(self, cell, seconds)

    def cpu_ratios(self, rounds, peer):
        """With the crowd to without."""
        alone, crowded = self.among(peer)
        return measure.ratios(rounds, crowded, alone, "cpu_us")


def memory(bench):
    """{peer: bytes per idle connection}"""
    table = {}
    for peer in bench.peers:
        measure.say(f"memory {peer.name}, {bench.idle} idle connections")
        table[peer] = bench.attempt(f"memory, {peer.name}, {bench.idle} idle connections", measure.memory_per_connection, bench,
                                    peer, bench.idle, False, CROWD)
    return table


# ---- publishing ----

def node_places():
    """Where Node and ws are; empty where either is missing."""
    node = shutil.which("node")
    ws = next((place for place in WS_PLACES if (place / "ws").is_dir()), None)
    return {"node": node, "ws": ws, "here": HERE} if node and ws else {}


def ws_version(places):
    return json.loads((places["ws"] / "ws" / "package.json").read_text(encoding="utf-8"))["version"]


def publishing(bench, failures):
    """The servers that publish, as far as they are there."""
    places = {**bench.places, **node_places()}
    peers = [peer for peer in PUBLISHERS if "{node}" not in peer.command or "node" in places]
    publishers = measure.Bench(peers, places, bench.server_cpu, bench.load_cpu)
    publishers.failures = failures
    return publishers


def publish_cells(bench, plan, subscribers):
    cells = [measure.Publish(subscribers, size, deflate) for size, deflate in PUBLISHED]
    return measure.all_cells(bench, plan, cells, plan.crowd_repeat_until)


def publish_syscalls(bench):
    return measure.counted_cells(bench, "strace", COUNTED, measure.count_syscalls)


def publish_instructions(bench):
    native = [peer for peer in bench.peers if peer.native]
    return measure.counted_cells(bench, "valgrind", COUNTED, measure.count_instructions, native)


# ---- two threads ----

class Threads(measure.Bench):
    """hws_echo with one thread and with two, on all processors but the load generator's, if that leaves enough."""

    def __init__(self, bench, failures):
        one = next(peer for peer in PEERS if peer.name == "hws_echo")
        two = one._replace(name=f"{THREADS} threads", command=f"{one.command} --threads {THREADS}")
        super().__init__([one._replace(name="1 thread"), two], bench.places, bench.server_cpu, bench.load_cpu)
        self.failures = failures
        self.cpus = os.sched_getaffinity(0)

    @property
    def apart(self):
        """The load generator has a processor of its own."""
        return len(self.cpus) > THREADS

    @property
    def server_cpus(self):
        return self.cpus - {self.load_cpu} if self.apart else self.cpus

    @property
    def load_cpus(self):
        return {self.load_cpu} if self.apart else self.cpus


def threaded_cells(bench, plan):
    """None where two threads would share a processor."""
    if len(bench.cpus) < THREADS:
        return None
    return measure.all_cells(bench, plan, THREADED, plan.crowd_repeat_until)
