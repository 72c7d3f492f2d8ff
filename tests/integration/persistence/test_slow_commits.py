"""Commits that take long on a real PostgreSQL: nothing is lost, done twice or done too late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from tests.small_core import BUY_10, QUOTE_SIGNER
from tests.small_galaxy import PLAYER, envelope, small_universe

from sectorwars.application.galaxy.birth import UniversePlan, newborn, prehistory
from sectorwars.application.galaxy.running import Galaxy
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import Receipt, ReceiptKey
from sectorwars.application.state.recovery import restore
from sectorwars.application.writing import refusals
from sectorwars.application.writing.command_processor import (
    CommandProcessor,
    Outcome,
    ProcessorLimits,
)
from sectorwars.application.writing.trade_limit import TradeLimit
from sectorwars.clock import SystemClock
from sectorwars.domain.command import RegisterPlayer, Trade
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import CommandId
from sectorwars.domain.market import Side
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.persistence.postgres.event_store import PostgresEventStore
from sectorwars.persistence.postgres.market_archive import PostgresMarketArchive
from sectorwars.simulation.digest import differences

BUY_1 = Trade(Side.BUY, "ore", 1)
SLOW_COMMIT = """
    CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(0.25); RETURN NULL; END $$;
    CREATE TRIGGER slow AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION take_time();
"""


class Core:
    """The real core but for a network: processor, projection, PostgreSQL."""

    def __init__(self, galaxy: Galaxy, clock: SystemClock, limits: ProcessorLimits) -> None:
        self.galaxy = galaxy
        self._clock = clock
        self.processor = CommandProcessor(
            galaxy.store,
            clock,
            lambda: galaxy.recover(self._apply, lambda done, ticks: None),
            self._apply,
            TradeLimit(10_000),
            limits,
        )

    def _apply(self, committed: Committed) -> None:
        self.galaxy.projection.apply(committed)

    def send(self, command: RegisterPlayer | Trade, name: str) -> asyncio.Future[Outcome]:
        wrapped = envelope(command, PLAYER, name)
        return self.processor.submit(wrapped, self._clock.monotonic())

    async def is_known(self, name: str) -> bool:
        return isinstance(await self.processor.fate(ReceiptKey(PLAYER, CommandId(name))), Receipt)

    async def traded(self) -> list[str]:
        """Return the ids of the commands whose trades are in the log, once each trade."""
        logged = await self.galaxy.store.events_after(0, 10_000)
        return [e.event.command_id for e in logged if isinstance(e.event, GoodsTraded)]


@asynccontextmanager
async def running(database_url: str, limits: ProcessorLimits) -> AsyncIterator[Core]:
    """Let one player be docked at Haven; at the end, compare tables and projection."""
    pool = await open_pool(database_url, connections_max=4)
    store, clock = PostgresEventStore(pool), SystemClock()
    lease = await store.acquire_lease("birth")
    async for batch in prehistory(newborn(small_universe(1)), clock.now()):
        await store.append(lease, batch)
    archive = PostgresMarketArchive(pool)
    plan = UniversePlan(7)
    galaxy = Galaxy(store, archive, clock, plan, "test", ForecastBoard(), QUOTE_SIGNER)
    core = Core(galaxy, clock, limits)
    recovered = await galaxy.recover(lambda _: None, lambda done, ticks: None)
    writing = asyncio.create_task(core.processor.run(recovered))
    await core.send(RegisterPlayer(), "register")
    yield core
    assert not writing.done()
    core.processor.stop()
    await writing
    state = await store.load()
    assert state is not None
    assert differences(restore(state), galaxy.projection.world) == []
    pool.terminate()


@asynccontextmanager
async def blocked(database_url: str) -> AsyncIterator[None]:
    """Hold what every commit must write."""
    operator = await asyncpg.connect(database_url)
    async with operator.transaction():
        await operator.execute("SELECT 1 FROM log_head FOR UPDATE")
        yield
    await operator.close()


def codes(outcomes: list[Outcome]) -> list[str]:
    return [outcome.code or "executed" for outcome in outcomes]


async def test_behind_a_slow_commit_commands_queue_and_are_never_done_late(
    database_url: str,
) -> None:
    limits = ProcessorLimits(inbox_max=20, batch_max=4, undurable_max=8, trading_timeout_ms=1_000)
    async with running(database_url, limits) as core:
        names = [f"c-{number}" for number in range(30)]
        async with blocked(database_url):
            tasks = [core.send(BUY_1, name) for name in names]
            await asyncio.sleep(0.5)
            assert codes([task.result() for task in tasks if task.done()]) == ["busy"] * 10
            # Four are being made durable; four more are decided, and no more until they are.
            assert core.processor.inbox_depth == 20 - 8
            await asyncio.sleep(0.8)
        outcomes = dict(zip(names, await asyncio.gather(*tasks), strict=True))
        assert codes(list(outcomes.values())) == [
            *["executed"] * 8,
            *["trading_timeout"] * 12,
            *["busy"] * 10,
        ]
        assert await core.traded() == names[:8]
        assert [await core.is_known(name) for name in names] == [True] * 8 + [False] * 22
        late = names[8:20]
        assert set(codes([await core.send(BUY_1, name) for name in (*names[:8], *late)])) == {
            "executed"
        }
        assert await core.traded() == names[:20]


async def test_a_commit_that_outlasts_its_time_is_doubted_and_acts_once(
    database_url: str,
) -> None:
    async with running(database_url, ProcessorLimits(commit_timeout_ms=300)) as core:
        async with blocked(database_url):
            assert await core.send(BUY_10, "c-1") == refusals.OUTCOME_UNKNOWN
            # Longer than an heir waits for a dead writer's connection.
            await asyncio.sleep(4)
            assert await core.send(BUY_10, "c-1") == refusals.OUTCOME_UNKNOWN
        receipt = await core.send(BUY_10, "c-1")
        assert codes([receipt]) == ["executed"]
        assert await core.send(BUY_10, "c-1") == receipt
        assert await core.traded() == ["c-1"]


async def test_the_slower_commits_are_the_more_each_of_them_takes(database_url: str) -> None:
    async with running(database_url, ProcessorLimits()) as core:
        operator = await asyncpg.connect(database_url)
        await operator.execute(SLOW_COMMIT)
        names = [f"c-{number}" for number in range(60)]
        started = asyncio.get_running_loop().time()
        outcomes = await asyncio.gather(*(core.send(BUY_1, name) for name in names))
        seconds = asyncio.get_running_loop().time() - started
        assert codes(outcomes) == ["executed"] * 60
        assert await core.traded() == names
        assert 0.25 <= seconds < 60 * 0.25 / 4
        await operator.execute("DROP TRIGGER slow ON events")
        await operator.close()
