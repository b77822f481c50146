"""An HTTP/2 server over TLS for tests of clients, on the Python package `hypercorn`.

    python http2_peer.py CERTIFICATE-FILE KEY-FILE

Prints one line of JSON with its port on 127.0.0.1 and serves until its standard input ends. It speaks HTTP/2 only.
What it does stands in the path; figures in the query.
"""

import asyncio
import json
import resource
import socket
import sys
import urllib.parse

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.protocol.h2 import StreamBuffer

block = bytes(number % 251 for number in range(251 * 64))
# How many bytes of `/endless` were sent, and whether the client has gone, by the id in the query.
sent = {}
gone = {}

# A peer that grows without end is to fail, and not to take the machine's memory with it.
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))

take = StreamBuffer.pop


async def take_something(buffer, max_length):
    """Leaves a buffer alone as long as the client's window is shut: hypercorn (0.18) takes the nothing that it then takes out for room in the
    buffer, and lets the application write into it without end."""
    return b"" if max_length == 0 and buffer.buffer else await take(buffer, max_length)


StreamBuffer.pop = take_something


async def start(send, status=200):
    await send({"type": "http.response.start", "status": status, "headers": [(b"x-peer", b"hypercorn")]})


async def finish(send, body=b""):
    await send({"type": "http.response.body", "body": body})


async def echo(scope, receive, send, query):
    """Answers with the version of HTTP and the method, a space, and what it was sent."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await start(send)
    await finish(send, f"{scope['http_version']} {scope['method']} ".encode() + body)


async def pattern(scope, receive, send, query):
    """Sends `count` bytes, each the rest of its position divided by 251, in pieces of `size` (16,064 unless given)."""
    count, size, position = int(query["count"]), int(query.get("size", len(block))), 0
    await start(send)
    while position < count:
        first = position % 251
        piece = min(count - position, size, len(block) - first)
        await send({"type": "http.response.body", "body": block[first : first + piece], "more_body": True})
        position += piece
    await finish(send)


async def endless(scope, receive, send, query):
    """Sends until the client goes, or once when `silent`, and remembers how much, and that it has gone."""
    id = query["id"]
    sent[id], gone[id] = 0, gone.get(id) or asyncio.Event()

    async def flood():
        while True:
            await send({"type": "http.response.body", "body": block, "more_body": True})
            sent[id] += len(block)
            if "silent" in query:
                return

    await start(send)
    task = asyncio.ensure_future(flood())
    while (await receive())["type"] != "http.disconnect":
        pass
    task.cancel()
    gone[id].set()


async def left(scope, receive, send, query):
    """Answers when the client of an endless response has gone."""
    await gone.setdefault(query["id"], asyncio.Event()).wait()
    await start(send)
    await finish(send, b"gone")


async def count(scope, receive, send, query):
    """How many bytes of an endless response were sent so far."""
    await start(send)
    await finish(send, str(sent.get(query["id"], 0)).encode())


async def cut(scope, receive, send, query):
    """Breaks off within the body."""
    await start(send)
    await send({"type": "http.response.body", "body": b"ab", "more_body": True})
    raise RuntimeError("as asked")


handlers = {"/" + handler.__name__: handler for handler in [echo, pattern, endless, left, count, cut]}


async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    query = dict(urllib.parse.parse_qsl(scope["query_string"].decode()))
    handler = handlers.get(scope["path"])
    if handler:
        await handler(scope, receive, send, query)
    else:
        await start(send, 404)
        await finish(send)


async def main():
    listener = socket.create_server(("127.0.0.1", 0))
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.certfile, config.keyfile = sys.argv[1:3]
    config.alpn_protocols = ["h2"]
    config.errorlog = None
    config.h2_max_concurrent_streams = 200
    # Now, as the files are gone when the port is known.
    context = config.create_ssl_context()
    config.create_ssl_context = lambda: context
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)

    async def until_ended():
        await asyncio.wait([ended])

    await serve(application, config, shutdown_trigger=until_ended)


asyncio.run(main())
