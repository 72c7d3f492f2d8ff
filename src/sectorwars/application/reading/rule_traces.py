"""Why a rule did or did not trade, as its owner asks."""

from typing import Final

from sectorwars.application.ports import RuleTraceArchive
from sectorwars.application.reading.projection import Projection
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.application.reading.rule_views import rule_trace
from sectorwars.domain.ids import PlayerId, RuleId
from sectorwars.protocol.shapes.automation import RuleTracePage

TRACE_PAGE_MAX: Final = 200


class RuleTraces:
    """Pages through the verdicts on a player's rules."""

    def __init__(self, projection: Projection, archive: RuleTraceArchive) -> None:
        """Read verdicts from `archive`, and from `projection` whose rules they are."""
        self._projection = projection
        self._archive = archive

    async def page(
        self, player_id: PlayerId, rule_id: RuleId, before: int | None, limit: int
    ) -> RuleTracePage:
        """Return a page of a rule's verdicts, newest first; `limit` is 1..TRACE_PAGE_MAX.

        Raises:
            UnknownNounError: the player has no such rule.
        """
        player = self._projection.world.players.get(player_id)
        if player is None or rule_id not in player.automation.rules:
            raise UnknownNounError("unknown_rule", "You have no such rule.")
        verdicts = await self._archive.verdicts(player_id, rule_id, before, limit + 1)
        shown = verdicts[:limit]
        return RuleTracePage(
            items=[rule_trace(stored.verdict) for stored in shown],
            next_cursor=str(shown[-1].number) if len(verdicts) > limit else None,
        )
