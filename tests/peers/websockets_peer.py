"""websockets for Python on the other side: a server in a thread, and TLS contexts for both roles."""
import contextlib
import logging
import ssl
import threading

from websockets.sync.server import basic_auth, serve, unix_serve

LARGEST = 16 * 2**20
NOTED = ["Authorization", "Cookie", "Origin", "Sec-WebSocket-Protocol", "X-Secret"]
QUIET = logging.getLogger("peers")  # half of the handshakes are meant to fail
QUIET.disabled = True


def handler(connection):
    """/headers: the names of those of NOTED that the request had; /bytes/N: a text of N bytes; else an echo."""
    path = connection.request.path
    if path == "/headers":
        connection.send("~".join(name for name in NOTED if name in connection.request.headers) or "none")
    elif path.startswith("/bytes/"):
        connection.send("x" * int(path.removeprefix("/bytes/")))
    for message in connection:
        connection.send(message)


def chat_or_none(connection, offered):
    """Left to itself, websockets refuses a client that offers none."""
    return "chat" if "chat" in offered else None


@contextlib.contextmanager
def server(certificate=None, client_ca=None, user=None, path=None, **more):
    """Runs a server; gives its port. certificate: the common part of two names, NAME.pem and NAME.key."""
    options = {"max_size": LARGEST, "select_subprotocol": chat_or_none, "logger": QUIET,
               "ssl": server_context(certificate, client_ca) if certificate else None,
               "process_request": basic_auth(credentials=user) if user else None, **more}
    with unix_serve(handler, path, **options) if path else serve(handler, "127.0.0.1", 0, **options) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield None if path else running.socket.getsockname()[1]


def server_context(certificate, client_ca):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=client_ca)
    context.load_cert_chain(f"{certificate}.pem", f"{certificate}.key")
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(ca, certificate=None):
    context = ssl.create_default_context(cafile=ca)
    if certificate:
        context.load_cert_chain(f"{certificate}.pem", f"{certificate}.key")
    return context
