"""A TCP proxy that cuts its connections on request, for tests of clients that must survive it.

    python3 cutting_proxy.py TARGET_PORT

Prints the port on 127.0.0.1 that it listens on, and forwards to TARGET_PORT there. At SIGUSR1 it resets every connection that it has,
in the midst of whatever is on its way, and prints how many they were; new ones are taken at once.
"""

import asyncio
import signal
import socket
import struct
import sys

target = int(sys.argv[1])
writers = set()


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def serve(reader, writer):
    try:
        onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", target)
    except OSError:
        writer.close()
        return
    pair = {writer, onward_writer}
    writers.update(pair)
    await asyncio.gather(copy(reader, onward_writer), copy(onward_reader, writer))
    writers.difference_update(pair)


def cut():
    print(f"cut {len(writers) // 2}", flush=True)
    for writer in list(writers):
        # Reset, not ended in order.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, cut)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
