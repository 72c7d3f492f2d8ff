"""What the processes of one galaxy say to each other, and the bus that carries it, as Protocols.

The engine owns the writer and the key of published frames; gateways own the connections.
Commands go to the engine through one bounded queue and are answered; what it commits, and the
frames it signed, go to every gateway. A message may be lost; whoever needs it notices by an
offset and takes what is missing from the log.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from sectorwars.application.account import SessionId
from sectorwars.application.alerts.alert import AlertId, StoredAlert
from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.application.writing.command_writer import CommandWriter
from sectorwars.domain.command import CommandEnvelope
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.publication import FrameType
from sectorwars.protocol.shapes.command import CommandFate
from sectorwars.protocol.shapes.signal import ProposalSignal


class BusUnavailableError(Exception):
    """The bus cannot be reached just now."""


@dataclass(frozen=True, slots=True)
class ChannelPlace:
    """Where a channel is: its epoch and the offset of its newest frame.

    Readers call it `public_name`.
    """

    channel: str
    public_name: str
    epoch: str
    offset: int


@dataclass(frozen=True, slots=True)
class RelayedFrame:
    """A published frame as the engine signed it, at its place in its channel.

    `payload` is the signed JSON, the same bytes for every reader; the other members are those of
    `protocol.publication.Publication`.
    """

    place: ChannelPlace
    type: FrameType
    at: UnixMicros
    player_id: PlayerId | None
    conflatable: bool
    payload: bytes


@dataclass(frozen=True, slots=True)
class BatchCommitted:
    """A durable batch, which may be empty, and the frames that were published with it.

    `term` is the version of the engine's lease: what an engine says after another has taken over
    is to be ignored.
    """

    term: int
    committed: Committed
    frames: tuple[RelayedFrame, ...]


@dataclass(frozen=True, slots=True)
class ChannelsPlaced:
    """The answer to `ChannelsWanted`: from here on their frames are relayed."""

    term: int
    places: tuple[ChannelPlace, ...]


@dataclass(frozen=True, slots=True)
class EngineAlive:
    """The engine's heartbeat.

    `offset` is that of the newest event it has committed; `keys` are the raw Ed25519 public keys
    whose private halves it alone has.
    """

    term: int
    offset: int
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ForecastsStored:
    """New forecasts stand in the store."""

    term: int


@dataclass(frozen=True, slots=True)
class AlertsTurned:
    """Alerts that players have set were fired, or may fire again."""

    term: int
    armed: tuple[tuple[AlertId, bool], ...]


@dataclass(frozen=True, slots=True)
class ChannelsWanted:
    """A gateway's readers listen to these channels, or may come back to them shortly."""

    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """A sign-in session was ended at some gateway; it would have lasted until `ends_at`."""

    sid: SessionId
    ends_at: UnixMicros


@dataclass(frozen=True, slots=True)
class GatewayPresent:
    """Who is connected at a gateway, and how many connections count against which address."""

    gateway: str
    players: tuple[PlayerId, ...]
    addresses: dict[str, int]


@dataclass(frozen=True, slots=True)
class PlayerArrived:
    """A player has his first connection at a gateway."""

    gateway: str
    player_id: PlayerId


@dataclass(frozen=True, slots=True)
class FoundationSessionMoved:
    """A Foundation client has brought its session to a gateway, away from any other."""

    gateway: str
    player_id: PlayerId
    session_id: str


@dataclass(frozen=True, slots=True)
class AttemptMade:
    """Something that a limit of all gateways together counts was done at one of them."""

    gateway: str
    limit: str
    key: str
    at: UnixMicros


@dataclass(frozen=True, slots=True)
class AlertSet:
    """A player has set an alert at a gateway."""

    gateway: str
    alert: StoredAlert


@dataclass(frozen=True, slots=True)
class AlertDeleted:
    """A player has deleted an alert at a gateway."""

    gateway: str
    alert_id: AlertId


