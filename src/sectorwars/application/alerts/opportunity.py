"""Telling players who listen of what pays from where they are."""

from collections.abc import Callable
from typing import Final

from sectorwars.application.advice.advisor import recommend
from sectorwars.application.advice.survey import Survey
from sectorwars.application.alerts.alert import Received, expiry
from sectorwars.application.ports import Broadcaster
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, rfc3339
from sectorwars.protocol.publication import account_channel, aria_channel
from sectorwars.protocol.shapes.advice import AIAlert, Recommendation

OPPORTUNITY_SECONDS: Final = 60
"""A listening player is told at most this often, and of no trade twice running."""
OPPORTUNITIES_PER_TICK: Final = 2
"""How many players' opportunities are reckoned after one tick, which bounds what it costs."""


class OpportunityPushes:
    """Whom to tell next of what pays from where he is; a few players after each tick."""

    def __init__(self) -> None:
        """Start with nobody told."""
        self._queue: list[PlayerId] = []
        self._told_at: dict[PlayerId, UnixMicros] = {}
        self._told: dict[PlayerId, tuple[str, str | None, str]] = {}

    def due(
        self,
        survey: Callable[[], Survey],
        broadcaster: Broadcaster,
        now: UnixMicros,
        new_id: Callable[[], str],
    ) -> list[Received]:
        """Return what is to be told now; whoever hears nothing new is asked again in a minute."""
        if not self._queue:
            self._queue = [
                player_id
                for player_id in survey().world.players
                if broadcaster.wants(account_channel(player_id))
                or broadcaster.wants(aria_channel(player_id))
            ]
            listening = set(self._queue)
            for player_id in [name for name in self._told_at if name not in listening]:
                self._told_at.pop(player_id)
                self._told.pop(player_id, None)
        told = []
        reckoned = 0
        while self._queue and reckoned < OPPORTUNITIES_PER_TICK:
            player_id = self._queue.pop()
            last = self._told_at.get(player_id)
            if last is not None and now - last < OPPORTUNITY_SECONDS * MICROS_PER_SECOND:
                continue
            reckoned += 1
            self._told_at[player_id] = now
            best = recommend(survey(), player_id, now, 1)
            if not best or self._told.get(player_id) == _identity(best[0]):
                continue
            self._told[player_id] = _identity(best[0])
            told.append(Received(player_id, _opportunity(best[0], new_id(), now), now))
        return told


def _identity(best: Recommendation) -> tuple[str, str | None, str]:
    return best.commodity, None if best.buy is None else best.buy.port_id, best.sell.port_id


def _opportunity(best: Recommendation, name: str, now: UnixMicros) -> AIAlert:
    return AIAlert(
        alert_id=f"op_{name}",
        kind="opportunity",
        priority=best.priority,
        title=best.title,
        message=best.message,
        created_at=rfc3339(now),
        expires_at=expiry(now),
        commodity=best.commodity,
        port_id=best.sell.port_id,
        expected_outcome=best.expected_outcome,
    )
