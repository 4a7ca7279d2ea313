"""--proxy-from-env: which variable counts for which URL. The proxies of the table are not there, so `proxied` is their
refusal; all else goes directly. (Names for NO_PROXY have to resolve: see island.)
"""
import servers
from harness import OK
from http_proxy import WRONG_PASSWORD

DEAD = "http://127.0.0.1:1"
PROXIED = "error=PROXY cause=CONNECTION_REFUSED"
WS, WSS = "ws://{ws}/ --proxy-from-env", "wss://localhost:{wss}/ --ca {certs}/ca.pem --proxy-from-env"

CASES = [
    # name, environment, arguments, expected
    ("no variable", {}, WS, OK),
    ("http_proxy, ws", {"http_proxy": DEAD}, WS, PROXIED),
    ("HTTP_PROXY, ws", {"HTTP_PROXY": DEAD}, WS, PROXIED),
    ("https_proxy, wss", {"https_proxy": DEAD}, WSS, PROXIED),
    ("HTTPS_PROXY, wss", {"HTTPS_PROXY": DEAD}, WSS, PROXIED),
    ("http_proxy is not for wss", {"http_proxy": DEAD}, WSS, OK),
    ("all_proxy, ws", {"all_proxy": DEAD}, WS, PROXIED),
    ("ALL_PROXY, wss", {"ALL_PROXY": DEAD}, WSS, PROXIED),
    ("all_proxy may be SOCKS", {"all_proxy": "socks5h://127.0.0.1:1"}, WS, PROXIED),
    ("a variable that is empty", {"http_proxy": ""}, WS, OK),
    ("a proxy without a scheme", {"http_proxy": "127.0.0.1:1"}, WS, PROXIED),
    ("a proxy that makes no sense", {"http_proxy": "gopher://127.0.0.1:1"}, WS, "error=INVALID_PROXY"),
    ("without --proxy-from-env", {"http_proxy": DEAD, "all_proxy": DEAD}, "ws://{ws}/", OK),
    ("--proxy comes before the environment", {"http_proxy": DEAD}, "ws://{ws}/ --proxy-from-env --proxy {proxy}", OK),

    ("NO_PROXY=*", {"all_proxy": DEAD, "NO_PROXY": "*"}, WS, OK),
    ("no_proxy=*", {"all_proxy": DEAD, "no_proxy": "*"}, WSS, OK),
    ("NO_PROXY, an address", {"all_proxy": DEAD, "NO_PROXY": "127.0.0.1"}, WS, OK),
    ("NO_PROXY, another address", {"all_proxy": DEAD, "NO_PROXY": "127.0.0.2,::1"}, WS, PROXIED),
    ("NO_PROXY, a network", {"all_proxy": DEAD, "NO_PROXY": "10.0.0.0/8,127.0.0.0/8"}, WS, OK),
    ("NO_PROXY, another network", {"all_proxy": DEAD, "NO_PROXY": "10.0.0.0/8,126.0.0.0/8"}, WS, PROXIED),
    ("NO_PROXY, a network within a byte", {"all_proxy": DEAD, "NO_PROXY": "126.0.0.0/7"}, WS, OK),
    ("NO_PROXY, a name", {"all_proxy": DEAD, "NO_PROXY": "LocalHost"}, WSS, OK),
    ("NO_PROXY, after a comma and a space", {"all_proxy": DEAD, "NO_PROXY": "elsewhere.test, localhost"}, WSS, OK),
    ("NO_PROXY, half a name", {"all_proxy": DEAD, "NO_PROXY": "host"}, WSS, PROXIED),
    ("NO_PROXY is not about --proxy", {"NO_PROXY": "*"}, "ws://{ws}/ --proxy http://127.0.0.1:1", PROXIED),

    ("http_proxy that is there, ws", {"http_proxy": "{proxy}"}, WS, OK),
    ("https_proxy that is there, wss", {"https_proxy": "{proxy}"}, WSS, OK),
    ("http_proxy with a wrong password", {"http_proxy": "{locked}"}, WS, WRONG_PASSWORD),
]


def run(stage):
    ws, wss = stage.echo(), stage.tls_echo()
    wss_port = wss.rpartition(":")[2]
    ports = [ws.rpartition(":")[2], wss_port]
    proxy = f"http://127.0.0.1:{servers.tinyproxy(stage, ports)}"
    locked = f"http://jim:sail@127.0.0.1:{servers.tinyproxy(stage, ports, 'BasicAuth jim s.il')}"
    for name, variables, arguments, expected in CASES:
        env = {key: value.format(proxy=proxy, locked=locked) for key, value in variables.items()}
        stage.cat(name, arguments, expected, env=env, ws=ws, wss=wss_port, proxy=proxy)
