"""Sessions of Foundation clients in PostgreSQL."""

from collections.abc import Sequence
from typing import Final

import asyncpg

from sectorwars.application.account import SessionId
from sectorwars.application.foundation_session import FoundationSessionKey, FoundationSessionRow
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.postgres.connection import Pool, acquire

_PUT: Final = """
    INSERT INTO foundation_sessions
        (player_id, session_id, sid, goods, pulse, signals, seen_at_us)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (player_id, session_id) DO UPDATE SET
        sid = excluded.sid, goods = excluded.goods, pulse = excluded.pulse,
        signals = excluded.signals, seen_at_us = excluded.seen_at_us
"""
_FIND: Final = "SELECT * FROM foundation_sessions WHERE player_id = $1 AND session_id = $2"
_DELETE: Final = "DELETE FROM foundation_sessions WHERE player_id = $1 AND session_id = $2"


class PostgresFoundationSessionStore:
    """Keep sessions in the table `foundation_sessions`."""

    def __init__(self, pool: Pool) -> None:
        """Use connections of `pool`."""
        self._pool = pool

    async def replace(
        self, changed: Sequence[FoundationSessionRow], gone: Sequence[FoundationSessionKey]
    ) -> None:
        """Put rows in the place of those with the same keys, and delete others, atomically."""
        async with acquire(self._pool) as connection, connection.transaction():
            await connection.executemany(_PUT, [_values(row) for row in changed])
            await connection.executemany(_DELETE, gone)

    async def find(self, key: FoundationSessionKey) -> FoundationSessionRow | None:
        """Return a session, or None where there is none."""
        async with acquire(self._pool) as connection:
            record = await connection.fetchrow(_FIND, *key)
        return None if record is None else _row(record)

    async def recover(self, seen_after: UnixMicros) -> list[FoundationSessionRow]:
        """Return the sessions seen after a time, and delete the others."""
        async with acquire(self._pool) as connection, connection.transaction():
            await connection.execute(
                "DELETE FROM foundation_sessions WHERE seen_at_us <= $1", seen_after
            )
            return [_row(record) for record in await connection.fetch("TABLE foundation_sessions")]


def _values(row: FoundationSessionRow) -> tuple[object, ...]:
    return (
        row.player_id,
        row.session_id,
        row.sid,
        [good.value for good in row.goods],
        row.pulse,
        row.signals,
        row.seen_at,
    )


def _row(record: asyncpg.Record) -> FoundationSessionRow:
    return FoundationSessionRow(
        PlayerId(record["player_id"]),
        record["session_id"],
        SessionId(record["sid"]),
        tuple(Commodity(good) for good in record["goods"]),
        record["pulse"],
        record["signals"],
        UnixMicros(record["seen_at_us"]),
    )
