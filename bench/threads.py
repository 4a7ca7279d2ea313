"""Threads: a server with one and with two, which share a port."""

import os

import measure
from peers import PEERS

# Cells in which a server's threads find work. In the second the load generator has little to do.
CELLS = [measure.Cell(64, 32, 125), measure.Compressed(64, 8, 1024)]
THREADS = 2


class Bench(measure.Bench):
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


def all_cells(bench, plan):
    """None where two threads would share a processor."""
    if len(bench.cpus) < THREADS:
        return None
    return measure.all_cells(bench, plan, CELLS, plan.crowd_repeat_until)
