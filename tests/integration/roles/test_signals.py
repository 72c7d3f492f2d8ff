"""Trading signals and ARIA's channel at two gateways of one engine, which signs all of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from tests.integration.roles.doors import Doors
from tests.integration.roles.installation import Installation, installed
from tests.integration.server.players import NativePlayer
from tests.redis_server import RedisServer

from sectorwars.domain.commodity import COMMODITIES
from sectorwars.sdk.keyring import Keyring

pytestmark = [pytest.mark.redis, pytest.mark.timeout(300)]

HASTY = {"SECTORWARS_TIME_SCALE": "1200"}
"""A game hour in three seconds."""
CHANNELS = ["aria", "predictions", "signals"]


@pytest.fixture(scope="module")
def place(module_database_url: str) -> Iterator[Installation]:
    with RedisServer() as redis, installed(module_database_url, redis.url, HASTY) as place:
        yield place


@pytest.fixture
async def doors(place: Installation) -> AsyncIterator[Doors]:
    async with Doors.of(place) as doors:
        yield doors


async def next_of(player: NativePlayer, channel: str, kind: str) -> dict[str, Any]:
    """Return the next frame of a channel with such data."""
    while True:
        frame = await player.receive()
        if frame.get("channel") == channel and frame["data"]["type"] == kind:
            return frame


async def test_what_is_done_at_one_gateway_is_signalled_at_both_with_the_same_bytes(
    doors: Doors,
) -> None:
    here, there = await doors.newcomer()
    good = await here.cheapest_good()
    async with doors.socket(0) as one, doors.socket(1) as other:
        players = [
            await NativePlayer.authenticate(one, here.token),
            await NativePlayer.authenticate(other, there.token),
        ]
        for player in players:
            answer = await player.ask("subscribe", {"channels": CHANNELS})
            assert answer["type"] == "subscribed", answer
        said = {"message": f"buy 2 {good.replace('_', ' ')}"}
        (proposal,) = (await here.perform("/aria/messages", said))["proposals"]
        opened = [await next_of(player, "aria", "proposal") for player in players]
        path = f"/aria/proposals/{proposal['proposal_id']}/confirm"
        receipt = await there.perform(path)
        executed = [await next_of(player, "aria", "proposal") for player in players]
        again = {"commodity": good, "quantity": 1, "command_id": "c-1"}
        plain = await here.perform("/trading/buy", again)
        traded = [await next_of(player, "signals", "trade") for player in players]
    assert opened[0] == opened[1]
    assert (opened[0]["data"]["proposal_id"], opened[0]["data"]["status"]) == (
        proposal["proposal_id"],
        "open",
    )
    assert executed[0] == executed[1]
    assert executed[0]["data"]["trade_id"] == receipt["trade"]["trade_id"]
    # The signal of the first trade came between the frames of ARIA's.
    assert traded[0] == traded[1]
    assert traded[0]["data"]["trade"] == plain["trade"]
    keyring = Keyring()
    keyring.load((await doors.http[1].get("/.well-known/jwks.json")).json())
    for frame in (opened[0], executed[0], traded[0]):
        assert said["message"] not in json.dumps(frame)
        keyring.check(frame)


async def test_signals_go_on_at_the_other_gateway(doors: Doors) -> None:
    here, there = await doors.newcomer()
    good = await here.cheapest_good()
    async with doors.socket(0) as socket:
        player = await NativePlayer.authenticate(socket, here.token)
        answer = await player.ask("subscribe", {"channels": ["signals"]})
        (at,) = answer["data"]["channels"]
    missed = await here.perform("/trading/buy", {"commodity": good, "quantity": 1})
    position = {name: at[name] for name in ("channel", "epoch", "offset")}
    async with doors.socket(1) as socket:
        player = NativePlayer(socket)
        data = {"token": there.token, "positions": [position], "commands": []}
        await player.send("resume", data)
        resumed = await player.receive_type("resumed")
        assert resumed["data"]["channels"][0]["outcome"] == "replay"
        frame = await next_of(player, "signals", "trade")
    assert frame["data"]["trade"] == missed["trade"]
    assert frame["offset"] == at["offset"] + 1


async def test_forecasts_reach_both_gateways_and_are_shown_there_no_later(doors: Doors) -> None:
    here, there = await doors.newcomer()
    async with doors.socket(0) as one, doors.socket(1) as other:
        players = [
            await NativePlayer.authenticate(one, here.token),
            await NativePlayer.authenticate(other, there.token),
        ]
        for player in players:
            await player.ask("subscribe", {"channels": ["predictions"]})
        first = await next_of(players[0], "predictions", "predictions")
        same = await next_of(players[1], "predictions", "predictions")
        while same["offset"] < first["offset"]:
            same = await next_of(players[1], "predictions", "predictions")
        assert same == first
        # Who subscribes after the frame is given what it said, or what came later.
        await players[1].ask("unsubscribe", {"channels": ["predictions"]})
        answer = await players[1].ask("subscribe", {"channels": ["predictions"]})
        (at,) = answer["data"]["channels"]
    forecasts = first["data"]["forecasts"]
    assert {forecast["commodity"] for forecast in forecasts} == set(COMMODITIES)
    made_at = forecasts[0]["made_at"]
    assert {forecast["made_at"] for forecast in forecasts} == {made_at}
    assert {forecast["made_at"] >= made_at for forecast in at["snapshot"]["forecasts"]} == {True}
    assert at["offset"] >= first["offset"]
