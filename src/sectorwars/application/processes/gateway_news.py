"""What gateways and engine tell each other beside commands, events and frames."""

from collections.abc import Callable
from typing import Final, assert_never

from sectorwars.application.accounts.sign_in_throttle import Counted, SignInThrottle
from sectorwars.application.alerts.alert import AlertId, StoredAlert
from sectorwars.application.alerts.book import AlertBook
from sectorwars.application.bus import (
    AlertDeleted,
    AlertSet,
    AlertsTurned,
    AttemptMade,
    ConnectionsAsked,
    ConnectionsTold,
    EventBus,
    FoundationSessionMoved,
    GatewayMessage,
    GatewayNews,
    GatewayPresent,
    PlayerArrived,
    ProposalMoved,
    SharedWindow,
)
from sectorwars.application.foundation_session import (
    FoundationSessionKeeper,
    FoundationSessionRow,
    FoundationSessionStore,
)
from sectorwars.application.processes.connection_news import ConnectionNews
from sectorwars.application.processes.presence import Presence
from sectorwars.application.publishing.signals import Proposals
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.shapes.signal import ProposalSignal

_ARIA: Final = "aria"


class AttemptNews:
    """Keeps limits that all gateways count together; each counts what it hears of as its own.

    In the moment that a message takes, each gateway decides by itself, except on what is counted
    in a shared window.
    """

    def __init__(self, bus: EventBus, name: str) -> None:
        """Tell of what is counted here as the gateway `name`."""
        self._bus = bus
        self._name = name
        self._throttles: dict[str, SignInThrottle] = {}
        self._note_aria: Callable[[PlayerId, UnixMicros], None] | None = None

    def throttle(
        self, what: str, per_minute: int, shared: SharedWindow | None = None
    ) -> SignInThrottle:
        """Return a throttle of `what` that is shared with the other gateways.

        Addresses are counted in `shared`, where there is one.
        """

        def announce(counted: Counted, key: str, at: UnixMicros) -> None:
            self._bus.publish(AttemptMade(self._name, f"{what}.{counted}", key, at))

        throttle = self._throttles[what] = SignInThrottle(per_minute, announce, shared)
        return throttle

    def announce_aria(self, player_id: PlayerId, at: UnixMicros) -> None:
        """Tell of a message to ARIA."""
        self._bus.publish(AttemptMade(self._name, _ARIA, player_id, at))

    def on_aria(self, note: Callable[[PlayerId, UnixMicros], None]) -> None:
        """Have `note` count the messages to ARIA that other gateways tell of."""
        self._note_aria = note

    def hear(self, message: AttemptMade) -> None:
        """Count what another gateway has counted."""
        if message.gateway == self._name:
            return
        if message.limit == _ARIA:
            if self._note_aria is not None:
                self._note_aria(PlayerId(message.key), message.at)
            return
        what, _, counted = message.limit.rpartition(".")
        self._throttles[what].note(Counted(counted), message.key, message.at)


class AlertNews:
    """Tells of alerts that were set and deleted at one gateway, and fired by the engine."""

    def __init__(self, bus: EventBus, name: str, alerts: AlertBook) -> None:
        """Keep `alerts` in step with those of other processes."""
        self._bus = bus
        self._name = name
        self._alerts = alerts
        alerts.announce_to(self)

    def alert_set(self, alert: StoredAlert) -> None:
        """Tell of a new alert."""
        self._bus.publish(AlertSet(self._name, alert))

    def alert_deleted(self, alert_id: AlertId) -> None:
        """Tell of an alert that is no more."""
        self._bus.publish(AlertDeleted(self._name, alert_id))

    def alerts_turned(self, armed: tuple[tuple[AlertId, bool], ...]) -> None:
        """Do not tell: where players set alerts, none are fired."""

    def hear(self, message: AlertSet | AlertDeleted | AlertsTurned) -> None:
        """Take over what changed elsewhere."""
        match message:
            case AlertsTurned():
                self._alerts.note_turned(message.armed)
            case _ if message.gateway == self._name:
                return
            case AlertSet():
                self._alerts.note_set(message.alert)
            case AlertDeleted():
                self._alerts.note_deleted(message.alert_id)
            case _:
                assert_never(message)

    async def catch_up(self) -> None:
        """Learn from the store what was told unheard.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        await self._alerts.start()


class ProposalNews:
    """Has the engine tell players what became of proposals at a gateway."""

    def __init__(self, bus: EventBus, name: str) -> None:
        """Speak as the gateway `name`."""
        self._bus = bus
        self._name = name

    def tell(self, player_id: PlayerId, signal: ProposalSignal, at: UnixMicros) -> None:
        """Tell of a step that is stored."""
        self._bus.publish(ProposalMoved(self._name, player_id, signal, at))


class Neighbourhood:
    """The other gateways as a gateway has them: a `gateway.neighbours.Neighbours`."""

    may_exist = True

    def __init__(
        self, bus: EventBus, name: str, presence: Presence, sessions: FoundationSessionStore
    ) -> None:
        """Speak as the gateway `name`; `sessions` are kept by all gateways together."""
        self._bus = bus
        self._name = name
        self._presence = presence
        self._sessions = sessions
        self.others_with = presence.others_with
        self.counted = presence.counted

    def arrived(self, player_id: PlayerId) -> None:
        """Tell the others that a player has his first connection here."""
        self._bus.publish(PlayerArrived(self._name, player_id))

    async def recall(self, player_id: PlayerId, session_id: str) -> FoundationSessionRow | None:
        """Return a Foundation session that its client has brought from another gateway, if any.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        row = await self._sessions.find((player_id, session_id))
        if row is not None:
            self._bus.publish(FoundationSessionMoved(self._name, player_id, session_id))
        return row


