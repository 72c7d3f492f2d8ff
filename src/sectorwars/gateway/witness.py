"""Sees what happens on connections, and tells logs, metrics and operators of it."""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Final, NamedTuple

import structlog

from sectorwars.application.account import SessionId
from sectorwars.application.operators.connection_oversight import gateway_of
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.gateway.connection import Connection
from sectorwars.gateway.history import ConnectionHistory
from sectorwars.observability.metrics import RECOVERIES, REFUSALS, LineCensus
from sectorwars.protocol.channel import Outcome
from sectorwars.protocol.effect import Moment, Refused
from sectorwars.protocol.foundation import FoundationDialect
from sectorwars.protocol.messages import ResumedChannel
from sectorwars.protocol.shapes.connection import ClosedBy, ConnectionDialect

_CLOSED_KEPT_MAX: Final = 256

_LOG = structlog.get_logger(__name__)


class Farewell(NamedTuple):
    """What is remembered of a connection that is no more."""

    history: ConnectionHistory
    player_id: PlayerId | None
    session: SessionId | None
    dialect: ConnectionDialect
    address: str
    closed_at: UnixMicros
    closed_by: ClosedBy


class Witness:
    """Remembers open connections' histories in themselves and those of the last closed ones."""

    def __init__(self, stream_id: str) -> None:
        """Name connections after the gateway's `stream_id`, so that no two have the same name."""
        self.name = gateway_of(stream_id)
        self.closed: deque[Farewell] = deque(maxlen=_CLOSED_KEPT_MAX)
        self._numbers = count(1)
        self._frames_of_closed = 0

    def begin(self, moment: Moment) -> ConnectionHistory:
        """Begin the history of a new connection."""
        return ConnectionHistory(f"{self.name}-{next(self._numbers)}", moment)

    def admitted(self, connection: Connection, moment: Moment) -> None:
        """Note that a connection has said who it is; it may say so again."""
        history = connection.history
        if history.authenticated is None:
            history.authenticated = moment
            _LOG.info(
                "connection_authenticated",
                connection_id=history.connection_id,
                player_id=player_of(connection),
                dialect=dialect_of(connection),
            )

    def refused(self, connection: Connection, refused: Refused, moment: Moment) -> None:
        """Note what a message was refused for."""
        REFUSALS.labels(refused.code).inc()
        history = connection.history
        noted = history.refused(refused, moment)
        logged, unlogged = history.log_refusal(moment.monotonic)
        if logged:
            _LOG.info(
                "message_refused",
                connection_id=history.connection_id,
                player_id=player_of(connection),
                code=noted.code,
                frame_id=noted.frame_id,
                command_id=noted.command_id,
                unlogged_before=unlogged,
            )

    def recovered(self, connection: Connection, channels: Sequence[ResumedChannel]) -> None:
        """Note what a resumption recovered and lost."""
        history = connection.history
        history.recovery = channels
        outcomes = outcomes_of(channels)
        for outcome, channel_count in outcomes.items():
            RECOVERIES.labels(outcome).inc(channel_count)
        _LOG.info(
            "connection_resumed",
            connection_id=history.connection_id,
            player_id=player_of(connection),
            missed=sum(channel.missed for channel in channels),
            outcomes=dict(outcomes),
        )

    def left(self, connection: Connection, moment: Moment) -> None:
        """Keep the story of a connection that is closing or lost."""
        history = connection.history
        history.conflated += connection.skipped
        self._frames_of_closed += history.frames_received
        farewell = Farewell(
            history,
            player_of(connection),
            session_of(connection),
            dialect_of(connection),
            connection.client.address,
            moment.wall,
            _closed_by(history),
        )
        self.closed.append(farewell)
        _LOG.info(
            "connection_closed",
            connection_id=history.connection_id,
            player_id=farewell.player_id,
            dialect=farewell.dialect,
            closed_by=farewell.closed_by,
            code=history.close_code,
            seconds=round((moment.wall - history.opened.wall) / MICROS_PER_SECOND, 1),
            frames_received=history.frames_received,
            conflated=history.conflated,
            refused=history.refused_count,
        )

    def census(self, connections: Iterable[Connection], now: float) -> LineCensus:
        """Count the open connections for the metrics, and what waits for their readers."""
        dialects: Counter[str] = Counter()
        frames = size = behind = 0
        received = self._frames_of_closed
        lag = 0.0
        for connection in connections:
            dialects[dialect_of(connection)] += 1
            frames += connection.queued_frames
            size += connection.queued_bytes
            lag_seconds = connection.lag_seconds(now)
            behind += lag_seconds > 0
            lag = max(lag, lag_seconds)
            received += connection.history.frames_received
        return LineCensus(dialects, frames, size, behind, lag, received)


def dialect_of(connection: Connection) -> ConnectionDialect:
    """Return what a connection's client speaks."""
    dialect = connection.session.dialect
    if dialect is None:
        return "unknown"
    return "foundation" if isinstance(dialect, FoundationDialect) else "native"


def player_of(connection: Connection) -> PlayerId | None:
    """Return whom a connection speaks for."""
    return None if connection.principal is None else connection.principal.player_id


def session_of(connection: Connection) -> SessionId | None:
    """Return the sign-in session that a connection belongs to."""
    return None if connection.principal is None else connection.principal.sid


def outcomes_of(channels: Iterable[ResumedChannel]) -> Counter[Outcome]:
    """Count resumed channels by outcome."""
    return Counter(channel.outcome for channel in channels)


def _closed_by(history: ConnectionHistory) -> ClosedBy:
    if history.closed_by_client:
        return "client"
    return "network" if history.close_code is None else "server"
