"""Verdicts on rules in PostgreSQL."""

from typing import Final

from sectorwars.application.rows import StoredVerdict
from sectorwars.domain.ids import PlayerId, RuleId
from sectorwars.persistence.postgres.connection import Pool, acquire
from sectorwars.persistence.verdict_codec import unpack_verdict

_VERDICTS: Final = """
    SELECT t.trace_number, t.payload
    FROM rule_traces t JOIN automation_rules r USING (rule_id)
    WHERE t.rule_id = $2 AND r.player_id = $1 AND t.trace_number < $3
    ORDER BY t.trace_number DESC LIMIT $4
"""
_NUMBER_MAX: Final = 2**63 - 1


class PostgresRuleTraceArchive:
    """The latest verdicts on each rule that exists."""

    def __init__(self, pool: Pool) -> None:
        """Read over connections of `pool`."""
        self._pool = pool

    async def verdicts(
        self, player_id: PlayerId, rule_id: RuleId, before: int | None, limit: int
    ) -> list[StoredVerdict]:
        """Return a rule's kept verdicts with numbers below `before`, newest first.

        There are none where the player has no such rule.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        below = _NUMBER_MAX if before is None else before
        async with acquire(self._pool) as connection:
            records = await connection.fetch(_VERDICTS, player_id, rule_id, below, limit)
        return [
            StoredVerdict(number, unpack_verdict(player_id, rule_id, payload))
            for number, payload in records
        ]
