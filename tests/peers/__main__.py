"""test-peers' program: python3 tests/peers BUILD TOOLS LOGS [GROUP]... plays the groups, or all of them."""
import sys
from importlib import import_module
from pathlib import Path

GROUPS = ["tls_client", "tls_server", "http_proxy", "socks", "environment", "through_nginx", "redirects",
          "python_websockets", "deflate", "deflate_node", "deflate_hostile",
          "unix_sockets", "restart", "chat", "fleet", "island", "weather", "hostile", "idlers"]

build, tools, logs = map(Path, sys.argv[1:4])
sys.path.insert(0, str(tools / "site"))

import harness  # noqa: E402

logs.mkdir(parents=True, exist_ok=True)
sys.exit(harness.run([import_module(name) for name in sys.argv[4:] or GROUPS], build, tools, logs))