class GatewayEars:
    """What a gateway hears of the others: a `follower.News`."""

    def __init__(
        self,
        name: str,
        presence: Presence,
        attempts: AttemptNews,
        alerts: AlertNews,
        connections: ConnectionNews,
        keeper: FoundationSessionKeeper,
        supersede: Callable[[PlayerId, str], None],
    ) -> None:
        """Hand on what concerns each; `supersede` lets a session go that was taken elsewhere."""
        self._name = name
        self._presence = presence
        self._attempts = attempts
        self._alerts = alerts
        self._connections = connections
        self._keeper = keeper
        self._supersede = supersede

    def hear(self, message: GatewayNews | AlertsTurned) -> None:
        """Take note of what was told, perhaps by this process itself."""
        match message:
            case GatewayPresent() | PlayerArrived():
                self._presence.hear(message)
            case AttemptMade():
                self._attempts.hear(message)
            case AlertSet() | AlertDeleted() | AlertsTurned():
                self._alerts.hear(message)
            case ConnectionsAsked() | ConnectionsTold():
                self._connections.hear(message)
            case FoundationSessionMoved():
                if message.gateway != self._name:
                    self._keeper.disown((message.player_id, message.session_id))
                    self._supersede(message.player_id, message.session_id)
            case ProposalMoved():
                # The engine publishes it.
                return
            case _:
                assert_never(message)

    async def catch_up(self) -> None:
        """Learn from the store what was told unheard.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        await self._alerts.catch_up()


class EngineEars:
    """What the engine hears of the gateways: a `frame_relay.Gateways`."""

    def __init__(self, bus: EventBus, term: Callable[[], int], presence: Presence) -> None:
        """Keep `presence`; alerts are told of under the lease version `term`."""
        self._bus = bus
        self._term = term
        self._presence = presence
        self._alerts: AlertBook | None = None
        self._proposals: Proposals | None = None

    def attend(self, alerts: AlertBook, proposals: Proposals) -> None:
        """Keep `alerts` in step with what players set at gateways; tell of their `proposals`."""
        self._alerts = alerts
        self._proposals = proposals
        alerts.announce_to(self)

    def alert_set(self, alert: StoredAlert) -> None:
        """Do not tell: players set none here."""

    def alert_deleted(self, alert_id: AlertId) -> None:
        """Do not tell: players delete none here."""

    def alerts_turned(self, armed: tuple[tuple[AlertId, bool], ...]) -> None:
        """Tell which alerts are armed now, and which are not."""
        self._bus.publish(AlertsTurned(self._term(), armed))

    async def began(self) -> None:
        """Know that from now on gateways are heard, and learn from the store what was not.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        self._presence.began()
        if self._alerts is not None:
            await self._alerts.start()

    def hear(self, message: GatewayMessage) -> None:
        """Take note of what a gateway says."""
        match message:
            case GatewayPresent() | PlayerArrived():
                self._presence.hear(message)
            case AlertSet() if self._alerts is not None:
                self._alerts.note_set(message.alert)
            case AlertDeleted() if self._alerts is not None:
                self._alerts.note_deleted(message.alert_id)
            case ProposalMoved(_, player_id, signal, at) if self._proposals is not None:
                self._proposals.tell(player_id, signal, at)
            case _:
                pass

    def broke_off(self) -> None:
        """Know that they are not heard any more."""
        self._presence.broke_off()
