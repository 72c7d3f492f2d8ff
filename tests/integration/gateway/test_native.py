"""A native client, by the `websockets` library, against a real server."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.integration.gateway.serving import Served, serve
from tests.unit.gateway.doubles import NOW, PLAYER, SECRET, FixedGalaxy, surroundings
from tests.unit.gateway.native_client import NativeClient
from websockets.asyncio.client import ClientConnection, connect

from sectorwars.domain.commodity import Commodity
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.publication import FrameType, Publication, market_channel
from sectorwars.protocol.signing import verify_frame

ORE = market_channel(Commodity.ORE)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serve(surroundings()) as running:
        yield running


async def receive(socket: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(await socket.recv())
    return frame


async def authenticate(socket: ClientConnection, client: NativeClient) -> dict[str, Any]:
    await socket.send(client.frame("authenticate", {"token": "good"}), text=True)
    answer = await receive(socket)
    client.take_key(answer)
    return answer


def is_signed_by_server(frame: dict[str, Any]) -> bool:
    public = Ed25519PrivateKey.from_private_bytes(SECRET).public_key()
    covered = {name: value for name, value in frame.items() if name != "signature"}
    return verify_frame(public, canonical_json(covered), frame["signature"])


def price_publication(version: int) -> Publication:
    figures = FixedGalaxy().market_realtime(Commodity.ORE)
    return Publication(ORE, FrameType.MARKET_UPDATE, figures, NOW, conflatable=True)


async def test_authenticates_and_learns_its_limits(served: Served) -> None:
    async with connect(served.url) as socket:
        answer = await authenticate(socket, NativeClient())
    assert answer["type"] == "auth_success"
    assert answer["id"] == "1"
    assert answer["data"]["player_id"] == PLAYER
    assert answer["data"]["limits"]["messages_per_second"] == 100
    assert is_signed_by_server(answer)


async def test_subscribes_with_a_snapshot_and_gets_signed_frames_from_there(served: Served) -> None:
    client = NativeClient()
    async with connect(served.url) as socket:
        await authenticate(socket, client)
        await socket.send(client.frame("subscribe", {"channels": [ORE]}), text=True)
        subscribed = await receive(socket)
        served.surroundings.hub.publish([price_publication(8)])
        update = await receive(socket)
    assert client.is_ours(subscribed)
    (channel,) = subscribed["data"]["channels"]
    assert channel["snapshot"]["commodity"] == "ore"
    assert (update["channel"], update["epoch"]) == (ORE, channel["epoch"])
    assert update["offset"] == channel["offset"] + 1
    assert is_signed_by_server(update)


async def test_trades_and_gets_the_receipt(served: Served) -> None:
    client = NativeClient()
    order = {"command_id": "c-1", "side": "buy", "commodity": "ore", "quantity": 10}
    async with connect(served.url) as socket:
        await authenticate(socket, client)
        await socket.send(client.frame("execute_trade", order), text=True)
        answer = await receive(socket)
    assert answer["type"] == "trade_executed"
    assert client.is_ours(answer)
    assert answer["data"]["command_id"] == "c-1"
    assert answer["data"]["trade"]["quantity"] == 10


async def test_resumes_with_a_replay_and_the_fate_of_a_command(served: Served) -> None:
    client = NativeClient()
    hub = served.surroundings.hub
    async with connect(served.url) as socket:
        await authenticate(socket, client)
        await socket.send(client.frame("subscribe", {"channels": [ORE]}), text=True)
        (channel,) = (await receive(socket))["data"]["channels"]
        order = {"command_id": "c-1", "side": "buy", "commodity": "ore", "quantity": 10}
        await socket.send(client.frame("execute_trade", order), text=True)
        await receive(socket)
    hub.publish([price_publication(8), price_publication(9)])
    returning = NativeClient("session-2")
    position = {name: channel[name] for name in ("channel", "epoch", "offset")}
    data = {"token": "good", "positions": [position], "commands": ["c-1", "c-2"]}
    async with connect(served.url) as socket:
        await socket.send(returning.frame("resume", data), text=True)
        resumed = await receive(socket)
        missed = [await receive(socket), await receive(socket)]
        hub.publish([price_publication(10)])
        live = await receive(socket)
    assert is_signed_by_server(resumed)
    (outcome,) = resumed["data"]["channels"]
    assert (outcome["outcome"], outcome["missed"]) == ("replay", 2)
    assert [frame["offset"] for frame in (*missed, live)] == [1, 2, 3]
    executed, unknown = resumed["data"]["commands"]
    assert executed["status"] == "executed"
    assert executed["receipt"]["trade"]["quantity"] == 10
    assert unknown["status"] == "never_seen"


async def test_refused_token_is_told_why_and_closed(served: Served) -> None:
    async with connect(served.url) as socket:
        await socket.send(NativeClient().frame("authenticate", {"token": "forged"}), text=True)
        answer = await receive(socket)
        await socket.wait_closed()
    assert (answer["type"], answer["data"]["code"]) == ("auth_failed", "token_invalid")
    assert socket.close_code == 4502
