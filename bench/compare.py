"""Beside other libraries: the floor, hws_echo, and the servers of bench/peers take turns in the same rounds."""

import statistics
import time
from typing import NamedTuple, Optional

import compressed
import measure
from measure import Cell, Compressed
from peers import OTHERS, what_was_built, why_missing


class Plan(NamedTuple):
    """Fewer rounds and shorter windows than elsewhere, for there are many servers."""
    cells: list
    tls_cells: list
    deflate_cells: list
    repeat_until: float   # seconds from the start of the first cell of a kind after which no noisy one is repeated
    names: Optional[list]  # of the other servers; None: all
    with_memory: bool = True
    rounds: int = 3
    seconds: float = 0.4


FULL = Plan([Cell(1, 1, 16), Cell(64, 1, 16), Cell(512, 1, 16), Cell(64, 32, 16), Cell(64, 1, 125), Cell(64, 32, 125),
             Cell(64, 1, 1024), Cell(64, 32, 1024), Cell(64, 32, 1024, "text"), Cell(64, 1, 16384), Cell(64, 32, 16384),
             Cell(64, 1, 262144), Cell(64, 1, 1048576)],
            [Cell(64, 1, 125), Cell(64, 16, 1024), Cell(64, 1, 16384)],
            [Compressed(64, 8, 1024), Compressed(64, 1, 16384)],
            repeat_until=700, names=None)
# Two minutes. The others are those that were the best somewhere.
QUICK = Plan([Cell(1, 1, 16), Cell(64, 1, 125), Cell(64, 32, 1024), Cell(64, 1, 16384), Cell(64, 1, 262144)], [], [],
             repeat_until=70, names=["uWebSockets", "sockudo-ws", "tokio-websockets"], with_memory=False)


def others(places, plan):
    """The other servers that were built, and {name: why not} of those that were not."""
    wanted = [peer for peer in OTHERS if plan.names is None or peer.name in plan.names]
    there = [peer for peer in wanted if what_was_built(peer, places)]
    return there, {peer.name: why_missing(peer, places) for peer in wanted if peer not in there}


class Beside:
    """Mixed into a bench: who is the best of the others, and how hws_echo compares with that one."""

    @property
    def ours(self):
        return self.peers[1]

    def best(self, rounds):
        """The one of the others that takes the least CPU in this cell, or None."""
        medians = {peer: statistics.median(ratios) for peer in self.peers[2:] if (ratios := self.cpu_ratios(rounds, peer))}
        return min(medians, key=medians.get, default=None)

    def to_best(self, rounds):
        """hws_echo to the best of the others, round by round."""
        best = self.best(rounds)
        return measure.ratios(rounds, self.ours, best, "cpu_us") if best else []

    def is_noisy(self, rounds):
        """The figures that are quoted decide; one restless server of a dozen repeats nothing."""
        return max(measure.spread(self.cpu_ratios(rounds, self.ours)), measure.spread(self.to_best(rounds))) > measure.NOISY


class Bench(Beside, measure.Bench):
    def __init__(self, bench, peers):
        super().__init__([*bench.peers[:2], *peers], bench.places, bench.server_cpu, bench.load_cpu, bench.tls)


class DeflateBench(Beside, compressed.Bench):
    """With permessage-deflate, and not without it besides."""

    def __init__(self, bench, peers):
        super().__init__(Bench(bench, peers))

    @property
    def subjects(self):
        return [self.floor, self.codec, *self.peers[1:]]


def benches(bench, over_tls, with_deflate, peers):
    """Without TLS, over it, and with permessage-deflate. What fails is counted in one list."""
    plain, tls = Bench(bench, peers), Bench(over_tls, [peer for peer in peers if peer.tls is not None])
    deflate = DeflateBench(with_deflate, peers)
    tls.failures = deflate.failures = plain.failures
    return plain, tls, deflate


def all_cells(bench, plan, cells):
    return measure.all_cells(bench, plan, cells, plan.repeat_until)
