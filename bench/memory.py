"""Masking, UTF-8 and frames: our loops beside what memory can do. The program `memory` measures and prints; see memory/."""

import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
CRATE = HERE / "memory"


def compile_program(tools):
    """Where it lies. It has the versions of hawser's own lock file, whatever they are by now."""
    target = tools / "cargo"
    shutil.copy(HERE.parent / "Cargo.lock", CRATE)
    subprocess.run([os.environ.get("CARGO", "cargo"), "build", "--quiet", "--release", "--manifest-path",
                    CRATE / "Cargo.toml", "--target-dir", target], check=True)
    return target / "release" / "memory"


def tables(bench):
    """The tables, as Markdown. On the server's processor, with nothing else of ours running."""
    program = compile_program(bench.places["tools"])
    return subprocess.run([program], check=True, capture_output=True, text=True, timeout=600,
                          preexec_fn=lambda: os.sched_setaffinity(0, {bench.server_cpu})).stdout
