"""What is measured, and how: cells of the table, handshakes, system calls, instructions, memory."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from typing import NamedTuple, Optional

from peers import Failure, Server


class Cell(NamedTuple):
    connections: int
    in_flight: int
    size: int
    kind: str = "binary"

    def __str__(self):
        return f"{self.connections} × {self.in_flight} / {self.size}" + (" text" if self.kind == "text" else "")

    def load_arguments(self):
        return ["--connections", self.connections, "--in-flight", self.in_flight, "--size", self.size, "--" + self.kind]


class Handshakes(NamedTuple):
    """A cell whose messages are connections that open and close."""
    kind: str
    at_once: int = 16

    def __str__(self):
        return self.kind

    def load_arguments(self):
        return ["--handshakes", "--connections", self.at_once, *(["--resume"] if self.kind == "resumed" else [])]


class Compressed(NamedTuple):
    """A cell whose messages are JSON of so many bytes before they are compressed."""
    connections: int
    in_flight: int
    size: int
    takeover: bool = True

    def __str__(self):
        return f"{self.connections} × {self.in_flight} / {self.size} {'takeover' if self.takeover else 'no takeover'}"

    def shape(self):
        takeover = [] if self.takeover else ["--no-takeover"]
        return ["--connections", self.connections, "--in-flight", self.in_flight, "--size", self.size, *takeover]

    def load_arguments(self):
        return ["--deflate", *self.shape()]


class Plan(NamedTuple):
    cells: list
    tls_cells: list
    rounds: int
    seconds: float        # one window of one peer
    repeat_until: float   # seconds from the start of all cells after which no noisy one is repeated
    tls_repeat_until: float
    deflate_cells: list
    deflate_repeat_until: float
    crowd: int        # idle connections beside the active ones
    subscribers: int
    crowd_repeat_until: float


HANDSHAKES = [Handshakes("full"), Handshakes("resumed")]
QUICK = Plan([Cell(1, 1, 16), Cell(64, 1, 16), Cell(512, 1, 16), Cell(64, 1, 1024), Cell(64, 1, 16384), Cell(64, 1, 262144),
              Cell(64, 32, 16), Cell(64, 32, 125), Cell(64, 32, 1024), Cell(64, 32, 1024, "text"), Cell(64, 32, 16384)],
             [Cell(64, 1, 125), Cell(64, 16, 1024)],
             rounds=3, seconds=0.5, repeat_until=90, tls_repeat_until=20,
             deflate_cells=[Compressed(64, 8, 1024)], deflate_repeat_until=10, crowd=5000, subscribers=2000, crowd_repeat_until=20)
FULL = Plan([*(Cell(c, k, size) for size in (16, 125, 1024, 16384) for c, k in ((1, 1), (64, 1), (512, 1), (64, 32))),
             *(Cell(c, k, size) for size in (262144, 1048576) for c, k in ((1, 1), (64, 1))),
             Cell(64, 32, 262144), Cell(64, 32, 1024, "text")],
            [Cell(64, 1, 125), Cell(64, 1, 1024), Cell(64, 16, 1024), Cell(64, 1, 16384), Cell(64, 1, 262144),
             Cell(8, 8, 1048576)],
            rounds=5, seconds=1.0, repeat_until=480, tls_repeat_until=150,
            deflate_cells=[Compressed(64, in_flight, size, takeover) for takeover in (True, False)
                           for in_flight, size in ((1, 1024), (8, 1024), (1, 16384))],
            deflate_repeat_until=150, crowd=20_000, subscribers=10_000, crowd_repeat_until=60)

NOISY = 0.15       # a cell with more spread than this is measured again, and all its rounds are kept
MOST_REPEATS = 2
LOAD_SECONDS = 90  # no run of the load generator takes longer, whatever the peer does

TRACED_CELLS = [Cell(64, 1, 125), Cell(64, 32, 125), Cell(64, 32, 16384), Cell(64, 1, 262144)]
TLS_TRACED_CELLS = [Cell(64, 1, 125), Cell(64, 16, 1024), Cell(64, 1, 16384), Cell(64, 1, 262144)]
COUNTED_CELLS = [Cell(8, k, size) for k in (1, 32) for size in (16, 125, 1024)]
RESULT_SECONDS = 5
FEW_BATCHES, MANY_BATCHES = 10, 60  # of every connection; the difference cancels start, handshakes and end

IDLE_CONNECTIONS = 5000
IDLE_SIZE = 16384
SETTLE_SECONDS = 2  # a server may keep what the next burst would need for a while; ours does for a second


class Sample(NamedTuple):
    """One window of one peer. Where there are no clients, there is nothing but the CPU time and the bytes."""
    cpu_us: float  # of the server, per message
    bytes_in: float   # of the server, per message, as they were on the wire
    bytes_out: float
    rate: Optional[float] = None  # messages per second
    server_busy: Optional[float] = None
    load_busy: Optional[float] = None
    p50_us: Optional[float] = None
    p99_us: Optional[float] = None


def say(text):
    print(text, file=sys.stderr, flush=True)


def figures(line):
    """name=number name=number"""
    return {key: float(value) for key, value in (field.split("=") for field in line.split())}


class Bench:
    """The places and processors of this run, and what every measurement needs: a server and a load on it."""

    def __init__(self, peers, places, server_cpu, load_cpu, tls=False):
        self.peers, self.places = peers, places
        self.server_cpu, self.load_cpu = server_cpu, load_cpu
        self.tls = tls  # through TLS, all of it
        self.failures = []

    def over_tls(self, certificate, key):
        """The same through TLS, with the peers that speak it."""
        places = {**self.places, "certificate": certificate, "key": key}
        return Bench([peer for peer in self.peers if peer.tls is not None], places, self.server_cpu, self.load_cpu, tls=True)

    def without_tls(self):
        """The same peers without TLS. What fails is counted here."""
        plain = Bench(self.peers, self.places, self.server_cpu, self.load_cpu)
        plain.failures = self.failures
        return plain

    @property
    def server_cpus(self):
        return {self.server_cpu}

    @property
    def load_cpus(self):
        return {self.load_cpu}

    @property
    def floor(self):
        return self.peers[0]

    @property
    def subjects(self):
        """What is measured in every round."""
        return self.peers

    def sample(self, subject, cell, seconds):
        return sample(self, subject, cell, seconds)

    def cpu_ratios(self, rounds, peer):
        return ratios(rounds, peer, self.floor, "cpu_us")

    def is_noisy(self, rounds):
        return any(spread(self.cpu_ratios(rounds, peer)) > NOISY for peer in self.peers[1:])

    def more_words(self, peer):
        """What its command needs for this kind of run."""
        return peer.tls if self.tls else ""

    def server(self, peer, under=()):
        return Server(peer, self.places, self.server_cpus, self.more_words(peer), under)

    def load_command(self, server, *arguments):
        kind = [*(["--raw"] if server.peer.raw else []), *(["--tls"] if self.tls else [])]
        return [f"{self.places['tools']}/load", "--port", str(server.port), *kind, *map(str, arguments)]

    def pin_load(self):
        os.sched_setaffinity(0, self.load_cpus)

    def load(self, server, cell, *arguments):
        """Runs the load generator to its end; its figures as a dict."""
        command = self.load_command(server, *cell.load_arguments(), *arguments)
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LOAD_SECONDS, preexec_fn=self.pin_load)
        except subprocess.TimeoutExpired as error:
            raise Failure(f"no end after {LOAD_SECONDS} s") from error
        if done.returncode != 0:
            raise Failure(done.stderr.strip() or f"the load generator ended with {done.returncode}")
        return figures(done.stdout)

    def attempt(self, what, measurement, *arguments):
        """The measurement's result, or None and a line in the list of failures."""
        try:
            return measurement(*arguments)
        except Failure as failure:
            self.failures.append(f"{what}: {failure}")
            say(f"  {self.failures[-1]}")
            return None


