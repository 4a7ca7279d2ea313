"""Through SOCKS proxies: dante, which knows 4 and 5; microsocks, which knows 5, for passwords; a script for 4a's names, which
no server in Debian knows (dante takes them for the address 0.0.0.1).
"""
import scripted
import servers
from harness import OK

DANTE, MICRO, LOCKED = "127.0.0.1:{dante}", "127.0.0.1:{micro}", "127.0.0.1:{locked}"
TARGET, NAME, TLS = "ws://{ws}/", "ws://localhost:{ws_port}/", "wss://localhost:{wss}/ --ca {certs}/ca.pem"

CASES = [
    *[(f"{kind}, {name}", f"{target} --proxy {kind}://{DANTE}", OK)
      for kind in ("socks4", "socks5", "socks5h")
      for name, target in (("an address", TARGET), ("a name", NAME), ("wss", TLS))],
    ("socks4a, an address", f"{TARGET} --proxy socks4a://{DANTE}", OK),
    ("socks4a, a name", f"{NAME} --proxy socks4a://127.0.0.1:{{names}}", OK),
    ("socks4a, wss", f"{TLS} --proxy socks4a://127.0.0.1:{{names}}", OK),
    ("socks4a, a name that does not exist", "ws://nowhere.invalid:1/ --proxy socks4a://127.0.0.1:{names}",
     "error=SOCKS_REPLY"),
    ("microsocks: socks5", f"{TARGET} --proxy socks5://{MICRO}", OK),
    ("microsocks: socks5h", f"{NAME} --proxy socks5h://{MICRO}", OK),

    ("user and password", f"{TARGET} --proxy socks5://jim:s%40il@{LOCKED}", OK),
    ("user and password, socks5h and wss", f"{TLS} --proxy socks5h://jim:s%40il@{LOCKED}", OK),
    ("a password that nobody asks for", f"{TARGET} --proxy socks5://jim:s%40il@{MICRO}", OK),
    ("a wrong password", f"{TARGET} --proxy socks5://jim:sail@{LOCKED}", "error=PROXY_AUTHENTICATION"),
    ("no password", f"{TARGET} --proxy socks5://{LOCKED}", "error=PROXY_AUTHENTICATION"),
    ("a password of 256 bytes", f"{TARGET} --proxy socks5://jim:{'x' * 256}@{LOCKED}", "error=INVALID_PROXY"),

    *[(f"{kind}: a target that refuses", f"ws://127.0.0.1:1/ --proxy {kind}://{DANTE}", "error=SOCKS_REPLY")
      for kind in ("socks4", "socks4a", "socks5", "socks5h")],
    *[(f"{kind}: a target that the rules forbid", f"ws://127.0.0.1:2/ --proxy {kind}://{DANTE}", "error=SOCKS_REPLY")
      for kind in ("socks4", "socks5")],
    ("microsocks: a target that refuses", f"ws://127.0.0.1:1/ --proxy socks5://{MICRO}", "error=SOCKS_REPLY"),
    ("socks5h: a name that does not exist", f"ws://nowhere.invalid:1/ --proxy socks5h://{MICRO}", "error=SOCKS_REPLY"),
    ("socks4: an address of IPv6", f"ws://[::1]:1/ --proxy socks4://{DANTE}", "error=INVALID_ARGUMENT"),
    ("microsocks does not speak socks4", f"{TARGET} --proxy socks4://{MICRO}", "error=INVALID_PROXY_MESSAGE*"),
    ("no proxy there", f"{TARGET} --proxy socks5://127.0.0.1:1", "error=PROXY cause=CONNECTION_REFUSED"),
]


def run(stage):
    ws, wss = stage.echo(), stage.tls_echo()
    stage.table(CASES, ws=ws, ws_port=ws.rpartition(":")[2], wss=wss.rpartition(":")[2],
                dante=servers.dante(stage, forbidden=2), names=stage.enter(scripted.server(scripted.socks4a)),
                micro=servers.microsocks(stage), locked=servers.microsocks(stage, "-u", "jim", "-P", "s@il"))
