"""At the border: what calls through the C interface take without the kernel, each against what it may."""

import os
import statistics
import subprocess
from typing import NamedTuple

import measure
from peers import Failure

RUNS = 5  # of border, one after the other; each takes medians over its rounds
KINDS = {"plain": [], "permessage-deflate agreed": ["--deflate"]}


class Row(NamedTuple):
    """A figure of border, less the kernel's, and what it may be, in ns per message."""
    what: str
    figure: str
    kernel: str
    goal: float


ROWS = [Row("hws_send of 16 bytes, by a server", "send", "", 40), Row("hws_send of 16 bytes, by a client", "send_masked", "kernel_key", 40),
        Row("hws_poll, 64 messages of one connection", "poll_one", "kernel_one", 50),
        Row("hws_poll, 64 messages of as many connections", "poll_many", "kernel_many", 50)]


def one_run(bench, words):
    try:
        done = subprocess.run([bench.places["tools"] / "border", *words], check=True, capture_output=True, text=True,
                              timeout=measure.LOAD_SECONDS, preexec_fn=lambda: os.sched_setaffinity(0, bench.server_cpus))
    except subprocess.CalledProcessError as error:
        raise Failure(error.stderr.strip() or str(error)) from error
    except subprocess.TimeoutExpired as error:
        raise Failure(f"no end after {measure.LOAD_SECONDS} s") from error
    return measure.figures(done.stdout)


def all_runs(bench):
    """{kind: [figures of a run]}; the kinds take turns."""
    runs = {kind: [] for kind in KINDS}
    for _ in range(RUNS):
        for kind, words in KINDS.items():
            measure.say(f"border {kind}")
            found = bench.attempt(f"border, {kind}", one_run, bench, words)
            runs[kind] += [found] if found else []
    return runs


def row(kind, found, what):
    """Whole, kernel's, and between the two, with its spread."""
    whole = [run[what.figure] for run in found]
    kernel = [run[what.kernel] if what.kernel else 0.0 for run in found]
    own = [a - b for a, b in zip(whole, kernel)]
    middle = statistics.median
    return [what.what, kind, f"{middle(whole):.1f}", f"{middle(kernel):.1f}" if what.kernel else "none",
            f"**{middle(own):.1f}**", f"{measure.spread(own):.0%}", f"{what.goal:.0f}"]


def rows(runs):
    return [row(kind, found, what) for what in ROWS for kind, found in runs.items() if found]
