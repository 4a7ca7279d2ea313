"""weather_wire.py: a wire with weather, in namespaces of its own (unshare --user --map-root-user --net --mount).

The namespace that it is started in is 10.9.0.1, another that it makes is 10.9.0.2. It says `wire PID PID`, a process in each,
and carries packets until its input ends. A line of the input changes the weather:
    loss PERCENT        so many packets get lost, of each direction
    delay MS JITTER     they arrive so much later, give or take the jitter: so some overtake others
    reorder PERCENT     so many are not delayed
    down, up            nothing gets through, and all that is under way is lost; or everything again
    vanish              down, and the other namespace is gone with its device
    fine                no weather at all
    account             it says `account PASSED LOST OVERTAKEN`: packets since the last time
"""
import ctypes
import fcntl
import heapq
import os
import random
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN_NO_PI = 0x400454CA, 0x1001


def tun(address, peer):
    """The device of this namespace."""
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", b"wire", IFF_TUN_NO_PI))
    for command in "link set lo up", f"addr add {address} peer {peer} dev wire", "link set wire mtu 1500 up txqueuelen 1000":
        subprocess.run(["ip", *command.split()], check=True)
    return fd


def other_shore():
    """A process in a namespace of its own, which ends with us; its number, and its end of the wire."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    pid = os.fork()
    if pid == 0:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
            os._exit(1)
        try:
            fd = tun("10.9.0.2", "10.9.0.1")
            socket.send_fds(theirs, [b"wire"], [fd])
            os.close(fd)
        except BaseException as error:
            theirs.send(str(error).encode())
            os._exit(1)
        signal.pause()
    theirs.close()
    said, fds, _, _ = socket.recv_fds(ours, 1000, 1)
    if not fds:
        sys.exit(said.decode() or "there is no other namespace")
    os.set_blocking(fds[0], False)
    return pid, fds[0]


class Weather:
    def __init__(self):
        self.fine()

    def fine(self):
        self.loss = self.reorder = 0
        self.delay = self.jitter = 0.0
        self.up = True

    def late(self, dice):
        """How late a packet arrives; None if it does not."""
        if not self.up or dice.random() < self.loss:
            return None
        if self.delay == 0 or dice.random() < self.reorder:
            return 0.0
        return max(0.0, self.delay + dice.uniform(-self.jitter, self.jitter))


def main():
    here = tun("10.9.0.1", "10.9.0.2")
    pid, there = other_shore()
    weather, dice, under_way, count = Weather(), random.Random(6455), [], 0
    passed = lost = overtaken = 0
    newest = {here: 0, there: 0}  # that has arrived there
    selector = selectors.PollSelector()  # epoll takes no files
    selector.register(0, selectors.EVENT_READ)
    ends = {here: there, there: here}
    for end in ends:
        selector.register(end, selectors.EVENT_READ)
    print(f"wire {os.getpid()} {pid}", flush=True)
    rest = b""
    while True:
        wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
        for key, _ in selector.select(wait):
            if key.fd == 0:
                data = os.read(0, 4096)
                if not data:
                    return
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    word, *numbers = line.decode().split()
                    if word == "account":
                        print(f"account {passed} {lost} {overtaken}", flush=True)
                        passed = lost = overtaken = 0
                        continue
                    if word == "vanish":
                        os.kill(pid, signal.SIGKILL)
                    change(weather, word, [float(number) for number in numbers])
                    if not weather.up:
                        under_way.clear()
                continue
            for _ in range(64):
                try:
                    packet = os.read(key.fd, 65536)
                except BlockingIOError:
                    break
                except OSError:  # the device has gone with its namespace
                    selector.unregister(key.fd)
                    break
                late = weather.late(dice)
                lost += late is None
                if late is not None:
                    count += 1
                    heapq.heappush(under_way, (time.monotonic() + late, count, ends[key.fd], packet))
        now = time.monotonic()
        while under_way and under_way[0][0] <= now:
            _, number, to, packet = heapq.heappop(under_way)
            passed += 1
            overtaken += number < newest[to]
            newest[to] = max(newest[to], number)
            try:
                os.write(to, packet)
            except OSError:  # its queue is full, or the device has gone: lost
                pass


def change(weather, word, numbers):
    if word == "loss":
        weather.loss = numbers[0] / 100
    elif word == "reorder":
        weather.reorder = numbers[0] / 100
    elif word == "delay":
        weather.delay, weather.jitter = numbers[0] / 1000, numbers[1] / 1000
    elif word in ("down", "vanish"):
        weather.up = False
    elif word == "up":
        weather.up = True
    elif word == "fine":
        weather.fine()
    else:
        sys.exit(f"no such weather: {word}")


main()
