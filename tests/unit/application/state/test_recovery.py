"""Rows and back, and what a start finds in a store that died at any moment."""

import asyncio

import pytest
from tests.small_core import (
    BUY_10,
    QUOTE_SIGNER,
    SELL_10,
    SmallCore,
    idle_core,
    running_core,
    virtual,
)
from tests.small_galaxy import BETA, NOW, PLAYER, envelope, small_universe, world_with_player

from sectorwars.application.galaxy.birth import UniversePlan, newborn, prehistory
from sectorwars.application.galaxy.running import Galaxy
from sectorwars.application.ports import LeaseLostError
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.state.recovery import account_rows, player_rows, restore
from sectorwars.application.writing import refusals
from sectorwars.application.writing.command_processor import (
    CommandProcessor,
    ProcessorLimits,
    Recovered,
)
from sectorwars.application.writing.trade_limit import TradeLimit
from sectorwars.domain.command import Trade, Travel, Undock
from sectorwars.domain.event import StockCheckpointed, TickAdvanced, UniverseCreated
from sectorwars.domain.market import Side
from sectorwars.engine.genesis import create_universe
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.event_store import MemoryEventStore
from sectorwars.persistence.memory.market_archive import MemoryMarketArchive
from sectorwars.simulation.digest import differences
from sectorwars.simulation.virtual_time import VirtualClock


async def _recover(core: SmallCore) -> tuple[Recovered, Galaxy]:
    """Start again from the disk, as after a kill."""
    core.store.die()
    galaxy = Galaxy(
        MemoryEventStore(core.disk),
        MemoryMarketArchive(core.disk),
        core.clock,
        UniversePlan(7),
        "again",
        ForecastBoard(),
        QUOTE_SIGNER,
    )
    recovered = await galaxy.recover(lambda _: None, lambda done, ticks: None)
    await galaxy.store.release_lease(galaxy.lease)
    return recovered, galaxy


@pytest.mark.parametrize("ticks", [1, 59, 600, 601])
def test_a_start_finds_the_world_as_it_was(ticks: int) -> None:
    @virtual
    async def restart(clock: VirtualClock) -> None:
        async with running_core(clock) as core:
            await core.executed(BUY_10)
            await core.tick(ticks)
            await core.executed(Trade(Side.BUY, "energy", 4))
            await core.tick(1)
            await core.executed(Trade(Side.SELL, "ore", 3))
            await core.executed(Undock())
            await core.executed(Travel(BETA))
            live = core.galaxy.projection
        recovered, galaxy = await _recover(core)
        assert differences(recovered.writer.world, live.world) == []
        assert differences(galaxy.projection.world, live.world) == []
        assert galaxy.projection.offset == live.offset == core.disk.last_offset

    restart()


