"""permessage-deflate (RFC 7692) with websockets for Python, which uses zlib: all parameters that it can ask for or
grant, and on its side of the connection a look at what was agreed.
"""
import contextlib
import itertools
import threading
from functools import partial

from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory
from websockets.sync.client import connect
from websockets.sync.server import serve

import messages
from harness import OK, PATIENCE, holds
from messages import SMALL_LINES, SMALL_MESSAGES, printed
from websockets_peer import LARGEST, QUIET

PARAMETERS = ["server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits",
              "client_max_window_bits"]
NO_TAKEOVER = [False, True]
BITS = [None, 9, 10, 12, 15]
OURS = 12  # the window of whoever of us has set none
FRAGMENTS = [messages.prose(300), "", messages.prose(5000), "x"]
HOW_MANY = "How many of them were compressed?"

# What a server wants. zlib cannot compress with 8 bits, but it can ask us to. "Required" it wants the client to say
# that it can do with smaller windows, or no compression: hws_cat says so.
SERVERS = [(*row, required) for row in itertools.product(NO_TAKEOVER, NO_TAKEOVER, BITS, [*BITS, 8])
           for required in NO_TAKEOVER if row[3] or not required]
# What a client asks for. True: "I can do with any".
CLIENTS = list(itertools.product(NO_TAKEOVER, NO_TAKEOVER, [*BITS, 8], [*BITS, True]))
WITH_LARGE = [(False, False, None, 15), (True, True, 9, 9)]


def run(stage):
    for *wanted, required in SERVERS:
        title = messages.name(dict(zip(PARAMETERS, wanted))) + (", required" if required else "")
        with server(wanted, required, SMALL_MESSAGES) as port:
            stage.check(f"hws_cat to websockets: {title}", converses, stage, port, told(*wanted), SMALL_MESSAGES,
                        SMALL_LINES)
    with server((False, False, None, None), False, []) as port:
        stage.table([
            ("hws_cat --check to websockets, 2000 messages",
             "ws://127.0.0.1:{port}/ --send '{prose}' --send-count 1000 --recv 2001", OK),
            ("hws_cat --no-deflate", "ws://127.0.0.1:{port}/ --no-deflate", "ok last=none code=1000"),
        ], port=port, prose=messages.prose(1000))
    large, lines = messages.large_messages(), messages.large_lines()
    for wanted in WITH_LARGE:
        title = messages.name(dict(zip(PARAMETERS, wanted)))
        with server(wanted, False, large) as port:
            stage.check(f"hws_cat to websockets, 1 and 16 MiB: {title}", converses, stage, port, told(*wanted), large,
                        lines)
    as_clients(stage, large)


class CountingServer(ServerPerMessageDeflateFactory):
    def process_request_params(self, *arguments):
        parameters, extension = super().process_request_params(*arguments)
        return parameters, counted(extension)


class CountingClient(ClientPerMessageDeflateFactory):
    def process_response_params(self, *arguments):
        return counted(super().process_response_params(*arguments))


def counted(extension):
    """It counts the compressed messages that come."""
    def decode(frame, *, inner=extension.decode, **options):
        extension.compressed += frame.rsv1
        return inner(frame, **options)

    extension.compressed, extension.decode = 0, decode
    return extension


# ---- websockets as the server
@contextlib.contextmanager
def server(wanted, required, sent):
    """It says what was agreed, then what it is told to, then echoes; asked for it, it tells what came compressed."""
    factory = CountingServer(*wanted, require_client_max_window_bits=required)
    with serve(partial(handle, sent), "127.0.0.1", 0, extensions=[factory], compression=None, max_size=LARGEST,
               logger=QUIET) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running.socket.getsockname()[1]


def handle(sent, connection):
    connection.send(agreed(connection))
    for message in sent:
        connection.send(message)
    for message in connection:
        connection.send(str(connection.protocol.extensions[0].compressed) if message == HOW_MANY else message)


