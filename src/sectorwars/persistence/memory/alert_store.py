"""Alerts in memory."""

from collections.abc import Sequence
from dataclasses import replace

from sectorwars.application.alerts.alert import AlertId, Received, StoredAlert
from sectorwars.domain.ids import PlayerId
from sectorwars.protocol.shapes.advice import AIAlert


class MemoryAlertStore:
    """Keep alerts as long as the process lives."""

    def __init__(self) -> None:
        """Start without alerts."""
        self._alerts: dict[AlertId, StoredAlert] = {}
        self._received: dict[PlayerId, list[AIAlert]] = {}

    async def load_alerts(self) -> Sequence[StoredAlert]:
        """Return all alerts that players have set."""
        return list(self._alerts.values())

    async def add_alert(self, alert: StoredAlert) -> None:
        """Keep an alert."""
        self._alerts[alert.alert_id] = alert

    async def delete_alert(self, alert_id: AlertId) -> None:
        """Forget an alert."""
        self._alerts.pop(alert_id, None)

    async def record(
        self, armed: Sequence[tuple[AlertId, bool]], received: Sequence[Received], keep: int
    ) -> None:
        """Set what alerts are armed and keep what players are told, the latest `keep` of each."""
        for alert_id, is_armed in armed:
            if alert_id in self._alerts:
                self._alerts[alert_id] = replace(self._alerts[alert_id], armed=is_armed)
        for told in received:
            kept = self._received.setdefault(told.player_id, [])
            kept.append(told.alert)
            del kept[:-keep]

    async def received(self, player_id: PlayerId, limit: int) -> Sequence[AIAlert]:
        """Return the latest alerts that reached a player, newest first."""
        return self._received.get(player_id, [])[::-1][:limit]
