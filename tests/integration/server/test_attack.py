"""Attacks, all at once, on a real server, while somebody else goes on reading and asking."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import httpx
import pytest
from tests.integration.server.players import NativePlayer, RestPlayer
from tests.integration.server.process import Server
from tests.unit.gateway.sockets import client_frame
from websockets.asyncio.client import ClientConnection, connect

from sectorwars.protocol.framing import Opcode

pytestmark = pytest.mark.postgres

SECONDS = 4.0
ROUND_TRIP_SECONDS_MAX = 2.0
"""Far above what is seen, some hundredths: attackers and victim share this process, too."""
ATTACKER_ADDRESS, HOARDER_ADDRESS = "127.0.0.66", "127.0.0.67"
"""The victim comes from 127.0.0.1, whose connections are counted apart."""
HEAD = b"GET /ws/realtime HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
HANDSHAKE = HEAD + (
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PINGS = client_frame(Opcode.PING, b"") * 200
TEXTS = client_frame(Opcode.TEXT, b'{"type":"x"}') * 200
TERABYTE = bytes([0x81, 0xFF]) + (2**40).to_bytes(8) + b"mask" + b"x" * 2**18
FLOODED, TOO_BIG, LATE = "too many messages or pings", "a message has at most", "request_timeout"
FULL = "unauthenticated_per_address"

Work = Callable[[], Coroutine[Any, Any, None]]


class Attackers:
    """Open connections and count how the server ends them."""

    def __init__(self, server: Server) -> None:
        self.outcomes: Counter[str] = Counter()
        self._port = server.port
        self._writers: list[asyncio.StreamWriter] = []

    async def open(
        self, request: bytes, address: str = ATTACKER_ADDRESS
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self._port, local_addr=(address, 0)
        )
        self._writers.append(writer)
        writer.write(request)
        return reader, writer

    def sending(self, request: bytes, piece: bytes, pause: float, expected: str) -> Work:
        """Send without end, on one connection after the other, and be hung up on as expected."""

        async def work() -> None:
            while True:
                reader, writer = await self.open(request)
                reading = asyncio.create_task(read_to_the_end(reader))
                with contextlib.suppress(ConnectionError):
                    while not reading.done():
                        writer.write(piece)
                        await writer.drain()
                        await asyncio.sleep(pause)
                self.count(await reading, expected)
                writer.close()

        return work

    async def hoard(self) -> None:
        """Open WebSockets and say nothing."""
        while True:
            reader, _ = await self.open(HANDSHAKE, HOARDER_ADDRESS)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 101 "):
                self.count(await reader.read(), FULL)
            await asyncio.sleep(0.01)

    async def forge(self, native: NativePlayer) -> None:
        """Send orders that are forged, replayed, stale, or of another session."""
        order = {"command_id": "stolen", "side": "buy", "commodity": "ore", "quantity": 1}
        while True:
            for text in (
                native.frame("execute_trade", order, signature="0" * 64),
                native.frame("execute_trade", order, counter=1),
                native.frame("execute_trade", order, timestamp="2001-01-01T00:00:00Z"),
                native.frame("execute_trade", order, session_id="another"),
            ):
                await native.socket.send(text)
                answer = await native.receive_type("error")
                self.outcomes[answer["data"]["code"]] += 1
                await asyncio.sleep(0.02)

    def count(self, received: bytes, expected: str) -> None:
        self.outcomes[expected if expected.encode() in received else "other"] += 1

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


async def read_to_the_end(reader: asyncio.StreamReader) -> bytes:
    """Return what came until the server hung up, the last of it."""
    kept = b""
    with contextlib.suppress(ConnectionError):
        while received := await reader.read(1 << 20):
            kept = (kept + received)[-4_096:]
    return kept


class Victim:
    """Reads a market and asks, and notes how long each answer takes."""

    def __init__(self, native: NativePlayer) -> None:
        self.native = native
        self.offsets: list[int] = []
        self.round_trips: list[float] = []
        self._asked: dict[str, float] = {}

    async def read(self) -> None:
        while True:
            frame = await self.native.receive()
            if "offset" in frame:
                self.offsets.append(frame["offset"])
            elif frame["type"] == "pong":
                self.round_trips.append(time.monotonic() - self._asked.pop(frame["id"]))

    async def ask(self) -> None:
        while True:
            text = self.native.frame("ping", {})
            self._asked[json.loads(text)["id"]] = time.monotonic()
            await self.native.socket.send(text)
            await asyncio.sleep(0.05)

    @property
    def slowest_seconds(self) -> float:
        """The longest that an answer took, or is taking."""
        now = time.monotonic()
        return max(*self.round_trips, *(now - asked for asked in self._asked.values()), 0.0)


@contextlib.asynccontextmanager
async def going_on(*works: Work) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Do works that have no end until the block ends."""
    tasks = [asyncio.create_task(work()) for work in works]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def native_of(socket: ClientConnection, http: httpx.AsyncClient) -> NativePlayer:
    player = await RestPlayer.register(http)
    return await NativePlayer.authenticate(socket, player.token)


async def test_nobody_else_is_disturbed(strict_server: Server) -> None:
    attackers = Attackers(strict_server)
    address = f"ws://127.0.0.1:{strict_server.port}/ws/realtime"
    async with (
        httpx.AsyncClient(base_url=strict_server.url, timeout=30) as http,
        connect(address, ping_interval=None) as socket,
        connect(address, local_addr=(ATTACKER_ADDRESS, 0)) as forging_socket,
    ):
        victim = Victim(await native_of(socket, http))
        subscribed = await victim.native.ask("subscribe", {"channels": ["market.ore"]})
        assert subscribed["type"] == "subscribed"
        forging = await native_of(forging_socket, http)
        attacks: list[Work] = [
            attackers.sending(HANDSHAKE, PINGS, 0.01, FLOODED),
            attackers.sending(HANDSHAKE, TEXTS, 0.01, FLOODED),
            attackers.sending(HANDSHAKE, TERABYTE, 0.01, TOO_BIG),
            lambda: attackers.forge(forging),
            *[attackers.sending(HEAD, b"X-Padding: x\r\n", 0.1, LATE)] * 50,
            *[attackers.hoard] * 2,
        ]
        async with going_on(victim.read, victim.ask) as reading:
            async with going_on(*attacks) as attacking:
                await asyncio.sleep(SECONDS)
                assert [task for task in (*reading, *attacking) if task.done()] == []
            slowest_seconds = victim.slowest_seconds
        attackers.hang_up()
    async with httpx.AsyncClient(base_url=strict_server.url, timeout=30) as http:
        assert (await (await RestPlayer.register(http)).state())["credits"] == 50_000
    assert attackers.outcomes.keys() == {
        *(FLOODED, TOO_BIG, LATE, FULL),
        *("invalid_signature", "counter_not_rising", "stale_timestamp", "session_mismatch"),
    }
    assert victim.offsets == list(range(victim.offsets[0], victim.offsets[-1] + 1))
    assert len(victim.offsets) >= SECONDS - 1.5
    assert len(victim.round_trips) > SECONDS / ROUND_TRIP_SECONDS_MAX
    assert slowest_seconds < ROUND_TRIP_SECONDS_MAX
