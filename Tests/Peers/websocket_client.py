"""Clients of a WebSocket echo, on the Python package `websockets` and on plain sockets, for tests of servers.

    python websocket_client.py PORT [PATTERN]

The server echoes on 127.0.0.1:PORT/echo, takes messages of up to 1 MiB and offers permessage-deflate. Prints a line for each case,
`ok NAME` or `not ok NAME: why`; the cases cover what Autobahn's categories 1 to 7, 9, 10, 12 and 13 do.
"""

import os
import re
import socket
import struct
import sys
import traceback
import zlib

from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.sync.client import connect

port = int(sys.argv[1])
url = f"ws://127.0.0.1:{port}/echo"
cases = []


def case(*variants):
    def add(function):
        for variant in variants or [()]:
            variant = variant if isinstance(variant, tuple) else (variant,)
            name = " ".join([function.__name__, *map(repr, variant)])
            cases.append((name if len(name) < 100 else name[:97] + "...", function, variant))
        return function

    return add


def open_plain(**options):
    return connect(url, compression=None, max_size=None, **options)


class Raw:
    """A client that sends whatever it is told to."""

    def __init__(self, extensions=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        offer = f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else ""
        self.socket.sendall(
            f"GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{offer}"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.more()
        self.head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        assert self.head.startswith(b"HTTP/1.1 101 "), self.head

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("the server ended the connection")
        self.rest += data

    def take(self, count):
        while len(self.rest) < count:
            self.more()
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def frame(self):
        """The next frame: first byte and payload."""
        first, second = self.take(2)
        assert second < 128, "a server's frame is masked"
        if second == 126:
            (second,) = struct.unpack("!H", self.take(2))
        elif second == 127:
            (second,) = struct.unpack("!Q", self.take(8))
        return first, self.take(second)

    def send(self, first, payload=b"", masked=True, chop=None):
        length = len(payload)
        mask = 128 if masked else 0
        if length < 126:
            head = bytes([first, mask | length])
        elif length < 65536:
            head = bytes([first, mask | 126]) + struct.pack("!H", length)
        else:
            head = bytes([first, mask | 127]) + struct.pack("!Q", length)
        if masked:
            key = os.urandom(4)
            repeated = key * (length // 4 + 1)
            number = int.from_bytes(payload, "big") ^ int.from_bytes(repeated[:length], "big")
            head, payload = head + key, number.to_bytes(length, "big")
        data = head + payload
        for start in range(0, len(data), chop or max(len(data), 1)):
            self.socket.sendall(data[start : start + (chop or len(data))])

    def closes(self, *codes):
        """The server closes with one of these codes, and then ends the connection."""
        first, payload = self.frame()
        assert first == 0x88, f"no close frame but {first:02x} {payload[:40]!r}"
        code = struct.unpack("!H", payload[:2])[0] if payload else None
        assert code in codes, f"closed with {code} {payload[2:]!r}"
        payload[2:].decode()
        try:
            while True:
                self.more()
        except (EOFError, ConnectionResetError):
            pass


sizes = [0, 1, 125, 126, 127, 128, 65535, 65536]


@case(*sizes)
def text_message(size):
    with open_plain() as peer:
        peer.send("*" * size)
        assert peer.recv() == "*" * size


@case(*sizes)
def binary_message(size):
    with open_plain() as peer:
        peer.send(b"\xfe" * size)
        assert peer.recv() == b"\xfe" * size


@case(1, 997)
def chopped(size):
    with Raw() as peer:
        peer.send(0x81, b"*" * 3000, chop=size)
        assert peer.frame() == (0x81, b"*" * 3000)


@case(0, 5, 125)
def ping(size):
    with Raw() as peer:
        peer.send(0x89, b"\xfe" * size)
        assert peer.frame() == (0x8A, b"\xfe" * size)


@case()
def many_pings():
    with open_plain() as peer:
        assert all(wait.wait(60) for wait in [peer.ping(str(number)) for number in range(10)])


@case()
def unsolicited_pong():
    with Raw() as peer:
        peer.send(0x8A, b"unasked")
        peer.send(0x89, b"asked")
        assert peer.frame() == (0x8A, b"asked")


@case(0x99, 0xA9, 0xB9, 0xC9, 0xD1, 0xF1, 0xC1, 0x83, 0x87, 0x8B, 0x8F, 0x09, 0x08)
def reserved(first):
    """Reserved bits and opcodes, and control frames in fragments; RSV1 without compression."""
    with Raw() as peer:
        peer.send(0x81, b"before")
        assert peer.frame() == (0x81, b"before")
        peer.send(first, b"x")
        peer.closes(1002)


@case()
def long_ping():
    with Raw() as peer:
        peer.send(0x89, b"x" * 126)
        peer.closes(1002)


@case()
def unmasked():
    with Raw() as peer:
        peer.send(0x81, b"x", masked=False)
        peer.closes(1002)


@case()
def fragments():
    with open_plain() as peer:
        peer.send(["frag", "", "mented ", "téxt"])
        assert peer.recv() == "fragmented téxt"
        peer.send([b"1", b"2", b"3"])
        assert peer.recv() == b"123"


@case()
def ping_between_fragments():
    with Raw() as peer:
        peer.send(0x01, b"one ")
        peer.send(0x89, b"ping")
        assert peer.frame() == (0x8A, b"ping")
        peer.send(0x80, b"two")
        assert peer.frame() == (0x81, b"one two")


@case(0x80, 0x00)
def continuation_of_nothing(first):
    with Raw() as peer:
        peer.send(first, b"x")
        peer.closes(1002)


@case()
def message_within_message():
    with Raw() as peer:
        peer.send(0x01, b"x")
        peer.send(0x81, b"y")
        peer.closes(1002)


valid = ["κόσμε", "Hello-µ@ßöäüàá-UTF-8!!", "\U00010000\U0010ffff", "\ufffe\uffff\u0000", "\u2028"]


@case(*valid)
def utf8(text):
    with Raw() as peer:
        data = text.encode()
        for start, byte in enumerate(data):
            peer.send((0x01 if start == 0 else 0x00) | (0x80 if start == len(data) - 1 else 0), bytes([byte]))
        assert peer.frame() == (0x81, data)


invalid = [b"\xff", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xce", b"a\x80"]


@case(*invalid)
def bad_utf8(data):
    with Raw() as peer:
        peer.send(0x81, data)
        peer.closes(1007)


@case()
def bad_utf8_is_found_early():
    with Raw() as peer:
        peer.send(0x01, b"good \xf4\x90")
        peer.closes(1007)


@case(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
def close_code(code):
    with Raw() as peer:
        peer.send(0x88, struct.pack("!H", code) + b"why")
        peer.closes(code)


@case(0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
def bad_close_code(code):
    with Raw() as peer:
        peer.send(0x88, struct.pack("!H", code))
        peer.closes(1002)


@case()
def close_without_code():
    with Raw() as peer:
        peer.send(0x88)
        peer.closes(None, 1000)


@case()
def close_of_one_byte():
    with Raw() as peer:
        peer.send(0x88, b"\x03")
        peer.closes(1002)


@case()
def close_reason_of_bad_utf8():
    with Raw() as peer:
        peer.send(0x88, struct.pack("!H", 1000) + b"\xff")
        peer.closes(1007)


@case()
def longest_close_reason():
    with Raw() as peer:
        peer.send(0x88, struct.pack("!H", 1000) + b"*" * 123)
        peer.closes(1000)


@case()
def message_before_close():
    with Raw() as peer:
        peer.send(0x81, b"last")
        peer.send(0x88, struct.pack("!H", 1000))
        first, payload = peer.frame()
        # The echo may still come; the closing handshake must.
        if first == 0x81:
            assert payload == b"last"
            first, payload = peer.frame()
        assert (first, payload[:2]) == (0x88, struct.pack("!H", 1000))


@case((1 << 18, 1 << 18), (1 << 20, 1 << 20), (1 << 20, 1 << 12), (1 << 18, 64))
def large(size, fragment):
    with open_plain() as peer:
        message = os.urandom(size)
        peer.send([message[start : start + fragment] for start in range(0, size, fragment)])
        assert peer.recv(60) == message


@case()
def too_large():
    with Raw() as peer:
        peer.socket.sendall(bytes([0x82, 255]) + struct.pack("!Q", (1 << 20) + 1) + b"mask")
        peer.closes(1009)


@case(64, 1024)
def many_messages(size):
    with open_plain() as peer:
        for number in range(200):
            peer.send(f"{number:4}" + "x" * size)
        assert [peer.recv(60)[:4] for _ in range(200)] == [f"{number:4}" for number in range(200)]


offers = [
    {},
    {"client_no_context_takeover": True, "server_no_context_takeover": True},
    {"server_max_window_bits": 9, "client_max_window_bits": 9},
    {"server_max_window_bits": 15},
]


@case(*[(number, size) for number in range(len(offers)) for size in [0, 16, 300, 4096, 1 << 17]])
def deflate(number, size):
    factory = ClientPerMessageDeflateFactory(**offers[number])
    with connect(url, compression=None, extensions=[factory], max_size=None) as peer:
        for count in range(20):
            line = '{"number":%d,"text":"to be compressed"}' % count
            message = (line * (size // len(line) + 1))[:size]
            peer.send(message)
            assert peer.recv(60) == message
        noise = os.urandom(size)
        peer.send(noise)
        assert peer.recv(60) == noise


@case()
def large_messages_are_compressed():
    with Raw("permessage-deflate") as peer:
        assert b"permessage-deflate" in peer.head
        message = b"x" * 10000
        peer.send(0x82, message)
        first, payload = peer.frame()
        assert first == 0xC2 and len(payload) < 1000
        assert zlib.decompressobj(-15).decompress(payload + b"\0\0\xff\xff") == message


@case()
def bomb():
    with Raw("permessage-deflate") as peer:
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
        data = deflater.compress(bytes(64 << 20)) + deflater.flush(zlib.Z_SYNC_FLUSH)
        peer.send(0xC2, data[:-4])
        peer.closes(1009)


@case()
def no_deflate_stream():
    with Raw("permessage-deflate") as peer:
        peer.send(0xC1, b"\xff" * 20)
        peer.closes(1007)


@case("permessage-deflate; server_max_window_bits=7", "permessage-deflate; unknown", "x-webkit-deflate-frame")
def offers_nobody_can_take(offer):
    with Raw(offer) as peer:
        assert b"permessage-deflate" not in peer.head
        peer.send(0x81, b"plain")
        assert peer.frame() == (0x81, b"plain")


failed = 0
for name, function, variant in cases:
    if len(sys.argv) > 2 and not re.search(sys.argv[2], name):
        continue
    try:
        function(*variant)
        print("ok", name, flush=True)
    except Exception as error:
        failed += 1
        place = traceback.extract_tb(error.__traceback__)[-1]
        print(f"not ok {name}: line {place.lineno}: {error!r}", flush=True)
sys.exit(1 if failed else 0)
