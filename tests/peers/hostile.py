"""Peers that lie, stall, babble or hang up, where proxies and TLS are expected. Every stall ends at the one open deadline."""
import socket

import scripted
from scripted import answers, answers_and_goes, crumbles, drips, opens_then, pours, silent

SOON = "--open-timeout 0.5"
CA = "--ca {certs}/ca.pem"

# A record of type handshake that announces 16 KiB, a ServerHello in it that announces as much, and no more.
HALF_A_RECORD = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03"
TOO_LARGE_A_RECORD = b"\x16\x03\x03\xff\xff" + bytes(65535)
AN_ALERT = b"\x15\x03\x03\x00\x02\x02\x28"  # fatal, handshake_failure
A_WARNING = b"\x15\x03\x03\x00\x02\x01\x00"  # close_notify
PAGE = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

TLS = [
    # name, script, flags, expected
    ("silence instead of TLS", silent, SOON, "error=CONNECT_TIMEOUT"),
    ("half a record, then silence", answers(HALF_A_RECORD), SOON, "error=CONNECT_TIMEOUT"),
    ("a record without end, a byte now and then", drips(HALF_A_RECORD, b"\0"), SOON, "error=CONNECT_TIMEOUT"),
    ("a record that is too large", answers(TOO_LARGE_A_RECORD), "", "error=TLS_PROTOCOL"),
    ("records without end", pours(b"", b"\x16\x03\x03\x40\x00" + bytes(16384)), "", "error=TLS_PROTOCOL"),
    ("half a record, then the end", answers_and_goes(HALF_A_RECORD), "", "error=TLS_PROTOCOL cause=UNEXPECTED_EOF"),
    ("the end instead of TLS", answers_and_goes(b""), "", "error=TLS_PROTOCOL cause=UNEXPECTED_EOF"),
    ("plain HTTP instead of TLS", answers_and_goes(PAGE), "", "error=TLS_PROTOCOL"),
    ("zeros instead of TLS", answers(bytes(4096)), "", "error=TLS_PROTOCOL"),
    ("an alert", answers(AN_ALERT), "", "error=TLS_ALERT"),
    ("close_notify in the handshake", answers_and_goes(A_WARNING), "", "error=TLS_*"),
]

