"""player.py URL SCENARIO: plays the golden scenario; tests/golden/README.md has its language."""

import sys
import time
from typing import Any

import hawser
from hawser import EventKind, Opcode, SendFlags, exceptions

PATIENCE_S = 10
# The fields of an error in the order of hws_error_info, without those that differ each time.
LEFT_OUT = {"status", "status_name", "time_ms", "downtime_ms"}
FIELDS = [name for name in hawser.WebSocketException.__annotations__ if name not in LEFT_OUT]


def quoted(data: bytes) -> str:
    """Bytes between quotes, with escapes; the address of the server is SERVER."""
    data = data.replace(server.encode(), b"SERVER")
    escapes = {0x22: '\\"', 0x5C: "\\\\"}
    return '"' + "".join(escapes.get(c) or (chr(c) if 0x20 <= c <= 0x7E else f"\\x{c:02x}") for c in data) + '"'


def shown(data: bytes) -> str:
    """The same, or of what is long its length and FNV-1a."""
    if len(data) <= 128:
        return quoted(data)
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{len(data)} bytes {value:016x}"


def tell(depth: int, text: str) -> None:
    print("  " * depth + text, flush=True)


def tell_headers(depth: int, headers: Any, wanted: Any) -> None:
    for name, value in headers:
        if wanted(name):
            tell(depth, f"header: {quoted(name.encode())} {quoted(value.encode())}")


def tell_field(depth: int, name: str, value: Any) -> None:
    if name == "headers":
        tell_headers(depth, value, lambda name: name != "Sec-WebSocket-Accept")
    elif isinstance(value, exceptions.Close):
        tell(depth, f"{name}: {value.code} {quoted(value.reason.encode())}")
    elif name == "operation":
        tell(depth, f"{name}: {value}")
    elif isinstance(value, (str, bytes)):
        tell(depth, f"{name}: {quoted(value.encode()) if isinstance(value, str) else shown(value)}")
    else:
        tell(depth, f"{name}: {int(value)}")


def tell_error(depth: int, label: str, error: Any) -> None:
    tell(depth, f"{label} {error.status_name}")
    above = [
        kind.status_name
        for kind in exceptions.BY_STATUS.values()
        if isinstance(error, kind) and type(error) is not kind
    ]
    tell(depth + 1, " ".join(["is:", *above]))
    for name in FIELDS:
        value = getattr(error, name)
        nothing: Any = (getattr(hawser.WebSocketException, name), "", [])
        if value not in nothing or (name == "header_value" and value == ""):
            tell_field(depth + 1, name, value)
    if error.__cause__:
        tell_error(depth + 1, "cause", error.__cause__)


def tell_event(event: hawser.Event) -> None:
    words = [event.kind.name]
    has_opcode = event.kind in (EventKind.MESSAGE, EventKind.FRAGMENT)
    if has_opcode:
        words.append(Opcode(event.opcode).name.lower())
    words += [str(flag.name).lower() for flag in hawser.EventFlags if flag in event.flags]
    if event.token:
        words.append(f"token={event.token}")
    if event.kind in (EventKind.QUEUE, EventKind.RECONNECTING):
        words.append(f"value={event.value}")
    if has_opcode or event.kind in (EventKind.PING, EventKind.PONG):
        words.append(shown(event.data.encode() if isinstance(event.data, str) else event.data))
    tell(0, " ".join(words))
    if event.handshake:
        for name in ("http_status", "subprotocol", "extensions", "uri"):
            if value := getattr(event.handshake, name):
                tell_field(1, name, value)
        tell_headers(1, event.handshake.headers, lambda name: name.startswith("X-"))
    if event.error:
        tell_error(1, "error", event.error)


def unescaped(text: str) -> bytes:
    r"""Undoes \" \\ \xHH."""
    data, out = text.encode(), bytearray()
    while data:
        if data[:2] == b"\\x":
            out.append(int(data[2:4], 16))
            data = data[4:]
        else:
            data = data[data[:1] == b"\\" :]
            out += data[:1]
            data = data[1:]
    return bytes(out)


def cut(line: str) -> "tuple[bytes, list[str]]":
    """The DATA between quotes, and the words behind it."""
    at = line.index('"')
    end = at + 1
    while line[end] != '"':
        end += 2 if line[end] == "\\" else 1
    return unescaped(line[at + 1 : end]), line[end + 1 :].split()


class Player:
    engine: Any = None
    connection: Any = None

    def __init__(self) -> None:
        self.events: "list[hawser.Event]" = []

    def case(self, line: str) -> None:
        if self.engine:
            self.engine.close()
        self.engine = self.connection = None
        self.events = []
        if line:
            tell(0, f"== {line}")

    def connect(self, line: str) -> None:
        uri, *words = line.split(" ")
        options: Any = {"uri": uri.replace("SERVER", server), "headers": []}
        engine: Any = {}
        value: Any
        for word in words:
            name, value = word.split("=", 1)
            if name == "header":
                options["headers"].append(tuple(unescaped(part).decode() for part in value.split(":", 1)))
                continue
            group, _, field = name.rpartition(".")
            where = engine if group == "engine" else options.setdefault(group, {}) if group else options
            value = {"on": True, "off": False}.get(value, value)
            where[field] = (
                value.split(",") if field == "subprotocols" else int(value) if str(value).isdigit() else value
            )
        self.engine = self.engine or hawser.Engine(**engine)
        self.connection = self.engine.connect(**options)

    def send(self, line: str, times: int = 1) -> None:
        data, words = cut(line)
        opcode = Opcode[line.split(" ")[0].upper()]
        options = {"flags": SendFlags(0), "token": 0}
        for word in words:
            if word.startswith("token="):
                options["token"] = int(word[6:])
            else:
                options["flags"] |= SendFlags[word.upper()]
        if opcode == Opcode.CLOSE:
            self.close(f'1000 "{data.decode() * times}"')
        else:
            self.connection.send(data * times, opcode, **options)

    def repeat(self, line: str) -> None:
        times, line = line.split(" ", 1)
        self.send(line, int(times))

    def close(self, line: str) -> None:
        self.connection.close(int(line.split(" ")[0]), cut(line)[0].decode())

    def abort(self, line: str) -> None:
        self.connection.abort()

    def await_(self, kind: str) -> None:
        while True:
            self.events = self.events or self.engine.poll(PATIENCE_S)
            if not self.events:
                return tell(0, f"await {kind}: nothing came")
            event = self.events.pop(0)
            tell_event(event)
            if event.kind.name == kind:
                return None

    def dropped(self, line: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while self.connection.stats().recv_dropped < int(line) and time.monotonic() < end:
            time.sleep(0.001)

    def settle(self, line: str) -> None:
        try:
            while True:
                self.connection.state()
                self.engine.poll(0.001)
        except hawser.InvalidHandle:
            pass


def main(scenario: str) -> None:
    player = Player()
    with open(scenario, encoding="utf-8") as lines:
        for line in lines:
            command, _, rest = line.rstrip("\n").partition(" ")
            if not command or command.startswith("#"):
                continue
            try:
                getattr(player, command + "_" * (command == "await"))(rest)
            except hawser.WebSocketException as error:
                called = "close" if error.operation == "close" else "send" if command == "repeat" else command
                tell(0, f"{called} failed")
                tell_error(1, "error", error)
    player.case("")


if __name__ == "__main__":
    server = sys.argv[1].removeprefix("ws://")
    main(sys.argv[2])
