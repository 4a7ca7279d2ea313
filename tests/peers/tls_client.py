"""hws_cat against openssl s_server: which servers it trusts, and how TLS can fail."""
from harness import OK

CA = "--ca {certs}/ca.pem"
# s_server -www answers every request in HTTP/1.0. That we can read the answer proves that TLS came up.
TALKED = "error=INVALID_HTTP_VERSION status=200"

SERVERS = [
    # name, certificate, flags of s_server, flags of hws_cat, expected
    ("TLS 1.2, RSA", "rsa", "-tls1_2", CA, TALKED),
    ("TLS 1.2, ECDSA", "ecdsa", "-tls1_2", CA, TALKED),
    ("TLS 1.2, Ed25519", "ed25519", "-tls1_2", CA, TALKED),
    ("TLS 1.3, RSA", "rsa", "-tls1_3", CA, TALKED),
    ("TLS 1.3, ECDSA", "ecdsa", "-tls1_3", CA, TALKED),
    ("TLS 1.3, ECDSA with P-384", "p384", "-tls1_3", CA, TALKED),
    ("TLS 1.3, Ed25519", "ed25519", "-tls1_3", CA, TALKED),
    ("TLS 1.3, ChaCha20", "ecdsa", "-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256", CA, TALKED),
    ("TLS 1.3, another group than we guess", "ecdsa", "-tls1_3 -groups P-384", CA, TALKED),
    ("TLS 1.3 without tickets", "ecdsa", "-tls1_3 -num_tickets 0", CA, TALKED),
    ("the name is sent (SNI)", "stranger", "-cert2 {certs}/ecdsa.leaf.pem -key2 {certs}/ecdsa.key -servername localhost"
     " -CAfile {certs}/intermediate.pem", CA, TALKED),  # a second certificate takes its chain from there
    ("only TLS 1.1", "rsa", "-tls1_1 -cipher DEFAULT:@SECLEVEL=0", CA, "error=TLS_ALERT"),
    ("only a cipher of yesterday", "rsa", "-tls1_2 -cipher AES128-SHA", CA, "error=TLS_ALERT"),

    ("a wrong name", "stranger", "", CA, "error=TLS_CERTIFICATE"),
    ("a name in the CN only", "nosan", "", CA, "error=TLS_CERTIFICATE"),
    ("an expired certificate", "expired", "", CA, "error=TLS_CERTIFICATE"),
    ("a certificate of the future", "early", "", CA, "error=TLS_CERTIFICATE"),
    ("a certificate for clients", "usage", "", CA, "error=TLS_CERTIFICATE"),
    ("a certificate that vouches for itself", "selfsigned", "", CA, "error=TLS_CERTIFICATE"),
    ("a forged signature", "forged", "", CA, "error=TLS_CERTIFICATE"),
    ("an unknown issuer", "ecdsa", "", "--ca {certs}/other-ca.pem", "error=TLS_CERTIFICATE"),
    ("an issuer that only we know, without --ca", "ecdsa", "", "", "error=TLS_CERTIFICATE"),
    ("--insecure: a wrong name", "stranger", "", "--insecure", TALKED),
    ("--insecure: an expired certificate", "expired", "", "--insecure", TALKED),
    ("--insecure: a certificate that vouches for itself", "selfsigned", "", "--insecure", TALKED),

    ("a client certificate, TLS 1.2", "ecdsa", "-tls1_2 -Verify 1 -verify_return_error -CAfile {certs}/ca.pem",
     f"{CA} --cert {{certs}}/client.pem --key {{certs}}/client.key", TALKED),
    ("a client certificate, TLS 1.3", "ecdsa", "-tls1_3 -Verify 1 -verify_return_error -CAfile {certs}/ca.pem",
     f"{CA} --cert {{certs}}/client.pem --key {{certs}}/client.key", TALKED),
    ("no client certificate, TLS 1.2", "ecdsa", "-tls1_2 -Verify 1", CA, "error=TLS_ALERT"),
    ("no client certificate, TLS 1.3", "ecdsa", "-tls1_3 -Verify 1", CA, "error=TLS_ALERT"),
    ("a client certificate that vouches for itself", "ecdsa", "-Verify 1 -verify_return_error -CAfile {certs}/ca.pem",
     f"{CA} --cert {{certs}}/selfsigned.pem --key {{certs}}/selfsigned.key", "error=TLS_ALERT"),
    ("a client certificate that nobody asks for", "ecdsa", "",
     f"{CA} --cert {{certs}}/client.pem --key {{certs}}/client.key", TALKED),
]


