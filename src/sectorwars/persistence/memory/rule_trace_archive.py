"""Verdicts on rules in memory."""

from itertools import islice

from sectorwars.application.ports import LoggedEvent
from sectorwars.domain.event import RuleJudged
from sectorwars.domain.ids import PlayerId, RuleId
from sectorwars.domain.rule import Verdict
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.retention import RULE_TRACES_KEPT


class MemoryRuleTraceArchive:
    """Traces in the log on a `MemoryDisk`."""

    def __init__(self, disk: MemoryDisk) -> None:
        """Read what an event store has written on `disk`."""
        self._disk = disk

    async def rule_traces(
        self, player_id: PlayerId, rule_id: RuleId, before_offset: int | None, limit: int
    ) -> list[LoggedEvent]:
        """Return a rule's `RuleJudged` that fired or were blocked, newest first."""
        automation = self._disk.automations.get(player_id)
        if automation is None or all(rule.rule_id != rule_id for rule in automation.rules):
            return []
        verdicts = (
            logged
            for logged in reversed(self._disk.log)
            if isinstance(logged.event, RuleJudged)
            and logged.event.rule_id == rule_id
            and logged.event.state.verdict is not Verdict.IDLE
        )
        kept = islice(verdicts, RULE_TRACES_KEPT)
        return list(
            islice((v for v in kept if before_offset is None or v.offset < before_offset), limit)
        )
