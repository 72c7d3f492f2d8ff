"""An alert: what a player set, what reaches him, and where both are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType, Protocol

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, rfc3339
from sectorwars.protocol.shapes.advice import AIAlert

AlertId = NewType("AlertId", str)

ALERTS_MAX: Final = 20
"""A player may set so many alerts."""
RECEIVED_MAX: Final = 50
"""The latest so many alerts that reached a player are kept."""
VALUE_MAX: Final = 1_000_000_000
_LIFE_SECONDS: Final = 3_600

UNKNOWN_ALERT: Final = Refusal("unknown_alert", Retry.NEVER, "You have set no such alert.")
ALERT_LIMIT: Final = Refusal(
    "alert_limit",
    Retry.NEVER,
    f"You have set {ALERTS_MAX} alerts, which is the limit; delete one.",
    limit=f"alerts={ALERTS_MAX}",
    remaining=0,
)


class Condition(StrEnum):
    """When a price alert holds."""

    PRICE_BELOW = "price_below"
    PRICE_ABOVE = "price_above"


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert that a player has set; `value` is in credits, `armed` says that it may fire."""

    alert_id: AlertId
    player_id: PlayerId
    commodity: Commodity
    port_id: PortId | None
    condition: Condition
    value: int
    created_at: UnixMicros
    armed: bool = True


@dataclass(frozen=True, slots=True)
class Received:
    """An alert on its way to a player."""

    player_id: PlayerId
    alert: AIAlert
    at: UnixMicros


class AlertStore(Protocol):
    """Keeps alerts. Every method may raise `ports.StoreUnavailableError`."""

    async def load_alerts(self) -> Sequence[StoredAlert]:
        """Return all alerts that players have set."""
        ...

    async def add_alert(self, alert: StoredAlert) -> None:
        """Keep an alert."""
        ...

    async def delete_alert(self, alert_id: AlertId) -> None:
        """Forget an alert."""
        ...

    async def record(
        self, armed: Sequence[tuple[AlertId, bool]], received: Sequence[Received], keep: int
    ) -> None:
        """Set what alerts are armed and keep what players are told, the latest `keep` of each."""
        ...

    async def received(self, player_id: PlayerId, limit: int) -> Sequence[AIAlert]:
        """Return the latest alerts that reached a player, newest first."""
        ...


def expiry(now: UnixMicros) -> str:
    """Return until when an alert of now is of interest."""
    return rfc3339(UnixMicros(now + _LIFE_SECONDS * MICROS_PER_SECOND))
