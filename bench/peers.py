"""Who is measured, as data, and how one of them is started, found and stopped."""

import os
import re
import select
import shlex
import subprocess
import time
from typing import NamedTuple, Optional


class Peer(NamedTuple):
    name: str
    command: str  # {tools}: what the benchmark compiled itself; {hws_echo}: the program under test
    ready: str    # the line of standard output that says it accepts, with the port as its group
    raw: bool     # echoes bytes and knows no WebSocket
    tls: Optional[str]      # what to add to the command for TLS, with {certificate} and {key}; None: not measured over TLS
    deflate: Optional[str]  # what to add so that it grants permessage-deflate to who offers it; None: not measured with it
    native: bool = True     # callgrind can count its instructions
    record: str = ""        # under what name scripts/bench-peers-install says what it built, or why not
    language: str = "C"


LISTENING = r"listening on .*:(\d+)"

# The first is the floor, to which all others are compared. A command must become its server (exec, if it is a script),
# since CPU time and memory are read from the process that was started.
PEERS = [
    Peer("floor", "{tools}/raw_echo", LISTENING, raw=True, tls="--tls {certificate} {key}", deflate=""),
    Peer("hws_echo", "{hws_echo} --bind 127.0.0.1:0 --quiet --ping-interval 0", LISTENING, raw=False,
         tls="--tls-cert {certificate} --tls-key {key}", deflate=""),
]


def other(name, record, language, tls=None, deflate=None, command="{peers}/%s"):
    """A server of bench/peers. It is built for this machine's processor, and callgrind doesn't know all of its instructions."""
    return Peer(name, command.replace("%s", record), LISTENING, False, tls, deflate, False, record, language)


BY_FILES = "--tls {certificate} {key}"

# Other libraries, each at its documented best settings: README.md has them.
OTHERS = [
    other("uWebSockets", "uws", "C++", tls=BY_FILES, deflate="--deflate"),
    other("Boost.Beast", "beast", "C++", deflate="--deflate"),
    other("libwebsockets", "lws", "C"),
    other("wslay", "wslay", "C"),
    other("fastwebsockets", "fastwebsockets", "Rust", tls=BY_FILES),
    other("tokio-websockets", "tokio_websockets", "Rust", tls=BY_FILES),
    other("sockudo-ws", "sockudo_ws", "Rust", tls=BY_FILES, deflate="--deflate"),
    other("yawc", "yawc", "Rust", tls=BY_FILES, deflate="--deflate"),
    other("tungstenite", "tungstenite", "Rust", tls=BY_FILES),
    other("ws for Node", "node", "JavaScript", deflate="--deflate",
          command="env NODE_PATH={peers}/node/node_modules node {here}/peers/echo.js"),
    other("picows", "picows", "Python", tls=BY_FILES,
          command="env PYTHONPATH={peers}/site python3 {here}/peers/picows_echo.py"),
]

# Those that send to all what comes from one. The first is the floor of that.
PUBLISHERS = [
    Peer("floor", "{tools}/publish_floor", LISTENING, raw=True, tls=None, deflate=""),
    Peer("hws_publish", "{tools}/publish", LISTENING, raw=False, tls=None, deflate=""),
    Peer("hws_send to each", "{tools}/publish --loop", LISTENING, raw=False, tls=None, deflate=""),
    other("uWebSockets", "uws", "C++", deflate="", command="{peers}/uws --publish --deflate"),
    Peer("ws for Node", "env NODE_PATH={ws} {node} {here}/publish.js", LISTENING, raw=False, tls=None, deflate="", native=False),
]



def what_was_built(peer, places):
    """The version that scripts/bench-peers-install built, or None."""
    file = places["peers"] / f"{peer.record}.version"
    return file.read_text(encoding="utf-8").strip() if file.exists() else None


def why_missing(peer, places):
    file = places["peers"] / f"{peer.record}.skipped"
    return file.read_text(encoding="utf-8").strip() if file.exists() else "not built; scripts/bench-peers-install builds it"


START_SECONDS = 30  # under valgrind a start takes a while
STOP_SECONDS = 20


class Failure(Exception):
    """A peer did not do its part. The run goes on with the others and ends with status 1."""


class Server:
    """`with Server(...) as server`: it accepts connections inside the block and is gone after it."""

    def __init__(self, peer, places, cpus, more_words="", under=()):
        self.peer = peer
        self.command = [*under, *(word.format(**places) for word in shlex.split(f"{peer.command} {more_words}"))]
        self.cpus = cpus

    def __enter__(self):
        try:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0,
                                            preexec_fn=lambda: os.sched_setaffinity(0, self.cpus))
        except OSError as error:
            raise Failure(f"{self.peer.name} does not start: {error.strerror}") from error
        try:
            self.port = self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid

    def _wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
            line = self.process.stdout.readline().decode(errors="replace")
            if not line:
                raise Failure(f"{self.peer.name} ended before it accepted connections")
            if match := re.search(self.peer.ready, line):
                return int(match.group(1))
        raise Failure(f"{self.peer.name} was not ready within {START_SECONDS} s")

    def stop(self):
        self.process.terminate()
        try:
            self.process.communicate(timeout=STOP_SECONDS)  # reads on, so that no last words block its end
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
