"""Redirects, as nginx sends them; and what the server that they lead to gets to see."""
import scripted
import servers
import websockets_peer
from harness import OK, free_port

HERE = """
server {{
    listen 127.0.0.1:{port};
    listen 127.0.0.1:{tls_port} ssl;
    ssl_certificate {certs}/ecdsa.pem;
    ssl_certificate_key {certs}/ecdsa.key;
    location /301 {{ return 301 ws://{there}/; }}
    location /302 {{ return 302 ws://{there}/; }}
    location /303 {{ return 303 ws://{there}/; }}
    location /307 {{ return 307 ws://{there}/; }}
    location /308 {{ return 308 ws://{there}/; }}
    location /304 {{ return 304; }}
    location /wss {{ return 302 wss://localhost:{there_tls}/; }}
    location /http {{ return 302 http://{there}/; }}
    location /https {{ return 302 https://localhost:{there_tls}/; }}
    location /ftp {{ return 302 ftp://{there}/; }}
    location /absolute-path {{ return 302 /here; }}
    location /relative/path {{ return 302 ../here; }}
    location /scheme-relative {{ return 302 //{there}/; }}
    location /loop {{ return 302 /loop; }}
    location /3 {{ return 302 /2; }}
    location /2 {{ return 302 /1; }}
    location /1 {{ return 302 /here; }}
    location /far/headers {{ return 302 ws://{there}/headers; }}
    location /near/headers {{ return 302 /here/headers; }}
    location /there-with-password {{ return 302 ws://anne:b0nny@{there}/headers; }}
    location /here {{
        rewrite ^/here/?(.*)$ /$1 break;
        proxy_pass http://{there};
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
    }}
}}
"""
TEN = "--max-redirects 10"
CA = "--ca {certs}/ca.pem"
SECRETS = "--header 'Authorization: Basic eDp5' --header 'Cookie: a=b' --header 'X-Secret: c'"

CASES = [
    *[(str(status), f"ws://{{here}}/{status} {TEN}", OK) for status in (301, 302, 303, 307, 308)],
    ("304 is no redirect", f"ws://{{here}}/304 {TEN}", "error=INVALID_STATUS status=304"),
    ("without --max-redirects", "ws://{here}/302", "error=REDIRECT status=302"),
    ("--max-redirects 0", "ws://{here}/302 --max-redirects 0", "error=REDIRECT status=302"),
    ("an absolute path", f"ws://{{here}}/absolute-path {TEN}", OK),
    ("a relative path", f"ws://{{here}}/relative/path {TEN}", OK),
    ("//host/path", f"ws://{{here}}/scheme-relative {TEN}", OK),
    ("no Location", f"ws://127.0.0.1:{{nowhere}}/ {TEN}", "error=INVALID_STATUS status=302"),
    ("ws to wss", f"ws://{{here}}/wss {TEN} {CA}", OK),
    ("ws to wss of an unknown issuer", f"ws://{{here}}/wss {TEN}",
     "error=TLS_CERTIFICATE status=302 cause=REDIRECT"),
    ("wss to wss", f"wss://localhost:{{here_tls}}/wss {TEN} {CA}", OK),
    ("wss to ws", f"wss://localhost:{{here_tls}}/302 {TEN} {CA}", "error=REDIRECT_DOWNGRADE*"),
    # also what nginx makes of `return 302 /path` unless absolute_redirect is off
    ("ws to http", f"ws://{{here}}/http {TEN}", "error=INVALID_URI*"),
    ("wss to https", f"wss://localhost:{{here_tls}}/https {TEN} {CA}", "error=INVALID_URI*"),
    ("ws to ftp", f"ws://{{here}}/ftp {TEN}", "error=INVALID_URI*"),
    ("three with 3 allowed", "ws://{here}/3 --max-redirects 3", OK),
    ("three with 2 allowed", "ws://{here}/3 --max-redirects 2", "error=TOO_MANY_REDIRECTS*"),
    ("a loop", f"ws://{{here}}/loop {TEN}", "error=TOO_MANY_REDIRECTS*"),

    # /headers answers with the names of those headers below that it saw
    ("to the same origin everything goes", f"ws://{{here}}/near/headers {TEN} {SECRETS}",
     "ok last=Authorization~Cookie~X-Secret code=1000"),
    ("to another origin nothing goes", f"ws://{{here}}/far/headers {TEN} {SECRETS}", "ok last=none code=1000"),
    ("the URL's password stays", f"ws://jim:s%40il@{{here}}/near/headers {TEN}", "ok last=Authorization code=1000"),
    ("the URL's password does not go to another origin", f"ws://jim:s%40il@{{here}}/far/headers {TEN}",
     "ok last=none code=1000"),
    ("a password of the redirect's own", f"ws://{{here}}/there-with-password {TEN}", "ok last=Authorization code=1000"),
    ("Origin and subprotocol go along", f"ws://{{here}}/far/headers {TEN} --origin https://a.test --subprotocol chat",
     "ok last=Origin~Sec-WebSocket-Protocol code=1000"),
]


def run(stage):
    there = stage.enter(websockets_peer.server())
    there_tls = stage.enter(websockets_peer.server(certificate=stage.certs / "ecdsa"))
    tls_port = free_port()
    here, = servers.nginx(stage, http=[HERE.format(
        port="{port}", tls_port=tls_port, certs=stage.certs, there=f"127.0.0.1:{there}", there_tls=there_tls)])
    nowhere = stage.enter(scripted.server(scripted.answers(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")))
    stage.table(CASES, nowhere=nowhere, here=f"127.0.0.1:{here}", here_tls=tls_port)