@virtual
async def test_time_in_the_log_does_not_go_back_over_a_restart(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await asyncio.sleep(90)
        await core.executed(BUY_10)
    clock.jump_micros = -60_000_000
    _, core.galaxy = await _recover(core)
    processor = CommandProcessor(
        core.galaxy.store, clock, core.recover, lambda _: None, TradeLimit(10), ProcessorLimits()
    )
    writing = asyncio.create_task(processor.run(await core.recover()))
    await processor.submit(envelope(SELL_10), clock.monotonic())
    processor.stop()
    await writing
    bought, sold = core.trades()
    assert sold.at == bought.at


@virtual
async def test_commits_that_fail_after_each_recovery_are_tried_ever_more_slowly(
    clock: VirtualClock,
) -> None:
    async with running_core(clock) as core:
        core.store.faults.extend(["before"] * 6)
        started, recovered = clock.monotonic(), list[float]()
        while core.store.faults:
            assert await core.send(BUY_10, "c-1") == refusals.OUTCOME_UNKNOWN
            recovered.append(clock.monotonic() - started)
        assert recovered == pytest.approx([0.0, 0.0, 0.1, 0.3, 0.7, 1.5], abs=0.02)
        await core.executed(BUY_10, "c-1")
        assert clock.monotonic() - started == pytest.approx(2.5, abs=0.02)
        core.store.faults.append("before")
        assert await core.send(SELL_10, "c-2") == refusals.OUTCOME_UNKNOWN
        await core.executed(SELL_10, "c-2")
        assert clock.monotonic() - started == pytest.approx(2.5, abs=0.02)


@virtual
async def test_writer_and_projection_share_nothing(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        pass
    recovered, galaxy = await _recover(core)
    recovered.writer.advance_tick(clock.now())
    assert galaxy.projection.world.tick == 0
    assert recovered.writer.world.players[PLAYER] is not galaxy.projection.world.players[PLAYER]


@virtual
async def test_a_second_writer_is_refused(clock: VirtualClock) -> None:
    async with idle_core(clock) as (core, writing):
        other = Galaxy(
            MemoryEventStore(core.disk),
            MemoryMarketArchive(core.disk),
            clock,
            UniversePlan(7),
            "second",
            ForecastBoard(),
            QUOTE_SIGNER,
        )
        with pytest.raises(LeaseLostError, match="test"):
            await other.recover(lambda _: None, lambda done, ticks: None)
        core.processor.stop()
        await writing


@virtual
async def test_an_empty_store_gets_a_universe_with_a_past(clock: VirtualClock) -> None:
    disk, progress = MemoryDisk(), []
    galaxy = Galaxy(
        MemoryEventStore(disk),
        MemoryMarketArchive(disk),
        clock,
        UniversePlan(7, sectors=20, prehistory_ticks=90),
        "first",
        ForecastBoard(),
        QUOTE_SIGNER,
    )
    with pytest.raises(RuntimeError, match="brought to life"):
        _ = galaxy.projection
    recovered = await galaxy.recover(
        lambda _: None, lambda done, ticks: progress.append((done, ticks))
    )
    assert progress == [(done, 90) for done in range(1, 91)]
    assert recovered.writer.world.tick == 0
    born = disk.log[0].event
    assert born == create_universe(7, 20, 90)
    assert [e.event.tick for e in disk.log if isinstance(e.event, TickAdvanced)] == list(
        range(-89, 1)
    )


@virtual
async def test_a_birth_that_was_cut_short_is_gone_on_with(clock: VirtualClock) -> None:
    whole, cut = MemoryDisk(), MemoryDisk()
    plan = UniversePlan(7, sectors=20, prehistory_ticks=90)
    for disk, batches in ((whole, None), (cut, 3)):
        store = MemoryEventStore(disk)
        lease = await store.acquire_lease("first")
        past = prehistory(newborn(plan.create()), NOW, stock_changes_per_batch=1_500)
        appended = 0
        async for batch in past:
            await store.append(lease, batch)
            appended += 1
            if appended == batches:
                break
        store.die()
    assert cut.log[-1].event.tick < 0

    progress: list[tuple[int, int]] = []
    galaxy = Galaxy(
        MemoryEventStore(cut),
        MemoryMarketArchive(cut),
        clock,
        plan,
        "again",
        ForecastBoard(),
        QUOTE_SIGNER,
    )
    recovered = await galaxy.recover(lambda _: None, lambda *done: progress.append(done))

    assert len([e for e in cut.log if isinstance(e.event, UniverseCreated)]) == 1
    assert progress[-1] == (len(progress), len(progress))
    assert len(progress) < 90
    state = await MemoryEventStore(whole).load()
    assert state is not None
    assert differences(recovered.writer.world, restore(state)) == []
    assert cut.index_candles == whole.index_candles
    assert cut.port_candles == whole.port_candles


async def test_a_past_ends_with_a_checkpoint() -> None:
    (batch,) = [b async for b in prehistory(newborn(small_universe(prehistory_ticks=600)), NOW)]
    checkpoints = [e.event for e in batch.events if isinstance(e.event, StockCheckpointed)]
    assert [checkpoint.tick for checkpoint in checkpoints] == [0]
    assert [prices.tick for prices in batch.tick_prices] == list(range(-599, 1))


def test_rows_are_those_of_who_was_touched() -> None:
    world = world_with_player()
    assert player_rows(world, []) == ()
    assert account_rows(world, []) == ()
    created = small_universe()
    rows = account_rows(world, [created])
    assert {row.account for row in rows} == {posting.account for posting in created.postings}
    assert all(row.balance == world.ledger.balance(row.account) for row in rows)
