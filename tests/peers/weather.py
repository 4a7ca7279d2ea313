"""Bad weather between two machines: packets get lost, are late, overtake each other, or no longer arrive at all.

Two network namespaces with a wire of ours between them, weather_wire.py, which carries packets from one TUN device to the
other as it is told: the kernel's own netem is a module that many machines lack. Where there are no namespaces or no TUN
devices, all of it counts as skipped.
"""
import contextlib
import hashlib
import random
import re
import subprocess
import sys
import time
from pathlib import Path

from harness import PATIENCE, Failure, holds

WIRE = Path(__file__).parent / "weather_wire.py"
NAMESPACE = ["unshare", "--user", "--map-root-user", "--net", "--mount"]
THERE = "10.9.0.2"
URL = f"ws://{THERE}:9001/"
INTERVAL, TIMEOUT = 0.4, 0.6
KEEPALIVE = ["--ping-interval", INTERVAL, "--ping-timeout", TIMEOUT]
# Weather that a keepalive must survive: round trips stay far below the timeout, but for packets that are sent again.
PATIENT = ["--ping-interval", 1, "--ping-timeout", 15]
MESSAGES = 100_000


def run(stage):
    why = cannot()
    if why:
        return stage.skip("weather", why, 11)
    wire = Wire(stage)
    stage.check(f"{MESSAGES} messages there and back through 5 % loss, reordered: the same SHA-256", the_same, stage, wire,
                MESSAGES, "loss 5", "delay 4 4", "reorder 25")
    stage.check("100 ms later, give or take 50: the same SHA-256", the_same, stage, wire, 5000, "delay 100 50")
    for name, weather in ("5 % loss", ["loss 5"]), ("100 ms, give or take 50", ["delay 100 50"]), \
            ("reordered", ["delay 10 0", "reorder 50"]), ("1 s without a packet", []):
        stage.check(f"no false alarm: {name}", stays, stage, wire, weather, 1.0 if not weather else 0)
    stage.check("the wire is cut and mended: the client is back", comes_back, stage, wire)
    stage.check("the wire is cut and mended: the client with a thread is back", comes_back, stage, wire, "--io-thread")
    stage.check("the wire is cut: the client notices", client_notices, stage, wire)
    stage.check("the wire is cut: the server notices", server_notices, stage, wire)
    stage.check("the other machine vanishes: the client notices", other_vanishes, stage, wire)


def cannot():
    """Why there can be no weather here; the wire ends at once as it has no input."""
    done = subprocess.run([*NAMESPACE, sys.executable, WIRE], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=PATIENCE)
    return "" if done.returncode == 0 else f"this machine has no room for it: {done.stderr.strip().splitlines()[-1:]}"


class Wire:
    """The wire and both its ends; fine weather at first."""

    def __init__(self, stage):
        self.stage = stage
        self.peer = stage.start(*NAMESPACE, sys.executable, WIRE, says=r"^wire (\d+) (\d+)$")
        here, there = self.peer.said[1], self.peer.said[2]
        self.here, self.there = (["nsenter", "--target", pid, "--user", "--net", "--preserve-credentials"]
                                 for pid in (here, there))
        self.accounts = 0
        self.echo = self.serve()

    def serve(self, *flags):
        return self.stage.start(*self.there, self.stage.bin / "hws_echo", "--bind", f"{THERE}:9001", "--quiet", *flags,
                                says=r"^listening on (.+)$")

    def tell(self, *words):
        self.peer.process.stdin.write("".join(f"{word}\n" for word in words).encode())
        self.peer.process.stdin.flush()

    def account(self):
        """Packets that have passed, that got lost, and that were overtaken, since the last account."""
        self.accounts += 1
        self.tell("account")
        for _ in range(int(PATIENCE / 0.02)):
            found = re.findall(r"^account (\d+) (\d+) (\d+)$", self.peer.log.read_text(), re.M)
            if len(found) == self.accounts:
                return map(int, found[-1])
            time.sleep(0.02)  # it says so in its log only
        raise Failure("the wire gives no account")

    def cat(self, *flags):
        """A client by hand, which has got its first echo."""
        command = [*self.here, self.stage.bin / "hws_cat", URL, "--close-timeout", 60, *flags]
        client = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, env=self.stage.env)
        self.stage.leaving.callback(end, client)
        say(client, "hello")
        return client


def end(process):
    process.kill()
    process.wait()
    for stream in process.stdin, process.stdout, process.stderr:
        with contextlib.suppress(OSError):
            stream and stream.close()


def say(client, text):
    client.stdin.write(text + "\n")
    client.stdin.flush()
    line = client.stdout.readline()
    holds(line == text + "\n", f"{line!r} instead of {text!r}")


