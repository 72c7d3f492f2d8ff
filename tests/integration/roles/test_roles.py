"""One engine and several gateways over a real Redis: the same galaxy at every door."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from tests.integration.roles.processes import (
    CLOCK,
    FRAME_KEY,
    Installation,
    installation,
    until,
)
from tests.redis_server import RedisServer
from tests.small_core import BUY_10
from tests.small_galaxy import HAVEN, PLAYER

from sectorwars.application.account import SessionId
from sectorwars.application.bus import SessionEnded
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.domain.command import CommandEnvelope, Origin, RegisterPlayer
from sectorwars.domain.ids import CommandId
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.publication import account_channel, port_channel
from sectorwars.protocol.shapes.command import CommandFate
from sectorwars.protocol.signing import verify_frame

pytestmark = pytest.mark.redis

ACCOUNT, PORT = account_channel(PLAYER), port_channel(HAVEN)


@pytest.fixture
def redis_server() -> AsyncIterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest.fixture
async def place(database_url: str, redis_server: RedisServer) -> AsyncIterator[Installation]:
    async with installation(database_url, redis_server.url) as place:
        yield place


def payload(wire: bytes) -> dict[str, object]:
    """The JSON in an unmasked frame."""
    frame: dict[str, object] = json.loads(wire[wire.index(b"{") :])
    return frame


async def test_a_trade_at_one_gateway_is_seen_at_the_other_with_the_same_signed_bytes(
    place: Installation,
) -> None:
    await place.running_engine()
    a, b = await place.gateway("a"), await place.gateway("b")
    await a.executed(RegisterPlayer())
    at_a, at_b = await a.subscribe(ACCOUNT, PORT), await b.subscribe(ACCOUNT, PORT)
    receipt = await a.executed(BUY_10)
    told = json.loads(receipt.body)["trade"]
    # Who is answered finds at his own door what he was told.
    assert a.credits() == told["credits_after"]
    await until(lambda: len(at_b.wires) == 2 and len(at_a.wires) == 2)
    assert at_a.wires == at_b.wires
    assert b.credits() == told["credits_after"]
    account, port = (payload(wire) for wire in at_b.wires)
    assert (account["channel"], port["channel"]) == ("account", PORT)
    assert account["data"]["trade"] == told  # type: ignore[index]
    for frame in (account, port):
        signature = str(frame.pop("signature"))
        assert verify_frame(FRAME_KEY.public, canonical_json(frame), signature)
    await until(lambda: b.follower.engine_keys == (FRAME_KEY.public.public_bytes_raw(),))


async def test_a_reader_moves_to_another_gateway_and_misses_nothing(place: Installation) -> None:
    await place.running_engine()
    a, b = await place.gateway("a"), await place.gateway("b")
    await a.executed(RegisterPlayer())
    reader = await a.subscribe(ACCOUNT)
    await a.executed(BUY_10)
    seen = payload(reader.wires[-1])
    await a.kill()
    await b.executed(BUY_10)
    assert await b.hub.open([ACCOUNT])
    _, recovery = b.hub.recover(
        ACCOUNT, "account", str(seen["epoch"]), int(str(seen["offset"])), CLOCK.monotonic()
    )
    assert (recovery.outcome, recovery.missed) == ("replay", 1)
    assert payload(recovery.frames[0].wire())["offset"] == int(str(seen["offset"])) + 1


async def test_an_ended_session_is_heard_of_at_every_gateway(place: Installation) -> None:
    await place.running_engine()
    a, b = await place.gateway("a"), await place.gateway("b")
    a.bus.publish(SessionEnded(SessionId("s_1"), UnixMicros(CLOCK.now() + 1_000_000)))
    await until(lambda: b.sessions.ended == ["s_1"])


async def test_a_channel_that_cannot_be_is_not_opened(place: Installation) -> None:
    await place.running_engine()
    a = await place.gateway("a")
    assert not await a.hub.open(["port.nowhere"])


async def test_losing_redis_delays_and_loses_nothing_and_heals_alone(
    place: Installation, redis_server: RedisServer
) -> None:
    engine = await place.running_engine()
    a = await place.gateway("a")
    await a.executed(RegisterPlayer())
    reader = await a.subscribe(ACCOUNT, PORT)
    redis_server.kill()
    await until(lambda: not a.follower.live)
    refused = await a.submit(BUY_10)
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.retry) == ("engine_unavailable", Retry.LATER)
    fate = await a.commands.fate(ReceiptKey(PLAYER, CommandId("a-1")))
    assert isinstance(fate, CommandFate)
    assert fate.status == "pending"
    # The galaxy lives on meanwhile.
    command = CommandEnvelope(CommandId("at-the-engine"), PLAYER, Origin.RULE, BUY_10)
    unseen = await engine.processor.submit(command, CLOCK.monotonic())
    assert isinstance(unseen, Receipt)
    offset = engine.galaxy.projection.offset
    await asyncio.to_thread(redis_server.start)
    await a.live()
    await until(lambda: a.projection.offset == offset)
    assert a.credits() == json.loads(unseen.body)["trade"]["credits_after"]
    # Frames were lost, so who listened is told to come back.
    await until(lambda: reader.interrupted)
    receipt = await a.executed(BUY_10)
    assert a.credits() == json.loads(receipt.body)["trade"]["credits_after"]


async def test_a_second_engine_takes_over_from_a_killed_one_within_ten_seconds(
    place: Installation,
) -> None:
    first = await place.running_engine()
    second = await place.engine("second")
    waiting = asyncio.create_task(second.stand_by())
    a = await place.gateway("a")
    await a.executed(RegisterPlayer())
    reader = await a.subscribe(ACCOUNT)
    before = await a.executed(BUY_10)
    assert not waiting.done()
    killed_at = CLOCK.monotonic()
    await first.kill()
    after = await a.executed(BUY_10)
    assert CLOCK.monotonic() - killed_at < 10.0
    await waiting
    credits_before = json.loads(before.body)["trade"]["credits_after"]
    told = json.loads(after.body)["trade"]
    assert told["credits_after"] == credits_before - told["total_credits"] - told["fees_credits"]
    assert a.credits() == told["credits_after"]
    # Another engine begins new epochs.
    await until(lambda: reader.interrupted)
    assert (
        payload(reader.wires[0])["epoch"]
        != a.hub.recover(ACCOUNT, "account", "", 0, CLOCK.monotonic())[0].epoch
    )
