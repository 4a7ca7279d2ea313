"""permessage-deflate: what a server takes for it is held against the floor and the codec alone, together."""

import os
import subprocess
from typing import NamedTuple

import measure
from peers import Failure, Peer


class AsBinary(NamedTuple):
    """The same bytes, but nobody is told that they are compressed."""
    cell: measure.Compressed

    def load_arguments(self):
        return [*self.cell.load_arguments(), "--as-binary"]


# Every echo is from 126 to 65535 bytes long, so it has this before it.
FRAME_HEADER = 4
# If hws_echo's output differs from the codec's by more, they aren't set alike, and their times mean nothing.
SAME_OUTPUT = 0.02

IDLE_CONNECTIONS = 10_000
# Longer than a server may keep what it needed for busier times; hawser keeps it for a second.
REST_SECONDS = 2
# What clients agree with the server for the memory of idle connections, and the load generator's words for it.
AGREEMENTS = {"nothing": ["--deflate", "--as-binary"], "takeover": ["--deflate"], "no takeover": ["--deflate", "--no-takeover"]}


# ---- what is measured in a round beside the peers: each has a name and can be sampled ----

class Codec(NamedTuple):
    """zlib-rs alone. It has no throughput and no latency."""
    name: str = "codec"

    def sample(self, bench, cell, seconds):
        tools = bench.places["tools"]
        messages = self.output([f"{tools}/load", *cell.load_arguments(), "--dump"])
        line = self.output([bench.places["codec"], *cell.shape(), "--seconds", seconds], input=messages,
                           preexec_fn=lambda: os.sched_setaffinity(0, {bench.server_cpu}))
        return measure.Sample(**measure.figures(line.decode()))

    @staticmethod
    def output(command, **options):
        try:
            return subprocess.run([*map(str, command)], check=True, capture_output=True, timeout=measure.LOAD_SECONDS,
                                  **options).stdout
        except subprocess.CalledProcessError as error:
            raise Failure(error.stderr.decode(errors="replace").strip() or str(error)) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failure(str(error)) from error


class Uncompressed(NamedTuple):
    """A peer that echoes the same bytes without compression."""
    peer: Peer

    @property
    def name(self):
        return f"{self.peer.name} without compression"

    def sample(self, bench, cell, seconds):
        return measure.sample(bench, self.peer, AsBinary(cell), seconds)


class Bench(measure.Bench):
    """The floor, the codec, and each peer with and without compression."""

    def __init__(self, bench):
        peers = [peer for peer in bench.peers if peer.deflate is not None]
        super().__init__(peers, bench.places, bench.server_cpu, bench.load_cpu)
        self.codec = Codec()

    @property
    def subjects(self):
        return [self.floor, self.codec, *(subject for peer in self.peers[1:] for subject in (Uncompressed(peer), peer))]

    def sample(self, subject, cell, seconds):
        return super().sample(subject, cell, seconds) if isinstance(subject, Peer) else subject.sample(self, cell, seconds)

    def more_words(self, peer):
        return peer.deflate

    def cpu_ratios(self, rounds, peer):
        """The peer to floor and codec together, round by round."""
        needed = (peer, self.floor, self.codec)
        return [r[peer].cpu_us / (r[self.floor].cpu_us + r[self.codec].cpu_us)
                for r in rounds if all(one in r for one in needed)]


def all_cells(bench, plan):
    cells = measure.all_cells(bench, plan, plan.deflate_cells, plan.deflate_repeat_until)
    for cell, rounds in cells.items():
        bench.attempt(f"{bench.codec.name}, {cell}", check_settings, bench, rounds)
    return cells


def check_settings(bench, rounds):
    """The first after the floor is the one whose codec is measured alone; others may compress as they like."""
    _, peer, *_ = bench.peers
    outputs = [measure.median_of(rounds, subject, "bytes_out") for subject in (peer, bench.codec)]
    if None in outputs:
        return  # that has been said already
    ours, alone = outputs[0] - FRAME_HEADER, outputs[1]
    if abs(ours / alone - 1) > SAME_OUTPUT:
        raise Failure(f"makes {alone:.0f} bytes of a message where {peer.name} makes {ours:.0f}: they are not set alike")


# ---- memory of idle connections ----

def idle_bytes(bench, peer, agreement, connections, after_message):
    measure.say(f"memory {peer.name}, {agreement} agreed")
    return bench.attempt(f"memory, {peer.name}, {agreement}", measure.memory_per_connection, bench, peer, connections,
                         after_message, AGREEMENTS[agreement], REST_SECONDS)


def memory(bench, connections):
    """{(peer, agreement): (bytes per connection that never spoke, bytes per connection after one message)}"""
    return {(peer, agreement): tuple(idle_bytes(bench, peer, agreement, connections, spoke) for spoke in (False, True))
            for peer in bench.peers[1:] for agreement in AGREEMENTS}
