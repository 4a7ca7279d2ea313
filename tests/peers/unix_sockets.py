"""Unix sockets, with a path and with an abstract name."""
import socket

from websockets.sync.client import unix_connect

import websockets_peer
from harness import OK, holds

CASES = [
    ("a path", "ws://localhost/ --connect-to {path}", OK),
    ("a path, any host in the URL", "ws://harbour.test:1234/ --connect-to {path}", OK),
    ("a path, 1000 messages", "ws://localhost/ --connect-to {path} --send-count 1000 --recv 1000", OK),
    ("a path, wss", "wss://localhost/ --connect-to {tls_path} --ca {certs}/ca.pem", OK),
    ("a path, wss, the URL's name counts", "wss://harbour.test/ --connect-to {tls_path} --ca {certs}/ca.pem",
     "error=TLS_CERTIFICATE"),
    ("an abstract name", "ws://localhost/ --connect-to {abstract}", OK),
    ("websockets at a path", "ws://localhost/ --connect-to unix:{python}", OK),
    ("a TCP address instead of the URL's", "ws://harbour.test:1234/ --connect-to {tcp}", OK),
    ("a TCP address, wss", "wss://localhost:1/ --connect-to {tls_tcp} --ca {certs}/ca.pem", OK),

    ("a path where nothing is", "ws://localhost/ --connect-to unix:{tmp}/nothing", "error=IO"),
    ("a path where nobody listens", "ws://localhost/ --connect-to unix:{left}", "error=CONNECTION_REFUSED"),
    ("a path that is a plain file", "ws://localhost/ --connect-to unix:{tmp}/certs/ca.pem", "error=CONNECTION_REFUSED"),
    ("an abstract name that nobody has", "ws://localhost/ --connect-to unix:@hawser-nobody",
     "error=CONNECTION_REFUSED"),
    ("a path of 200 bytes", f"ws://localhost/ --connect-to unix:/{'x' * 200}", "error=INVALID_ARGUMENT"),
]


def run(stage):
    path, tls_path, abstract = f"unix:{stage.tmp}/echo", f"unix:{stage.tmp}/tls", f"unix:@{stage.tmp.name}"
    python, left = stage.tmp / "python", stage.tmp / "left"
    stage.check("hws_echo says its path", binds, stage, path, path)
    stage.check("hws_echo says its abstract name", binds, stage, abstract, abstract)
    stage.tls_echo(bind=tls_path)
    stage.enter(websockets_peer.server(path=str(python)))
    leave_behind(left)
    stage.table(CASES, path=path, tls_path=tls_path, abstract=abstract, python=python, left=left, tcp=stage.echo(),
                tls_tcp=stage.tls_echo())
    stage.check("websockets to a path", says_hello, f"{stage.tmp}/echo")
    stage.check("websockets to an abstract name", says_hello, f"\0{stage.tmp.name}")


def binds(stage, address, expected):
    said = stage.echo(bind=address)
    holds(said == expected, f"listening on {said}, not {expected}")


def leave_behind(path):
    """A socket's file whose owner has gone."""
    with socket.socket(socket.AF_UNIX) as owner:
        owner.bind(str(path))


def says_hello(path):
    with unix_connect(path, uri="ws://localhost/") as connection:
        connection.send("hello")
        holds(connection.recv(30) == "hello", "another answer")
