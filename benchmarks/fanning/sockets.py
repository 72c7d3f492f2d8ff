"""WebSockets that are opened here and handed to the load generator by their descriptors."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

from serving.native import Requests

SESSION_ID = "bench"
_SECONDS_MAX = 20.0
_TEXT = 0x1


class WebSocket:
    """A WebSocket that reads no byte more than it returns."""

    def __init__(self, port: int, path: str) -> None:
        """Connect to a server on this machine."""
        self.raw = socket.create_connection(("127.0.0.1", port), timeout=_SECONDS_MAX)
        self.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.raw.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        head = self._read_head()
        if not head.startswith(b"HTTP/1.1 101"):
            raise SystemExit(f"A WebSocket was refused: {head.decode()}")

    def send(self, payload: bytes) -> None:
        """Send a text message."""
        self.raw.sendall(client_frame(payload))

    def receive(self) -> bytes:
        """Return the payload of the next text message."""
        while True:
            opcode, length = self._exactly(2)
            if length >= 126:
                length = int.from_bytes(self._exactly(2 if length == 126 else 8))
            payload = self._exactly(length)
            if opcode & 0xF == _TEXT:
                return payload

    def close(self) -> None:
        """Let go of it."""
        self.raw.close()

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self.raw.recv(size - len(data))
            if not piece:
                raise SystemExit("A server closed a connection while it was being set up.")
            data += piece
        return data

    def _read_head(self) -> bytes:
        while True:
            seen = self.raw.recv(4_096, socket.MSG_PEEK)
            end = seen.find(b"\r\n\r\n")
            if end >= 0:
                return self._exactly(end + 4)
            if not seen:
                raise SystemExit("A server closed a connection instead of opening a WebSocket.")
            time.sleep(0.001)


class NativeClient:
    """A native session on a WebSocket."""

    def __init__(self, socket: WebSocket, token: str) -> None:
        """Authenticate."""
        self.requests = Requests(SESSION_ID)
        self._socket = socket
        self.requests.take_key(self._ask("auth_success", "authenticate", {"token": token}))

    def subscribe(self, channels: Sequence[str]) -> None:
        """Subscribe to channels."""
        self._ask("subscribed", "subscribe", {"channels": channels})

    def _ask(self, answer_kind: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        self._socket.send(self.requests.make(kind, data)[1])
        while True:
            answer: dict[str, Any] = json.loads(self._socket.receive())
            if answer["type"] == answer_kind:
                return answer
            if answer["type"] in {"error", "auth_failed"}:
                raise SystemExit(f"A session was refused: {answer}")


def client_frame(payload: bytes) -> bytes:
    """Frame a message as clients do, under a mask of zeros, which changes nothing."""
    if len(payload) < 126:
        return struct.pack(">BB4x", 0x81, 0x80 | len(payload)) + payload
    return struct.pack(">BBH4x", 0x81, 0x80 | 126, len(payload)) + payload


def script(requests: Requests, count: int) -> bytes:
    """Return so many pings in the form in which the load generator reads them."""
    frames = [client_frame(requests.make("ping", {})[1]) for _ in range(count)]
    return struct.pack("=I", len(frames)) + b"".join(
        struct.pack("=I", len(frame)) + frame for frame in frames
    )
