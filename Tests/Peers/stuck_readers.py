"""Readers that never read, beside one that does, while a server is flooded: what the server's memory does, and when it cuts them.

    python3 stuck_readers.py PORT PID [--readers 1000] [--megabytes 32] [--growth 64] [--stuck-after 30] [--hold]

PORT is a ConformanceServer's on 127.0.0.1 with a log in files (one in memory grows by what is posted), PID its process. Half of the
readers are server-sent events, half WebSockets. Prints what was measured, and fails when

- the process's resident memory (VmRSS) grows by more than GROWTH MiB while MEGABYTES are posted to the stream that they read,
- the reader that reads does not get every event in order, or waits a second for one that was posted,
- a reader that never reads is not cut within twice STUCK-AFTER seconds and five more.

With --hold it prints 'holding' after the flood, and its readers stay as they are until the server ends their connections.
"""

import argparse
import base64
import http.client
import os
import resource
import socket
import sys
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("pid", type=int)
for name, default in (("readers", 1000), ("megabytes", 32), ("growth", 64), ("stuck-after", 30)):
    parser.add_argument("--" + name, type=int, default=default)
parser.add_argument("--hold", action="store_true")
options = parser.parse_args()
EVENT = 8 << 10


def memory():
    """VmRSS in MiB."""
    with open(f"/proc/{options.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def sockets():
    """How many the process has; files of its log come and go."""
    count = 0
    for name in os.listdir(f"/proc/{options.pid}/fd"):
        try:
            count += os.readlink(f"/proc/{options.pid}/fd/{name}").startswith("socket:")
        except FileNotFoundError:
            pass
    return count


def ask(path, socket_request):
    """A connection that asks for a stream and has little room for it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", options.port))
    fields = "host: x\r\n"
    if socket_request:
        key = base64.b64encode(os.urandom(16)).decode()
        fields += "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n"
        fields += f"sec-websocket-key: {key}\r\n"
    client.sendall(f"GET {path} HTTP/1.1\r\n{fields}\r\n".encode())
    return client


class Reader(threading.Thread):
    """Reads events in order, and notes how late the latest of them was."""

    def __init__(self):
        super().__init__(daemon=True)
        self.count, self.worst, self.fault = 0, 0.0, None
        self.response = http.client.HTTPConnection("127.0.0.1", options.port, timeout=60)
        self.response.request("GET", "/events/flood?from=now")
        self.body = self.response.getresponse()
        assert self.body.readline().startswith(b":")

    def run(self):
        try:
            while line := self.body.readline():
                if not line.startswith(b"data: "):
                    continue
                number, posted = line[6:].split(b" ", 2)[:2]
                if int(number) != self.count:
                    self.fault = f"event {int(number)} came instead of {self.count}"
                    return
                self.count += 1
                self.worst = max(self.worst, time.monotonic() - float(posted))
        except Exception as error:
            self.fault = repr(error)


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, options.readers + 100)), hard))
    poster = http.client.HTTPConnection("127.0.0.1", options.port)

    def post(number):
        poster.request("POST", "/events/flood", f"{number} {time.monotonic()} ".encode() + b"x" * EVENT)
        answer = poster.getresponse()
        answer.read()
        assert answer.status == 200, answer.status

    reader = Reader()
    reader.start()
    # What the flood costs without anybody who is stuck.
    warm_up = 8 * (1 << 20) // EVENT
    for number in range(warm_up):
        post(number)
    before, open_before = memory(), sockets()
    stuck = [ask("/ws/flood?from=now" if n % 2 else "/events/flood?from=now", n % 2) for n in range(options.readers)]
    while sockets() < open_before + options.readers:
        time.sleep(0.01)
    connected, peak = memory(), 0.0
    began = time.monotonic()
    total = warm_up + options.megabytes * (1 << 20) // EVENT
    for number in range(warm_up, total):
        post(number)
        if number % 64 == 0:
            peak = max(peak, memory())
    flooded = time.monotonic() - began
    while reader.count < total and reader.is_alive() and time.monotonic() - began < flooded + 10:
        time.sleep(0.01)
    print(
        f"{options.readers} readers that never read, {options.megabytes} MiB in {flooded:.1f} s: VmRSS {before:.1f} MiB before, "
        f"{connected:.1f} with them, {peak:.1f} at most, {memory():.1f} after; the other reader: {reader.count} of {total} events, "
        f"{reader.worst * 1000:.0f} ms late at most",
        flush=True,
    )
    failures = []
    if peak - before > options.growth:
        failures.append(f"the memory grew by {peak - before:.1f} MiB")
    if reader.fault or reader.count != total:
        failures.append(f"the other reader: {reader.count} of {total} events, {reader.fault}")
    if reader.worst > 1:
        failures.append(f"the other reader waited {reader.worst:.1f} s for an event")
    if options.hold:
        print("holding", flush=True)
        reader.join()
        for client in stuck:
            # What is in its buffer, and then the end.
            try:
                while client.recv(1 << 16):
                    pass
            except ConnectionError:
                pass
    else:
        patience = 2 * options.stuck_after + 5
        while sockets() > open_before and time.monotonic() - began < flooded + patience:
            time.sleep(0.05)
        left = sockets() - open_before
        print(f"cut {time.monotonic() - began - flooded:.1f} s after the flood: {options.readers - left}; VmRSS {memory():.1f} MiB", flush=True)
        if left > 0:
            failures.append(f"{left} readers were not cut within {patience} s")
    for client in stuck:
        client.close()
    for failure in failures:
        print("not ok: " + failure)
    return 1 if failures else 0


sys.exit(main())
