"""A socket in memory: a client's frames go in, the server's come out."""

import asyncio

from tests.unit.gateway.doubles import Surroundings

from sectorwars.gateway.client_address import ClientAddress
from sectorwars.gateway.connection import Connection
from sectorwars.protocol.framing import Opcode
from sectorwars.protocol.session import Session

SOMEWHERE = ClientAddress("192.0.2.1", confidential=True)
MASK = b"\x37\xfa\x21\x3d"


def client_frame(opcode: Opcode, payload: bytes, *, final: bool = True) -> bytes:
    """A masked frame, as RFC 6455 has a client send it."""
    length = len(payload)
    if length < 126:
        header = bytes([0x80 | length])
    elif length < 1 << 16:
        header = bytes([0x80 | 126]) + length.to_bytes(2)
    else:
        header = bytes([0x80 | 127]) + length.to_bytes(8)
    masked = bytes(byte ^ MASK[place % 4] for place, byte in enumerate(payload))
    return bytes([(0x80 if final else 0) | opcode]) + header + MASK + masked


def server_frames(data: bytes) -> list[tuple[Opcode, bytes]]:
    """The unmasked frames in what a server wrote."""
    frames = []
    while data:
        length, start = data[1], 2
        if length == 126:
            length, start = int.from_bytes(data[2:4]), 4
        elif length == 127:
            length, start = int.from_bytes(data[2:10]), 10
        frames.append((Opcode(data[0] & 0x0F), data[start : start + length]))
        data = data[start + length :]
    return frames


class MemoryTransport(asyncio.Transport):
    """Keeps what is written; takes nothing while `full`."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.closed = False
        self.aborted = False
        self.ended = False
        self.gone = asyncio.Event()

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True
        self.gone.set()


class PlayerSocket:
    """A connection to a gateway without a network."""

    def __init__(
        self,
        around: Surroundings,
        *,
        client: ClientAddress = SOMEWHERE,
        path_player_id: str | None = None,
    ) -> None:
        self._around = around
        self.transport = MemoryTransport()
        moment = around.gateway.moment()
        session = Session(around.gateway.parts, moment, confidential=client.confidential)
        self.connection = Connection(
            around.gateway, self.transport, session, client, path_player_id, moment
        )
        around.gateway.opened(self.connection)
        self.close_code: int | None = None

    async def send(self, payload: bytes) -> None:
        """Send a text message and let the gateway finish what it starts."""
        self.connection.feed(client_frame(Opcode.TEXT, payload))
        await self._around.gateway.settled()

    def take(self) -> list[bytes]:
        """The text messages received since the last time.

        Notes a close frame's code, and answers pings as every WebSocket library does.
        """
        self._around.gateway.answers.flush()
        frames = server_frames(bytes(self.transport.written))
        self.transport.written.clear()
        for opcode, payload in frames:
            if opcode is Opcode.CLOSE:
                self.close_code = int.from_bytes(payload[:2])
            if opcode is Opcode.PING:
                self.connection.feed(client_frame(Opcode.PONG, payload))
        return [payload for opcode, payload in frames if opcode is Opcode.TEXT]

    def lose(self) -> None:
        """The network drops the connection."""
        self.connection.lost()
