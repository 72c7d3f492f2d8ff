"""What players did, as the permanent log in PostgreSQL has it."""

from typing import Final

import msgspec

from sectorwars.application.audit.search import AuditedEvent
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.rows import (
    AuditQuery,
    ChainedEvent,
)
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND
from sectorwars.persistence.event_codec import EVENT_KINDS, decode_event
from sectorwars.persistence.postgres.connection import Pool, PooledConnection, acquire

# An index over who is named would have to be kept by every trade; this is asked for rarely, and
# mostly about the last hours, so the log is read backwards in spans of offsets instead.
_SPAN: Final = """
    SELECT log_offset, kind, payload, hash FROM events
    WHERE log_offset >= $1 AND log_offset < $2 AND kind = ANY ($3)
      AND ($4::text[] IS NULL
           OR EXISTS (SELECT FROM unnest($4) AS named WHERE strpos(payload, named) > 0))
      AND ($5::text IS NULL
           OR coalesce(payload::jsonb ->> 'operator_id', payload::jsonb ->> 'player_id') = $5)
      AND ($6::bigint IS NULL OR (payload::jsonb ->> 'at')::bigint >= $6)
      AND ($7::bigint IS NULL OR (payload::jsonb ->> 'at')::bigint < $7)
    ORDER BY log_offset DESC LIMIT $8
"""
_SPAN_OLDEST: Final = """
    SELECT (payload::jsonb ->> 'at')::bigint FROM events
    WHERE log_offset >= $1 AND log_offset < $2 AND kind = ANY ($3) ORDER BY log_offset LIMIT 1
"""
_SPAN_OFFSETS: Final = 50_000
_CLOCK_SET_BACK_MICROS_MAX: Final = 3_600 * MICROS_PER_SECOND
"""How far times in the log may go back, as when the machine's clock was set between two runs."""

_KINDS: Final = {
    kind: event for kind, event in EVENT_KINDS.items() if issubclass(event, AuditedEvent)
}


class PostgresEventArchive:
    """Searches the table `events`.

    Every method raises StoreUnavailableError where the database cannot be reached.
    """

    def __init__(self, pool: Pool, span_offsets: int = _SPAN_OFFSETS) -> None:
        """Use connections of `pool`; read the log in spans of so many offsets."""
        self._pool = pool
        self._span_offsets = span_offsets

    async def search(self, query: AuditQuery, before: int | None, limit: int) -> list[ChainedEvent]:
        """Return at most `limit` `AuditedEvent`s that fit, newest first, below `before`."""
        kinds = [kind for kind in _KINDS if not query.kinds or kind in query.kinds]
        found: list[ChainedEvent] = []
        last, _ = await self.head()
        end = last + 1 if before is None else min(before, last + 1)
        while kinds and end > 1 and len(found) < limit:
            start = max(1, end - self._span_offsets)
            async with acquire(self._pool) as connection:
                found += await _search_span(
                    connection, query, kinds, (start, end), limit - len(found)
                )
                oldest = query.since and await connection.fetchval(
                    _SPAN_OLDEST, start, end, list(_KINDS)
                )
            if query.since and oldest and oldest < query.since - _CLOCK_SET_BACK_MICROS_MAX:
                break
            end = start
        return found

    async def head(self) -> tuple[int, bytes]:
        """Return the log's last offset and the hash of its last permanent event."""
        async with acquire(self._pool) as connection:
            head = await connection.fetchrow("SELECT last_offset, event_hash FROM log_head")
        if head is None:
            raise StoreUnavailableError("The database has no log: its schema is damaged.")
        return head[0], head[1]


async def _search_span(
    connection: PooledConnection,
    query: AuditQuery,
    kinds: list[str],
    span: tuple[int, int],
    limit: int,
) -> list[ChainedEvent]:
    rows = await connection.fetch(
        _SPAN,
        *span,
        kinds,
        None if query.player_id is None else _named(query.player_id),
        query.actor,
        query.since,
        query.until,
        limit,
    )
    return [
        ChainedEvent(offset, kind, decode_event(kind, payload), hash_)
        for offset, kind, payload, hash_ in rows
    ]


def _named(player_id: PlayerId) -> list[str]:
    """Return how a payload names somebody who acts, or to whom something is done."""
    text = msgspec.json.encode(player_id).decode()
    return [f'"{member}":{text}' for member in ("player_id", "operator_id", "subject")]
