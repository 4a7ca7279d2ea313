"""Two tabs of a browser in a room of chat, driven over the DevTools protocol. Not among the groups that are
played by default: see scripts/test-browser.
"""
import itertools
import json
import shutil

from websockets.sync.client import connect

from chat import aboard, hears
from harness import PATIENCE, holds

MIB = 2**20


def run(stage):
    browser = shutil.which("chromium-headless-shell")
    if not browser:
        stage.skip("two tabs", "there is no chromium-headless-shell", 3)
        return
    address = stage.start(stage.bin / "chat", "127.0.0.1:0", says=r"^listening on (.+)$").said[1]
    shown = stage.start(browser, "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                        "--remote-debugging-port=0", f"--user-data-dir={stage.tmp / 'chat'}", "--no-proxy-server",
                        says=r"^DevTools listening on (.+)$")
    with connect(shown.said[1], proxy=None, max_size=None) as wire:
        tools = Tools(wire)
        stage.check("two tabs chat", tabs_chat, tools, address)
        stage.check("a tab is killed, and the server sees it", a_tab_is_killed, tools, address)
        stage.check("a page sends and hears everything as it is", bytes_survive, tools, address)


class Tools:
    """The DevTools protocol: a question, and its answer among the events."""

    def __init__(self, wire):
        self.wire, self.numbers = wire, itertools.count(1)

    def tell(self, method, session=None, **params):
        question = {"id": next(self.numbers), "method": method, "params": params}
        self.wire.send(json.dumps({**question, "sessionId": session} if session else question))
        return question["id"]

    def ask(self, method, session=None, **params):
        number = self.tell(method, session, **params)
        answer = self.hear(lambda heard: heard.get("id") == number)
        holds("result" in answer, f"{method}: {answer.get('error')}")
        return answer["result"]

    def hear(self, wanted):
        while True:
            heard = json.loads(self.wire.recv(timeout=2 * PATIENCE))  # a browser starts slowly
            if wanted(heard):
                return heard

    def tab(self, url):
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable", session)
        self.tell("Page.navigate", session, url=url)
        self.hear(lambda heard: heard.get("method") == "Page.loadEventFired" and heard.get("sessionId") == session)
        return Tab(self, session)


class Tab:
    def __init__(self, tools, session):
        self.tools, self.session = tools, session

    def run(self, script):
        """What the script comes to, when it has."""
        answer = self.tools.ask("Runtime.evaluate", self.session, expression=script, awaitPromise=True,
                                returnByValue=True)
        holds("exceptionDetails" not in answer, str(answer))
        return answer["result"].get("value")

    def until(self, condition):
        """When this is so in the page: it looks whenever the page changes."""
        self.run(f"""new Promise((done) => {{
            const look = () => {{ if ({condition}) done(true) }}
            new MutationObserver(look).observe(document, {{ childList: true, subtree: true, characterData: true,
                                                          attributes: true }})
            look()
        }})""")

    def shows(self, text):
        self.until(f"log.textContent.includes({json.dumps(text)})")

    def comes_aboard(self, room, name):
        self.run(f"join.room.value = {json.dumps(room)}; join.who.value = {json.dumps(name)}; join.requestSubmit(); 0")
        self.shows(f"* {name} has come aboard")

    def says(self, text):
        self.run(f"say.text.value = {json.dumps(text)}; say.requestSubmit(); 0")


def tabs_chat(tools, address):
    ann, bob = (tools.tab(f"http://{address}/") for _ in range(2))
    ann.comes_aboard("deck", "ann")
    bob.comes_aboard("deck", "bob")
    ann.shows("* bob has come aboard; 2 here")
    ann.says("ahoy \u2693 " + "!" * 1000)
    bob.shows("ann: ahoy \u2693 " + "!" * 1000)
    bob.says("<b>not bold</b>")
    ann.shows("bob: <b>not bold</b>")
    holds(not ann.run("document.querySelector('b') !== null"), "what is said becomes a part of the page")
    with aboard(address, "deck", "cid", compression=None) as cid:
        hears(cid, "bob: <b>not bold</b>", "* cid has come aboard; 3 here")


def a_tab_is_killed(tools, address):
    with aboard(address, "hold", "ann") as ann:
        hears(ann, "* ann has come aboard; 1 here")
        bob = tools.tab(f"http://{address}/")
        bob.comes_aboard("hold", "bob")
        hears(ann, "* bob has come aboard; 2 here")
        tools.tell("Page.crash", bob.session)  # it takes its answer with it
        hears(ann, "* bob has left; 1 here")


SURVIVES = """new Promise((done) => {
    const noise = (size) => {
        const bytes = new Uint8Array(size)
        for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536))
        return bytes
    }
    const sent = ['', 'short', 'x'.repeat(5000), '\\u2693'.repeat(300000), 'y'.repeat(MIB), new Uint8Array(0),
                  noise(1), noise(70000), noise(MIB)]
    const equal = (some, others) => some.length === others.length && some.every((byte, at) => byte === others[at])
    const same = (mine, data) => typeof mine === 'string' ? data === 'eve: ' + mine : equal(mine, new Uint8Array(data))
    const socket = new WebSocket('ws://ADDRESS/rooms/brig/eve')
    let heard = 0
    socket.binaryType = 'arraybuffer'
    socket.onmessage = ({ data }) => {
        if (typeof data === 'string' && data.startsWith('* ')) return sent.forEach((message) => socket.send(message))
        if (!same(sent[heard], data)) return done('message ' + heard + ' is another')
        if (++heard === sent.length) { socket.close(1000); done(socket.extensions) }
    }
    socket.onclose = ({ code }) => done('closed: ' + code)
})"""


def bytes_survive(tools, address):
    page = tools.tab(f"http://{address}/")
    said = page.run(SURVIVES.replace("MIB", str(MIB)).replace("ADDRESS", address))
    holds(said == "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12", said)
