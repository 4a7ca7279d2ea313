"""A network of our own, where names mean what we say and SYNs to some addresses vanish: many addresses, and NO_PROXY.

It is a user, network and mount namespace, so nobody need be root; where the kernel has none of that, or no device that
swallows packets, all of it counts as skipped.
"""
import subprocess
from pathlib import Path

from harness import OK, PATIENCE

PORT = 9001  # the island has no other
DEAD = ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4", "2001:db8::5", "2001:db8::6", "2001:db8::7",
        "2001:db8::8", "2001:db8::9"]
HOSTS = [
    ("dead6-live4.test", [DEAD[0], "127.0.0.1"]),
    ("dead4-live6.test", ["192.0.2.1", "fd00::1"]),
    ("refused6-live4.test", ["fd00::2", "127.0.0.1"]),
    ("unroutable6-live4.test", ["2001:db9::1", "127.0.0.1"]),
    ("dead6-dead4.test", [DEAD[0], "192.0.2.1"]),
    ("refused-refused.test", ["fd00::2", "127.0.0.2"]),
    ("dead-refused.test", [DEAD[0], "127.0.0.2"]),
    ("unroutable.test", ["2001:db9::1", "198.51.100.1"]),
    ("unroutable-refused.test", ["2001:db9::1", "127.0.0.2"]),
    ("nine-dead.test", [*DEAD, "fd00::10"]),
    ("both.test", ["fd00::1", "127.0.0.1"]),
    ("harbour.test", ["127.0.0.1"]),
    ("echo.harbour.test", ["127.0.0.1"]),
    ("notharbour.test", ["127.0.0.1"]),
]

ADDRESSES = [
    ("an address of IPv6", "ws://[fd00::1]:9001/", OK),
    ("a name with both", "ws://both.test:9001/", OK),
    ("IPv6 is dead", "ws://dead6-live4.test:9001/", OK),
    ("IPv4 is dead", "ws://dead4-live6.test:9001/", OK),
    ("IPv6 refuses", "ws://refused6-live4.test:9001/", OK),
    ("IPv6 has no route", "ws://unroutable6-live4.test:9001/", OK),
    ("nine of ten are dead", "ws://nine-dead.test:9001/", OK),
    ("both are dead", "ws://dead6-dead4.test:9001/ --open-timeout 0.5", "error=CONNECT_TIMEOUT"),
    ("one is dead, one refuses", "ws://dead-refused.test:9001/ --open-timeout 0.5", "error=CONNECT_TIMEOUT"),
    ("both refuse", "ws://refused-refused.test:9001/", "error=CONNECTION_REFUSED"),
    ("no route to any", "ws://unroutable.test:9001/", "error=UNREACHABLE"),
    ("one has no route, one refuses", "ws://unroutable-refused.test:9001/",
     "error=CONNECT_FAILED cause=*"),
    ("a name that nobody knows", "ws://nowhere.test:9001/", "error=ADDRESS"),
    ("a proxy whose first address is dead", "ws://127.0.0.1:9001/ --proxy http://dead6-dead4.test:1 --open-timeout 0.5",
     "error=CONNECT_TIMEOUT*"),
    ("a proxy that nobody knows", "ws://127.0.0.1:9001/ --proxy http://nowhere.test:1", "error=PROXY cause=ADDRESS"),
]

# A proxy that is not there, as in environment.
PROXIED = "error=PROXY cause=CONNECTION_REFUSED"
NO_PROXY = [
    # the variable, the host, expected
    ("harbour.test", "harbour.test", OK),
    ("harbour.test", "echo.harbour.test", OK),
    ("harbour.test", "notharbour.test", PROXIED),
    (".harbour.test", "echo.harbour.test", OK),
    (".harbour.test", "notharbour.test", PROXIED),
    ("echo.harbour.test", "harbour.test", PROXIED),
    ("HARBOUR.TEST", "echo.harbour.test", OK),
    ("a.test,harbour.test,b.test", "harbour.test", OK),
    ("127.0.0.0/8", "harbour.test", PROXIED),  # a network is about addresses; the proxy would resolve the name
    ("fd00::/16", "[fd00::1]", OK),
    ("fd00::1", "[fd00::1]", OK),
    ("fd01::/16", "[fd00::1]", PROXIED),
]


def run(stage):
    count = len(ADDRESSES) + len(NO_PROXY)
    hosts = stage.tmp / "hosts"
    hosts.write_text("".join(f"{address} {name}\n" for name, addresses in HOSTS for address in addresses))
    command = ["unshare", "--user", "--map-root-user", "--net", "--mount", "sh", Path(__file__).parent / "island.sh", hosts]
    why = cannot(command)
    if why:
        return stage.skip("island", why, count)

    shore = stage.start(*command, says=r"^island (\d+)$")
    inside = ["nsenter", "--target", shore.said[1], "--user", "--net", "--mount", "--preserve-credentials"]
    for address in f"127.0.0.1:{PORT}", f"[fd00::1]:{PORT}", f"[fd00::10]:{PORT}":
        stage.echo(bind=address, inside=inside)
    stage.table(ADDRESSES, inside=inside)
    for value, host, expected in NO_PROXY:
        stage.cat(f"NO_PROXY={value}: {host}", f"ws://{host}:{PORT}/ --proxy-from-env", expected, inside=inside,
                  env={"NO_PROXY": value, "all_proxy": "http://127.0.0.1:1"})


def cannot(command):
    """Why there can be no island here; it sinks at once as it has no input."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    return "" if done.returncode == 0 else f"this machine has no room for it: {done.stderr.strip()}"
