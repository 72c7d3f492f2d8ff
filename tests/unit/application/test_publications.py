"""What goes out after a commit, to whom, and how often."""

import asyncio
from collections.abc import Sequence

import pytest
from tests.small_core import BUY_10, SmallCore, running_core, virtual
from tests.small_galaxy import BETA, HAVEN, PLAYER

from sectorwars.application.projection import Committed
from sectorwars.application.publications import Publisher
from sectorwars.application.views import account_state, port_market
from sectorwars.domain.command import Travel, Undock
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.protocol.publication import (
    FrameType,
    Publication,
    account_channel,
    market_channel,
    port_channel,
)
from sectorwars.simulation.virtual_time import VirtualClock

MARKETS = [market_channel(good) for good in COMMODITIES]


class Audience:
    """A broadcaster that keeps what it is given."""

    def __init__(self, *wanted: str) -> None:
        self.wanted = wanted
        self.batches: list[list[Publication]] = []

    def wants(self, channel: str) -> bool:
        return channel in self.wanted

    def publish(self, publications: Sequence[Publication]) -> None:
        self.batches.append(list(publications))

    def channels(self) -> list[str]:
        return [publication.channel for batch in self.batches for publication in batch]


async def _publish(core: SmallCore, audience: Audience, refresh_ms: int = 1_000) -> Publisher:
    """Publish all that was committed as one batch."""
    publisher = Publisher(core.galaxy.projection, audience, refresh_ms)
    publisher.publish(Committed(tuple(core.committed), ()))
    core.committed.clear()
    return publisher


@virtual
async def test_a_tick_publishes_every_index(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await core.tick(1)
        audience = Audience()
        await _publish(core, audience)
        (batch,) = audience.batches
        assert [publication.channel for publication in batch] == MARKETS
        assert {publication.type for publication in batch} == {FrameType.MARKET_UPDATE}
        assert all(p.conflatable and p.player_id is None for p in batch)
        assert [p.data.commodity for p in batch] == list(COMMODITIES)
        assert batch[0].data.version == core.galaxy.projection.world.tick


@virtual
async def test_indices_of_a_fast_clock_are_thinned_out(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = Audience()
        publisher = await _publish(core, audience)
        for _ in range(20):
            core.processor.tick()
            await asyncio.sleep(0.25)
            publisher.publish(Committed(tuple(core.committed), ()))
            core.committed.clear()
        assert audience.channels().count(MARKETS[0]) == 5


@pytest.mark.parametrize("period_seconds", [0.95, 1.0, 1.05])
def test_a_tick_that_comes_a_little_early_is_not_put_off(period_seconds: float) -> None:
    @virtual
    async def beat(clock: VirtualClock) -> None:
        async with running_core(clock) as core:
            audience = Audience()
            publisher = await _publish(core, audience)
            for _ in range(5):
                core.processor.tick()
                await asyncio.sleep(period_seconds)
                publisher.publish(Committed(tuple(core.committed), ()))
                core.committed.clear()
            assert audience.channels().count(MARKETS[0]) == 5

    beat()


@virtual
async def test_a_trade_publishes_the_port_once_a_batch(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await core.executed(BUY_10)
        await core.executed(BUY_10)
        audience = Audience(port_channel(HAVEN))
        await _publish(core, audience)
        ((publication,),) = audience.batches
        world = core.galaxy.projection.world
        assert publication.channel == port_channel(HAVEN)
        assert publication.type is FrameType.PORT_NETWORK
        assert publication.data == port_market(world, HAVEN, publication.at)
        assert publication.at == core.trades()[-1].at


@virtual
async def test_a_player_is_told_of_each_change_of_his_own(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        bought = await core.executed(BUY_10, "c-1")
        await core.executed(Undock(), "c-2")
        await core.executed(Travel(BETA), "c-3")
        await asyncio.sleep(6)
        audience = Audience(account_channel(PLAYER))
        await _publish(core, audience)
        (batch,) = audience.batches
        assert {publication.player_id for publication in batch} == {PLAYER}
        assert not any(publication.conflatable for publication in batch)
        assert [p.data.command_id for p in batch] == ["c-1", "c-2", "c-3", None]
        trade = batch[0].data.trade
        assert (trade.trade_id, trade.total_credits) == (
            bought["trade"]["trade_id"],
            bought["trade"]["total_credits"],
        )
        assert [p.data.trade for p in batch[1:]] == [None] * 3
        world = core.galaxy.projection.world
        assert batch[-1].data.state == account_state(world, PLAYER, batch[-1].at)


@virtual
async def test_what_nobody_listens_to_is_not_made(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await core.executed(BUY_10)
        audience = Audience()
        await _publish(core, audience)
        assert audience.batches == []
