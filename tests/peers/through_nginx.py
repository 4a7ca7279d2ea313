"""nginx between hws_cat and hws_echo, which is how most servers are reached."""
import servers
from harness import OK, free_port

FRONT = """
server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certs}/ecdsa.pem;
    ssl_certificate_key {certs}/ecdsa.key;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    location / {{ proxy_pass http://{ws}; }}
    location /tls {{
        proxy_pass https://{wss};
        proxy_ssl_trusted_certificate {certs}/ca.pem;
        proxy_ssl_name localhost;
        proxy_ssl_verify on;
        proxy_ssl_verify_depth 2;
    }}
    location /client {{
        proxy_pass https://{mutual};
        proxy_ssl_certificate {certs}/client.pem;
        proxy_ssl_certificate_key {certs}/client.key;
    }}
    location /no-upgrade {{ proxy_pass http://{ws}; proxy_set_header Upgrade ""; }}
    location /nobody {{ proxy_pass http://127.0.0.1:1; }}
    location /teapot {{ return 418; }}
}}
server {{
    listen 127.0.0.1:{mutual_port} ssl;
    ssl_certificate {certs}/ecdsa.pem;
    ssl_certificate_key {certs}/ecdsa.key;
    ssl_client_certificate {certs}/ca.pem;
    ssl_verify_client on;
    ssl_verify_depth 2;
    location / {{
        proxy_pass http://{ws};
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
    }}
}}
"""
CA = "--ca {certs}/ca.pem"

CASES = [
    ("nginx ends TLS", f"wss://localhost:{{front}}/ {CA}", OK),
    ("by its address", f"wss://127.0.0.1:{{front}}/ {CA}", OK),
    ("1000 messages", f"wss://localhost:{{front}}/ {CA} --send-count 1000 --recv 1000", OK),
    ("TLS again behind it", f"wss://localhost:{{front}}/tls {CA}", OK),
    ("TLS with a client certificate behind it", f"wss://localhost:{{front}}/client {CA}", OK),
    ("no Upgrade gets through", f"wss://localhost:{{front}}/no-upgrade {CA}", "error=INVALID_STATUS status=426"),
    ("nobody behind it", f"wss://localhost:{{front}}/nobody {CA}", "error=INVALID_STATUS status=502"),
    ("another status", f"wss://localhost:{{front}}/teapot {CA}", "error=INVALID_STATUS status=418"),
    ("plain HTTP at its TLS port", "ws://localhost:{front}/", "error=INVALID_STATUS status=400"),
    ("nginx wants a certificate and gets it",
     f"wss://localhost:{{mutual}}/ {CA} --cert {{certs}}/client.pem --key {{certs}}/client.key", OK),
    # nginx lets everybody in and says no in HTTP
    ("nginx wants a certificate", f"wss://localhost:{{mutual}}/ {CA}", "error=INVALID_STATUS status=400"),
]


def run(stage):
    mutual = free_port()
    front, = servers.nginx(stage, http=[FRONT.format(
        port="{port}", mutual_port=mutual, certs=stage.certs, ws=stage.echo(), wss=stage.tls_echo(),
        mutual=stage.tls_echo("--client-ca", stage.certs / "ca.pem"))])
    stage.table(CASES, front=front, mutual=mutual)
