"""Verdicts on rules in PostgreSQL."""

from typing import Final

from sectorwars.application.ports import LoggedEvent
from sectorwars.domain.ids import PlayerId, RuleId
from sectorwars.persistence.event_codec import decode_event
from sectorwars.persistence.postgres.connection import Pool, acquire

_TRACES: Final = """
    SELECT t.log_offset, e.payload
    FROM rule_traces t JOIN automation_rules r USING (rule_id) JOIN events e USING (log_offset)
    WHERE t.rule_id = $2 AND r.player_id = $1 AND t.log_offset < $3
    ORDER BY t.log_offset DESC LIMIT $4
"""
_OFFSET_MAX: Final = 2**63 - 1


class PostgresRuleTraceArchive:
    """Traces are the log's own events; a table says which belong to a rule that exists."""

    def __init__(self, pool: Pool) -> None:
        """Read over connections of `pool`."""
        self._pool = pool

    async def rule_traces(
        self, player_id: PlayerId, rule_id: RuleId, before_offset: int | None, limit: int
    ) -> list[LoggedEvent]:
        """Return a rule's `RuleJudged` that fired or were blocked, newest first.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        before = _OFFSET_MAX if before_offset is None else before_offset
        async with acquire(self._pool) as connection:
            records = await connection.fetch(_TRACES, player_id, rule_id, before, limit)
        return [
            LoggedEvent(offset, decode_event("rule_judged", payload)) for offset, payload in records
        ]
