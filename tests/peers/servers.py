"""How the servers of others are started. Each function gives ports of 127.0.0.1."""
import itertools
import os
import sys
from pathlib import Path

from harness import free_port

numbers = itertools.count(1)

# One server of nginx's stream module: TLS here, TCP there.
TLS_OVER_TCP = """
server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certs}/{certificate}.pem;
    ssl_certificate_key {certs}/{certificate}.key;
    proxy_pass 127.0.0.1:{to};
}}
"""

NGINX = """
{module}
daemon off;
master_process off;
pid {dir}/pid;
error_log stderr warn;
events {{ }}
stream {{
    {stream}
}}
http {{
    access_log off;
    absolute_redirect off;
    client_body_temp_path {dir}; proxy_temp_path {dir}; fastcgi_temp_path {dir}; uwsgi_temp_path {dir}; scgi_temp_path {dir};
    map $http_upgrade $connection_upgrade {{ default upgrade; "" close; }}
    {http}
}}
"""

TINYPROXY = """
Port {port}
Listen 127.0.0.1
Timeout 60
MaxClients 50
LogLevel Connect
{more}
"""


def unpacked(stage, program):
    """A program of .tools/peers and the environment in which it finds its libraries."""
    root = stage.tools / "root"
    libraries = ":".join(map(str, (root / "usr/lib").glob("*-linux-gnu*")))
    found = [path for path in (root / "usr/bin" / program, root / "usr/sbin" / program) if path.exists()]
    return found[0].absolute(), {**stage.env, "LD_LIBRARY_PATH": libraries}


def write(stage, name, text):
    path = stage.tmp / f"{next(numbers)}-{name}"
    path.write_text(text)
    return path


def tinyproxy(stage, ports, *more):
    program, env = unpacked(stage, "tinyproxy")
    port = free_port()
    lines = "\n".join([*(f"ConnectPort {port}" for port in ports), *more])
    config = write(stage, "tinyproxy.conf", TINYPROXY.format(port=port, more=lines))
    stage.start(program, "-d", "-c", config, port=port, env=env)
    return port


def microsocks(stage, *flags):
    program, env = unpacked(stage, "microsocks")
    port = free_port()
    stage.start(program, "-i", "127.0.0.1", "-p", port, *flags, port=port, env=env)
    return port


def tiny_proxy(stage, version):
    program = Path(__file__).parent / "tiny_proxy_peer.py"
    env = {**stage.env, "PYTHONPATH": str(stage.tools / "site")}
    return stage.start(sys.executable, program, version, says=r"^listening on (\d+)$", env=env).said[1]


def nginx(stage, stream=(), http=()):
    """Servers of nginx's configuration, in which {port} is a free port; their ports."""
    program, env = unpacked(stage, "nginx")
    ports = [free_port() for _ in (*stream, *http)]
    numbered = [server.replace("{port}", str(port)) for server, port in zip((*stream, *http), ports)]
    place = stage.tmp / f"nginx-{next(numbers)}"
    place.mkdir()
    module = stage.tools.absolute() / "root/usr/lib/nginx/modules/ngx_stream_module.so"
    user = "user root root;" if os.getuid() == 0 else ""  # our own directories are not for others
    config = write(stage, "nginx.conf", NGINX.format(
        module=f"load_module {module};\n{user}", dir=place, stream="\n".join(numbered[:len(stream)]),
        http="\n".join(numbered[len(stream):])))
    stage.start(program, "-e", "stderr", "-p", place, "-c", config, port=ports[0], env=env)
    return ports
