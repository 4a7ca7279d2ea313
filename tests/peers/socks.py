"""Through SOCKS proxies: tiny-proxy, which knows all four kinds, and microsocks, for passwords."""
import servers
from harness import OK

TINY = {"socks4": "127.0.0.1:{tiny4}", "socks4a": "127.0.0.1:{tiny4}",
        "socks5": "127.0.0.1:{tiny5}", "socks5h": "127.0.0.1:{tiny5}"}
MICRO, LOCKED = "127.0.0.1:{micro}", "127.0.0.1:{locked}"
TARGET, NAME, TLS = "ws://{ws}/", "ws://localhost:{ws_port}/", "wss://localhost:{wss}/ --ca {certs}/ca.pem"

CASES = [
    *[(f"{kind}: {name}", f"{target} --proxy {kind}://{proxy}", expected)
      for kind, proxy in TINY.items()
      for name, target, expected in [
          ("an address", TARGET, OK),
          ("a name", NAME, OK),
          ("wss", TLS, OK),
          ("1000 messages", f"{TLS} --send-count 1000 --recv 1000", OK),
          ("a target that refuses", "ws://127.0.0.1:1/", "error=SOCKS_REPLY")]],
    *[(f"{kind}: a name that does not exist", f"ws://nowhere.invalid:1/ --proxy {kind}://{TINY[kind]}", expected)
      for kind, expected in [("socks4", "error=ADDRESS"), ("socks4a", "error=SOCKS_REPLY"),
                             ("socks5", "error=ADDRESS"), ("socks5h", "error=SOCKS_REPLY")]],
    ("socks4: an address of IPv6", f"ws://[::1]:1/ --proxy socks4://{TINY['socks4']}", "error=INVALID_ARGUMENT"),

    ("microsocks: socks5", f"{TARGET} --proxy socks5://{MICRO}", OK),
    ("microsocks: socks5h", f"{TARGET} --proxy socks5h://{MICRO}", OK),
    ("microsocks: a target that refuses", f"ws://127.0.0.1:1/ --proxy socks5://{MICRO}", "error=SOCKS_REPLY"),
    ("microsocks does not speak socks4", f"{TARGET} --proxy socks4://{MICRO}", "error=INVALID_PROXY_MESSAGE*"),
    ("user and password", f"{TARGET} --proxy socks5://jim:s%40il@{LOCKED}", OK),
    # microsocks tries one address of a name only, which for localhost may be ::1
    ("user and password, socks5h and wss",
     f"wss://127.0.0.1:{{wss}}/ --ca {{certs}}/ca.pem --proxy socks5h://jim:s%40il@{LOCKED}", OK),
    ("a password that nobody asks for", f"{TARGET} --proxy socks5://jim:s%40il@{MICRO}", OK),
    ("a wrong password", f"{TARGET} --proxy socks5://jim:sail@{LOCKED}", "error=PROXY_AUTHENTICATION"),
    ("no password", f"{TARGET} --proxy socks5://{LOCKED}", "error=PROXY_AUTHENTICATION"),
    ("a password of 256 bytes", f"{TARGET} --proxy socks5://jim:{'x' * 256}@{LOCKED}", "error=INVALID_PROXY"),
    ("no proxy there", f"{TARGET} --proxy socks5://127.0.0.1:1", "error=PROXY cause=CONNECTION_REFUSED"),
]


def run(stage):
    ws, wss = stage.echo(), stage.tls_echo()
    stage.table(CASES, ws=ws, ws_port=ws.rpartition(":")[2], wss=wss.rpartition(":")[2],
                tiny4=servers.tiny_proxy(stage, 4), tiny5=servers.tiny_proxy(stage, 5), micro=servers.microsocks(stage),
                locked=servers.microsocks(stage, "-u", "jim", "-P", "s@il"))
