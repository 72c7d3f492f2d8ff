"""The gateway: carries out what sessions ask for, publishes, keeps time, drains."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, assert_never

from sectorwars.application.account import AccountRole, SessionId
from sectorwars.application.accounts.tokens import Principal
from sectorwars.application.foundation_session import FoundationSessionRow
from sectorwars.application.ports import Clock, StoreUnavailableError
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.application.rows import ReceiptKey
from sectorwars.application.writing.command_writer import CommandWriter
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.forecasting.horizon import Horizon
from sectorwars.gateway.admission import Admission
from sectorwars.gateway.audience import Subscriber
from sectorwars.gateway.broadcasts import FoundationBroadcasts
from sectorwars.gateway.channel_permissions import LISTENERS, Listeners
from sectorwars.gateway.connection import AccountFollower, Connection, GatewayEffect
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.gateway.neighbours import ALONE, Neighbours
from sectorwars.gateway.ports import Assistant, Denials, Pulse, Snapshots, TokenVerifier
from sectorwars.gateway.registry import Registry
from sectorwars.gateway.requests import Requests, known_dialect, known_identity
from sectorwars.gateway.subscriptions import Subscriptions, UnknownChannelError
from sectorwars.gateway.topics import Topics
from sectorwars.gateway.witness import Witness
from sectorwars.observability.metrics import LineCensus
from sectorwars.protocol.close_codes import CLOSINGS, CloseCode
from sectorwars.protocol.effect import (
    AskAria,
    AskFate,
    Authenticate,
    Denied,
    FollowAccount,
    Identity,
    KeepSession,
    Moment,
    Refused,
    Resume,
    SendMarketUpdates,
    SendPredictions,
    SendPulse,
    Submit,
    Subscribe,
    Unsubscribe,
)
from sectorwars.protocol.foundation import FoundationDialect
from sectorwars.protocol.messages import Stale
from sectorwars.protocol.native import NativeDialect
from sectorwars.protocol.pacing import BEAT_SECONDS
from sectorwars.protocol.publication import ACCOUNT_CHANNEL
from sectorwars.protocol.session import SessionParts
from sectorwars.protocol.signing import FrameSigner

_DRAIN_SPREAD_MS: Final = 5_000
_DENIALS: Final = frozenset({"trade_rate_limited", "aria_rate_limited", "too_many_subscriptions"})
"""Refusals that are entered as denials, as those of HTTP are; dialects tell of their own."""
_CHANNELS_UNAVAILABLE: Final = Refusal(
    "engine_unavailable", Retry.LATER, "The engine cannot be reached just now.", 2_000
)


class Gateway:
    """All WebSockets of this process."""

    def __init__(
        self,
        commands: CommandWriter,
        snapshots: Snapshots,
        tokens: TokenVerifier,
        clock: Clock,
        hub: Topics[Any],
        direct_signer: FrameSigner,
        limits: GatewayLimits,
        stream_id: str,
        new_secret: Callable[[], bytes],
        denials: Denials,
        pulse: Pulse,
        assistant: Assistant,
        neighbours: Neighbours = ALONE,
        listeners: Listeners = LISTENERS,
    ) -> None:
        """Build a gateway; `run` must run beside it.

        Args:
            commands: the way to the single writer.
            snapshots: committed state.
            tokens: verifies access tokens.
            clock: the only clock.
            hub: the channels.
            direct_signer: signs what the gateway itself says.
            limits: all limits.
            stream_id: unique to this run; epochs and broadcast frames carry it.
            new_secret: makes SESSION_KEY_BYTES random bytes.
            denials: counts what connections were denied.
            pulse: tells what players did lately.
            assistant: answers what players write to ARIA.
            neighbours: the other gateways of the galaxy.
            listeners: who may listen to which channels.
        """
        self.limits = limits
        self.draining = False
        self.answers = hub.answers
        self.registry = Registry(
            limits.session.messages_per_second, limits.linger_seconds, neighbours
        )
        self.parts = SessionParts(
            limits.session,
            direct_signer,
            new_secret,
            self._port_name,
            snapshots.automation_status,
        )
        self.witness = Witness(stream_id)
        self._denials = denials
        self._snapshots = snapshots
        self._now = clock.now
        self._monotonic = clock.monotonic
        self.hub = hub
        self._neighbours = neighbours
        self._stale = False
        self._subscriptions = Subscriptions(hub, snapshots, pulse, listeners)
        self._admission = Admission(tokens, self.registry, limits, neighbours)
        self._broadcasts = FoundationBroadcasts(snapshots, pulse, stream_id, direct_signer)
        self._requests = Requests(commands, assistant, self.moment)

    @property
    def players_online(self) -> int:
        """Return how many players have a connection."""
        return self.registry.players_online

    def is_connected(self, player_id: PlayerId) -> bool:
        """Return whether a player has a connection; nobody counts as lost while we drain."""
        return self.draining or self.registry.is_connected(player_id)

    def moment(self) -> Moment:
        """Return now, on both clocks."""
        return Moment(self._now(), self._monotonic())

    def interrupt(self, subscribers: Collection[Subscriber]) -> None:
        """Have those who missed a frame on its way here come back and say where they were."""
        moment = self.moment()
        self._close_spread(
            [subscriber for subscriber in subscribers if isinstance(subscriber, Connection)],
            CloseCode.STREAM_INTERRUPTED,
        )
        for subscriber in subscribers:
            if isinstance(subscriber, AccountFollower):
                # Its client has no positions: it goes on with what comes.
                self._follow_account(subscriber.connection, moment)

    def tell_stale(self, stale: bool) -> None:
        """Tell native clients whether what they are shown grows old."""
        self._stale = stale
        moment = self.moment()
        for connection in list(self.registry.connections):
            self._tell_stale(connection, moment)

    def supersede(self, player_id: PlayerId, session_id: str) -> None:
        """Let a Foundation session go, whose client has come back to another gateway."""
        session = self.registry.foundation.give_up(player_id, session_id)
        if session is not None and session.connection is not None:
            self._silence(session.connection)

    def census(self) -> LineCensus:
        """Count the open connections, and what waits for their readers."""
        return self.witness.census(self.registry.connections, self._monotonic())

    def revoke(self, sid: SessionId) -> None:
        """End the connections of a sign-in session that was ended."""
        self.registry.foundation.forget_of(sid)
        for connection in self.registry.of_session(sid):
            foundation = isinstance(connection.session.dialect, FoundationDialect)
            # Any other code would make a Foundation client connect again.
            connection.close(CloseCode.NORMAL if foundation else CloseCode.SESSION_REVOKED)

    def hold_to_roles(self, staff: Mapping[PlayerId, AccountRole]) -> None:
        """Let connections do what their players' roles allow now; who is not `staff` is a player.

        Tokens, and connections, may be older than a change of role.
        """
        moment = self.moment()
        for connection in list(self.registry.connections):
            principal = connection.principal
            if principal is None:
                continue
            role = staff.get(principal.player_id, AccountRole.PLAYER)
            if role is not principal.role:
                self.registry.change_role(connection, principal, role)
                self._recheck(connection, moment)

    def _recheck(self, connection: Connection, moment: Moment) -> None:
        limit = self.limits.connections_per_address
        if connection.counted and self.registry.counted(connection.client.address) > limit:
            connection.close(
                CloseCode.TOO_MANY_CONNECTIONS, limit=f"connections_per_address={limit}"
            )
            return
        dialect = connection.session.dialect
        ended = self._subscriptions.end_denied(connection, moment.monotonic)
        if ended and isinstance(dialect, NativeDialect):
            connection.carry_out(dialect.channels_ended(ended, moment), moment)

    async def run(self) -> None:
        """Keep time for all connections until cancelled."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            self.beat()

    def beat(self) -> None:
        """Do what is due by time: heartbeats, timeouts, paced frames, forgetting."""
        moment = self.moment()
        self._broadcasts.beat()
        for connection in list(self.registry.connections):
            connection.timer(moment)
        self.registry.forget(moment)
        self.hub.forget_deserted(moment.monotonic)

    def foundation_sessions(self) -> list[FoundationSessionRow]:
        """Return the sessions of Foundation clients as they are to be kept over a restart."""
        return self.registry.foundation.rows(self.moment())

    def restore_foundation_sessions(self, rows: Sequence[FoundationSessionRow]) -> None:
        """Take over the sessions that the last run kept."""
        self.registry.foundation.restore(rows, self.moment())

    async def drain(self) -> None:
        """Open no more connections and close all, each with its own hint when to come back."""
        self.draining = True
        self._close_spread(list(self.registry.connections), CloseCode.SERVICE_RESTART)
        await self.settled()

    def _close_spread(self, connections: Sequence[Connection], code: CloseCode) -> None:
        """Close connections so that they do not all come back at the same moment."""
        for place, connection in enumerate(connections):
            wait_ms = _DRAIN_SPREAD_MS * place // len(connections)
            connection.close(code, f"{CLOSINGS[code].reason}; reconnect in {wait_ms} ms")

    async def settled(self) -> None:
        """Wait, a bounded time, until no request is being answered."""
        await self._requests.settled(self.limits.close_timeout_seconds)

    def opened(self, connection: Connection) -> None:
        """Enter a connection whose handshake is done."""
        self.registry.open(connection)

    def leave(self, connection: Connection) -> None:
        """Forget a connection that is closing or lost."""
        moment = self.moment()
        self._subscriptions.leave(connection, moment.monotonic)
        self.registry.leave(connection, moment)
        self.witness.left(connection, moment)

    def pipe_changed(self, connection: Connection) -> None:
        """Take note that a connection's socket takes nothing, or takes bytes again."""
        self.hub.changed(connection)

    def denied(self, player_id: PlayerId | None, address: str, code: str, moment: Moment) -> None:
        """Count for the audit what a player or, where nobody is known, an address was denied."""
        self._denials.count(player_id, address, code, moment.wall)

    def perform(self, connection: Connection, effect: GatewayEffect, moment: Moment) -> None:
        """Carry out an effect that needs more than the connection itself."""
        match effect:
            case Denied(code):
                principal = connection.principal
                player_id = None if principal is None else principal.player_id
                self.denied(player_id, connection.client.address, code, moment)
            case Refused(code):
                self.witness.refused(connection, effect, moment)
                if code in _DENIALS:
                    self.perform(connection, Denied(code), moment)
            case Authenticate():
                if self._admission.needs_recall(effect, moment):
                    self._requests.start(connection, self._recall(connection, effect, moment))
                else:
                    self._authenticate(connection, effect, moment)
            case Submit():
                self._requests.submit(connection, effect, moment)
            case AskFate():
                self._requests.start(connection, self._requests.tell_fate(connection, effect))
            case Subscribe():
                names = self._subscriptions.internal_names(
                    known_identity(connection), effect.channels
                )
                if self.hub.is_open(names):
                    self._subscribe(connection, effect, moment)
                else:
                    self._requests.start(
                        connection, self._open_and_subscribe(connection, effect, names)
                    )
            case Unsubscribe(names):
                identity = known_identity(connection)
                self._subscriptions.unsubscribe(connection, identity, names, moment.monotonic)
            case Resume():
                self._requests.start(connection, self._resume(connection, effect))
            case FollowAccount():
                self._follow_account(connection, moment)
            case SendMarketUpdates(commodities):
                for commodity in commodities:
                    connection.send_if_ready(self._broadcasts.market_update(commodity, moment))
            case SendPredictions():
                self._send_predictions(connection, effect, moment)
            case SendPulse():
                connection.send_if_ready(self._broadcasts.pulse(moment))
            case KeepSession():
                self.registry.foundation.changed.set()
            case AskAria():
                self._requests.start(connection, self._requests.ask(connection, effect))
            case _:
                assert_never(effect)

    async def _recall(self, connection: Connection, effect: Authenticate, moment: Moment) -> None:
        """Authenticate a Foundation client that may come from another gateway."""
        principal = self._admission.genuine(effect.token, moment)
        if isinstance(principal, Principal):
            try:
                row = await self._neighbours.recall(principal.player_id, effect.client_session_id)
            except StoreUnavailableError:
                # It is let in as new, and asks for its subscriptions again when its page does.
                row = None
            if row is not None:
                self.registry.foundation.restore([row], self.moment())
        if not connection.closing:
            self._authenticate(connection, effect, self.moment())

    def _authenticate(self, connection: Connection, effect: Authenticate, moment: Moment) -> None:
        dialect = known_dialect(connection)
        returning = effect.client_session_id if effect.returning else None
        principal = self._admission.decide(connection, effect.token, returning, moment)
        if isinstance(principal, Refusal):
            refused = dialect.refuse_authentication(principal, effect.request.frame_id, moment)
            connection.carry_out(refused, moment)
            return
        identity = self._admit(connection, principal, moment)
        if isinstance(dialect, NativeDialect):
            effects = dialect.authenticated(effect, identity, moment)
        else:
            effects = self._enter_foundation(connection, dialect, principal, identity, moment)
        connection.carry_out(effects, moment)
        if self._stale:
            self._tell_stale(connection, moment)

    def _admit(self, connection: Connection, principal: Principal, moment: Moment) -> Identity:
        identity = Identity(principal.player_id, principal.username, principal.session_expires_at)
        bucket = self.registry.admit(connection, principal, moment.monotonic)
        connection.session.admitted(bucket, identity)
        connection.admitted(moment)
        self.witness.admitted(connection, moment)
        return identity

    def _enter_foundation(
        self,
        connection: Connection,
        dialect: FoundationDialect,
        principal: Principal,
        identity: Identity,
        moment: Moment,
    ) -> Sequence[Any]:
        session_id = dialect.session_id
        session = self.registry.foundation.find(principal.player_id, session_id)
        if session is None or session.sid != principal.sid:
            session = self.registry.foundation.begin(principal, session_id, moment)
        else:
            self.witness.recovered(connection, ())
        if session.connection is not None:
            self._silence(session.connection)
        session.connection = connection
        return dialect.authenticated(identity, session.stream, moment)

    def _silence(self, older: Connection) -> None:
        if isinstance(older.session.dialect, FoundationDialect):
            # Closing it would make the client connect again, or think itself signed out.
            older.session.dialect.supersede()
            self.registry.supersede(older)

    def _follow_account(self, connection: Connection, moment: Moment) -> None:
        dialect = connection.session.dialect
        if not isinstance(dialect, FoundationDialect):
            return
        connection.follower = AccountFollower(self, connection, dialect)
        identity = known_identity(connection)
        names = self._subscriptions.internal_names(identity, [ACCOUNT_CHANNEL])
        if self.hub.is_open(names):
            self._subscriptions.follow_account(connection.follower, identity, moment.monotonic)
        else:
            self._requests.start(connection, self._open_and_follow(connection, identity, names))

    async def _open_and_follow(
        self, connection: Connection, identity: Identity, names: Sequence[str]
    ) -> None:
        follower = connection.follower
        # However long the engine is away: this client would not ask a second time.
        while not await self.hub.open(names):
            await asyncio.sleep(BEAT_SECONDS)
            if connection.closing:
                return
        if follower is not None and follower is connection.follower and not connection.closing:
            now = self.moment().monotonic
            self._subscriptions.follow_account(follower, identity, now)

    def _send_predictions(
        self, connection: Connection, effect: SendPredictions, moment: Moment
    ) -> None:
        dialect = connection.session.dialect
        if not isinstance(dialect, FoundationDialect):
            raise TypeError("only Foundation clients ask for predictions")
        predictions = self._snapshots.market_predictions(
            effect.commodities, Horizon(effect.horizon)
        )
        connection.carry_out(dialect.predicted(predictions, moment), moment)

    async def _open_and_subscribe(
        self, connection: Connection, effect: Subscribe, names: Sequence[str]
    ) -> None:
        dialect = connection.session.dialect
        exist = self._subscriptions.exist(known_identity(connection), effect.channels)
        opened = not exist or await self.hub.open(names)
        if connection.closing or dialect is None:
            return
        moment = self.moment()
        if opened:
            # What does not exist is refused here as anywhere.
            self._subscribe(connection, effect, moment)
        else:
            refused = dialect.refuse(_CHANNELS_UNAVAILABLE, effect.request.frame_id, moment)
            connection.carry_out(refused, moment)

    def _subscribe(self, connection: Connection, effect: Subscribe, moment: Moment) -> None:
        dialect = connection.session.dialect
        if not isinstance(dialect, NativeDialect):
            raise TypeError("only native clients subscribe to channels")
        try:
            channels, bases = self._subscriptions.subscribe(
                connection,
                known_identity(connection),
                effect.channels,
                moment.monotonic,
                deltas=effect.deltas,
            )
        except UnknownChannelError as error:
            connection.carry_out(dialect.channels_missing(effect, [str(error)], moment), moment)
        else:
            connection.session.charge_snapshots(len(channels) + len(bases))
            connection.carry_out(dialect.subscribed(effect.request, channels, moment), moment)
            connection.hand_over(bases)

    async def _resume(self, connection: Connection, effect: Resume) -> None:
        dialect = connection.session.dialect
        if not isinstance(dialect, NativeDialect):
            raise TypeError("only native clients resume")
        moment = self.moment()
        principal = self._admission.decide(connection, effect.token, None, moment)
        if isinstance(principal, Refusal):
            refused = dialect.refuse_authentication(principal, effect.request.frame_id, moment)
            connection.carry_out(refused, moment)
            return
        identity = self._admit(connection, principal, moment)
        commands = [
            await self._requests.fate(ReceiptKey(identity.player_id, command_id))
            for command_id in effect.command_ids
        ]
        await self.hub.open(
            self._subscriptions.kept(
                connection, identity, [place.channel for place in effect.positions]
            )
        )
        if connection.closing:
            return
        moment = self.moment()
        channels, missed = self._subscriptions.resume(
            connection, identity, effect.positions, moment.monotonic, deltas=effect.deltas
        )
        self.witness.recovered(connection, channels)
        connection.carry_out(dialect.resumed(effect, identity, channels, commands, moment), moment)
        connection.hand_over(missed)
        if self._stale:
            self._tell_stale(connection, moment)

    def _tell_stale(self, connection: Connection, moment: Moment) -> None:
        dialect = connection.session.dialect
        if isinstance(dialect, NativeDialect) and dialect.identity is not None:
            connection.carry_out(dialect.told_stale(Stale(self._stale), moment), moment)

    def _port_name(self, port_id: str) -> str:
        try:
            return self._snapshots.port_market(PortId(port_id)).name
        except UnknownNounError:
            return port_id