def the_same(stage, wire, count, *weather):
    """Both directions, for the server echoes."""
    dice = random.Random(1)
    lines = [f"{number} {dice.getrandbits(8 * dice.choice((4, 16, 40))):x}" for number in range(count)]
    text = "\n".join(lines) + "\n"
    wire.tell(*weather)
    started = time.monotonic()
    try:
        command = [*wire.here, stage.bin / "hws_cat", URL, "--no-deflate", "--close-timeout", 60, *PATIENT]
        out, errors, status = stage.talk(command, text, count)
        took = time.monotonic() - started
    finally:
        wire.tell("fine")
    passed, lost, overtaken = wire.account()
    there, back = (hashlib.sha256(way.encode()).hexdigest() for way in (text, out))
    print(f"   {len(text)} bytes each way, {took:.1f} s, {back[:16]}; of {passed + lost} packets {lost} lost, {overtaken} overtaken")
    holds(overtaken > 0 and (lost > 0) == any(word.startswith("loss") for word in weather), "there was no weather")
    holds(status == 0 and there == back, f"{status}, {out.count(chr(10))} lines, {errors[-300:]}")


def stays(stage, wire, weather, cut):
    """The connection lives through it, pinged all the time."""
    client = wire.cat(*PATIENT, *(["--open-timeout", 20]))
    wire.tell(*weather)
    try:
        if cut:
            wire.tell("down")
            time.sleep(cut)  # the weather, not a wait for something
            wire.tell("up")
        for number in range(20):
            say(client, f"still here {number}")
    finally:
        wire.tell("fine")
    client.stdin.close()
    status = client.wait(PATIENCE)
    holds(status == 0, f"exit status {status}: {client.stderr.read()[-300:]}")


def comes_back(stage, wire, *flags):
    """Twice, by itself: cut when it is open, and mended when it has noticed."""
    client = wire.cat(*KEEPALIVE, "--reconnect", 100, *flags)
    for number in range(2):
        wire.tell("down")
        try:
            reason = client.stderr.readline()
            holds("PING_TIMEOUT" in reason, reason)
            holds(client.stderr.readline().startswith("reconnecting in "), "it does not come back")
        finally:
            wire.tell("fine")
        say(client, f"here again {number}")
    client.stdin.close()
    status = client.wait(PATIENCE)
    holds(status == 0, f"exit status {status}: {client.stderr.read()[-300:]}")


def client_notices(stage, wire):
    client = wire.cat(*KEEPALIVE)
    wire.tell("down")
    try:
        noticed(client, time.monotonic())
    finally:
        wire.tell("fine")


def noticed(client, cut):
    """It ends because of the ping, not before its time; how long it took is printed."""
    try:
        status = client.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        raise Failure(f"nothing is noticed in {PATIENCE} s") from None
    took, errors = time.monotonic() - cut, client.stderr.read()
    holds(status == 1 and "PING_TIMEOUT" in errors, f"exit status {status}: {errors[-300:]}")
    told(took)


def told(took):
    print(f"   noticed after {took:.2f} s; interval and timeout are {INTERVAL + TIMEOUT:.2f} s")
    holds(took >= TIMEOUT - 0.05, f"after {took:.2f} s, which is before the timeout")


def server_notices(stage, wire):
    """Another server, which pings: a client that is silent from one moment on is gone from its counters."""
    port = "9002"
    server = subprocess.Popen(list(map(str, [*wire.there, stage.bin / "hws_echo", "--bind", f"{THERE}:{port}", "--stats", 0.05,
                                             *KEEPALIVE])), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=stage.env)
    stage.leaving.callback(end, server)
    holds(server.stdout.readline().startswith("listening on "), "hws_echo does not listen")
    command = [*wire.here, stage.bin / "hws_cat", f"ws://{THERE}:{port}/", "--ping-interval", 0]
    client = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=stage.env)
    stage.leaving.callback(end, client)
    say(client, "hello")
    wire.tell("down")
    cut = time.monotonic()
    try:
        for line in server.stderr:
            if re.search(r"\bconnections=0\b", line) and "messages_in=1 " in line:
                return told(time.monotonic() - cut)
            holds(time.monotonic() - cut < PATIENCE, f"nothing is noticed in {PATIENCE} s: {line}")
        raise Failure("hws_echo has ended")
    finally:
        wire.tell("fine")


def other_vanishes(stage, wire):
    """Power goes: no FIN, no RST, no namespace any more."""
    client = wire.cat(*KEEPALIVE)
    wire.tell("vanish")
    cut = time.monotonic()
    wire.echo.stop()
    noticed(client, cut)
