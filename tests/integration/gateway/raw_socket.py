"""A WebSocket of raw bytes: what no library would send, and what really comes back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.unit.gateway.sockets import client_frame, server_frames

from sectorwars.protocol.framing import Opcode

HANDSHAKE = (
    b"GET /ws/realtime HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)


class RawSocket:
    """A TCP connection that has opened a WebSocket and sends whatever bytes it likes."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.head = head
        self._received = b""

    @classmethod
    async def open(cls, port: int, headers: bytes = b"") -> "RawSocket":
        """Open a WebSocket; `headers` are lines of the handshake beside the usual ones."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HANDSHAKE + headers + b"\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        return cls(reader, writer, head)

    def send_text(self, payload: bytes) -> None:
        """Send a text message."""
        self.writer.write(client_frame(Opcode.TEXT, payload))

    async def frames(self, count: int) -> list[tuple[Opcode, bytes]]:
        """Return the next frames, as many as are asked for."""
        while len(frames := server_frames(self._received)) < count:
            received = await self.reader.read(65_536)
            assert received, (frames, self._received)
            self._received += received
        self._received = b""
        assert len(frames) == count, frames
        return frames

    async def answer(self) -> dict[str, Any]:
        """Return the next frame, which is a text."""
        ((opcode, payload),) = await self.frames(1)
        assert opcode is Opcode.TEXT
        answer: dict[str, Any] = json.loads(payload)
        return answer

    async def close_of(self, data: bytes) -> tuple[list[tuple[Opcode, bytes]], int]:
        """Send bytes; return the frames before the close frame that ends the answer, and its code.

        The closing handshake is done to its end.
        """
        self.writer.write(data)
        received = b""
        while not (frames := server_frames(received)) or frames[-1][0] is not Opcode.CLOSE:
            more = await self.reader.read(65_536)
            assert more, frames
            received += more
        *before, (_, payload) = frames
        self.writer.write(client_frame(Opcode.CLOSE, payload[:2]))
        assert await self.reader.read() == b""
        return before, int.from_bytes(payload[:2])


@asynccontextmanager
async def raw_socket(port: int, headers: bytes = b"") -> AsyncIterator[RawSocket]:
    """Open a WebSocket until the block ends."""
    socket = await RawSocket.open(port, headers)
    try:
        yield socket
    finally:
        socket.writer.close()
