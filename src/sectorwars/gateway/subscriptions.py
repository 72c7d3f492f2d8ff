"""What connections listen to: names of channels, their snapshots, and coming back to them."""

from collections.abc import Sequence
from typing import Any

from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PortId
from sectorwars.gateway.channel_permissions import Listeners, may_listen
from sectorwars.gateway.connection import AccountFollower, Connection
from sectorwars.gateway.ports import Pulse, Snapshots
from sectorwars.gateway.topics import Topics
from sectorwars.protocol.channel import Channel, PublishedFrame
from sectorwars.protocol.effect import Identity
from sectorwars.protocol.messages import ChannelPosition, ResumedChannel, SubscribedChannel
from sectorwars.protocol.publication import (
    ACCOUNT_CHANNEL,
    PREDICTIONS_CHANNEL,
    PRIVATE_CHANNELS,
    PULSE_CHANNEL,
    TRADES_CHANNEL,
    account_channel,
    has_deltas,
    is_channel_name,
    private_channel,
    public_name,
)
from sectorwars.protocol.shapes.market import TradeTicker
from sectorwars.protocol.shapes.signal import Stateless


class UnknownChannelError(LookupError):
    """There is no such channel; the message is its name."""


class Subscriptions:
    """Subscribes connections to the hub's channels.

    A player calls his private channels `account` and so on; in the hub they carry his id, so
    nobody can name another's.
    """

    def __init__(
        self, hub: Topics[Any], snapshots: Snapshots, pulse: Pulse, listeners: Listeners
    ) -> None:
        """Subscribe `listeners` to `hub`, with first states from `snapshots` and `pulse`."""
        self._hub = hub
        self._listeners = listeners
        self._snapshots = snapshots
        self._pulse = pulse

    def internal_names(self, identity: Identity, names: Sequence[str]) -> list[str]:
        """Return what the hub calls the channels.

        Raises:
            UnknownChannelError: a reader may not ask for one of them.
        """
        return [_internal_name(name, identity) for name in names]

    def kept(self, connection: Connection, identity: Identity, names: Sequence[str]) -> list[str]:
        """Return what the hub calls those of the channels that it keeps for such a reader."""
        named = [name for name in names if self._may_listen(connection, name)]
        return [name for name in self.internal_names(identity, named) if self._hub.wants(name)]

    def exist(self, identity: Identity, names: Sequence[str]) -> bool:
        """Tell whether there are such channels."""
        try:
            for name in names:
                self._snapshot(name, identity)
        except UnknownChannelError:
            return False
        return True

    def subscribe(
        self,
        connection: Connection,
        identity: Identity,
        names: Sequence[str],
        now: float,
        *,
        deltas: bool,
    ) -> tuple[list[SubscribedChannel], list[PublishedFrame]]:
        """Subscribe to all the channels, or to none, with `deltas` where they have such.

        Returns:
            Where they are, and the frames to be sent to him first, which deltas are made from.

        Raises:
            UnknownChannelError: one of them does not exist, or not for him.
        """
        for name in names:
            if not self._may_listen(connection, name):
                raise UnknownChannelError(name)
        # A snapshot is taken in the same turn as the position, so they belong together.
        snapshots = [self._snapshot(name, identity) for name in names]
        subscribed: list[SubscribedChannel] = []
        bases: list[PublishedFrame] = []
        for name, snapshot in zip(names, snapshots, strict=True):
            channel, base = self._listen(connection, identity, name, now, deltas=deltas)
            bases += base
            subscribed.append(
                SubscribedChannel(
                    name, channel.epoch, channel.offset, snapshot, deltas and has_deltas(name)
                )
            )
        return subscribed, bases

    def unsubscribe(
        self, connection: Connection, identity: Identity, names: Sequence[str], now: float
    ) -> None:
        """End subscriptions."""
        for name in names:
            internal = _internal_name(name, identity)
            connection.channels.discard(internal)
            self._hub.unsubscribe(connection, internal, now)

    def resume(
        self,
        connection: Connection,
        identity: Identity,
        positions: Sequence[ChannelPosition],
        now: float,
        *,
        deltas: bool,
    ) -> tuple[list[ResumedChannel], list[PublishedFrame]]:
        """Go on where a reader was: say how, and return the frames to be sent to him first.

        Those are what he missed and, with `deltas`, what deltas are made from: he may have been
        lost before it reached him.

        Channels that cannot be replayed are not subscribed: the reader asks anew.
        """
        outcomes: list[ResumedChannel] = []
        missed: list[PublishedFrame] = []
        for position in positions:
            if not self.kept(connection, identity, [position.channel]):
                # Nothing of it is kept, it may never have existed, or it is another's.
                outcomes.append(ResumedChannel(position.channel, "", 0, "lost", 0))
                continue
            internal = _internal_name(position.channel, identity)
            channel, recovery = self._hub.recover(
                internal, position.channel, position.epoch, position.offset, now
            )
            if recovery.outcome == "replay":
                _, base = self._listen(connection, identity, position.channel, now, deltas=deltas)
                missed.extend(recovery.frames or base)
            outcomes.append(
                ResumedChannel(
                    position.channel,
                    channel.epoch,
                    channel.offset,
                    recovery.outcome,
                    recovery.missed,
                )
            )
        return outcomes, missed

    def follow_account(self, follower: AccountFollower, identity: Identity, now: float) -> None:
        """Hand a player's own publications to a Foundation session."""
        channel = account_channel(identity.player_id)
        self._hub.subscribe(follower, channel, ACCOUNT_CHANNEL, now)

    def end_denied(self, connection: Connection, now: float) -> list[str]:
        """End the subscriptions that a connection's role does not allow any more."""
        denied = [
            internal
            for internal in connection.channels
            if not self._may_listen(connection, public_name(internal))
        ]
        for internal in denied:
            connection.channels.discard(internal)
            self._hub.unsubscribe(connection, internal, now)
        return [public_name(internal) for internal in denied]

    def leave(self, connection: Connection, now: float) -> None:
        """End all subscriptions of a connection."""
        for internal in connection.channels:
            self._hub.unsubscribe(connection, internal, now)
        connection.channels.clear()
        if connection.follower is not None and connection.principal is not None:
            channel = account_channel(connection.principal.player_id)
            self._hub.unsubscribe(connection.follower, channel, now)

    def _listen(
        self, connection: Connection, identity: Identity, name: str, now: float, *, deltas: bool
    ) -> tuple[Channel, list[PublishedFrame]]:
        """Subscribe to a channel; return it, and the frame that its next delta is made from."""
        internal = _internal_name(name, identity)
        deltas = deltas and has_deltas(name)
        channel: Channel = self._hub.subscribe(connection, internal, name, now, deltas=deltas)
        connection.channels.add(internal)
        base = channel.newest if deltas else None
        return channel, [] if base is None else [base]

    def _may_listen(self, connection: Connection, name: str) -> bool:
        principal = connection.principal
        return principal is not None and may_listen(principal.role, name, self._listeners)

    def _snapshot(self, name: str, identity: Identity) -> Any:
        kind, _, subject = name.partition(".")
        try:
            if kind == ACCOUNT_CHANNEL:
                return self._snapshots.player_state(identity.player_id, identity.username)
            if kind in PRIVATE_CHANNELS:
                return Stateless()
            if kind == PREDICTIONS_CHANNEL:
                return self._snapshots.predictions()
            if kind == PULSE_CHANNEL:
                return self._pulse()
            if kind == TRADES_CHANNEL:
                # What was traded before is on the tape in the store.
                return TradeTicker([], 0)
            if kind == "market":
                return self._snapshots.market_realtime(Commodity(subject))
            return self._snapshots.port_market(PortId(subject))
        except UnknownNounError as error:
            raise UnknownChannelError(name) from error


def _internal_name(name: str, identity: Identity) -> str:
    if not is_channel_name(name):
        raise UnknownChannelError(name)
    return private_channel(name, identity.player_id) if name in PRIVATE_CHANNELS else name