# Files that are no good. Nothing is dialled: nobody listens at port 1. The directory of the files is {tmp}.
FILES = [
    ("--ca: no such file", "--ca {tmp}/nothing.pem", "error=IO"),
    ("--ca: a directory", "--ca {tmp}", "error=IO"),
    ("--ca: an empty file", "--ca {tmp}/empty.pem", "error=INVALID_ARGUMENT"),
    ("--ca: a file that is no PEM", "--ca {tmp}/prose.pem", "error=INVALID_ARGUMENT"),
    ("--ca: a truncated certificate", "--ca {tmp}/truncated.pem", "error=INVALID_ARGUMENT"),
    ("--ca: a good certificate, then a truncated one", "--ca {tmp}/half-good.pem", "error=INVALID_ARGUMENT"),
    ("--ca: 50 MiB", "--ca {tmp}/large.pem", "error=INVALID_ARGUMENT"),
    ("--key: no such file", f"{CA} --cert {{certs}}/client.pem --key {{tmp}}/nothing.key", "error=IO"),
    ("--key: of another certificate", f"{CA} --cert {{certs}}/client.pem --key {{certs}}/selfsigned.key",
     "error=INVALID_ARGUMENT"),
    ("--key: a certificate", f"{CA} --cert {{certs}}/client.pem --key {{certs}}/client.pem", "error=INVALID_ARGUMENT"),
    ("--cert: a key", f"{CA} --cert {{certs}}/client.key --key {{certs}}/client.key", "error=INVALID_ARGUMENT"),
    ("--cert without --key", f"{CA} --cert {{certs}}/client.pem", "error=INVALID_ARGUMENT"),
]


def system_roots(stage):
    """What the system trusts is not for us to change; but it has a variable for that, read with its roots only."""
    server = "wss://localhost:" + stage.tls_echo().rpartition(":")[2]
    lent = {"SSL_CERT_FILE": str(stage.certs / "ca.pem")}
    stage.cat("--system-roots", server + " --system-roots", OK, env=lent)
    stage.cat("the system's roots unasked", server, "error=TLS_CERTIFICATE", env=lent)


def run(stage):
    for name, certificate, server_flags, flags, expected in SERVERS:
        server = stage.start(
            "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", stage.certs / f"{certificate}.pem",
            "-chainCAfile", stage.certs / "intermediate.pem", "-key", stage.certs / f"{certificate}.key", "-www", *server_flags.format(certs=stage.certs).split(),
            says=r"^ACCEPT 127\.0\.0\.1:(\d+)")
        stage.cat(name, f"wss://localhost:{server.said[1]}/ {flags}", expected)
        server.stop()
    system_roots(stage)
    write_bad_files(stage)
    for name, flags, expected in FILES:
        stage.cat(name, f"wss://localhost:1/ {flags}", expected)


def write_bad_files(stage):
    good = (stage.certs / "ca.pem").read_text()
    truncated = good[:len(good) // 2]
    for name, text in [("empty", ""), ("prose", "Ahoy!\n"), ("truncated", truncated), ("half-good", good + truncated),
                       ("large", good * (50 * 2**20 // len(good) + 1))]:
        (stage.tmp / f"{name}.pem").write_text(text)
