"""Shapes of what operators see of WebSocket connections.

The id of a connection begins with the name of its gateway, a process that tells of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sectorwars.protocol.channel import Outcome
from sectorwars.protocol.messages import ResumedChannel

ConnectionDialect = Literal["native", "foundation", "unknown"]
"""`unknown` until the first good frame shows it."""
ClosedBy = Literal["server", "client", "network"]
"""Who ended a connection; `network` where the socket was gone without a closing handshake."""


@dataclass(frozen=True, slots=True)
class OpenConnection:
    """An open connection in a line.

    `address` is the day's pseudonym. `queued_frames` wait for the reader, `queued_bytes` are on
    their way into his socket, and `lag_ms` says how long he has taken nothing. `round_trip_ms` is
    that of the last ping, or else the kernel's own measure; null where neither is known.
    `recovered` counts the channels of the connection's resumption by outcome, and `missed` their
    frames that were published meanwhile.
    """

    connection_id: str
    player_id: str | None
    dialect: ConnectionDialect
    address: str
    opened_at: str
    last_frame_at: str
    channels: int
    queued_frames: int
    queued_bytes: int
    lag_ms: int
    conflated: int
    refused: int
    round_trip_ms: float | None
    recovered: Mapping[Outcome, int]
    missed: int


@dataclass(frozen=True, slots=True)
class ClosedConnection:
    """A connection that was closed lately; `code` is null where no close code was sent."""

    connection_id: str
    player_id: str | None
    dialect: ConnectionDialect
    address: str
    opened_at: str
    closed_at: str
    closed_by: ClosedBy
    code: int | None
    reason: str
    conflated: int
    refusals: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """Connections: the open ones, the most troubled first, and those closed lately.

    `gateways` have told of theirs, those that are `silent` have not answered. `open` counts all
    that are open; `left_out` says how many that were asked for are not shown.
    """

    gateways: list[str]
    silent: list[str]
    as_of: str
    open: int
    left_out: int
    connections: list[OpenConnection]
    closed: list[ClosedConnection]


@dataclass(frozen=True, slots=True)
class FollowedChannel:
    """A channel that a connection follows.

    `offset` is that of the newest frame of `epoch`; everything up to it was handed to the socket,
    but for what is queued and what was left out (`left_out`) since the reader fell behind. With
    `deltas`, frames come as deltas to the one before while the reader keeps up. What the Foundation
    dialect follows has neither epoch nor offset.
    """

    channel: str
    epoch: str | None
    offset: int | None
    deltas: bool
    left_out: int


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """A message that was refused lately, with the ids that its client gave it."""

    at: str
    code: str
    frame_id: str | None
    command_id: str | None


@dataclass(frozen=True, slots=True)
class ConnectionExplanation:
    """All that is known of a connection, `open` or `closed`; the other of the two is null.

    `session` is the sign-in session, as the audit trail names it. `recovery` is what a resumption
    got of each channel, null where there was none; it is empty for a Foundation client whose
    session was brought back, as that gets fresh snapshots.
    """

    gateway: str
    as_of: str
    open: OpenConnection | None
    closed: ClosedConnection | None
    session: str | None
    authenticated_at: str | None
    frames_received: int
    followed: list[FollowedChannel]
    recovery: list[ResumedChannel] | None
    refusals: Mapping[str, int]
    recent_refusals: list[RefusedMessage]


@dataclass(frozen=True, slots=True)
class ConnectionClosed:
    """The answer to an operator who closed a connection."""

    connection_id: str
    status: Literal["closed"]
