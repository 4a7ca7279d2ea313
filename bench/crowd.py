"""A crowd: active connections among idle ones."""

from typing import NamedTuple

import measure
from peers import Peer

ACTIVE = measure.Cell(500, 1, 125)
# An address has 28 thousand ports for one server, so the idle come from several: no port is searched for long. At the end
# each sends a message, and short ones, for they all do it at once.
CROWD = ["--sources", 8, "--roll-call", "--size", ACTIVE.size]


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


def all_cells(bench, plan):
    return measure.all_cells(bench, plan, [ACTIVE], plan.crowd_repeat_until)


def memory(bench):
    """{peer: bytes per idle connection}"""
    table = {}
    for peer in bench.peers:
        measure.say(f"memory {peer.name}, {bench.idle} idle connections")
        table[peer] = bench.attempt(f"memory, {peer.name}, {bench.idle} idle connections", measure.memory_per_connection, bench,
                                    peer, bench.idle, False, CROWD)
    return table