def agreed(connection):
    """What this end keeps to, as text: of the server, then of the client."""
    if not connection.protocol.extensions:
        return "none"
    [deflate] = connection.protocol.extensions
    local = (deflate.local_no_context_takeover, deflate.local_max_window_bits)
    remote = (deflate.remote_no_context_takeover, deflate.remote_max_window_bits)
    server, client = (local, remote) if connection.protocol.side.name == "SERVER" else (remote, local)
    return told(server[0], client[0], server[1], client[1])


def told(*parameters):
    """The same of parameters; no window is the largest."""
    return " ".join(str(15 if value is None else value) for value in parameters)


def converses(stage, port, expected, sent, lines):
    """hws_cat by hand prints what the server sends, sends lines, and prints their echoes."""
    out, errors, status = stage.talk(
        [stage.bin / "hws_cat", f"ws://127.0.0.1:{port}/", "--max-size", LARGEST],
        "\n".join([*lines, HOW_MANY, ""]), answers=1 + len(sent) + len(lines) + 1)
    same(out, [expected, *map(printed, sent), *lines], errors, more=1)
    compressed = int(out.splitlines()[-1])
    holds(compressed >= messages.short(lines), f"only {compressed} messages were compressed")
    holds(status == 0, f"exit status {status}: {errors}")


def same(out, expected, errors, more=0):
    found = out.splitlines()
    for number, (line, want) in enumerate(zip(found, expected)):
        holds(line == want, f"line {number}: {line[:100]} ({len(line)} characters), not {want[:100]} ({len(want)})")
    holds(len(found) == len(expected) + more, f"{len(found)} lines, not {len(expected) + more}: {errors}")


# ---- websockets as the client
def as_clients(stage, large):
    port = stage.echo("--max-size", LARGEST).rpartition(":")[2]
    for wanted in CLIENTS:
        title = messages.name(dict(zip(PARAMETERS, wanted)))
        stage.check(f"websockets to hws_echo: {title}", is_echoed, port, wanted, SMALL_MESSAGES)
    for wanted in WITH_LARGE:
        title = messages.name(dict(zip(PARAMETERS, wanted)))
        stage.check(f"websockets to hws_echo, 1 and 16 MiB: {title}", is_echoed, port, wanted, large)

    plain = stage.echo("--no-deflate").rpartition(":")[2]
    stage.check("websockets to hws_echo --no-deflate", is_plain, plain)


def dial(port, wanted):
    return connect(f"ws://127.0.0.1:{port}/", extensions=[CountingClient(*wanted)], compression=None,
                   max_size=LARGEST, proxy=None, open_timeout=PATIENCE, close_timeout=PATIENCE, logger=QUIET)


def granted(server_off, client_off, server_bits, client_bits):
    """What hws_echo makes of it: its own window where it may, and no word about a client that has said none."""
    largest = 15 if client_bits in (None, True) else client_bits
    return told(server_off, client_off, min(OURS, server_bits or 15), min(OURS, largest) if client_bits else None)


def is_echoed(port, wanted, sent):
    with dial(port, wanted) as connection:
        found = agreed(connection)
        holds(found == granted(*wanted), f"agreed: {found}, expected: {granted(*wanted)}")
        for number, message in enumerate(sent):
            connection.send(message)
            back = connection.recv(PATIENCE)
            holds(back == message, f"message {number}: {len(back)} come back, not the {len(message)} sent")
        connection.send(iter(FRAGMENTS))
        holds(connection.recv(PATIENCE) == "".join(FRAGMENTS), "a message in fragments comes back as another one")
    compressed = connection.protocol.extensions[0].compressed
    holds(compressed >= messages.short(sent), f"only {compressed} messages were compressed")
    holds(connection.close_code == 1000, f"closed with {connection.close_code}")


def is_plain(port):
    with dial(port, (False, False, None, True)) as connection:
        holds(agreed(connection) == "none", f"agreed: {agreed(connection)}")
        connection.send(messages.prose(1000))
        holds(connection.recv(PATIENCE) == messages.prose(1000), "another answer")
