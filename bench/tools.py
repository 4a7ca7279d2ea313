"""The benchmark's own programs in C, compiled."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMPILER = os.environ.get("CC", "cc")
FLAGS = ["-O2", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
LIBRARIES = ["-lssl", "-lcrypto", "-lz"]
PROGRAMS = {"raw_echo": ("wire",), "load": ("wire", "texts"), "publish_floor": ()}  # with what else they are made of


def compile_tools(tools, names=tuple(PROGRAMS)):
    tools.mkdir(parents=True, exist_ok=True)
    for name in names:
        sources = [HERE / f"{part}.c" for part in (name, *PROGRAMS[name])]
        subprocess.run([COMPILER, *FLAGS, "-o", tools / name, *sources, *LIBRARIES], check=True)


def compile_with_hawser(tools, build, name):
    """A program that hawser is linked to; an installed build has the library and what it needs in hawser.pc."""
    library, header = build / "lib" / "libhawser.so", HERE.parent / "include"
    if not library.exists():
        sys.exit(f"{library} is not there: build it first")
    tools.mkdir(parents=True, exist_ok=True)
    subprocess.run([COMPILER, *FLAGS, "-I", header, "-o", tools / name, HERE / f"{name}.c", library,
                    f"-Wl,-rpath,{library.parent}"], check=True)


def compile_publish(tools, build):
    """The servers that publish with hawser."""
    compile_with_hawser(tools, build, "publish")
