"""What moved the market, from the two logs in PostgreSQL."""

from collections.abc import AsyncIterator
from operator import attrgetter
from typing import Final

import msgspec

from sectorwars.application.rows import LoggedEvent, StockCheckpoint
from sectorwars.domain.event import StockCheckpointed
from sectorwars.domain.ids import PortId
from sectorwars.domain.values import Tick
from sectorwars.persistence.event_codec import decode_event
from sectorwars.persistence.packed import unpack_tick
from sectorwars.persistence.postgres.connection import Pool, acquire

# A checkpoint that follows a kept tick is followed by kept ticks alone, and it is of that tick.
_CHECKPOINT: Final = """
    SELECT log_offset, kind, payload FROM (
        SELECT log_offset, kind, payload, (
            SELECT tick FROM ticks WHERE ticks.log_offset < events.log_offset
            ORDER BY ticks.log_offset DESC LIMIT 1
        ) AS tick
        FROM events WHERE kind = 'stock_checkpointed'
            AND log_offset > (SELECT min(log_offset) FROM ticks)
    ) AS kept
    WHERE tick >= 0
    ORDER BY tick > $1, CASE WHEN tick > $1 THEN tick ELSE -tick END LIMIT 1
"""
_BEFORE_ALL: Final = -1
_TICKS: Final = """
    SELECT log_offset, payload FROM ticks
    WHERE log_offset > $1 AND log_offset <= $2 ORDER BY log_offset LIMIT $3
"""
# Ids stand quoted in every payload, whatever is around them; a settlement names accounts.
_EVENTS: Final = """
    SELECT log_offset, kind, payload FROM events
    WHERE log_offset > $1 AND log_offset <= $2
        AND (strpos(payload, $3) > 0
             OR kind IN ('ports_settled', 'trading_state_set', 'trade_caps_set'))
    ORDER BY log_offset
"""
_PAGE_TICKS: Final = 200


class PostgresMarketRecord:
    """Reads the tables `events` and `ticks`.

    Every method raises StoreUnavailableError where the database cannot be reached.
    """

    def __init__(self, pool: Pool) -> None:
        """Use connections of `pool`."""
        self._pool = pool

    async def checkpoint(self, until: Tick | None) -> StockCheckpoint | None:
        """Return the latest checkpoint up to the tick `until` that all kept ticks follow.

        Where there is none so early, and with None, it is the earliest; none is of the
        prehistory. None is returned where nothing is recorded yet.
        """
        async with acquire(self._pool) as connection:
            row = await connection.fetchrow(_CHECKPOINT, _BEFORE_ALL if until is None else until)
        if row is None:
            return None
        offset, kind, payload = row
        event = decode_event(kind, payload)
        assert isinstance(event, StockCheckpointed)  # noqa: S101 - the query asks for no other
        return StockCheckpoint(offset, event.tick, event.stocks, event.versions)

    async def events(self, after: int, through: int, port_id: PortId) -> AsyncIterator[LoggedEvent]:
        """Yield all ticks of the offsets `after` + 1 to `through`, and what names the port."""
        named = msgspec.json.encode(port_id).decode()
        while after < through:
            async with acquire(self._pool) as connection:
                ticks = await connection.fetch(_TICKS, after, through, _PAGE_TICKS)
                last = ticks[-1][0] if len(ticks) == _PAGE_TICKS else through
                events = await connection.fetch(_EVENTS, after, last, named)
            page = [LoggedEvent(at, unpack_tick(payload)) for at, payload in ticks]
            page += [LoggedEvent(at, decode_event(kind, payload)) for at, kind, payload in events]
            page.sort(key=attrgetter("offset"))
            for logged in page:
                yield logged
            after = last