# ---- the cells: CPU time and throughput against the floor ----

def sample(bench, peer, cell, seconds):
    with bench.server(peer) as server:
        return sample_of(bench, server, cell, seconds)


def sample_of(bench, server, cell, seconds):
    found = bench.load(server, cell, "--seconds", seconds, "--server-pid", server.pid)
    if not found["messages"]:
        raise Failure(f"no message in {seconds} s")
    return Sample(found["server_cpu"] / found["messages"] * 1e6, found["sent"] / found["messages"],
                  found["bytes"] / found["messages"], found["messages_per_second"],
                  found["server_cpu"] / found["seconds"], found["load_cpu"] / found["seconds"],
                  found["p50_us"], found["p99_us"])


def one_round(bench, cell, seconds, number, given_up):
    """Every subject once, each a fresh process; every other round backwards, so that a drift of the machine's speed cancels."""
    samples = {}
    for subject in bench.subjects if number % 2 == 0 else reversed(bench.subjects):
        if subject in given_up:
            continue
        taken = bench.attempt(f"{subject.name}, {cell}", bench.sample, subject, cell, seconds)
        if taken:
            samples[subject] = taken
        else:
            given_up.add(subject)
    return samples


def ratios(rounds, peer, floor, field):
    """The peer to the floor, round by round, so that only neighbours in time are compared."""
    return [getattr(r[peer], field) / getattr(r[floor], field) for r in rounds if peer in r and floor in r]


def spread(values):
    """Half of the values lie within this share of the median: the interquartile range over the median."""
    if len(values) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / middle


def median_of(rounds, subject, field):
    values = [getattr(r[subject], field) for r in rounds if subject in r]
    return None if not values or None in values else statistics.median(values)


