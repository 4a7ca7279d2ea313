"""The chat server of examples-c, as those see it who come: a page, and rooms for websockets, websocket-client and ws."""
import re
import shutil
import signal
import urllib.error
import urllib.request
from pathlib import Path

import websocket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from harness import PATIENCE, holds

MIB = 2**20


def run(stage):
    server = stage.start(stage.bin / "chat", "127.0.0.1:0", says=r"^listening on (.+)$")
    address = server.said[1]
    for body in page, health, elsewhere, talk, history, doors, sizes, websocket_client:
        stage.check(f"chat: {body.__name__.replace('_', ' ')}", body, address)
    stage.check("chat: ws for Node", node, stage, address)
    stage.check("chat: the end", end, server, address)


def get(address, path, method="GET"):
    request = urllib.request.Request(f"http://{address}{path}", method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def page(address):
    status, headers, body = get(address, "/")
    holds(status == 200 and headers["Content-Type"] == "text/html; charset=utf-8", f"{status} {headers}")
    holds("<title>hawser chat</title>" in body and int(headers["Content-Length"]) == len(body), body[:200])
    status, headers, nothing = get(address, "/", "HEAD")
    holds(status == 200 and int(headers["Content-Length"]) == len(body) and not nothing, f"{status} {headers}")


def health(address):
    holds(get(address, "/health")[0] == 204, "no 204")


def elsewhere(address):
    for path, status in [("/nowhere", 404), ("/rooms/deck", 404), ("/rooms/deck/ann", 426)]:
        found, _, body = get(address, path)
        holds(found == status and body, f"{path}: {found} {body}")


def aboard(address, room, name, **more):
    return connect(f"ws://{address}/rooms/{room}/{name}", proxy=None, max_size=2 * MIB, open_timeout=PATIENCE, **more)


def hears(guest, *texts):
    for text in texts:
        heard = guest.recv(timeout=PATIENCE)
        holds(heard == text, f"{heard[:200]!r}, not {text[:200]!r}")


def talk(address):
    with aboard(address, "deck", "ann") as ann:
        hears(ann, "* ann has come aboard; 1 here")
        with aboard(address, "deck", "b%C3%B6b", compression=None) as bob:
            for guest in ann, bob:
                hears(guest, "* b\u00f6b has come aboard; 2 here")
            bob.send("ahoy")
            ann.send("a rope \u2693, please" + "!" * 1000)
            for guest in ann, bob:
                heard = {guest.recv(timeout=PATIENCE), guest.recv(timeout=PATIENCE)}
                holds(heard == {"b\u00f6b: ahoy", "ann: a rope \u2693, please" + "!" * 1000}, str(heard)[:300])
        hears(ann, "* b\u00f6b has left; 1 here")


def history(address):
    with aboard(address, "hold", "ann") as ann:
        hears(ann, "* ann has come aboard; 1 here")
        for number in range(25):
            ann.send(str(number))
            hears(ann, f"ann: {number}")
        with aboard(address, "hold", "bob") as bob:
            hears(bob, *(f"ann: {number}" for number in range(5, 25)), "* bob has come aboard; 2 here")
    with aboard(address, "hold", "cid") as cid:
        hears(cid, "* cid has come aboard; 1 here")  # a room that was empty remembers nothing


def doors(address):
    own, other = {"origin": f"http://{address}"}, {"origin": f"http://{address}.example"}
    with aboard(address, "deck", "ann", **own) as ann:
        hears(ann, "* ann has come aboard; 1 here")
        for room, name, more, status in [("deck", "ann", {}, 409), ("Deck", "bob", {}, 400), ("deck", "b%0Ab", {}, 400),
                                         ("deck", "x" * 25, {}, 400), ("a%2Fb", "bob", {}, 400), ("deck", "bob", other, 403)]:
            try:
                aboard(address, room, name, **more).close()
                holds(False, f"{room}/{name} is let in")
            except InvalidStatus as error:
                holds(error.response.status_code == status and error.response.body, f"{room}/{name}: {error}")
        with aboard(address, "dock", "ann") as elsewhere:
            hears(elsewhere, "* ann has come aboard; 1 here")  # another room, another ann


def sizes(address):
    with aboard(address, "deck", "ann") as ann, aboard(address, "deck", "bob", compression=None) as bob:
        hears(ann, "* ann has come aboard; 1 here", "* bob has come aboard; 2 here")
        hears(bob, "* bob has come aboard; 2 here")
        for message in [b"", "", bytes(range(256)) * 512, "\0nul\0", "\u2693" * 1000, "a" * MIB, b"\xff" * MIB]:
            ann.send(message)
            for guest in ann, bob:
                heard = guest.recv(timeout=PATIENCE)
                holds(heard == (message if isinstance(message, bytes) else f"ann: {message}"), f"{len(heard)} are wrong")
        ann.send("a" * (MIB + 1))
        try:
            ann.recv(timeout=PATIENCE)
            holds(False, "more than a MiB is taken")
        except ConnectionClosed as closed:
            holds(closed.rcvd and closed.rcvd.code == 1009, str(closed))
        hears(bob, "* ann has left; 1 here")


def websocket_client(address):
    with aboard(address, "deck", "ann") as ann:
        hears(ann, "* ann has come aboard; 1 here")
        guest = websocket.create_connection(f"ws://{address}/rooms/deck/wsc", timeout=PATIENCE, suppress_origin=True)
        holds(guest.recv() == "* wsc has come aboard; 2 here", "no welcome")
        hears(ann, "* wsc has come aboard; 2 here")
        guest.send("x" * 70000)
        hears(ann, "wsc: " + "x" * 70000)
        holds(guest.recv() == "wsc: " + "x" * 70000, "it does not hear itself")
        guest.sock.close()  # without a word
        hears(ann, "* wsc has left; 1 here")


def node(stage, address):
    program = Path(__file__).parent / "chat_peer.js"
    env = {"NODE_PATH": str(stage.tools.absolute() / "root/usr/share/nodejs")}
    with aboard(address, "deck", "ann") as ann:
        hears(ann, "* ann has come aboard; 1 here")
        out, errors, status = stage.run([shutil.which("node"), program, f"ws://{address}/rooms/deck/node"], env=env)
        holds(status == 0 and re.search(r"^heard node: ahoy y{2000}$", out, re.M), f"{out[:300]} {errors}")
        hears(ann, "* node has come aboard; 2 here", "node: ahoy " + "y" * 2000, "* node has left; 1 here")


def end(server, address):
    with aboard(address, "deck", "ann") as ann:
        hears(ann, "* ann has come aboard; 1 here")
        server.process.send_signal(signal.SIGTERM)
        try:
            ann.recv(timeout=PATIENCE)
            holds(False, "no end")
        except ConnectionClosed as closed:
            holds(closed.rcvd and closed.rcvd.code == 1001, str(closed))
    holds(server.process.wait(PATIENCE) == 0, f"exit status {server.process.returncode}")
