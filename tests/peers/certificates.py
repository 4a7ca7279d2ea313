"""The certificates of the cases: the only place that knows how they are made.

Each name is a pair of files, NAME.pem and NAME.key. Those of CHAIN are issued by ca.pem, for localhost and 127.0.0.1 unless
the row says otherwise.
"""
import subprocess

RSA = "-newkey rsa:2048"
ECDSA = "-newkey ec -pkeyopt ec_paramgen_curve:P-256"
ED25519 = "-newkey ed25519"

HERE = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"
SERVER = f"{HERE}\nextendedKeyUsage=serverAuth"
CLIENT = "extendedKeyUsage=clientAuth"
NOW = ("20250101000000Z", "20491231000000Z")
PAST = ("20200101000000Z", "20210101000000Z")
FUTURE = ("20480101000000Z", "20491231000000Z")

CHAIN = [
    # name, issuer, kind of key, extensions, validity
    ("rsa", "ca", RSA, SERVER, NOW),
    ("ecdsa", "ca", ECDSA, SERVER, NOW),
    ("ed25519", "ca", ED25519, SERVER, NOW),
    ("wrong-name", "ca", ECDSA, "subjectAltName=DNS:elsewhere.test\nextendedKeyUsage=serverAuth", NOW),
    ("no-name", "ca", ECDSA, "extendedKeyUsage=serverAuth", NOW),  # but for the CN, which counts no more
    ("expired", "ca", ECDSA, SERVER, PAST),
    ("future", "ca", ECDSA, SERVER, FUTURE),
    ("for-clients", "ca", ECDSA, f"{HERE}\n{CLIENT}", NOW),
    ("foreign", "foreign-ca", ECDSA, SERVER, NOW),
    ("client", "ca", ECDSA, CLIENT, NOW),
    ("client-expired", "ca", ECDSA, CLIENT, PAST),
    ("client-foreign", "foreign-ca", ECDSA, CLIENT, NOW),
]

# `openssl ca`, because no other command takes two dates in every version of OpenSSL.
CONFIG = """
[ca]
default_ca = here
[here]
database = index
default_md = sha256
policy = anything
unique_subject = no
rand_serial = yes
new_certs_dir = .
[anything]
commonName = supplied
"""


def make(where):
    """Fills the directory."""
    where.mkdir()
    (where / "ca.cnf").write_text(CONFIG)
    (where / "index").touch()
    for name in "ca", "foreign-ca":
        openssl(where, f"req -x509 {ECDSA} -nodes -keyout {name}.key -out {name}.pem -days 7300 -subj /CN={name}"
                " -addext keyUsage=critical,keyCertSign,cRLSign")
    for row in CHAIN:
        issue(where, *row)


def issue(where, name, issuer, kind, extensions, validity):
    (where / f"{name}.ext").write_text(extensions + "\n")
    openssl(where, f"req -new {kind} -nodes -keyout {name}.key -out {name}.csr -subj /CN=localhost")
    openssl(where, f"ca -config ca.cnf -batch -notext -cert {issuer}.pem -keyfile {issuer}.key"
            f" -startdate {validity[0]} -enddate {validity[1]} -extfile {name}.ext -in {name}.csr -out {name}.pem")


def openssl(where, line):
    done = subprocess.run(["openssl", *line.split()], cwd=where, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {line}\n{done.stderr}")
