"""websockets for Python, both ways, over TLS: sizes, client certificates, passwords."""
import ssl

from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.sync.client import connect

import websockets_peer
from harness import OK, PATIENCE, Failure, holds
from websockets_peer import LARGEST, client_context

# The limits of a frame's length field, of a record of TLS, and of everybody's buffers.
SIZES = [0, 1, 125, 126, 16383, 16384, 16385, 65535, 65536, 2**20, LARGEST]
TLS = "wss://localhost:{tls}/ --ca {certs}/ca.pem"
MUTUAL = "wss://localhost:{mutual}/ --ca {certs}/ca.pem"

AS_CLIENT = [
    ("hws_cat to websockets, wss", TLS, OK),
    ("hws_cat to websockets, 1000 messages", f"{TLS} --send-count 1000 --recv 1000", OK),
    ("hws_cat, one byte more than --max-size", f"wss://localhost:{{tls}}/bytes/{LARGEST} --ca {{certs}}/ca.pem"
     f" --max-size {LARGEST - 1}", "error=PAYLOAD_TOO_BIG code=1009*"),
    ("hws_cat with its certificate", f"{MUTUAL} --cert {{certs}}/client.pem --key {{certs}}/client.key", OK),
    ("hws_cat without a certificate", MUTUAL, "error=TLS_ALERT"),
    ("hws_cat with a foreign certificate",
     f"{MUTUAL} --cert {{certs}}/selfsigned.pem --key {{certs}}/selfsigned.key", "error=TLS_ALERT"),
    ("hws_cat with user and password", "wss://jim:s%40il@localhost:{locked}/ --ca {certs}/ca.pem", OK),
    ("hws_cat with a wrong password", "wss://jim:sail@localhost:{locked}/ --ca {certs}/ca.pem",
     "error=INVALID_STATUS status=401"),
    ("hws_cat without a password", "wss://localhost:{locked}/ --ca {certs}/ca.pem", "error=INVALID_STATUS status=401"),
]


def run(stage):
    certificate, ca = stage.certs / "ecdsa", stage.certs / "ca.pem"
    tls = stage.enter(websockets_peer.server(certificate))
    mutual = stage.enter(websockets_peer.server(certificate, client_ca=ca))
    locked = stage.enter(websockets_peer.server(certificate, user=("jim", "s@il")))
    stage.table(AS_CLIENT, tls=tls, mutual=mutual, locked=locked)
    for size in SIZES:
        stage.check(f"hws_cat receives {size} bytes", receives, stage, tls, size)
    for size in [*SIZES[:-1], 2**22 - 2]:  # by hand a line of the input is a message, and has 4 MiB at most
        stage.check(f"hws_cat sends {size} bytes", sends, stage, tls, size)
    as_server(stage, ca)


def receives(stage, port, size):
    out, errors, _ = stage.run([
        stage.bin / "hws_cat", "--check", f"wss://localhost:{port}/bytes/{size}", "--ca", stage.certs / "ca.pem",
        "--max-size", LARGEST])
    holds(out == f"ok last={'x' * size} code=1000\n", f"{out[:200]} ({len(out)} characters) {errors}")


def sends(stage, port, size):
    line = "x" * size + "\n"
    out, errors, status = stage.talk([stage.bin / "hws_cat", f"wss://localhost:{port}/", "--ca", stage.certs / "ca.pem",
                                      "--max-size", LARGEST], line)
    holds(out == line and status == 0, f"{out[:200]} ({len(out)} characters), exit status {status}: {errors}")


def as_server(stage, ca):
    """hws_echo and websockets' client."""
    large = stage.tls_echo("--max-size", LARGEST)
    mutual = stage.tls_echo("--client-ca", ca)
    locked = stage.tls_echo("--auth", "jim:s@il")
    trusting = client_context(ca)

    with dial(large, ssl=trusting) as connection:
        for size in SIZES:
            stage.check(f"websockets to hws_echo, {size} bytes of text", echoes, connection, "x" * size)
            stage.check(f"websockets to hws_echo, {size} bytes", echoes, connection, b"\xff" * size)
    stage.check("websockets to hws_echo, one byte too many", too_big, large, trusting)

    older = client_context(ca)
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    with dial(large, ssl=older) as connection:
        for size in SIZES:
            stage.check(f"websockets to hws_echo over TLS 1.2, {size} bytes", echoes, connection, b"\xff" * size)

    certified = client_context(ca, stage.certs / "client")
    foreign = client_context(ca, stage.certs / "selfsigned")
    stage.check("websockets with its certificate", says_hello, mutual, certified)
    stage.check("websockets without a certificate", is_cut_off, mutual, trusting)
    stage.check("websockets with a foreign certificate", is_cut_off, mutual, foreign)

    stage.check("websockets with user and password", says_hello, locked, trusting, "jim:s%40il@")
    stage.check("websockets with a wrong password", is_told, 401, locked, trusting, "jim:s%40i@")
    stage.check("websockets with another user", is_told, 401, locked, trusting, "joe:s%40il@")
    stage.check("websockets without a password", is_told, 401, locked, trusting)
    stage.cat("hws_cat to hws_echo --auth", "wss://jim:s%40il@localhost:{port}/ --ca {certs}/ca.pem", OK,
              port=locked.rpartition(":")[2])


def dial(address, user="", **options):
    port = address.rpartition(":")[2]
    scheme = "wss" if options.get("ssl") else "ws"
    return connect(f"{scheme}://{user}localhost:{port}/", max_size=LARGEST, proxy=None, open_timeout=PATIENCE,
                   close_timeout=PATIENCE, **options)


def echoes(connection, message):
    connection.send(message)
    back = connection.recv(PATIENCE)
    holds(back == message, f"{len(back)} bytes come back, not the {len(message)} sent")


def says_hello(address, context, user=""):
    with dial(address, user, ssl=context) as connection:
        echoes(connection, "hello")
    holds(connection.close_code == 1000, f"closed with {connection.close_code}")


def is_told(status, *arguments):
    try:
        says_hello(*arguments)
    except InvalidStatus as error:
        holds(error.response.status_code == status, f"told {error.response.status_code}")
        holds("WWW-Authenticate" in error.response.headers, "WWW-Authenticate is missing")
    else:
        raise Failure("let in")


def is_cut_off(*arguments):
    try:
        says_hello(*arguments)
    except (ConnectionClosed, InvalidMessage, OSError):  # an alert may come at once, or where the answer should be
        return
    raise Failure("let in")


def too_big(address, context):
    with dial(address, ssl=context) as connection:
        try:
            echoes(connection, b"x" * (LARGEST + 1))
            raise Failure("it comes back")
        except ConnectionClosed:
            pass
    holds(connection.close_code == 1009, f"closed with {connection.close_code}")
