"""openssl s_client against hws_echo --tls-cert."""
import socket

from harness import PATIENCE, Failure, holds

# No WebSocket, but hws_echo's answer to it proves that TLS carries bytes both ways.
REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
ANSWER = "HTTP/1.1 426"
VERIFY = "-CAfile {certs}/ca.pem -verify_return_error -verify_hostname localhost"
CLIENT = VERIFY + " -cert {certs}/client.leaf.pem -cert_chain {certs}/intermediate.pem -key {certs}/client.key"

PLAIN = [
    # name, flags of s_client, what it prints, among other things; with each kind of certificate
    ("TLS 1.2", f"-tls1_2 {VERIFY}", ANSWER, "New, TLSv1.2", "Verify return code: 0"),
    ("TLS 1.3", f"-tls1_3 {VERIFY}", ANSWER, "New, TLSv1.3", "Verify return code: 0"),
]
MORE = [
    ("the name makes no difference", f"-noservername {VERIFY}", ANSWER),
    ("another group than the client guesses", f"-tls1_3 -groups P-384:X25519 {VERIFY}", ANSWER),
    ("only TLS 1.1", f"-tls1_1 -cipher DEFAULT:@SECLEVEL=0 {VERIFY}", "alert handshake failure"),
    ("only a cipher of yesterday", f"-tls1_2 -cipher AES128-SHA {VERIFY}", "alert handshake failure"),
    ("sessions are resumed, TLS 1.2", f"-tls1_2 -reconnect {VERIFY}", "Reused, TLSv1.2"),
]
WITH_CLIENT_CA = [
    ("a client certificate, TLS 1.2", f"-tls1_2 {CLIENT}", ANSWER),
    ("a client certificate, TLS 1.3", f"-tls1_3 {CLIENT}", ANSWER),
    ("no client certificate, TLS 1.2", f"-tls1_2 {VERIFY}", "alert"),
    ("no client certificate, TLS 1.3", f"-tls1_3 {VERIFY}", "alert certificate required"),
    ("a client certificate that vouches for itself", VERIFY +
     " -cert {certs}/selfsigned.pem -key {certs}/selfsigned.key", "alert unknown ca"),
    ("an expired client certificate", VERIFY + " -cert {certs}/expired.leaf.pem -cert_chain {certs}/intermediate.pem -key {certs}/expired.key",
     "alert certificate expired"),
    ("a server's certificate as a client's", VERIFY + " -cert {certs}/ecdsa.leaf.pem -cert_chain {certs}/intermediate.pem -key {certs}/ecdsa.key", "alert"),
]
REFUSED = [
    # name, flags of hws_echo: it says why and ends
    ("hws_echo --tls-cert: no such file", "--tls-cert {certs}/nothing.pem --tls-key {certs}/ecdsa.key"),
    ("hws_echo --tls-key: of another certificate", "--tls-cert {certs}/ecdsa.pem --tls-key {certs}/rsa.key"),
    ("hws_echo --tls-key: no key", "--tls-cert {certs}/ecdsa.pem --tls-key {certs}/ecdsa.pem"),
    ("hws_echo --tls-cert without --tls-key", "--tls-cert {certs}/ecdsa.pem"),
    ("hws_echo --client-ca: no such file",
     "--tls-cert {certs}/ecdsa.pem --tls-key {certs}/ecdsa.key --client-ca {certs}/nothing.pem"),
]


def run(stage):
    for certificate in "rsa", "ecdsa", "p384", "ed25519":
        address = stage.tls_echo(certificate=certificate)
        s_clients(stage, [(f"{name}, {certificate}", *row) for name, *row in PLAIN], address)

    address = stage.tls_echo("--open-timeout", "0.5")
    s_clients(stage, MORE, address)
    stage.check("sessions are resumed, TLS 1.3", resume, stage, address)
    stage.check("plain HTTP at the TLS port", cut_off, address, REQUEST.encode())
    stage.check("half a ClientHello and silence", cut_off, address, b"\x16\x03\x01\x02\x00\x01\x00\x01")
    stage.check("silence", cut_off, address, b"")
    stage.cat("and hws_echo still serves", f"wss://localhost:{port(address)}/ --ca {{certs}}/ca.pem",
              "ok last=hello code=1000")

    s_clients(stage, WITH_CLIENT_CA, stage.tls_echo("--client-ca", stage.certs / "ca.pem"))
    for name, flags in REFUSED:
        stage.check(name, refuses, stage, flags)


def port(address):
    return address.rpartition(":")[2]


def s_client(stage, address, flags, before=""):
    """All that s_client says. It reads on until hws_echo, which has refused the request, closes."""
    command = ["openssl", "s_client", "-connect", address, "-servername", "localhost", "-ign_eof"]
    if "-noservername" in flags:
        command[4:6] = []
    out, errors, _ = stage.run(command + flags.format(certs=stage.certs, tmp=stage.tmp).split(), given=before + REQUEST)
    return out + errors


def s_clients(stage, rows, address):
    def finds(flags, *expected):
        said = s_client(stage, address, flags)
        missing = [text for text in expected if text not in said]
        holds(not missing, f"s_client {flags}\nexpected {missing}\nfound    {said[-2000:]}")

    for name, *row in rows:
        stage.check(f"s_client: {name}", finds, *row)


def resume(stage, address):
    """A ticket of TLS 1.3 comes after the handshake; s_client has it once it has read the answer."""
    s_client(stage, address, f"-tls1_3 -sess_out {{tmp}}/session {VERIFY}")
    said = s_client(stage, address, f"-tls1_3 -sess_in {{tmp}}/session {VERIFY}")
    holds("Reused, TLSv1.3" in said and ANSWER in said, said[-2000:])


def cut_off(address, sent):
    """The server ends a connection whose TLS handshake does not get anywhere."""
    with socket.create_connection(("127.0.0.1", int(port(address))), PATIENCE) as peer:
        peer.sendall(sent)
        try:
            while peer.recv(65536):
                pass
        except ConnectionResetError:
            pass
        except TimeoutError:
            raise Failure("hws_echo keeps the connection") from None


def refuses(stage, flags):
    _, errors, status = stage.run([stage.bin / "hws_echo", "--bind", "127.0.0.1:0",
                                   *flags.format(certs=stage.certs).split()])
    holds(status == 1 and errors, f"exit status {status}: {errors}")
