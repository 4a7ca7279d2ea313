"""What the groups of cases share: peers that say when they are ready and end with us; cases; and the count.

A case is a row: its name, the arguments of `hws_cat --check`, the line that hws_cat prints. In the arguments {name} is
replaced by what the group passes, {certs} by the directory that tests/certs fills; in the line * stands for anything.
"""
import contextlib
import fnmatch
import itertools
import os
import queue
import re
import shlex
import signal
import socket
import subprocess
import tempfile
import threading
import time
import traceback
from pathlib import Path

PATIENCE = 30  # seconds until what should have happened long ago is a failure
OK = "ok last=hello code=1000"


class Failure(Exception):
    """A check did not hold; the text is shown."""


def holds(condition, text):
    if not condition:
        raise Failure(text)


def free_port():
    """For servers that cannot tell which port they got."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def without_proxies():
    """Our environment; what it says about proxies is not about us."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


class Peer:
    """A program that runs until its group is over. `stdin` is its input: it sees the end of that when we are gone."""

    def __init__(self, command, log, env):
        self.name, self.log, self.said, self.lines = Path(command[0]).name, log, None, queue.SimpleQueue()
        self.process = subprocess.Popen(
            # timeout: it ends even if we are killed and cannot end it
            ["timeout", "--foreground", "-k", "5", "900", *map(str, command)], env=env, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        with open(self.log, "wb", 0) as log:
            for line in self.process.stdout:
                log.write(line)
                self.lines.put(line.decode(errors="replace"))
        self.lines.put(None)

    def await_line(self, pattern):
        """Reads on until a line matches; the match. What was read is not read again."""
        until = time.monotonic() + PATIENCE
        with contextlib.suppress(queue.Empty):
            while (line := self.lines.get(timeout=max(0, until - time.monotonic()))) is not None:
                if found := re.search(pattern, line.rstrip("\n")):
                    return found
            self.lines.put(None)  # it still has ended
        raise Failure(f"{self.name} does not say {pattern}: {self.last_words()}")

    def await_port(self, port):
        for _ in range(int(PATIENCE / 0.02)):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.02)  # it does not say when it listens
                break
        raise Failure(f"{self.name} does not get ready: {self.last_words()}")

    def last_words(self):
        return self.log.read_text(errors="replace")[-500:] if self.log.exists() else "it said nothing"

    def kill(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)  # and its children

    def stop(self):
        if self.process.returncode is not None:
            return  # stopped before: by now its number may be another's
        self.process.stdin.close()
        for number in signal.SIGTERM, signal.SIGKILL:
            self.kill(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
                break
        self.kill(signal.SIGKILL)  # children that did not hear


class Stage:
    """All that a group gets: start what it needs, then check."""

    def __init__(self, build, tools, logs, scratch):
        self.bin, self.tools, self.logs, self.tmp = build / "bin", tools, logs, scratch
        self.certs = scratch / "certs"
        self.passed = self.failed = self.skipped = self.started = 0
        self.env = without_proxies()
        self.leaving = contextlib.ExitStack()

    # ---- the count
    def ok(self, name):
        self.passed += 1
        print("ok", name, flush=True)

    def not_ok(self, name, text):
        self.failed += 1
        print(f"FAILED {name}", *("    " + line for line in text.splitlines()), sep="\n", flush=True)

    def skip(self, name, why, count=1):
        self.skipped += count
        print(f"skipped {name}: {why}", flush=True)

    # ---- peers
    def start(self, *command, says=None, port=None, env=None):
        """Starts a program; comes back when it has said a line that matches, or the port can be connected to."""
        self.started += 1
        log = self.logs / f"{self.started:02}-{Path(command[0]).name}.log"
        peer = Peer(command, log, env or self.env)
        self.leaving.callback(peer.stop)
        if says:
            peer.said = peer.await_line(says)
        if port:
            peer.await_port(port)
        return peer

    def echo(self, *flags, bind="127.0.0.1:0", inside=()):
        """hws_echo; its address as it prints it."""
        return self.start(*inside, self.bin / "hws_echo", "--bind", bind, "--quiet", *flags,
                          says=r"^listening on (.+)$").said[1]

    def tls_echo(self, *flags, certificate="ecdsa", **more):
        return self.echo("--tls-cert", self.certs / f"{certificate}.pem", "--tls-key", self.certs / f"{certificate}.key",
                         *flags, **more)

    def enter(self, context):
        """Something else that ends with the group."""
        return self.leaving.enter_context(context)

    # ---- checks
    def cat(self, name, arguments, expected, inside=(), env=None, **names):
        """One row; names fill the gaps in the arguments. hws_cat says hello in every one of them."""
        words = [word.format(certs=self.certs, tmp=self.tmp, **names) for word in shlex.split(arguments)]
        command = [*inside, str(self.bin / "hws_cat"), "--check", *words, "--send", "hello"]
        found, errors, status = self.run(command, env)
        line = found.rstrip("\n")
        if fnmatch.fnmatchcase(line, expected) and status == (0 if expected.startswith("ok") else 1):
            self.ok(name)
        else:
            self.not_ok(name, f"{shlex.join(command)}\nexpected {expected}\nfound    {line[:300]} (exit status {status})\n"
                        + "\n".join(errors.splitlines()[:3]))

    def table(self, rows, **names):
        for name, arguments, expected in rows:
            self.cat(name, arguments, expected, **names)

    def run(self, command, env=None, given=None):
        """What a program that ends by itself prints to stdout and stderr, and its exit status."""
        try:
            done = subprocess.run(list(map(str, command)), env={**self.env, **(env or {})}, input=given or "",
                                  capture_output=True, encoding="utf-8", errors="replace", timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return f"nothing in {PATIENCE} s", "", None
        return done.stdout, done.stderr, done.returncode

    def talk(self, command, text, answers=1):
        """The same of a program that answers lines with lines, and ends when its input does: after so many answers."""
        program = subprocess.Popen(list(map(str, command)), env=self.env, encoding="utf-8", errors="replace",
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        def say():
            with contextlib.suppress(BrokenPipeError):
                program.stdin.write(text)
                program.stdin.flush()

        speaker = threading.Thread(target=say, daemon=True)  # it answers before it has heard all
        impatience = threading.Timer(PATIENCE, program.kill)
        impatience.start()
        with program, contextlib.suppress(BrokenPipeError):
            speaker.start()
            answered = "".join(itertools.islice(program.stdout, answers))
            speaker.join()
            program.stdin.close()
            out, errors = answered + program.stdout.read(), program.stderr.read()
        impatience.cancel()
        return out, errors, program.returncode

    def check(self, name, body, *arguments):
        """Any other check: a function that raises if it fails."""
        try:
            body(*arguments)
        except Exception as error:  # whatever a peer's library raises
            self.not_ok(name, f"{type(error).__name__}: {error}")
        else:
            self.ok(name)


def run(groups, build, tools, logs):
    """Runs the groups, each with its own peers; the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: exit(1))  # so that the peers end
    with tempfile.TemporaryDirectory(prefix="peers-") as scratch:
        stage = Stage(build, tools, logs, Path(scratch))
        subprocess.run([Path(__file__).parents[1] / "certs", stage.certs], check=True)
        for group in groups:
            print(f"-- {group.__name__}", flush=True)
            try:
                with stage.leaving:
                    group.run(stage)
            except Failure as error:
                stage.not_ok(group.__name__, str(error))
            except Exception:
                stage.not_ok(group.__name__, traceback.format_exc())
    print(f"peers: {stage.passed} passed, {stage.failed} failed, {stage.skipped} skipped")
    return stage.failed > 0
