"""Raw bytes against a real server: what a browser never sends, and what the socket does."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.integration.gateway.raw_socket import HANDSHAKE, RawSocket, raw_socket
from tests.integration.gateway.serving import Served, serve
from tests.unit.gateway.doubles import NOW, PLAYER, surroundings
from tests.unit.gateway.native_client import NativeClient
from tests.unit.gateway.sockets import client_frame, server_frames
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sectorwars.gateway.limits import GatewayLimits
from sectorwars.gateway.server import UpgradePolicy
from sectorwars.protocol.framing import Opcode
from sectorwars.protocol.publication import FrameType, Publication
from sectorwars.protocol.upgrade import OriginPolicy


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serve(surroundings()) as running:
        yield running


async def test_frame_that_comes_byte_by_byte_is_read(served: Served) -> None:
    frame = NativeClient().frame("authenticate", {"token": "good"})
    async with raw_socket(served.port) as socket:
        for byte in client_frame(Opcode.TEXT, frame):
            socket.writer.write(bytes([byte]))
            await socket.writer.drain()
        assert (await socket.answer())["type"] == "auth_success"


async def test_frame_that_comes_with_the_handshake_is_read(served: Served) -> None:
    frame = NativeClient().frame("authenticate", {"token": "good"})
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(HANDSHAKE + b"\r\n" + client_frame(Opcode.TEXT, frame))
    await reader.readuntil(b'"type":"auth_success"')
    writer.close()


async def test_largest_message_is_taken(served: Served) -> None:
    async with connect(served.url) as socket:
        await socket.send("x" * 65_536)
        answer = json.loads(await socket.recv())
    assert answer["data"]["code"] == "malformed_frame"


@pytest.mark.parametrize(
    ("path", "origin", "status", "denied"),
    [
        ("/ws/realtime", "http://evil.example", 403, [(None, "origin_forbidden")]),
        ("/ws/realtime", "http://[", 403, [(None, "origin_forbidden")]),
        ("/ws/a/b", None, 404, []),
        ("/elsewhere", None, 404, []),
    ],
)
async def test_refused_upgrade_is_an_http_answer_with_a_code(
    served: Served, path: str, origin: str | None, status: int, denied: list[tuple[None, str]]
) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(f"ws://127.0.0.1:{served.port}{path}", origin=origin)
    response = caught.value.response
    assert response.status_code == status
    assert json.loads(response.body)["code"] in {"origin_forbidden", "not_found"}
    assert served.surroundings.denials.seen == denied


async def test_own_origin_and_listed_ones_are_admitted() -> None:
    policy = UpgradePolicy(OriginPolicy(frozenset({"https://friend.example"})))
    async with serve(surroundings(), policy) as running:
        for origin in (f"http://127.0.0.1:{running.port}", "https://friend.example", None):
            async with connect(running.url, origin=origin) as socket:
                await socket.ping()


@pytest.mark.parametrize(
    ("limits", "status", "code"),
    [
        (GatewayLimits(connections_max=1), 503, "server_full"),
        (GatewayLimits(unauthenticated_per_address=1), 429, "too_many_connections"),
    ],
)
async def test_full_gateway_opens_no_more(limits: GatewayLimits, status: int, code: str) -> None:
    async with serve(surroundings(limits)) as running, connect(running.url):
        with pytest.raises(InvalidStatus) as caught:
            await connect(running.url)
        response = caught.value.response
        assert response.status_code == status
        assert json.loads(response.body)["code"] == code
        assert response.headers["Retry-After"] == "5"


async def test_token_in_the_header_authenticates_at_once(served: Served) -> None:
    headers = {"Authorization": "Bearer good"}
    async with connect(
        f"ws://127.0.0.1:{served.port}/ws/{PLAYER}", additional_headers=headers
    ) as s:
        answer = json.loads(await s.recv())
        client = NativeClient(answer["session_id"])
        client.take_key(answer)
        await s.send(client.frame("ping", {}), text=True)
        pong = json.loads(await s.recv())
    assert answer["type"] == "auth_success"
    assert pong["type"] == "pong"
    assert client.is_ours(pong)


async def test_stopping_server_closes_with_service_restart() -> None:
    around = surroundings()
    async with serve(around) as running:
        socket = await connect(running.url)
        await around.gateway.drain()
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1012
        with pytest.raises(InvalidStatus) as caught:
            await connect(running.url)
        assert caught.value.response.status_code == 503


async def test_server_that_stops_without_draining_closes_too() -> None:
    async with serve(surroundings()) as running:
        socket = await connect(running.url)
    await socket.wait_closed()
    assert socket.close_code == 1012


async def test_reader_who_stops_reading_is_conflated_not_waited_for() -> None:
    around = surroundings()
    async with serve(around) as running:
        slow, quick = await RawSocket.open(running.port), await connect(running.url)
        slow_client, quick_client = NativeClient("slow"), NativeClient("quick")
        slow.writer.write(
            client_frame(Opcode.TEXT, slow_client.frame("authenticate", {"token": "good"}))
        )
        slow_client.take_key(json.loads(server_frames(await slow.reader.read(65_536))[0][1]))
        await quick.send(quick_client.frame("authenticate", {"token": "other"}), text=True)
        quick_client.take_key(json.loads(await quick.recv()))
        request = {"channels": ["market.ore"]}
        slow.writer.write(client_frame(Opcode.TEXT, slow_client.frame("subscribe", request)))
        await slow.reader.read(65_536)
        await quick.send(quick_client.frame("subscribe", request), text=True)
        await quick.recv()
        slow.writer.transport.pause_reading()
        data = {"filler": "x" * 60_000}
        news = Publication("market.ore", FrameType.MARKET_UPDATE, data, NOW, conflatable=True)
        for number in range(400):
            around.hub.publish([replace(news, data={**data, "number": number})])
            frame = json.loads(await quick.recv())
            assert frame["data"]["number"] == number
        slow.writer.transport.resume_reading()
        received = b""
        while b'"skipped"' not in received:
            received += await slow.reader.read(1 << 20)
        frames = [json.loads(payload) for _, payload in server_frames(received)]
        numbers = [f["data"]["number"] for f in frames if f["type"] == "market_update"]
        assert numbers == sorted(numbers)
        assert numbers[-1] == 399
        (conflated,) = [f for f in frames if f["type"] == "conflated"]
        assert conflated["data"]["channels"][0]["skipped"] == 400 - len(numbers)
        slow.writer.close()
        await quick.close()
