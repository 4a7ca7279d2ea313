"""tiny_proxy_peer.py 4|5: a SOCKS proxy, made of tiny-proxy; 4 is 4a, too."""
import sys

import anyio
from tiny_proxy import Socks4ProxyHandler, Socks5ProxyHandler


async def main(handler):
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    print("listening on", listener.extra(anyio.abc.SocketAttribute.local_port), flush=True)
    await listener.serve(handler.handle)


anyio.run(main, {"4": Socks4ProxyHandler, "5": Socks5ProxyHandler}[sys.argv[1]]())
