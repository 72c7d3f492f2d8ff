"""At a running server readers of deltas have the very frames that readers of whole ones have."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from tests.integration.server.frame_log import (
    FrameLog,
    assert_equal,
    assert_without_gaps,
    caught_up,
    listening,
    until,
)
from tests.integration.server.players import NativePlayer, RestPlayer
from tests.integration.server.process import Server
from websockets.asyncio.client import connect

from sectorwars.domain.commodity import COMMODITIES
from sectorwars.sdk.keyring import Keyring

pytestmark = pytest.mark.postgres

TRADERS = 3
TRADES = 80
TICKS = 8


async def trade(player: RestPlayer) -> None:
    """Buy and sell in turn."""
    good = await player.cheapest_good()
    for number in range(TRADES):
        side = "sell" if number % 2 else "buy"
        await player.perform(f"/trading/{side}", {"commodity": good, "quantity": 1})


async def test_frames_are_equal_byte_for_byte_over_hundreds_of_trades_and_ticks(
    server: Server, http: httpx.AsyncClient
) -> None:
    traders = [await RestPlayer.register(http) for _ in range(TRADERS)]
    ports = {(await trader.state())["docked_port_id"] for trader in traders}
    indices = [f"market.{good.value}" for good in COMMODITIES]
    channels = [*indices, *(f"port.{port_id}" for port_id in ports)]
    url = f"ws://127.0.0.1:{server.port}/ws/realtime"
    async with (
        connect(url, compression=None) as one,
        connect(url, compression=None) as two,
        connect(url) as three,
    ):
        token = traders[0].token
        whole, deltas, pressed = [
            FrameLog(await NativePlayer.authenticate(socket, token)) for socket in (one, two, three)
        ]
        for log in (whole, deltas, pressed):
            await log.subscribe(channels, deltas=log is not whole)
        async with listening(whole, deltas, pressed):
            await asyncio.gather(*map(trade, traders))
            await until(lambda: all(whole.offset(name) >= TICKS for name in indices))
            await caught_up([deltas, pressed], whole)
    keyring = Keyring()
    keyring.load((await http.get("/.well-known/jwks.json")).json())
    for log in (deltas, pressed):
        assert_without_gaps(log)
        assert assert_equal(whole, log) > TICKS * len(COMMODITIES)
        # All but the first of each channel.
        assert log.forms["whole"] == len(channels)
        assert log.bytes < 0.7 * whole.bytes
        for texts in log.texts.values():
            for text in texts.values():
                keyring.check(json.loads(text))
    assert whole.forms["delta"] == 0


@pytest.mark.parametrize("deltas", ["yes", 1, {}])
async def test_a_wish_that_is_none_is_refused(
    server: Server, player: RestPlayer, deltas: object
) -> None:
    async with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as socket:
        native = await NativePlayer.authenticate(socket, player.token)
        wish = {"channels": ["market.ore"], "deltas": deltas}
        answer = await native.ask("subscribe", wish)
        assert answer["data"]["code"] == "invalid_request"
        assert "deltas" in answer["data"]["reason"]
        subscribed = await native.ask("subscribe", {**wish, "deltas": True})
        assert [entry["deltas"] for entry in subscribed["data"]["channels"]] == [True]


async def test_who_comes_back_goes_on_with_deltas(server: Server, player: RestPlayer) -> None:
    url = f"ws://127.0.0.1:{server.port}/ws/realtime"
    async with connect(url) as socket, connect(url) as other:
        log = FrameLog(await NativePlayer.authenticate(socket, player.token))
        witness = FrameLog(await NativePlayer.authenticate(other, player.token))
        for each in (log, witness):
            await each.subscribe(["market.ore"], deltas=each is log)
        async with listening(log, witness):
            await until(lambda: log.forms["delta"] >= 1)
            await socket.close()
            epoch, offset = max(log.texts["market.ore"])
            await until(lambda: witness.offset("market.ore") >= offset + 2)
            async with connect(url) as again:
                native = NativePlayer(again)
                position = {"channel": "market.ore", "epoch": epoch, "offset": offset}
                data = {"token": player.token, "positions": [position], "deltas": True}
                await native.send("resume", data)
                resumed = await native.receive_type("resumed")
                assert [at["outcome"] for at in resumed["data"]["channels"]] == ["replay"]
                back = FrameLog(native)
                async with listening(back):
                    await until(lambda: back.forms["delta"] >= 2)
                    await caught_up([witness], back)
    assert min(back.texts["market.ore"]) == (epoch, offset + 1)
    assert back.forms["whole"] >= 2
    assert_without_gaps(back)
    assert_equal(back, witness)
