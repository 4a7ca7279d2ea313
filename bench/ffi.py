"""Through bindings: hws_echo in other languages, with the binding and with the foreign functions alone, against the one in C."""

import os
import shutil
import subprocess
import sys
from typing import NamedTuple

import measure
from peers import LISTENING, PEERS, Peer
from tools import HERE

ROOT = HERE.parent
CELLS = [measure.Cell(64, 1, 125), measure.Cell(64, 32, 125), measure.Cell(64, 1, 16384)]


class Language(NamedTuple):
    """What one needs: commands, and what tells its version."""
    name: str
    commands: tuple
    version: tuple


GO = Language("Go", ("go", "pkg-config", "cmake"), ("go", "version"))
CSHARP = Language("C#", ("mcs", "mono"), ("mono", "--version"))
LUA = Language("LuaJIT", ("luajit",), ("luajit", "-v"))
PYTHON = Language("Python", (), (sys.executable, "--version"))

# {echo}: where it is compiled to; {sources}: where it lies.
FFI_PEERS = {
    GO: [Peer("Go, cgo", "{echo}/go_ffi", LISTENING, raw=False, tls=None, deflate=None),
         Peer("Go", "{echo}/go", LISTENING, raw=False, tls=None, deflate=None)],
    CSHARP: [Peer("C#, P/Invoke", "{mono} {echo}/EchoFfi.exe", LISTENING, raw=False, tls=None, deflate=None),
             Peer("C#", "{mono} {echo}/Echo.exe", LISTENING, raw=False, tls=None, deflate=None)],
    LUA: [Peer("LuaJIT, ffi", "{luajit} {sources}/echo_ffi.lua", LISTENING, raw=False, tls=None, deflate=None),
          Peer("LuaJIT", "{luajit} {sources}/echo.lua", LISTENING, raw=False, tls=None, deflate=None)],
    PYTHON: [Peer("Python", "{python} {sources}/echo.py", LISTENING, raw=False, tls=None, deflate=None)],
}


class Bench(measure.Bench):
    """hws_echo, in C, and what there is of its kin; `skipped` has why others are not there."""

    def __init__(self, bench, build, failures):
        in_c = next(peer for peer in PEERS if peer.name == "hws_echo")._replace(name="C")
        directory = bench.places["tools"] / "echo"
        places = {**bench.places, "echo": directory, "sources": HERE / "echo", "python": sys.executable,
                  **{name: shutil.which(name) for name in ("mono", "luajit")}}
        super().__init__([in_c], places, bench.server_cpu, bench.load_cpu)
        self.failures, self.languages, self.skipped = failures, [], []
        directory.mkdir(parents=True, exist_ok=True)
        set_environment(build)
        for language, peers in FFI_PEERS.items():
            why = not_there(language, build, directory)
            if why:
                self.skipped.append(f"{language.name}: {why}")
            else:
                self.languages.append(language)
                self.peers = [*self.peers, *peers]


def set_environment(build):
    """How bindings find the library, and how they are found; servers inherit it."""
    bindings = ROOT / "bindings"
    cffi = os.environ.get("PYTHONPATH") or str(ROOT / ".tools" / "python" / "site")
    os.environ.update(HAWSER_LIBRARY=str(build / "lib" / "libhawser.so.0"), LUA_PATH=f"{bindings}/lua/?.lua;;",
                      PYTHONPATH=f"{cffi}:{bindings}/python", PYTHONDONTWRITEBYTECODE="1")


def not_there(language, build, directory):
    """Compiles its programs. Why they cannot be had, if so."""
    missing = [name for name in language.commands if not shutil.which(name)]
    if missing:
        return f"no {', '.join(missing)}"
    try:
        {GO: compile_go, CSHARP: compile_csharp, LUA: lambda *_: None, PYTHON: import_cffi}[language](build, directory)
    except subprocess.CalledProcessError as error:
        return (error.stderr or str(error)).strip().splitlines()[-1]
    return None


def run(*command, **options):
    subprocess.run([*map(str, command)], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def compile_go(build, directory):
    """With the library as it would be installed, and no module but the binding."""
    prefix = directory / "prefix"
    shutil.rmtree(prefix, ignore_errors=True)
    run("cmake", "--install", build, "--prefix", prefix)
    os.environ["LD_LIBRARY_PATH"] = str(prefix / "lib")
    # Go caches what it has compiled, and does not see that a header outside has changed: so its content is in a flag.
    header = hash((prefix / "include" / "hawser.h").read_bytes()) & 0xffffffff
    settings = {**os.environ, "PKG_CONFIG_PATH": str(prefix / "lib" / "pkgconfig"), "GOTOOLCHAIN": "local", "GOPROXY": "off",
                "GOFLAGS": "-mod=mod", "GOCACHE": str(directory / "go-cache"), "GOPATH": str(directory / "go-path"),
                "CGO_CFLAGS": f"-O2 -g -DHAWSER_H_SUM={header}"}
    for name in ("go", "go_ffi"):
        module = directory / f"{name}.module"
        module.mkdir(exist_ok=True)
        shutil.copy(HERE / "echo" / name / "main.go", module)
        (module / "go.mod").write_text("module echo\n\ngo 1.19\n\nrequire hawser v0.0.0\n\nreplace hawser => "
                                       f"{ROOT}/bindings/go\n", encoding="ascii")
        run("go", "build", "-o", directory / name, ".", cwd=module, env=settings)


def compile_csharp(_, directory):
    binding = ROOT / "bindings" / "csharp" / "Runtime"
    for name in ("Echo", "EchoFfi"):
        run("mcs", "-unsafe", "-langversion:7.2", "-optimize+", f"-out:{directory}/{name}.exe", *sorted(binding.glob("*.cs")),
            *sorted((binding / "Generated").glob("*.cs")), HERE / "echo" / f"{name}.cs")


def import_cffi(*_):
    run(sys.executable, "-c", "import cffi")


def all_cells(bench, plan):
    return measure.all_cells(bench, plan, CELLS, plan.crowd_repeat_until)