@dataclass(frozen=True, slots=True)
class ProposalMoved:
    """A proposal of ARIA's was stored, or closed, at a gateway; the engine tells its player."""

    gateway: str
    player_id: PlayerId
    signal: ProposalSignal
    at: UnixMicros


@dataclass(frozen=True, slots=True)
class ConnectionsAsked:
    """A gateway asks the gateway `to`, or all others, what an operator asks of connections.

    Without `connection_id` it asks for a page, of a player or of all; with `close` it has the
    connection closed, for which the asking gateway has answered to the audit.
    """

    gateway: str
    question_id: str
    to: str | None
    player_id: PlayerId | None
    limit: int
    connection_id: str | None
    close: bool


@dataclass(frozen=True, slots=True)
class ConnectionsTold:
    """The answer to a question that the gateway `to` has asked: JSON of the shape asked for."""

    gateway: str
    to: str
    question_id: str
    body: bytes


EngineMessage = BatchCommitted | ChannelsPlaced | EngineAlive | ForecastsStored | AlertsTurned
GatewayNews = (
    GatewayPresent
    | PlayerArrived
    | FoundationSessionMoved
    | AttemptMade
    | AlertSet
    | AlertDeleted
    | ProposalMoved
    | ConnectionsAsked
    | ConnectionsTold
)
GatewayMessage = ChannelsWanted | SessionEnded | GatewayNews
BusMessage = EngineMessage | GatewayMessage


@dataclass(frozen=True, slots=True)
class Answer:
    """What the writer answered, and the offset of the log that the answer presupposes."""

    outcome: Receipt | Refusal | CommandFate
    offset: int


class CommandBus(Protocol):
    """A gateway's way to the writer in another process."""

    async def submit(self, envelope: CommandEnvelope, received_monotonic: float) -> Answer:
        """Have a command decided; it was received at `received_monotonic` seconds.

        The answer is a refusal where the queue is full, or where none came in time.

        Raises:
            BusUnavailableError: the command was not sent.
        """
        ...

    async def fate(self, key: ReceiptKey) -> Answer:
        """Ask what became of a command, at its place in the order.

        Raises:
            BusUnavailableError: the question was not sent.
        """
        ...

    async def run(self) -> None:
        """Take answers until cancelled, coming back by itself when the bus was away."""
        ...


class CommandQueue(Protocol):
    """The engine's side of the command bus."""

    async def serve(self, writer: CommandWriter, offset: Callable[[], int]) -> None:
        """Hand commands to `writer` in their order and its answers back, until cancelled.

        A command leaves the queue once it is answered, so one that a killed engine had taken is
        handed over again; its receipt makes that harmless. `offset` is that of the newest
        committed event.
        """
        ...

    async def finish(self) -> None:
        """Take no more commands, and wait, a bounded time, until those taken have been answered.

        What is left in the queue is the next engine's.
        """
        ...


class EventBus(Protocol):
    """Carries messages to all who listen; to each in the order of their sender."""

    def publish(self, message: BusMessage) -> None:
        """Send a message without waiting; while the bus is away it is dropped."""
        ...

    def listen(
        self, *, to_gateways_only: bool = False
    ) -> AbstractAsyncContextManager[AsyncIterator[BusMessage]]:
        """Listen from now on, to gateways and engine; the iterator ends with BusUnavailableError.

        With `to_gateways_only` an engine is spared its own messages.

        Raises:
            BusUnavailableError: the bus cannot be reached.
        """
        ...

    async def run(self) -> None:
        """Send what was published until cancelled."""
        ...


class SharedWindow(Protocol):
    """A limit of so many in so long, per key, that all processes count together."""

    async def admit(self, key: str) -> int:
        """Count one and return 0; where it is one too many, return the microseconds to wait.

        Raises:
            BusUnavailableError: the bus cannot be reached, or takes too long.
        """
        ...
