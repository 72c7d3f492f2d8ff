"""Verdicts on rules in memory."""

from sectorwars.application.rows import StoredVerdict
from sectorwars.domain.ids import PlayerId, RuleId
from sectorwars.persistence.memory.disk import MemoryDisk


class MemoryRuleTraceArchive:
    """The verdicts on a `MemoryDisk`."""

    def __init__(self, disk: MemoryDisk) -> None:
        """Read what an event store has written on `disk`."""
        self._disk = disk

    async def verdicts(
        self, player_id: PlayerId, rule_id: RuleId, before: int | None, limit: int
    ) -> list[StoredVerdict]:
        """Return a rule's kept verdicts with numbers below `before`, newest first.

        There are none where the player has no such rule.
        """
        return [
            stored
            for stored in reversed(self._disk.verdicts.get(rule_id, []))
            if stored.verdict.player_id == player_id and (before is None or stored.number < before)
        ][:limit]
