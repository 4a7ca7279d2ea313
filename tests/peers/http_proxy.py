"""Through HTTP proxies: tinyproxy, and nginx as its TLS."""
import servers
from harness import OK, free_port

PROXY = "--proxy http://127.0.0.1:{open}"
LOCKED = "127.0.0.1:{locked}"
HTTPS = "--proxy https://localhost:{https}"
CA = "--ca {certs}/ca.pem"
WRONG_PASSWORD = "error=INVALID_PROXY_STATUS status=401"  # what tinyproxy says to it, where others say 407 again

CASES = [
    ("ws", f"ws://{{ws}}/ {PROXY}", OK),
    ("wss", f"wss://localhost:{{wss}}/ {PROXY} {CA}", OK),
    ("the proxy resolves the name", f"ws://localhost:{{ws_port}}/ {PROXY}", OK),
    ("100 messages", f"ws://{{ws}}/ {PROXY} --send-count 100 --recv 100", OK),
    ("the target's certificate is checked", f"wss://localhost:{{wrong}}/ {PROXY} {CA}", "error=TLS_CERTIFICATE"),

    ("user and password", f"ws://{{ws}}/ --proxy http://jim:s%2Eil@{LOCKED}", OK),
    ("user and password, wss", f"wss://localhost:{{wss}}/ --proxy http://jim:s%2Eil@{LOCKED} {CA}", OK),
    ("a wrong password", f"ws://{{ws}}/ --proxy http://jim:sail@{LOCKED}", WRONG_PASSWORD),
    ("no password", f"ws://{{ws}}/ --proxy http://{LOCKED}", "error=PROXY_AUTHENTICATION status=407"),

    ("a port that the proxy refuses", f"ws://127.0.0.1:{{forbidden}}/ {PROXY}", "error=INVALID_PROXY_STATUS status=403"),
    ("a target that refuses", f"ws://127.0.0.1:1/ {PROXY}", "error=INVALID_PROXY_STATUS status=50[0-4]"),
    ("a name that does not exist", f"ws://nowhere.invalid:1/ {PROXY}", "error=INVALID_PROXY_STATUS status=50[0-4]"),
    ("no proxy there", "ws://{ws}/ --proxy http://127.0.0.1:1", "error=PROXY cause=CONNECTION_REFUSED"),
    ("a proxy of an unknown kind", "ws://{ws}/ --proxy gopher://127.0.0.1:1", "error=INVALID_PROXY"),
    ("a proxy with a path", "ws://{ws}/ --proxy http://127.0.0.1:1/path", "error=INVALID_PROXY"),

    ("https proxy: ws", f"ws://{{ws}}/ {HTTPS} {CA}", OK),
    ("https proxy: wss, TLS in TLS", f"wss://localhost:{{wss}}/ {HTTPS} {CA}", OK),
    ("https proxy: the target's certificate is checked", f"wss://localhost:{{wrong}}/ {HTTPS} {CA}",
     "error=TLS_CERTIFICATE"),
    ("https proxy: a wrong name", f"wss://localhost:{{wss}}/ --proxy https://localhost:{{https_wrong}} {CA}",
     "error=PROXY cause=TLS_CERTIFICATE"),
]


def run(stage):
    ws, wss, wrong = stage.echo(), stage.tls_echo(), stage.tls_echo(certificate="stranger")
    ws_port, wss_port, wrong_port = (address.rpartition(":")[2] for address in (ws, wss, wrong))
    # Only to these ports, so that any other is refused; 1 is allowed, and nobody there.
    allowed = [ws_port, wss_port, wrong_port, 1]
    http = servers.tinyproxy(stage, allowed)
    locked = servers.tinyproxy(stage, allowed, "BasicAuth jim s.il")
    https, https_wrong = servers.nginx(stage, stream=[servers.TLS_OVER_TCP.format(
        certs=stage.certs, certificate=name, to=http, port="{port}") for name in ("ecdsa", "stranger")])
    stage.table(CASES, ws=ws, ws_port=ws_port, wss=wss_port, wrong=wrong_port, open=http, locked=locked,
                https=https, https_wrong=https_wrong, forbidden=free_port())
