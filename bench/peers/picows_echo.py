"""picows on uvloop, as its echo_server example: a frame in, a frame out.

picows_echo.py [--tls CERTIFICATE KEY]"""

import asyncio
import gc
import ssl
import sys

import picows
import uvloop

MOST_BYTES = 100 << 20


class Echo(picows.WSListener):
    def on_ws_frame(self, transport, frame):
        if frame.msg_type == picows.WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code(), frame.get_close_message())
            transport.disconnect()
        elif frame.msg_type in (picows.WSMsgType.TEXT, picows.WSMsgType.BINARY, picows.WSMsgType.CONTINUATION):
            transport.send(frame.msg_type, frame.get_payload_as_memoryview(), frame.fin)


def context(certificate, key):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    return made


async def main():
    tls = {"ssl": context(*sys.argv[2:])} if len(sys.argv) == 4 else {}
    server = await picows.ws_create_server(lambda request: Echo(), "127.0.0.1", 0, enable_auto_ping=False,
                                           max_frame_size=MOST_BYTES, backlog=4096, **tls)
    print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    gc.freeze()
    await server.serve_forever()


uvloop.run(main())
