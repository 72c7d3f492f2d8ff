"""What an engine has that waited is what it would load, and it loads but once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from prometheus_client import REGISTRY
from tests.small_core import BUY_10, QUOTE_SIGNER, SELL_10, SmallCore, running_core, virtual
from tests.small_galaxy import BETA, HAVEN, NOW, PLAYER, RESORT, small_universe

from sectorwars.application.galaxy.birth import UniversePlan, newborn, prehistory
from sectorwars.application.galaxy.running import Galaxy
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.rows import LoggedEvent, StoredState
from sectorwars.application.writing.command_processor import ProcessorLimits, Recovered
from sectorwars.domain.command import (
    CreateRule,
    Dock,
    PlaceOrder,
    RegisterPlayer,
    RequestQuote,
    SwitchAutomation,
    ToggleRule,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import StockCheckpointed, TickAdvanced
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.rule import Comparison, Condition, ConditionType, RiskLevel, RuleSpec
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.event_store import MemoryEventStore
from sectorwars.persistence.memory.market_archive import MemoryMarketArchive
from sectorwars.simulation.digest import differences
from sectorwars.simulation.virtual_time import VirtualClock

OTHER = PlayerId("pl_2")
_FOLLOWED_SECONDS = 4.0
"""Long enough for a waiting engine to see all that was committed before."""


class CountingStore(MemoryEventStore):
    """Counts how often all of it is loaded; while `away`, its log cannot be read."""

    def __init__(self, disk: MemoryDisk) -> None:
        super().__init__(disk)
        self.loads = 0
        self.away = False

    async def load(self) -> StoredState | None:
        self.loads += 1
        return await super().load()

    async def events_after(self, offset: int, limit: int) -> list[LoggedEvent]:
        if self.away:
            raise StoreUnavailableError("away")
        return await super().events_after(offset, limit)


class Engine:
    """Another engine on the disk of a core."""

    def __init__(self, core: SmallCore) -> None:
        self.store = CountingStore(core.disk)
        self.archive = MemoryMarketArchive(core.disk)
        self.galaxy = Galaxy(
            self.store,
            self.archive,
            core.clock,
            UniversePlan(7),
            "other",
            ForecastBoard(),
            QUOTE_SIGNER,
        )

    async def stand_by(self) -> Recovered:
        return await self.galaxy.stand_by(lambda _: None, lambda done, ticks: None)

    async def recover(self) -> Recovered:
        return await self.galaxy.recover(lambda _: None, lambda done, ticks: None)


@asynccontextmanager
async def _waiting(core: SmallCore) -> AsyncIterator[tuple[Engine, asyncio.Task[Recovered]]]:
    """Let an engine wait for the lease of a core, until it has loaded."""
    engine = Engine(core)
    waiting = asyncio.create_task(engine.stand_by())
    await asyncio.sleep(_FOLLOWED_SECONDS)
    assert engine.store.loads == 1
    yield engine, waiting


async def _live(core: SmallCore) -> None:
    """Let something of each kind happen, and the economy go on past an hour and a checkpoint."""
    await core.executed(BUY_10)
    await core.executed(RequestQuote(Side.BUY, "energy", 5))
    await core.executed(PlaceOrder(Side.SELL, "ore", 5, 140, 86_400))
    await core.executed(PlaceOrder(Side.BUY, "ore", 5, 20, 3))
    condition = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 1)
    spec = RuleSpec("Buy now", Commodity.ORE, HAVEN, (condition,), (), RiskLevel.MODERATE, 1_000)
    await core.executed(CreateRule(spec))
    (rule_id,) = core.galaxy.projection.world.players[PLAYER].automation.rules
    await core.executed(ToggleRule(rule_id, active=True))
    await core.executed(SwitchAutomation(active=True))
    await core.tick(59)
    await core.send(RegisterPlayer(), player_id=OTHER)
    await core.send(Trade(Side.BUY, "ore", 7), player_id=OTHER)
    await core.send(Undock(), player_id=OTHER)
    await core.send(Travel(BETA), player_id=OTHER)
    await asyncio.sleep(_FOLLOWED_SECONDS)
    await core.executed(SELL_10)
    await core.tick(600)
    await asyncio.sleep(_FOLLOWED_SECONDS)
    await core.send(Dock(RESORT), player_id=OTHER)
    await core.send(Trade(Side.BUY, "luxury", 3), player_id=OTHER)


def _assert_same(
    one: tuple[Engine, Recovered], other: tuple[Engine, Recovered], now: UnixMicros
) -> None:
    """Check that two engines have the same, and that the same comes of it."""
    (_, mine), (_, its) = one, other
    projections = [engine.galaxy.projection for engine, _ in (one, other)]
    assert mine.latest == its.latest
    assert mine.writer.last_offset == its.writer.last_offset == projections[0].offset
    assert projections[0].offset == projections[1].offset
    assert differences(mine.writer.world, its.writer.world) == []
    assert differences(projections[0].world, its.writer.world) == []
    for good in Commodity:
        shown = [projection.board.realtime(good, 0) for projection in projections]
        assert {**vars_of(shown[0]), "as_of": ""} == {**vars_of(shown[1]), "as_of": ""}
    for _ in range(61):
        for recovered in (mine, its):
            recovered.writer.advance_tick(now)
    assert mine.writer.cut() == its.writer.cut()


def vars_of(shape: object) -> dict[str, object]:
    """Return the fields of a shape."""
    return {name: getattr(shape, name) for name in type(shape).__annotations__}


@virtual
async def test_a_takeover_has_what_a_load_gives_and_loads_nothing(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await core.executed(BUY_10)
        await core.tick(30)
        async with _waiting(core) as (engine, waiting):
            await _live(core)
            kinds = {type(logged.event) for logged in core.committed}
            assert len(kinds) >= 14
            assert StockCheckpointed in kinds
            core.store.die()
            warm = await waiting
            assert engine.store.loads == 1
        await engine.store.release_lease(warm.lease)
        cold = Engine(core)
        _assert_same((engine, warm), (cold, await cold.recover()), clock.now())


@virtual
async def test_who_follows_tells_how_far_behind_he_is(clock: VirtualClock) -> None:
    def behind_seconds() -> float | None:
        return REGISTRY.get_sample_value("sectorwars_standby_behind_seconds")

    async with running_core(clock) as core:
        engine = Engine(core)
        waiting = asyncio.create_task(engine.stand_by())
        await asyncio.sleep(_FOLLOWED_SECONDS)
        assert behind_seconds() == pytest.approx(0.0, abs=0.25)
        engine.store.away = True
        await asyncio.sleep(60)
        assert behind_seconds() == pytest.approx(60.0, abs=0.25)
        core.store.die()
        await asyncio.sleep(1)
        assert not waiting.done()
        engine.store.away = False
        await waiting
        assert behind_seconds() == 0.0
        assert engine.store.loads == 1


@virtual
async def test_who_is_behind_what_is_kept_loads_anew(clock: VirtualClock) -> None:
    async with running_core(clock) as core, _waiting(core) as (engine, waiting):
        engine.store.away = True
        await core.executed(BUY_10)
        await core.tick(605)
        log = core.disk.log
        checkpoint = next(e for e in reversed(log) if isinstance(e.event, StockCheckpointed))
        log[:] = [
            logged
            for logged in log
            if logged.offset > checkpoint.offset or not isinstance(logged.event, TickAdvanced)
        ]
        engine.store.away = False
        await asyncio.sleep(1)
        assert engine.store.loads == 2
        await core.executed(SELL_10)
        core.store.die()
        warm = await waiting
        assert engine.store.loads == 2
        assert differences(warm.writer.world, core.galaxy.projection.world) == []


@virtual
async def test_who_waits_for_a_birth_that_fails_gives_birth_himself(clock: VirtualClock) -> None:
    core = SmallCore(clock, ProcessorLimits(), 1)
    lease = await core.store.acquire_lease("birth")
    engine = Engine(core)
    waiting = asyncio.create_task(engine.stand_by())
    await asyncio.sleep(_FOLLOWED_SECONDS)
    batches = [batch async for batch in prehistory(newborn(small_universe(300)), NOW)]
    await core.store.append(lease, batches[0])
    await asyncio.sleep(_FOLLOWED_SECONDS)
    core.store.die()
    recovered = await waiting
    assert recovered.writer.world.tick == engine.galaxy.projection.world.tick == 0
    assert recovered.writer.last_offset == core.disk.last_offset


@virtual
async def test_a_mistake_in_following_ends_the_wait(clock: VirtualClock) -> None:
    async with running_core(clock) as core, _waiting(core) as (engine, waiting):
        engine.galaxy.store.events_after = None  # type: ignore[method-assign, assignment]
        with pytest.raises(TypeError):
            await waiting
