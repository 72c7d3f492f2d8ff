"""Backtests in PostgreSQL."""

from collections.abc import Sequence
from typing import Final, TypeVar

import asyncpg
import msgspec

from sectorwars.application.backtest.store import (
    INTERRUPTED,
    SILENT_MICROS_MAX,
    BacktestId,
    BacktestSubject,
    Status,
    StoredBacktest,
)
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.postgres.connection import Pool, acquire
from sectorwars.protocol.shapes.backtest import BacktestFailure, BacktestHeadline, BacktestResult

T = TypeVar("T")

_ADD: Final = """
    INSERT INTO backtests (backtest_id, player_id, created_at_us, status, progress_percent,
        touched_at_us, subject)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (player_id) WHERE status IN ('queued', 'running') DO NOTHING
    RETURNING backtest_id
"""
_FAIL_SILENT: Final = """
    UPDATE backtests SET status = 'failed', failure = $3
    WHERE player_id = $1 AND status IN ('queued', 'running') AND touched_at_us < $2
"""
_FORGET_OLDER: Final = """
    DELETE FROM backtests WHERE player_id = $1 AND position <= (
        SELECT position FROM backtests WHERE player_id = $1
        ORDER BY position DESC OFFSET $2 LIMIT 1
    )
"""
_TOUCH: Final = """
    UPDATE backtests SET status = $2, progress_percent = $3, touched_at_us = $4
    WHERE backtest_id = $1 AND status IN ('queued', 'running') RETURNING backtest_id
"""
_FINISH: Final = """
    UPDATE backtests SET status = 'done', progress_percent = 100, headline = $2, result = $3
    WHERE backtest_id = $1 AND status IN ('queued', 'running')
"""
_FAIL: Final = """
    UPDATE backtests SET status = 'failed', failure = $2
    WHERE backtest_id = $1 AND status IN ('queued', 'running')
"""
_FAIL_IN_HAND: Final = """
    UPDATE backtests SET status = 'failed', failure = $1
    WHERE status IN ('queued', 'running') RETURNING backtest_id
"""
# All of a player's without their results, or one with it.
_SELECT: Final = """
    SELECT backtest_id, player_id, created_at_us, subject, status, progress_percent,
        touched_at_us, headline, failure, CASE WHEN backtest_id = $2 THEN result END AS result
    FROM backtests WHERE player_id = $1 AND backtest_id = coalesce($2, backtest_id)
    ORDER BY position DESC
"""


class PostgresBacktestStore:
    """Keeps backtests in the table `backtests`.

    Every method raises StoreUnavailableError where the database cannot be reached.
    """

    def __init__(self, pool: Pool) -> None:
        """Use connections of `pool`."""
        self._pool = pool

    async def add(self, backtest: StoredBacktest, keep: int) -> bool:
        """Keep a queued backtest, and the latest `keep` of its player; False if one is in hand.

        One in hand that is silent, as of `touched_at`, is failed as interrupted first.
        """
        async with acquire(self._pool) as connection, connection.transaction():
            await connection.execute(
                _FAIL_SILENT,
                backtest.player_id,
                backtest.touched_at - SILENT_MICROS_MAX,
                _json(INTERRUPTED),
            )
            added = await connection.fetchval(
                _ADD,
                backtest.backtest_id,
                backtest.player_id,
                backtest.created_at,
                backtest.status,
                backtest.progress_percent,
                backtest.touched_at,
                _json(backtest.subject),
            )
            if added is not None:
                await connection.execute(_FORGET_OLDER, backtest.player_id, keep)
        return added is not None

    async def touch(
        self, backtest_id: BacktestId, status: Status, percent: int, now: UnixMicros
    ) -> bool:
        """Say how far a backtest in hand is; False if it is not in hand, or was deleted."""
        async with acquire(self._pool) as connection:
            touched = await connection.fetchval(_TOUCH, backtest_id, status, percent, now)
        return touched is not None

    async def finish(
        self, backtest_id: BacktestId, headline: BacktestHeadline, result: BacktestResult
    ) -> None:
        """Keep what a backtest in hand came to."""
        async with acquire(self._pool) as connection:
            await connection.execute(_FINISH, backtest_id, _json(headline), _json(result))

    async def fail(self, backtest_id: BacktestId, failure: BacktestFailure) -> None:
        """Keep why a backtest in hand came to nothing."""
        async with acquire(self._pool) as connection:
            await connection.execute(_FAIL, backtest_id, _json(failure))

    async def fail_in_hand(self, failure: BacktestFailure) -> int:
        """Keep for all that are in hand why they came to nothing; return how many those are."""
        async with acquire(self._pool) as connection:
            return len(await connection.fetch(_FAIL_IN_HAND, _json(failure)))

    async def of_player(self, player_id: PlayerId) -> Sequence[StoredBacktest]:
        """Return a player's backtests, newest first."""
        async with acquire(self._pool) as connection:
            return [_backtest(row) for row in await connection.fetch(_SELECT, player_id, None)]

    async def find(
        self, player_id: PlayerId, backtest_id: BacktestId
    ) -> tuple[StoredBacktest, BacktestResult | None] | None:
        """Return a player's backtest and its result; None where he has none of that id."""
        async with acquire(self._pool) as connection:
            row = await connection.fetchrow(_SELECT, player_id, backtest_id)
        return None if row is None else (_backtest(row), _decoded(row["result"], BacktestResult))

    async def delete(self, player_id: PlayerId, backtest_id: BacktestId) -> bool:
        """Forget a player's backtest; False where he has none of that id."""
        query = "DELETE FROM backtests WHERE player_id = $1 AND backtest_id = $2 RETURNING 1"
        async with acquire(self._pool) as connection:
            return await connection.fetchval(query, player_id, backtest_id) is not None


def _json(shape: object) -> str:
    return msgspec.json.encode(shape).decode()


def _decoded(column: str | None, shape: type[T]) -> T | None:
    return None if column is None else msgspec.json.decode(column, type=shape)


def _backtest(row: asyncpg.Record) -> StoredBacktest:
    return StoredBacktest(
        backtest_id=BacktestId(row["backtest_id"]),
        player_id=PlayerId(row["player_id"]),
        created_at=UnixMicros(row["created_at_us"]),
        subject=msgspec.json.decode(row["subject"], type=BacktestSubject),
        status=row["status"],
        progress_percent=row["progress_percent"],
        touched_at=UnixMicros(row["touched_at_us"]),
        headline=_decoded(row["headline"], BacktestHeadline),
        failure=_decoded(row["failure"], BacktestFailure),
    )
