"""The alerts that players have set, evaluated once a tick.

A price alert fires on the edge: once when its condition comes true, again only after it has been
false. It is stored before it is published, and so is every opportunity.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, Protocol

import structlog

from sectorwars.application.advice.offers import offer_at
from sectorwars.application.advice.survey import Surveyor
from sectorwars.application.alerts.alert import (
    ALERT_LIMIT,
    ALERTS_MAX,
    RECEIVED_MAX,
    UNKNOWN_ALERT,
    AlertId,
    AlertStore,
    Condition,
    Received,
    StoredAlert,
    expiry,
)
from sectorwars.application.alerts.opportunity import OpportunityPushes
from sectorwars.application.ports import (
    Broadcaster,
    Clock,
    StoreUnavailableError,
)
from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.domain.commodity import COMMODITY_INDEX, Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, rfc3339
from sectorwars.protocol.publication import (
    FrameType,
    Publication,
    account_channel,
    aria_channel,
)
from sectorwars.protocol.shapes.advice import (
    AIAlert,
    Alerts,
    AlertSignal,
    ExpectedOutcome,
    PriceAlert,
)

_CENTS: Final = 100
_PRICE_PRIORITY: Final = 4
_REST_MICROS: Final = 60 * MICROS_PER_SECOND
"""An alert fires at most once in so long, however often its price crosses the line."""

_LOG = structlog.get_logger(__name__)


class AlertAnnouncer(Protocol):
    """Tells other processes what has changed in the store."""

    def alert_set(self, alert: StoredAlert) -> None:
        """Tell of a new alert."""
        ...

    def alert_deleted(self, alert_id: AlertId) -> None:
        """Tell of an alert that is no more."""
        ...

    def alerts_turned(self, armed: tuple[tuple[AlertId, bool], ...]) -> None:
        """Tell which alerts are armed now, and which are not."""
        ...


class _Nobody:
    """Stands for the other processes of a server that is alone."""

    def alert_set(self, alert: StoredAlert) -> None:
        return

    def alert_deleted(self, alert_id: AlertId) -> None:
        return

    def alerts_turned(self, armed: tuple[tuple[AlertId, bool], ...]) -> None:
        return


class AlertBook:
    """The alerts that players have set, in memory and in the store."""

    def __init__(
        self,
        store: AlertStore,
        projection: Projection,
        broadcaster: Broadcaster,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        """Watch `projection`; `start` must come before anything else."""
        self._store = store
        self._projection = projection
        self._surveyor = Surveyor(projection)
        self._broadcaster = broadcaster
        self._clock = clock
        self._new_id = new_id
        self._alerts: dict[AlertId, StoredAlert] = {}
        self._by_player: dict[PlayerId, dict[AlertId, None]] = {}
        self._fired_at: dict[AlertId, UnixMicros] = {}
        self._pending: dict[PlayerId, int] = {}
        self._index_cents: tuple[int, ...] | None = None
        self._ticked = asyncio.Event()
        self._evaluating = asyncio.Lock()
        self._announcer: AlertAnnouncer = _Nobody()
        self._pushes = OpportunityPushes()

    async def start(self) -> None:
        """Read the alerts from the store, all of them anew where this is not the first time.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        async with self._evaluating:
            stored = await self._store.load_alerts()
            self._alerts.clear()
            self._by_player.clear()
            for alert in stored:
                self.note_set(alert)

    def announce_to(self, announcer: AlertAnnouncer) -> None:
        """Tell `announcer` what changes here; what `note_…` brings is not announced."""
        self._announcer = announcer

    def note_set(self, alert: StoredAlert) -> None:
        """Take over an alert that is in the store."""
        self._alerts[alert.alert_id] = alert
        self._by_player.setdefault(alert.player_id, {})[alert.alert_id] = None

    def note_deleted(self, alert_id: AlertId) -> None:
        """Forget an alert that is not in the store any more."""
        alert = self._alerts.pop(alert_id, None)
        self._fired_at.pop(alert_id, None)
        if alert is not None:
            self._by_player[alert.player_id].pop(alert_id, None)

    def note_turned(self, turned: Iterable[tuple[AlertId, bool]]) -> None:
        """Take over which alerts are armed now in the store, and which are not."""
        for alert_id, armed in turned:
            alert = self._alerts.get(alert_id)
            if alert is not None:
                self._alerts[alert_id] = replace(alert, armed=armed)

    async def set(
        self,
        player_id: PlayerId,
        commodity: Commodity,
        port_id: PortId | None,
        condition: Condition,
        value: int,
    ) -> PriceAlert | Refusal:
        """Set an alert for a player.

        Raises:
            UnknownNounError: there is no such port, or it does not deal in the good.
            StoreUnavailableError: the store cannot be reached.
        """
        self._require_market(commodity, port_id)
        held = len(self._by_player.get(player_id, ())) + self._pending.get(player_id, 0)
        if held >= ALERTS_MAX:
            return ALERT_LIMIT
        now = self._clock.now()
        alert = StoredAlert(
            AlertId(f"al_{self._new_id()}"), player_id, commodity, port_id, condition, value, now
        )
        # Those on their way to the store count, so that no number at once gets past the limit.
        self._pending[player_id] = self._pending.get(player_id, 0) + 1
        try:
            await self._store.add_alert(alert)
        finally:
            self._pending[player_id] -= 1
            if not self._pending[player_id]:
                del self._pending[player_id]
        self.note_set(alert)
        self._announcer.alert_set(alert)
        return _shown(alert)

    async def delete(self, player_id: PlayerId, alert_id: str) -> Refusal | None:
        """Delete a player's alert.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        name = AlertId(alert_id)
        if name not in self._by_player.get(player_id, {}):
            return UNKNOWN_ALERT
        await self._store.delete_alert(name)
        self.note_deleted(name)
        self._announcer.alert_deleted(name)
        return None

    async def alerts(self, player_id: PlayerId) -> Alerts:
        """Return the alerts a player has set, and the latest that reached him.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        received = await self._store.received(player_id, RECEIVED_MAX)
        own = self._by_player.get(player_id, {})
        return Alerts([_shown(self._alerts[name]) for name in own], list(received), ALERTS_MAX)

    def observe(self, committed: Committed) -> None:
        """Take notice of a committed batch, after the projection has."""
        if committed.index_prices:
            self._index_cents = committed.index_prices[-1].index
            self._ticked.set()

    async def run(self) -> None:
        """Evaluate all alerts once after each tick, until cancelled."""
        while True:
            await self._ticked.wait()
            self._ticked.clear()
            try:
                await self.evaluate()
            except StoreUnavailableError:
                _LOG.warning("alerts_wait_for_the_store")

    async def evaluate(self) -> None:
        """Evaluate all alerts on the latest committed tick; store what fires, then publish it.

        Raises:
            StoreUnavailableError: the store cannot be reached; what would have fired stays armed.
        """
        async with self._evaluating:
            await self._evaluate()

    async def _evaluate(self) -> None:
        now = self._clock.now()
        turned: dict[AlertId, bool] = {}
        received: list[Received] = []
        for alert in self._alerts.values():
            price = self._watched_cents(alert)
            if price is None:
                continue
            holds = _holds(alert, price)
            fires = holds and alert.armed
            if fires and now - self._fired_at.get(alert.alert_id, 0) < _REST_MICROS:
                continue
            if fires:
                received.append(self._fired(alert, price, now))
            if holds == alert.armed:
                turned[alert.alert_id] = not holds
        received += self._pushes.due(self._surveyor.survey, self._broadcaster, now, self._new_id)
        if not turned and not received:
            return
        armed = tuple(turned.items())
        await self._store.record(armed, received, RECEIVED_MAX)
        self.note_turned(armed)
        self._fired_at.update(
            (name, now) for name, is_armed in armed if not is_armed and name in self._alerts
        )
        if armed:
            self._announcer.alerts_turned(armed)
        self._publish(received)

    def _require_market(self, commodity: Commodity, port_id: PortId | None) -> None:
        if port_id is None:
            return
        port = self._projection.world.ports.get(port_id)
        if port is None:
            raise UnknownNounError("unknown_port", f"There is no port {port_id!r}.")
        if port.position(commodity) is None:
            raise UnknownNounError(
                "unknown_commodity", f"{port.spec.name} does not deal in {commodity.spoken}."
            )

    def _watched_cents(self, alert: StoredAlert) -> int | None:
        """Return the price an alert watches in hundredths, or None where there is none just now."""
        if alert.port_id is None:
            prices = self._index_cents
            return None if prices is None else prices[COMMODITY_INDEX[alert.commodity]]
        side = Side.BUY if alert.condition is Condition.PRICE_BELOW else Side.SELL
        port = self._projection.world.ports[alert.port_id]
        offer = offer_at(port, alert.commodity, side)
        return None if offer is None else offer.price_credits * _CENTS

    def _fired(self, alert: StoredAlert, cents: int, now: UnixMicros) -> Received:
        place = "All over the galaxy"
        if alert.port_id is not None:
            place = f"At {self._projection.world.ports[alert.port_id].spec.name}"
        good = alert.commodity.spoken
        word = "below" if alert.condition is Condition.PRICE_BELOW else "above"
        shown = (
            f"{cents // _CENTS}.{cents % _CENTS:02d}" if cents % _CENTS else f"{cents // _CENTS}"
        )
        return Received(
            alert.player_id,
            AIAlert(
                alert_id=f"{alert.alert_id}-{now}",
                kind="price",
                priority=_PRICE_PRIORITY,
                title=f"{good} {word} {alert.value}",
                message=f"{place} {good} is at {shown} credits, {word} your {alert.value}.",
                created_at=rfc3339(now),
                expires_at=expiry(now),
                commodity=alert.commodity.value,
                port_id=alert.port_id,
                expected_outcome=ExpectedOutcome(cents // _CENTS, "credits a unit"),
            ),
            now,
        )

    def _publish(self, received: Iterable[Received]) -> None:
        publications = [
            publication
            for told in received
            for publication in _publications(told)
            if self._broadcaster.wants(publication.channel)
        ]
        if publications:
            self._broadcaster.publish(publications)


def _publications(told: Received) -> tuple[Publication, Publication]:
    """Return the frames for the account, whose reader needs no other channel, and for ARIA's."""
    alert = told.alert
    signal = AlertSignal("ai_alert", alert, alert.priority, alert.title, alert.expected_outcome)
    player_id = told.player_id
    return (
        Publication(
            account_channel(player_id), FrameType.TRADING_SIGNAL, signal, told.at, player_id
        ),
        Publication(aria_channel(player_id), FrameType.AI_ALERT, signal, told.at, player_id),
    )


def _holds(alert: StoredAlert, cents: int) -> bool:
    if alert.condition is Condition.PRICE_BELOW:
        return cents < alert.value * _CENTS
    return cents > alert.value * _CENTS


def _shown(alert: StoredAlert) -> PriceAlert:
    return PriceAlert(
        alert_id=alert.alert_id,
        commodity=alert.commodity.value,
        port_id=alert.port_id,
        condition=alert.condition.value,
        value=alert.value,
        armed=alert.armed,
        created_at=rfc3339(alert.created_at),
    )