def all_cells(bench, plan, cells, repeat_until):
    """All of them, then the noisy ones again as long as there is time: so each has its chance, and in more than one moment."""
    deadline = time.monotonic() + repeat_until
    table, given_up = {cell: [] for cell in cells}, {cell: set() for cell in cells}
    for repeat in range(1 + MOST_REPEATS):
        for cell in cells:
            if repeat == 0 or (bench.is_noisy(table[cell]) and time.monotonic() < deadline):
                say(f"cell {cell}" + (", again" if repeat else ""))
                table[cell] += [one_round(bench, cell, plan.seconds, number, given_up[cell]) for number in range(plan.rounds)]
    return table


# ---- counts per message: a short and a long run under a tool, and the difference of the two ----

def per_message(bench, peer, cell, count):
    batch = cell.connections * cell.in_flight
    few, many = (count(bench, peer, cell, batches * batch) for batches in (FEW_BATCHES, MANY_BATCHES))
    return (many - few) / ((MANY_BATCHES - FEW_BATCHES) * batch)


def last_number(path, pattern):
    """The last match in the file a tool leaves behind, which may come a little after the server's end."""
    deadline = time.monotonic() + RESULT_SECONDS
    while time.monotonic() < deadline:
        found = re.findall(pattern, path.read_text(errors="replace") if path.exists() else "", re.MULTILINE)
        if found:
            return int(found[-1])
        time.sleep(0.02)
    raise Failure(f"no total in {path.name}")


def count_under(bench, peer, cell, messages, tool, output, total):
    """Serves so many messages under the tool and takes the total from its output."""
    output.unlink(missing_ok=True)
    with bench.server(peer, under=tool) as server:
        bench.load(server, cell, "--messages", messages)
    return last_number(output, total)


def count_syscalls(bench, peer, cell, messages):
    output = bench.places["tools"] / "strace.out"
    # -D: the server stays our child, so that stopping it is as without strace
    return count_under(bench, peer, cell, messages, ["strace", "-D", "-f", "-c", "-U", "calls,name", "-o", output],
                       output, r"^\s*(\d+) total$")


def count_instructions(bench, peer, cell, messages):
    output = bench.places["tools"] / "callgrind.out"
    return count_under(bench, peer, cell, messages, ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={output}"],
                       output, r"^totals: (\d+)")


def counted_cells(bench, tool, cells, count, peers=None):
    """{cell: {peer: count per message}} of these peers or of all, or None where the tool is not installed."""
    if not shutil.which(tool):
        return None
    table = {}
    for cell in cells:
        say(f"{tool} {cell}")
        table[cell] = {peer: bench.attempt(f"{tool}, {peer.name}, {cell}", per_message, bench, peer, cell, count)
                       for peer in peers or bench.peers}
    return table


def syscalls(bench):
    return counted_cells(bench, "strace", TLS_TRACED_CELLS if bench.tls else TRACED_CELLS, count_syscalls)


def instructions(bench):
    return counted_cells(bench, "valgrind", COUNTED_CELLS, count_instructions)


# ---- memory of idle connections ----

def private_bytes(pid):
    """What it wrote. Clean pages are files', and private only while no other process has them mapped: load may, or not."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_Dirty:")) * 1024


def hold_idle(bench, server, connections, after_message, look, words=(), settle=SETTLE_SECONDS):
    """look() while so many connections are open and silent."""
    extra = ["--then-one-message"] if after_message else []
    command = bench.load_command(server, "--idle", connections, "--size", IDLE_SIZE, "--seconds", LOAD_SECONDS, *extra, *words)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          preexec_fn=bench.pin_load) as load:
        if not any(line.startswith("idle=") for line in load.stdout):
            raise Failure(f"{connections} idle connections could not be opened")
        time.sleep(settle)
        result = look()
        load.stdin.close()
    if load.returncode != 0:
        raise Failure(f"not all of {connections} idle connections were there at the end")
    return result


def memory_per_connection(bench, peer, connections, after_message, words=(), settle=SETTLE_SECONDS):
    """The words are more arguments of the load generator."""
    with bench.server(peer) as server:
        # One connection comes and goes first: code and tables that are paged in once are no connection's.
        hold_idle(bench, server, 1, True, lambda: None, words)
        time.sleep(settle)
        before = private_bytes(server.pid)
        after = hold_idle(bench, server, connections, after_message, lambda: private_bytes(server.pid), words, settle)
    return (after - before) / connections


def memory_column(bench, connections, after_message=False):
    """{peer: bytes per connection}"""
    table = {}
    for peer in bench.peers:
        say(f"memory {peer.name}")
        table[peer] = bench.attempt(f"memory, {peer.name}", memory_per_connection, bench, peer, connections, after_message)
    return table


def memory(bench, connections):
    """{peer: (bytes per connection that never spoke, bytes per connection after one message)}"""
    silent, spoke = memory_column(bench, connections), memory_column(bench, connections, after_message=True)
    return {peer: (silent[peer], spoke[peer]) for peer in bench.peers}
