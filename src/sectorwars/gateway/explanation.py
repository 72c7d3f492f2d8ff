"""Answers operators' questions about the connections of this process."""

from collections.abc import Callable, Collection, Sequence
from heapq import nsmallest

from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, rfc3339
from sectorwars.gateway.connection import Connection
from sectorwars.gateway.gateway import Gateway
from sectorwars.gateway.history import ConnectionHistory
from sectorwars.gateway.witness import Farewell, dialect_of, outcomes_of, player_of, session_of
from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.effect import Moment
from sectorwars.protocol.foundation import FoundationDialect
from sectorwars.protocol.messages import ResumedChannel
from sectorwars.protocol.publication import (
    ACCOUNT_CHANNEL,
    PULSE_CHANNEL,
    market_channel,
    public_name,
)
from sectorwars.protocol.shapes.connection import (
    ClosedConnection,
    ConnectionExplanation,
    ConnectionPage,
    FollowedChannel,
    OpenConnection,
    RefusedMessage,
)

AddressNaming = Callable[[str], str]
"""Gives an address's pseudonym."""


class Explanations:
    """Tells of a gateway's connections; addresses go out as pseudonyms only."""

    def __init__(self, gateway: Gateway) -> None:
        """Tell of the connections of `gateway`."""
        self._gateway = gateway

    def page(self, player_id: PlayerId | None, limit: int, named: AddressNaming) -> ConnectionPage:
        """Show at most `limit` open connections, of a player or of all, and the closed ones."""
        gateway = self._gateway
        moment = gateway.moment()
        everybody = gateway.registry.connections
        asked = [
            connection
            for connection in everybody
            if player_id is None or player_of(connection) == player_id
        ]
        shown = nsmallest(limit, asked, key=lambda each: _calm(each, moment))
        return ConnectionPage(
            [gateway.witness.name],
            [],
            rfc3339(moment.wall),
            len(everybody),
            len(asked) - len(shown),
            [_open(connection, moment, named) for connection in shown],
            [
                _closed(farewell, named)
                for farewell in reversed(gateway.witness.closed)
                if player_id is None or farewell.player_id == player_id
            ][:limit],
        )

    def explain(self, connection_id: str, named: AddressNaming) -> ConnectionExplanation | None:
        """Tell all of a connection that is open or was closed lately; None where none is known."""
        gateway = self._gateway
        moment = gateway.moment()
        connection = self._find(connection_id)
        if connection is not None:
            return self._explanation(
                connection.history,
                moment,
                session_of(connection),
                self._followed(connection),
                opened=_open(connection, moment, named),
            )
        for farewell in gateway.witness.closed:
            if farewell.history.connection_id == connection_id:
                closed = _closed(farewell, named)
                return self._explanation(
                    farewell.history, moment, farewell.session, [], closed=closed
                )
        return None

    def close(self, connection_id: str) -> bool:
        """Close an open connection; return False where there is none."""
        connection = self._find(connection_id)
        if connection is None:
            return False
        connection.close(CloseCode.CLOSED_BY_OPERATOR)
        return True

    def _find(self, connection_id: str) -> Connection | None:
        for connection in self._gateway.registry.connections:
            if connection.history.connection_id == connection_id:
                return connection
        return None

    def _explanation(
        self,
        history: ConnectionHistory,
        moment: Moment,
        session: str | None,
        followed: list[FollowedChannel],
        opened: OpenConnection | None = None,
        closed: ClosedConnection | None = None,
    ) -> ConnectionExplanation:
        authenticated = history.authenticated
        return ConnectionExplanation(
            self._gateway.witness.name,
            rfc3339(moment.wall),
            opened,
            closed,
            session,
            None if authenticated is None else rfc3339(authenticated.wall),
            history.frames_received,
            followed,
            None if history.recovery is None else list(history.recovery),
            dict(history.refusals or {}),
            [
                RefusedMessage(
                    rfc3339(noted.moment.wall), noted.code, noted.frame_id, noted.command_id
                )
                for noted in reversed(history.recent_refusals or ())
            ],
        )

    def _followed(self, connection: Connection) -> list[FollowedChannel]:
        hub = self._gateway.hub
        followed = []
        for name in sorted(_channels(connection)):
            channel = hub.channel(name) if name in connection.channels else None
            epoch, offset = (None, None) if channel is None else (channel.epoch, channel.offset)
            left_out = connection.skipped_of(name)
            deltas = hub.reads_deltas(connection, name)
            followed.append(FollowedChannel(public_name(name), epoch, offset, deltas, left_out))
        return followed


def _channels(connection: Connection) -> Collection[str]:
    """Return what a connection follows; the Foundation dialect has frames of its own for it."""
    dialect = connection.session.dialect
    if not isinstance(dialect, FoundationDialect):
        return connection.channels
    stream = dialect.stream
    private = [PULSE_CHANNEL] * stream.pulse + [ACCOUNT_CHANNEL] * stream.signals
    return [*map(market_channel, stream.goods), *private]


def _calm(connection: Connection, moment: Moment) -> tuple[float, int, int, int]:
    """Order connections by how little trouble they have, then the oldest last."""
    return (
        -connection.lag_seconds(moment.monotonic),
        -connection.queued_bytes,
        -connection.history.refused_count,
        -connection.history.opened.wall,
    )


def _open(connection: Connection, moment: Moment, named: AddressNaming) -> OpenConnection:
    history = connection.history
    recovery: Sequence[ResumedChannel] = history.recovery or ()
    silent_micros = round((moment.monotonic - connection.heard_at) * MICROS_PER_SECOND)
    round_trip_seconds = connection.round_trip_seconds()
    return OpenConnection(
        history.connection_id,
        player_of(connection),
        dialect_of(connection),
        named(connection.client.address),
        rfc3339(history.opened.wall),
        rfc3339(UnixMicros(moment.wall - silent_micros)),
        len(_channels(connection)),
        connection.queued_frames,
        connection.queued_bytes,
        round(connection.lag_seconds(moment.monotonic) * 1_000),
        history.conflated + connection.skipped,
        history.refused_count,
        None if round_trip_seconds is None else round(round_trip_seconds * 1_000, 3),
        outcomes_of(recovery),
        sum(channel.missed for channel in recovery),
    )


def _closed(farewell: Farewell, named: AddressNaming) -> ClosedConnection:
    history = farewell.history
    return ClosedConnection(
        history.connection_id,
        farewell.player_id,
        farewell.dialect,
        named(farewell.address),
        rfc3339(history.opened.wall),
        rfc3339(farewell.closed_at),
        farewell.closed_by,
        history.close_code,
        history.close_reason,
        history.conflated,
        dict(history.refusals or {}),
    )
