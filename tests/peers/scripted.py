"""Servers that do as a script says. A script gets each connection in a thread of its own."""
import base64
import contextlib
import hashlib
import socket
import ssl
import threading

GONE = threading.Event()  # never set: what waits for it has only its timeout


@contextlib.contextmanager
def server(script):
    """Gives its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        with contextlib.suppress(OSError):  # closed: the group is over
            while True:
                threading.Thread(target=play, args=(listener.accept()[0],), daemon=True).start()

    def play(connection):
        # the peer goes when it likes: that it does is what the case is about
        with connection, contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            script(connection)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)  # close alone would not wake accept
        listener.close()


def until_gone(connection):
    while connection.recv(65536):
        pass


def silent(connection):
    until_gone(connection)


def answers(*answers):
    """Something for each time the peer speaks, then silence."""
    def script(connection):
        for answer in answers:
            if not connection.recv(65536):
                return
            connection.sendall(answer)
        until_gone(connection)
    return script


def answers_and_goes(*answers):
    """The last answer is followed by the end."""
    def script(connection):
        for answer in answers:
            connection.recv(65536)
            connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)  # and no reset, whatever we have not read
        until_gone(connection)
    return script


def drips(start, drop):
    """An answer without end, a byte now and then: too few for every limit of size."""
    def script(connection):
        connection.recv(65536)
        connection.sendall(start)
        while not GONE.wait(0.02):
            connection.sendall(drop)
    return script


def pours(start, chunk):
    """An answer without end, as fast as it is taken."""
    def script(connection):
        connection.recv(65536)
        connection.sendall(start)
        while True:
            connection.sendall(chunk)
    return script


def relay(connection, target, piece):
    """Hands on what comes, in both directions, in pieces of so many bytes."""
    def hand_on(here, there):
        with contextlib.suppress(OSError):
            while data := here.recv(65536):
                for start in range(0, len(data), piece):
                    there.sendall(data[start:start + piece])
            there.shutdown(socket.SHUT_WR)

    with socket.create_connection(target) as there:
        there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=hand_on, args=(there, connection), daemon=True)
        back.start()
        hand_on(connection, there)
        back.join()


def crumbles(port):
    """A relay that hands on every byte for itself."""
    return lambda connection: relay(connection, ("127.0.0.1", port), 1)


def upgrade(connection, extensions=""):
    """Reads a client's request and agrees to it."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(65536)
    key = next(line.split(b":")[1].strip() for line in request.split(b"\r\n")
               if line.lower().startswith(b"sec-websocket-key:"))
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    agreed = f"Sec-WebSocket-Extensions: {extensions}\r\n".encode() if extensions else b""
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Accept: " + accept + b"\r\n" + agreed + b"\r\n")


def says(extensions, frames=b""):
    """A WebSocket that opens with these extensions, says this and no more, and listens."""
    def script(connection):
        upgrade(connection, extensions)
        connection.sendall(frames)
        connection.shutdown(socket.SHUT_WR)  # a client waits for that once both have said goodbye
        until_gone(connection)
    return script


def opens_then(certificate, then):
    """A WebSocket over TLS that opens; then(tls connection, the socket below) goes on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{certificate}.pem", f"{certificate}.key")

    def script(connection):
        below = connection.dup()
        with below, context.wrap_socket(connection, server_side=True) as tls:
            upgrade(tls)
            then(tls, below)
    return script
