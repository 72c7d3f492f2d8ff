"""What every store of backtests does, in memory and in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sectorwars.application.account import Account, AccountRole
from sectorwars.application.backtest.store import (
    INTERRUPTED,
    SILENT_MICROS_MAX,
    BacktestId,
    BacktestStore,
    BacktestSubject,
    StoredBacktest,
)
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.memory.backtest_store import MemoryBacktestStore
from sectorwars.persistence.postgres.account_store import PostgresAccountStore
from sectorwars.persistence.postgres.backtest_store import PostgresBacktestStore
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.protocol.shapes.automation import RuleCondition, RuleView
from sectorwars.protocol.shapes.backtest import (
    BacktestFailure,
    BacktestHeadline,
    BacktestResult,
    BacktestSpan,
    EquityPoint,
)

NOW = UnixMicros(1_800_000_000_000_000)
ALICE, BOB = PlayerId("pl_alice"), PlayerId("pl_bob")
CHEAP = RuleCondition("price_below", 50.5, "less_than")
RULE = RuleView("draft", "Buy <cheap>", "ore", [CHEAP], [], "moderate", 1_000, True, None)
SUBJECT = BacktestSubject("p0001", [RULE], 50_000, "empty")
HEADLINE = BacktestHeadline(
    BacktestSpan("2102", "2103", "2026", "2027", 60, 1.0), -5, 0, 5, 7, 0.01, 1, 0, 0, None
)
RESULT = BacktestResult([], [EquityPoint(1, "2102", 1, 2, 3)], {"not_docked": 1}, 0, ["Mind."])


def backtest(name: str, player_id: PlayerId = ALICE, at: UnixMicros = NOW) -> StoredBacktest:
    return StoredBacktest(BacktestId(name), player_id, at, SUBJECT, "queued", 0, at)


@pytest.fixture(params=["memory", "postgres"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[BacktestStore]:
    if request.param == "memory":
        yield MemoryBacktestStore()
    else:
        pool = await open_pool(request.getfixturevalue("database_url"), connections_max=2)
        accounts = PostgresAccountStore(pool)
        for player_id in (ALICE, BOB):
            account = Account(
                player_id, player_id, player_id, "$hash", None, AccountRole.PLAYER, NOW
            )
            assert await accounts.add_account(account)
        yield PostgresBacktestStore(pool)
        await pool.close()


async def test_a_backtest_goes_its_way(store: BacktestStore) -> None:
    one = backtest("b1")
    assert await store.add(one, 20)
    assert await store.find(ALICE, one.backtest_id) == (one, None)
    later = UnixMicros(NOW + 5)
    assert await store.touch(one.backtest_id, "running", 42, later)
    running = replace(one, status="running", progress_percent=42, touched_at=later)
    assert await store.of_player(ALICE) == [running]
    await store.finish(one.backtest_id, HEADLINE, RESULT)
    done = replace(running, status="done", progress_percent=100, headline=HEADLINE)
    assert await store.find(ALICE, one.backtest_id) == (done, RESULT)
    assert await store.of_player(ALICE) == [done]


async def test_what_is_over_is_over(store: BacktestStore) -> None:
    failure = BacktestFailure("internal_error", "It broke.")
    for name, over in (("b1", True), ("b2", False)):
        await store.add(backtest(name), 20)
        if over:
            await store.finish(BacktestId(name), HEADLINE, RESULT)
        else:
            await store.fail(BacktestId(name), failure)
        before = await store.find(ALICE, BacktestId(name))
        assert not await store.touch(BacktestId(name), "running", 1, NOW)
        await store.finish(BacktestId(name), HEADLINE, RESULT)
        await store.fail(BacktestId(name), failure)
        assert await store.find(ALICE, BacktestId(name)) == before
    failed, done = await store.of_player(ALICE)
    assert (failed.status, failed.failure, done.status) == ("failed", failure, "done")


async def test_a_player_has_one_in_hand(store: BacktestStore) -> None:
    assert await store.add(backtest("b1"), 20)
    assert not await store.add(backtest("b2"), 20)
    assert await store.add(backtest("b3", BOB), 20)
    assert await store.touch(BacktestId("b1"), "running", 1, NOW)
    just_heard = UnixMicros(NOW + SILENT_MICROS_MAX)
    assert not await store.add(backtest("b4", at=just_heard), 20)
    assert await store.add(backtest("b5", at=UnixMicros(just_heard + 1)), 20)
    new, old = await store.of_player(ALICE)
    assert (new.backtest_id, new.status) == ("b5", "queued")
    assert (old.backtest_id, old.status, old.failure) == ("b1", "failed", INTERRUPTED)
    assert len(await store.of_player(BOB)) == 1


async def test_all_that_are_in_hand_can_be_failed_at_once(store: BacktestStore) -> None:
    await store.add(backtest("b1"), 20)
    await store.finish(BacktestId("b1"), HEADLINE, RESULT)
    await store.add(backtest("b2"), 20)
    await store.add(backtest("b3", BOB), 20)
    await store.touch(BacktestId("b3"), "running", 1, NOW)
    assert await store.fail_in_hand(INTERRUPTED) == 2
    assert await store.fail_in_hand(INTERRUPTED) == 0
    failed, done = await store.of_player(ALICE)
    assert (failed.status, failed.failure, done.status) == ("failed", INTERRUPTED, "done")
    assert [one.failure for one in await store.of_player(BOB)] == [INTERRUPTED]


async def test_only_the_latest_are_kept(store: BacktestStore) -> None:
    for number in range(5):
        for player_id in (ALICE, BOB):
            name = f"{player_id}{number}"
            assert await store.add(backtest(name, player_id), 3)
            await store.finish(BacktestId(name), HEADLINE, RESULT)
    for player_id in (ALICE, BOB):
        kept = [one.backtest_id for one in await store.of_player(player_id)]
        assert kept == [f"{player_id}{number}" for number in (4, 3, 2)]


async def test_a_backtest_is_its_players_alone(store: BacktestStore) -> None:
    await store.add(backtest("b1"), 20)
    await store.finish(BacktestId("b1"), HEADLINE, RESULT)
    assert await store.find(BOB, BacktestId("b1")) is None
    assert not await store.delete(BOB, BacktestId("b1"))
    assert await store.delete(ALICE, BacktestId("b1"))
    assert not await store.delete(ALICE, BacktestId("b1"))
    assert await store.find(ALICE, BacktestId("b1")) is None
    assert await store.of_player(ALICE) == []


async def test_a_database_that_is_away_is_said_to_be(database_url: str) -> None:
    pool = await open_pool(database_url, connections_max=1)
    await pool.close()
    with pytest.raises(StoreUnavailableError):
        await PostgresBacktestStore(pool).of_player(ALICE)
