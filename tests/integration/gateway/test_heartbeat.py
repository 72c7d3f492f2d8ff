"""Signs of life on real sockets, both ways, and peers who give none or take nothing."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from tests.integration.gateway.raw_socket import RawSocket, raw_socket
from tests.integration.gateway.serving import Served, serve
from tests.unit.gateway.doubles import NOW, PLAYER, surroundings
from tests.unit.gateway.native_client import NativeClient
from tests.unit.gateway.sockets import client_frame, server_frames
from websockets.asyncio.client import connect

from sectorwars.gateway.limits import GatewayLimits
from sectorwars.protocol.dialect import SessionLimits
from sectorwars.protocol.framing import Opcode
from sectorwars.protocol.publication import FrameType, Publication, account_channel

LIMITS = GatewayLimits(
    session=SessionLimits(heartbeat_seconds=10), slow_seconds_max=3, close_timeout_seconds=0.3
)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serve(surroundings(LIMITS)) as running:
        yield running


def pass_time(served: Served, seconds: float) -> None:
    """Let the gateway's clock go on, and let it look at it."""
    served.surroundings.clock.advance(seconds)
    served.surroundings.gateway.beat()


async def signed_in(socket: RawSocket) -> NativeClient:
    client = NativeClient()
    socket.send_text(client.frame("authenticate", {"token": "good"}))
    client.take_key(await socket.answer())
    return client


async def test_client_may_ask_for_a_sign_of_life_in_either_way(served: Served) -> None:
    async with raw_socket(served.port) as socket:
        client = await signed_in(socket)
        socket.send_text(client.frame("ping", {}))
        assert (await socket.answer())["type"] == "pong"
        socket.writer.write(client_frame(Opcode.PING, b"there?"))
        assert await socket.frames(1) == [(Opcode.PONG, b"there?")]


async def test_client_who_answers_pings_stays_however_little_he_says(served: Served) -> None:
    async with connect(served.url, ping_interval=None) as socket:
        await socket.send(NativeClient().frame("authenticate", {"token": "good"}), text=True)
        assert json.loads(await socket.recv())["type"] == "auth_success"
        for _ in range(6):
            pass_time(served, 10)
            # What the library sends of itself is there once the answer to this is.
            await (await socket.ping())
        assert served.surroundings.gateway.players_online == 1


async def test_half_open_connection_is_found_and_closed(served: Served) -> None:
    async with raw_socket(served.port) as socket:
        await signed_in(socket)
        pass_time(served, 10)
        assert await socket.frames(1) == [(Opcode.PING, b"")]
        pass_time(served, 10)
        assert await socket.frames(1) == [(Opcode.PING, b"")]
        pass_time(served, 5)
        assert served.surroundings.gateway.players_online == 0
        ((opcode, payload),) = await socket.frames(1)
        reason = b"no sign of life: heartbeat_interval=10"
        assert (opcode, payload) == (Opcode.CLOSE, (4002).to_bytes(2) + reason)
        # The other half never comes; the server does not wait for it.
        assert await asyncio.wait_for(socket.reader.read(), 5) == b""


@pytest.mark.parametrize("sends", [True, False], ids=["one who sends", "one who is silent"])
async def test_reader_who_takes_nothing_is_closed(served: Served, sends: bool) -> None:
    around = served.surroundings
    async with raw_socket(served.port) as socket:
        client = await signed_in(socket)
        socket.send_text(client.frame("subscribe", {"channels": ["market.ore"]}))
        assert (await socket.answer())["type"] == "subscribed"
        socket.writer.transport.pause_reading()
        news = {"filler": "x" * 60_000}
        (connection,) = around.gateway.registry.connections
        while connection.lag_seconds(around.clock.monotonic()) == 0:
            around.hub.publish(
                [Publication("market.ore", FrameType.MARKET_UPDATE, news, NOW, conflatable=True)]
            )
            around.clock.advance(0.001)
            await asyncio.sleep(0)
        pass_time(served, 2.9)
        if sends:
            socket.send_text(client.frame("ping", {}))
            await asyncio.sleep(0.05)
        assert around.gateway.players_online == 1
        pass_time(served, 0.2)
        assert around.gateway.players_online == 0
        socket.writer.transport.resume_reading()
        received = await asyncio.wait_for(socket.reader.read(), 5)
        opcode, payload = server_frames(received)[-1]
        reason = b"nothing was read for too long: slow_seconds_max=3"
        assert (opcode, payload) == (Opcode.CLOSE, (4001).to_bytes(2) + reason)


async def test_reader_who_never_reads_again_is_cut_off(served: Served) -> None:
    around = served.surroundings
    async with raw_socket(served.port) as socket:
        await signed_in(socket)
        socket.writer.transport.pause_reading()
        (connection,) = around.gateway.registry.connections
        while connection.lag_seconds(around.clock.monotonic()) == 0:
            connection.send(b"\x82\x7e\xff\xff" + bytes(65_535))
            around.clock.advance(0.001)
            await asyncio.sleep(0)
        pass_time(served, 3)
        assert connection.closing
        await asyncio.sleep(0.5)
        assert connection.queued_bytes == 0


async def test_session_that_ends_takes_its_connections_with_it(served: Served) -> None:
    around = served.surroundings
    async with raw_socket(served.port) as mine, raw_socket(served.port) as other:
        await signed_in(mine)
        other.send_text(NativeClient("s-2").frame("authenticate", {"token": "other"}))
        await other.answer()
        around.gateway.revoke(around.tokens.principals["good"].sid)
        ((opcode, payload),) = await mine.frames(1)
        assert (opcode, payload[:2]) == (Opcode.CLOSE, (4501).to_bytes(2))
        other.writer.write(client_frame(Opcode.PING, b""))
        assert await other.frames(1) == [(Opcode.PONG, b"")]


async def test_return_after_a_long_absence_is_no_reason_to_be_closed() -> None:
    around = surroundings(GatewayLimits(backlog_frames_max=4))
    news = [{"number": number, "filler": "x" * 60_000} for number in range(100)]
    async with serve(around) as served:
        async with raw_socket(served.port) as socket:
            client = await signed_in(socket)
            socket.send_text(client.frame("subscribe", {"channels": ["account"]}))
            (channel,) = (await socket.answer())["data"]["channels"]
        mine = account_channel(PLAYER)
        around.hub.publish(
            [Publication(mine, FrameType.TRADING_SIGNAL, data, NOW, PLAYER) for data in news]
        )
        async with raw_socket(served.port) as socket:
            # He is slow to read: what he has missed fills more than the socket.
            socket.writer.transport.pause_reading()
            position = {name: channel[name] for name in ("channel", "epoch", "offset")}
            data = {"token": "good", "positions": [position]}
            socket.send_text(NativeClient("s-2").frame("resume", data))
            await asyncio.sleep(0.2)
            assert around.gateway.players_online == 1
            socket.writer.transport.resume_reading()
            socket.writer.write(client_frame(Opcode.PING, b"end"))
            received = b""
            while not received.endswith(b"end"):
                received += await socket.reader.read(1 << 20)
            resumed, *missed, _ = server_frames(received)
        assert json.loads(resumed[1])["data"]["channels"][0]["outcome"] == "replay"
        assert [json.loads(payload)["data"]["number"] for _, payload in missed] == [*range(100)]