HEAD = b"HTTP/1.1 200 Connection established\r\n"
HTTP = [
    ("a silent proxy", silent, SOON, "error=CONNECT_TIMEOUT*"),
    ("half a head, then silence", answers(HEAD), SOON, "error=CONNECT_TIMEOUT*"),
    ("a head without end, a byte now and then", drips(HEAD + b"X: ", b"x"), SOON, "error=CONNECT_TIMEOUT*"),
    ("headers without end", pours(HEAD, b"X: " + b"x" * 100 + b"\r\n"), "", "error=INVALID_PROXY_MESSAGE*"),
    ("a header line without end", pours(HEAD + b"X: ", b"x" * 4096), "", "error=INVALID_PROXY_MESSAGE*"),
    ("garbage", answers(b"\0\1\2\3\r\n\r\n"), "", "error=INVALID_PROXY_MESSAGE*"),
    ("another protocol", answers(b"220 smtp.test ESMTP\r\n"), "", "error=INVALID_PROXY_MESSAGE*"),
    ("half a head, then the end", answers_and_goes(HEAD), "", "error=INVALID_PROXY_MESSAGE*"),
    ("the end at once", answers_and_goes(b""), "", "error=INVALID_PROXY_MESSAGE*"),
    ("502", answers(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"), "",
     "error=INVALID_PROXY_STATUS status=502"),
    ("a 407 of HTTP/1.0", answers_and_goes(b"HTTP/1.0 407 No\r\nProxy-Authenticate: Basic realm=x\r\n\r\n"), "",
     "error=PROXY_AUTHENTICATION status=407"),
    ("a refusal whose body never comes", answers(b"HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\n"), SOON,
     "error=INVALID_PROXY_STATUS status=503*"),
    ("a tunnel where nobody speaks", answers(HEAD + b"\r\n"), SOON, "error=HANDSHAKE_TIMEOUT"),
    ("a tunnel that ends", answers_and_goes(HEAD + b"\r\n"), "", "error=INVALID_MESSAGE_EOF*"),
]

NO_PASSWORD, GRANTED = b"\5\0", b"\5\0\0\1\0\0\0\0\0\0"
SOCKS = [
    ("a silent proxy", silent, SOON, "error=CONNECT_TIMEOUT*"),
    ("half a greeting, then silence", answers(b"\5"), SOON, "error=CONNECT_TIMEOUT*"),
    ("half a reply, then silence", answers(NO_PASSWORD, GRANTED[:4]), SOON, "error=CONNECT_TIMEOUT*"),
    ("half a reply, then the end", answers_and_goes(NO_PASSWORD, GRANTED[:4]), "", "error=INVALID_PROXY_MESSAGE*"),
    ("the end at once", answers_and_goes(b""), "", "error=INVALID_PROXY_MESSAGE*"),
    ("another version", answers(b"\4\0"), "", "error=INVALID_PROXY_MESSAGE*"),
    ("another version in the reply", answers(NO_PASSWORD, b"\4" + GRANTED[1:]), "", "error=INVALID_PROXY_MESSAGE*"),
    ("a method that we did not offer", answers(b"\5\1"), "", "error=INVALID_PROXY_MESSAGE*"),
    ("an address of an unknown kind", answers(NO_PASSWORD, b"\5\0\0\2\0\0\0\0\0\0"), "", "error=INVALID_PROXY_MESSAGE*"),
    ("HTTP", answers_and_goes(PAGE), "", "error=INVALID_PROXY_MESSAGE*"),
    *[(f"reply {code}", answers(NO_PASSWORD, bytes([5, code]) + GRANTED[2:]), "", "error=SOCKS_REPLY")
      for code in (1, 2, 3, 4, 5, 6, 7, 8, 255)],
    ("a tunnel where nobody speaks", answers(NO_PASSWORD, GRANTED), SOON, "error=HANDSHAKE_TIMEOUT"),
]
SOCKS4 = [
    ("half a reply, then the end", answers_and_goes(b"\0\x5a\0"), "", "error=INVALID_PROXY_MESSAGE*"),
    ("another version in the reply", answers(b"\4\x5a" + bytes(6)), "", "error=INVALID_PROXY_MESSAGE*"),
    *[(f"reply {code}", answers(bytes([0, code]) + bytes(6)), "", "error=SOCKS_REPLY") for code in (91, 92, 93)],
]


def vanish(tls, below):
    """The end of TCP without TLS's own end: who believes it can be cut short."""
    below.shutdown(socket.SHUT_RDWR)


def garble(tls, below):
    """A record that nobody has encrypted."""
    below.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
    scripted.until_gone(below)


def leave(tls, below):
    """TLS's own end, and no Close frame."""
    tls.unwrap()


def run(stage):
    play(stage, "TLS", TLS, "wss://localhost:{port}/ " + CA)
    play(stage, "http proxy", HTTP, "ws://127.0.0.1:1/ --proxy http://127.0.0.1:{port}")
    play(stage, "https proxy", TLS, f"ws://127.0.0.1:1/ --proxy https://localhost:{{port}} {CA}", "PROXY cause=")
    play(stage, "socks5 proxy", SOCKS, "ws://127.0.0.1:1/ --proxy socks5://127.0.0.1:{port}")
    play(stage, "socks4 proxy", SOCKS4, "ws://127.0.0.1:1/ --proxy socks4a://127.0.0.1:{port}")

    certificate = stage.certs / "ecdsa"
    play(stage, "an open connection", [
        ("the end of TCP", opens_then(certificate, vanish), "", "error=UNEXPECTED_EOF*"),
        ("the end of TLS", opens_then(certificate, leave), "", "error=UNEXPECTED_EOF*"),
        ("a record that is not authentic", opens_then(certificate, garble), "", "error=TLS_PROTOCOL*"),
    ], "wss://localhost:{port}/ --wait-close " + CA)

    crumbling = crumbles(int(stage.tls_echo().rpartition(":")[2]))
    play(stage, "a relay", [("TLS in single bytes", crumbling, "", "ok last=hello code=1000")], "wss://localhost:{port}/ " + CA)


def play(stage, who, rows, arguments, within=""):
    """within: what an error of the table is wrapped in here, unless it is a timeout."""
    for name, script, flags, expected in rows:
        if "TIMEOUT" not in expected:
            expected = expected.replace("error=", f"error={within}")
        with scripted.server(script) as port:
            stage.cat(f"{who}: {name}", f"{arguments} {flags}", expected, port=port)
