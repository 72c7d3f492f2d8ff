"""The story of a newcomer, as he lives it over REST, and what operators and verifiers read."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.integration.server.players import FoundationPlayer, NativePlayer, RestPlayer
from tests.integration.server.process import Server
from websockets.asyncio.client import connect

from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.signing import verify_frame

pytestmark = pytest.mark.postgres


async def test_newcomer_buys_flies_docks_sells_and_finds_all_as_it_was(
    server: Server, player: RestPlayer
) -> None:
    start = await player.read("/player/state")
    assert (start["credits"], start["turns"]) == (50_000, 500)
    assert start["ship"]["cargo_capacity"] == 150
    goods = await player.port_goods()
    both = [good for good in goods if good["buys"] and good["sells"]]
    cheap = [good for good in both if good["ask_price"] <= 100 and good["stock"] >= 1_000]
    assert len(cheap) >= 3
    assert all(good["bid_price"] < good["ask_price"] for good in both)

    commodity = cheap[0]["commodity"]
    order = {"commodity": commodity, "quantity": 10}
    bought = (await player.perform("/trading/buy", order))["trade"]
    assert sum(fill["quantity"] for fill in bought["fills"]) == 10
    assert bought["fills"][0]["price_credits"] == cheap[0]["ask_price"]
    assert bought["credits_after"] == 50_000 - bought["total_credits"] - bought["fees_credits"]
    market = await player.read(f"/trading/market/{start['docked_port_id']}")
    assert market["version"] >= bought["market_version"]
    state = await player.state()
    assert (state["credits"], state["ship"]["cargo"]) == (bought["credits_after"], {commodity: 10})

    await player.perform("/trading/undock")
    moves = (await player.read("/player/available-moves"))["moves"]
    move = min(moves, key=lambda move: (not move["has_port"], move["travel_seconds"]))
    assert 3 <= move["travel_seconds"] <= 10
    await fly(player, move["sector_id"])
    if not move["has_port"]:
        await fly(player, start["sector_id"])
        move = {"port_ids": [start["docked_port_id"]]}

    for port_id in move["port_ids"]:
        await player.perform("/trading/dock", {"port_id": port_id})
        offers = {good["commodity"]: good for good in await player.port_goods()}
        if commodity in offers and offers[commodity]["buys"]:
            break
        await player.perform("/trading/undock")
    else:
        await fly(player, start["sector_id"])
        await player.perform("/trading/dock", {"port_id": start["docked_port_id"]})
    sold = (await player.perform("/trading/sell", order))["trade"]
    assert sold["profit_credits"] == (
        sold["total_credits"]
        - sold["fees_credits"]
        - bought["total_credits"]
        - bought["fees_credits"]
    )
    before = await player.state()
    assert before["ship"]["cargo"] == {}

    assert await asyncio.to_thread(server.stop) == 0
    await asyncio.to_thread(server.start)
    assert await player.state() == before
    await player.sign_in_again()
    assert await player.state() == before
    history = (await player.read("/trading/history"))["items"]
    assert history == [sold, bought]


async def fly(player: RestPlayer, sector_id: str) -> None:
    """Warp to a sector and wait until the ship is there."""
    await player.perform(f"/player/move/{sector_id}")
    while (state := await player.state())["in_transit"] is not None:  # noqa: ASYNC110 - a server is asked
        await asyncio.sleep(0.2)
    assert state["sector_id"] == sector_id


async def test_operators_find_health_readiness_and_metrics(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).status_code == 200
    assert (await http.get("/readyz")).json() == {"status": "ready"}
    metrics = (await http.get("/metrics")).text
    assert "sectorwars_" in metrics
    status = (await http.get("/api/v1/status")).json()
    assert status["universe"]["sectors"] == 20


async def test_economy_moves_by_a_tick_each_second(http: httpx.AsyncClient) -> None:
    first = (await http.get("/api/v1/status")).json()["tick"]
    while (await http.get("/api/v1/status")).json()["tick"] < first + 2:  # noqa: ASYNC110 - a server is asked
        await asyncio.sleep(0.2)


async def public_keys(http: httpx.AsyncClient) -> dict[str, Ed25519PublicKey]:
    """Return the keys that the server publishes, by their id."""
    keys = (await http.get("/.well-known/jwks.json")).json()["keys"]
    assert all("d" not in key for key in keys)
    published: dict[str, Ed25519PublicKey] = {}
    for key in keys:
        public = jwt.PyJWK(key).key
        assert isinstance(public, Ed25519PublicKey)
        published[key["kid"]] = public
    return published


def is_genuine(frame: dict[str, Any], keys: dict[str, Ed25519PublicKey]) -> bool:
    """Tell whether a frame carries the signature of the key that it names."""
    covered = {name: value for name, value in frame.items() if name != "signature"}
    return verify_frame(keys[frame["kid"]], canonical_json(covered), frame["signature"])


async def test_published_frames_verify_with_the_published_keys(
    server: Server, http: httpx.AsyncClient, player: RestPlayer
) -> None:
    keys = await public_keys(http)
    async with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as socket:
        native = await NativePlayer.authenticate(socket, player.token)
        subscribed = await native.ask("subscribe", {"channels": ["market.ore", "account"]})
        offsets = {c["channel"]: c["offset"] for c in subscribed["data"]["channels"]}
        order = {"commodity": await player.cheapest_good(), "quantity": 1}
        await player.perform("/trading/buy", order)
        seen: set[str] = set()
        while len(seen) < len(offsets):
            frame = await native.receive_type("market_update", "trading_signal")
            assert is_genuine(frame, keys)
            channel = frame["channel"]
            assert frame["offset"] == offsets[channel] + 1
            offsets[channel] += 1
            seen.add(channel)
            forged = {**frame, "offset": frame["offset"] + 1}
            assert not is_genuine(forged, keys)


async def test_foundation_client_gets_signed_prices_each_second(
    server: Server, http: httpx.AsyncClient, player: RestPlayer
) -> None:
    keys = await public_keys(http)
    async with connect(f"ws://127.0.0.1:{server.port}/ws/{player.grant['player_id']}") as socket:
        client = await FoundationPlayer.authenticate(socket, player.token)
        goods = ["organics", "equipment", "energy"]
        data = {
            "type": "subscribe",
            "channel": "market_data",
            "commodities": goods,
            "real_time": True,
        }
        await socket.send(client.frame("market_update", data))
        frames = [await client.receive("market_update") for _ in range(5)]
    assert {frame["data"]["commodity"] for frame in frames[:3]} == set(goods)
    assert all(is_genuine(frame, keys) for frame in frames)
    assert all(frame["data"]["price"] > 0 for frame in frames)
