"""A tick waits for the commands that came before it, and only so long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.small_core import BUY_10, SmallCore, virtual
from tests.small_galaxy import BETA, NOW, PLAYER, small_universe

from sectorwars.application.galaxy.birth import newborn, prehistory
from sectorwars.application.writing.command_processor import ProcessorLimits
from sectorwars.domain.command import RegisterPlayer, Travel, Undock
from sectorwars.domain.event import GoodsTraded, JourneyCompleted, TickAdvanced
from sectorwars.domain.values import UnixMicros
from sectorwars.simulation.virtual_time import VirtualClock

_TICK_SECONDS = 0.1


class _WorkingClock:
    """The virtual clock, on which a tick takes its time."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.worked_seconds = 0.0

    def now(self) -> UnixMicros:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic() + self.worked_seconds


@asynccontextmanager
async def _slow_core(clock: VirtualClock) -> AsyncIterator[SmallCore]:
    """Run a core with one player whose ticks take long, after the first of them."""
    working = _WorkingClock(clock)
    core = SmallCore(working, ProcessorLimits(), 1_000)
    lease = await core.store.acquire_lease("birth")
    async for batch in prehistory(newborn(small_universe(1)), NOW):
        await core.store.append(lease, batch)
    recovered = await core.recover()
    advance_tick = recovered.writer.advance_tick

    def advance_slowly(now: UnixMicros) -> None:
        advance_tick(now)
        working.worked_seconds += _TICK_SECONDS

    recovered.writer.advance_tick = advance_slowly  # type: ignore[method-assign]
    writing = asyncio.create_task(core.processor.run(recovered))
    await core.executed(RegisterPlayer())
    await core.tick(1)
    core.committed.clear()
    yield core
    core.processor.stop()
    core.store.open.set()
    await writing


@virtual
async def test_who_came_before_a_long_tick_has_his_answer_before_it(clock: VirtualClock) -> None:
    async with _slow_core(clock) as core:
        tick = core.galaxy.projection.world.tick
        core.store.open.clear()
        trade = core.send(BUY_10)
        core.processor.tick()
        await asyncio.sleep(_TICK_SECONDS / 2)
        core.store.open.set()
        await trade
        assert core.galaxy.projection.world.tick == tick
        await asyncio.sleep(_TICK_SECONDS)
        kinds = [type(logged.event) for logged in core.committed]
        assert kinds == [GoodsTraded, TickAdvanced]
        assert [len(batch.receipts) for batch in core.store.batches[-2:]] == [1, 0]


@virtual
async def test_a_long_tick_waits_no_longer_for_a_commit_than_it_takes(clock: VirtualClock) -> None:
    async with _slow_core(clock) as core:
        core.store.open.clear()
        trade = core.send(BUY_10)
        core.processor.tick()
        await asyncio.sleep(_TICK_SECONDS + 0.01)
        late = core.send(BUY_10)
        core.store.open.set()
        await asyncio.gather(trade, late)
        kinds = [type(logged.event) for logged in core.committed]
        assert kinds == [GoodsTraded, TickAdvanced, GoodsTraded]


@virtual
async def test_ticks_go_on_under_a_permanent_load(clock: VirtualClock) -> None:
    async with _slow_core(clock) as core:
        tick = core.galaxy.projection.world.tick
        crowd = []
        for _ in range(200):
            crowd.append(core.send(BUY_10))
            if len(crowd) % 50 == 0:
                core.processor.tick()
            await asyncio.sleep(0.001)
        await asyncio.gather(*crowd)
        await asyncio.sleep(_TICK_SECONDS)
        assert core.galaxy.projection.world.tick == tick + 4


@virtual
async def test_what_is_due_comes_before_a_tick_that_waited(clock: VirtualClock) -> None:
    async with _slow_core(clock) as core:
        await core.executed(Undock())
        await core.executed(Travel(BETA))
        arrival = core.galaxy.projection.world.next_deadline()
        assert arrival is not None
        core.committed.clear()
        await asyncio.sleep((arrival - clock.now()) / 1_000_000 - 0.002)
        core.processor.tick()
        await asyncio.sleep(_TICK_SECONDS)
        kinds = [type(logged.event) for logged in core.committed]
        assert kinds == [JourneyCompleted, TickAdvanced]
        assert core.galaxy.projection.world.players[PLAYER].ship.sector_id == BETA
