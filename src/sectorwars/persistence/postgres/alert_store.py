"""Alerts in PostgreSQL."""

from collections.abc import Sequence
from typing import Final

import asyncpg
import msgspec

from sectorwars.application.alerts.alert import AlertId, Condition, Received, StoredAlert
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.postgres.connection import Pool, acquire
from sectorwars.protocol.shapes.advice import AIAlert

_ADD_ALERT: Final = """
    INSERT INTO price_alerts
        (alert_id, player_id, commodity, port_id, condition, value_credits, armed, created_at_us)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
# An account may have been erased meanwhile; what would have been told it is told nobody.
_ADD_RECEIVED: Final = """
    INSERT INTO received_alerts (player_id, alert, at_us)
    SELECT player_id, $2::jsonb, $3 FROM accounts WHERE player_id = $1
"""
_FORGET_OLDER: Final = """
    DELETE FROM received_alerts WHERE player_id = $1 AND position <= (
        SELECT position FROM received_alerts WHERE player_id = $1
        ORDER BY position DESC OFFSET $2 LIMIT 1
    )
"""


class PostgresAlertStore:
    """Keep alerts in the tables `price_alerts` and `received_alerts`."""

    def __init__(self, pool: Pool) -> None:
        """Use connections of `pool`."""
        self._pool = pool

    async def load_alerts(self) -> Sequence[StoredAlert]:
        """Return all alerts that players have set."""
        async with acquire(self._pool) as connection:
            rows = await connection.fetch("SELECT * FROM price_alerts ORDER BY created_at_us")
        return [_alert(row) for row in rows]

    async def add_alert(self, alert: StoredAlert) -> None:
        """Keep an alert."""
        async with acquire(self._pool) as connection:
            await connection.execute(
                _ADD_ALERT,
                alert.alert_id,
                alert.player_id,
                alert.commodity.value,
                alert.port_id,
                alert.condition.value,
                alert.value,
                alert.armed,
                alert.created_at,
            )

    async def delete_alert(self, alert_id: AlertId) -> None:
        """Forget an alert."""
        async with acquire(self._pool) as connection:
            await connection.execute("DELETE FROM price_alerts WHERE alert_id = $1", alert_id)

    async def record(
        self, armed: Sequence[tuple[AlertId, bool]], received: Sequence[Received], keep: int
    ) -> None:
        """Set what alerts are armed and keep what players are told, the latest `keep` of each."""
        async with acquire(self._pool) as connection, connection.transaction():
            await connection.executemany(
                "UPDATE price_alerts SET armed = $2 WHERE alert_id = $1", armed
            )
            for told in received:
                alert = msgspec.json.encode(told.alert).decode()
                await connection.execute(_ADD_RECEIVED, told.player_id, alert, told.at)
            for player_id in dict.fromkeys(told.player_id for told in received):
                await connection.execute(_FORGET_OLDER, player_id, keep)

    async def received(self, player_id: PlayerId, limit: int) -> Sequence[AIAlert]:
        """Return the latest alerts that reached a player, newest first."""
        async with acquire(self._pool) as connection:
            rows = await connection.fetch(
                "SELECT alert FROM received_alerts WHERE player_id = $1"
                " ORDER BY position DESC LIMIT $2",
                player_id,
                limit,
            )
        return [msgspec.json.decode(row["alert"], type=AIAlert) for row in rows]


def _alert(row: asyncpg.Record) -> StoredAlert:
    return StoredAlert(
        AlertId(row["alert_id"]),
        PlayerId(row["player_id"]),
        Commodity(row["commodity"]),
        None if row["port_id"] is None else PortId(row["port_id"]),
        Condition(row["condition"]),
        row["value_credits"],
        UnixMicros(row["created_at_us"]),
        row["armed"],
    )
