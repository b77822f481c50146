"""A WebSocket server for tests of clients, on the Python package `websockets`.

    python websocket_peer.py [CERTIFICATE-FILE KEY-FILE]

Prints one line of JSON with its ports on 127.0.0.1 and serves until its standard input ends:

    plain      compression as the client offers it, with context takeover
    fresh      compression without context takeover on either side, windows of 2^10 and 2^11
    none       no compression
    tls        as plain, over TLS; 0 without a certificate

What it does stands in the path; figures in the query.
"""

import asyncio
import json
import ssl
import sys
import urllib.parse

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory

# What the close frames of connections said, by the id in their query.
closed = {}
released = asyncio.Event()


async def echo(socket, query):
    async for message in socket:
        await socket.send(message)


async def fragments(socket, query):
    """Answers each message with the same in fragments of 1, 2, 3 … characters or bytes."""
    async for message in socket:
        pieces, position, size = [], 0, 1
        while position < len(message):
            pieces.append(message[position : position + size])
            position, size = position + size, size + 1
        await socket.send(pieces or [message[:0]])


async def frames(socket, query):
    """Answers each message with the number of frames that it came in."""
    while True:
        count = 0
        async for _ in socket.recv_streaming():
            count += 1
        await socket.send(str(count))


async def close(socket, query):
    await socket.close(int(query["code"]), query.get("reason", ""))


async def remember(socket, query):
    """Reads until the client closes, and keeps what its close frame said."""
    try:
        async for _ in socket:
            pass
    finally:
        frame = socket.protocol.close_rcvd
        closed.setdefault(query["id"], asyncio.Future())
        closed[query["id"]].set_result([frame.code, frame.reason] if frame else None)


async def recall(socket, query):
    await socket.send(json.dumps(await closed.setdefault(query["id"], asyncio.Future())))


async def flood(socket, query):
    """Sends `count` binary messages of `size` bytes, which begin with their number."""
    body = bytes(int(query["size"]) - 8)
    for number in range(int(query["count"])):
        await socket.send(number.to_bytes(8, "big") + body)


async def sink(socket, query):
    """Counts the bytes of binary messages, and answers a text with the sum."""
    count = 0
    async for message in socket:
        if isinstance(message, str):
            await socket.send(str(count))
        else:
            count += len(message)


async def later(socket, query):
    """Says hello, and is a sink once somebody else asks for `/release`."""
    await socket.send("hello")
    await released.wait()
    await sink(socket, query)


async def release(socket, query):
    released.set()
    await socket.send("released")


async def ignore(socket, query):
    await asyncio.sleep(3600)


async def ping(socket, query):
    for number in range(int(query["count"])):
        await (await socket.ping(b"%d" % number))
    await socket.send("answered")


async def request(socket, query):
    """Tells what the client asked for."""
    fields = [[name, value] for name, value in socket.request.headers.raw_items()]
    await socket.send(json.dumps({"path": socket.request.path, "headers": fields}))


async def bomb(socket, query):
    """Sends `size` zeros, which compress to a thousandth."""
    await socket.send(bytes(int(query["size"])))


async def interleave(socket, query):
    """Sends a message in fragments with a ping between them, each of which must be answered before the next."""

    async def pieces():
        for piece in ["one ", "two ", "three"]:
            yield piece
            await (await socket.ping())

    await socket.send(pieces())


handlers = [echo, fragments, frames, close, remember, recall]
handlers += [flood, sink, later, release, ignore, ping, request, bomb, interleave]


async def handle(socket):
    url = urllib.parse.urlsplit(socket.request.path)
    query = dict(urllib.parse.parse_qsl(url.query))
    handler = {"/" + handler.__name__: handler for handler in handlers}.get(url.path)
    try:
        if handler:
            await handler(socket, query)
        else:
            await socket.close(4004, "no such path")
    except ConnectionClosed:
        pass


def choose(socket, offered):
    return next((name for name in offered if name in ["trpc", "agent"]), None)


async def main():
    fresh = ServerPerMessageDeflateFactory(
        server_no_context_takeover=True,
        client_no_context_takeover=True,
        server_max_window_bits=10,
        client_max_window_bits=11,
    )
    common = {"max_size": 1 << 26, "ping_interval": None, "close_timeout": 5, "select_subprotocol": choose}
    servers = {
        "plain": await serve(handle, "127.0.0.1", 0, **common),
        "fresh": await serve(handle, "127.0.0.1", 0, compression=None, extensions=[fresh], **common),
        "none": await serve(handle, "127.0.0.1", 0, compression=None, **common),
    }
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        servers["tls"] = await serve(handle, "127.0.0.1", 0, ssl=context, **common)
    ports = {name: list(server.sockets)[0].getsockname()[1] for name, server in servers.items()}
    print(json.dumps({"tls": 0} | ports), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)


asyncio.run(main())
