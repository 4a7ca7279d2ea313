"""A network of the benchmark's own, where the machine's paces TCP. BBR does, with a timer for each 64 KiB: whoever falls behind is
taken for somebody on a slow line, is sent to more slowly, and stays behind."""

import ctypes
import fcntl
import os
import socket
import struct

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
CONGESTION = "/proc/sys/net/ipv4/tcp_congestion_control"
# Linux's own choice, and the one that every network may choose; on a loopback, where nothing is lost, they are the same.
PACE_NOTHING = ("cubic", "reno")


def congestion_control():
    with open(CONGESTION, encoding="ascii") as file:
        return file.read().strip()


def leave_pacing():
    """From here on, this process and its children have a loopback without pacing, and nothing else, if the machine's paces.
    Why not, if that cannot be had; None if all is well."""
    if congestion_control() in PACE_NOTHING:
        return None
    try:
        enter_new_network()
        set_up_loopback()
        with open(CONGESTION, "w", encoding="ascii") as file:
            file.write(PACE_NOTHING[-1])
    except OSError as error:
        return str(error)
    return None


def enter_new_network():
    if os.geteuid() == 0:
        unshare(CLONE_NEWNET)
    else:
        enter_new_user_space(CLONE_NEWNET)


def enter_new_user_space(others):
    """One in which whoever is not root may have the other name spaces, too, and is who he was."""
    user, group = os.geteuid(), os.getegid()
    unshare(CLONE_NEWUSER | others)
    for file, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{file}", "w", encoding="ascii") as map_file:
            map_file.write(text)


def unshare(flags):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), f"unshare: {os.strerror(ctypes.get_errno())}")


def set_up_loopback():
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP))
