"""Shapes of the native dialect's frames: what a client sends and what it is answered.

Requests are msgspec shapes, decoded strictly; answers are plain dataclasses.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sectorwars.domain.order import ORDER_LIFE_SECONDS_DEFAULT
from sectorwars.protocol.channel import Outcome

FRAME_ID_LENGTH_MAX = 128
TOKEN_LENGTH_MAX = 4_096
RESUMED_POSITIONS_MAX = 256
"""What a client should name at once: the server's own limit on subscriptions, by default."""
RESUMED_COMMANDS_MAX = 64

# The lookahead is for readers, Python's among them, whose `$` passes over a final line feed.
PRINTABLE_PATTERN = r"^[\x21-\x7e]+(?!\n)$"
Id = Annotated[str, Meta(min_length=1, max_length=FRAME_ID_LENGTH_MAX, pattern=PRINTABLE_PATTERN)]
"""An id made by a client: printable ASCII without spaces."""
CommodityName = Annotated[str, Meta(max_length=64)]
Token = Annotated[str, Meta(min_length=1, max_length=TOKEN_LENGTH_MAX)]
Whole = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]
"""An integer that every JSON reader keeps exactly."""
Counter = Annotated[int, Meta(ge=0, le=2**53 - 1)]
ChannelName = Annotated[str, Meta(min_length=1, max_length=64)]


class NativeEnvelope(msgspec.Struct):
    """A native client frame, its members in canonical order and the signature behind them.

    Its ids are not known to be such.
    """

    counter: Counter
    data: dict[str, Any]
    id: str
    session_id: str
    timestamp: str
    type: str
    signature: str


class NativeFrame(NativeEnvelope):
    """The envelope of a native client frame."""

    id: Id
    session_id: Id
    signature: str = ""


class AuthenticateData(msgspec.Struct):
    """`authenticate`: an access token."""

    token: Token


class ChannelPosition(msgspec.Struct, frozen=True):
    """Where a reader stood on a channel."""

    channel: ChannelName
    epoch: Annotated[str, Meta(max_length=128)]
    offset: Counter


class ResumeData(msgspec.Struct):
    """`resume`: an access token, the last positions, and commands whose fate is not known.

    With `deltas` the channels that are replayed go on as after `subscribe` with `deltas`.
    """

    token: Token
    positions: list[ChannelPosition]
    commands: Annotated[list[Id], Meta(max_length=RESUMED_COMMANDS_MAX)] = []
    deltas: bool = False


class ChannelsData(msgspec.Struct):
    """`unsubscribe`: names of channels."""

    channels: Annotated[list[ChannelName], Meta(min_length=1)]


class SubscribeData(ChannelsData):
    """`subscribe`: names of channels, and whether frames may come as deltas."""

    deltas: bool = False


class _CommandData(msgspec.Struct, forbid_unknown_fields=True):
    # A misspelt price bound must not make an order without one.
    command_id: Id


class ExecuteTradeData(_CommandData):
    """`execute_trade`: an order at the port where the player's ship is docked."""

    side: Literal["buy", "sell"]
    commodity: CommodityName
    quantity: Whole
    max_price: Whole | None = None
    min_price: Whole | None = None
    fill: Literal["all", "partial"] = "all"
    quote_id: Id | None = None


class RequestQuoteData(_CommandData):
    """`request_quote`: a binding quote of the port where the player's ship is docked."""

    side: Literal["buy", "sell"]
    commodity: CommodityName
    quantity: Whole


class PlaceOrderData(_CommandData):
    """`place_order`: a limit order that rests at the port where the player's ship is docked."""

    side: Literal["buy", "sell"]
    commodity: CommodityName
    quantity: Whole
    limit_price: Whole
    good_for_seconds: Whole = ORDER_LIFE_SECONDS_DEFAULT
    cancel_on_disconnect: bool = False


class CancelOrderData(_CommandData):
    """`cancel_order`: an open order of the player."""

    order_id: Id


class CancelOrdersData(_CommandData):
    """`cancel_orders`: all open orders of the player, or those at a port."""

    port_id: Annotated[str, Meta(max_length=64, pattern=PRINTABLE_PATTERN)] | None = None


class GetCommandData(msgspec.Struct):
    """`get_command`: a command whose fate is not known."""

    command_id: Id


class AutomationToggleData(_CommandData):
    """`automation_toggle`: the master switch; without `active` it flips."""

    active: bool | None = None


class SetDisconnectPauseData(_CommandData):
    """`set_disconnect_pause`: whether automation pauses while the player has no connection."""

    active: bool


CommandData = (
    ExecuteTradeData
    | RequestQuoteData
    | PlaceOrderData
    | CancelOrderData
    | CancelOrdersData
    | AutomationToggleData
    | SetDisconnectPauseData
)
"""The data of requests that are commands."""


class AriaMessageData(msgspec.Struct):
    """`aria_message`: what the player says; without `conversation_id` a conversation begins."""

    message: str
    conversation_id: Id | None = None


@dataclass(frozen=True, slots=True)
class AnnouncedLimits:
    """The limits that a client should keep to by itself."""

    messages_per_second: int
    message_bytes_max: int
    subscriptions_max: int
    requests_in_flight_max: int
    heartbeat_seconds: int


@dataclass(frozen=True, slots=True)
class AuthSuccess:
    """`auth_success`: the key for signing what follows, hex."""

    player_id: str
    session_key: str
    limits: AnnouncedLimits


@dataclass(frozen=True, slots=True)
class SubscribedChannel:
    """A channel's whole state at a position; the frames after it continue from there.

    With `deltas` frames may come as deltas. The first one comes whole: that at the position, where
    the server still has it.
    """

    channel: str
    epoch: str
    offset: int
    snapshot: Any
    deltas: bool = False


@dataclass(frozen=True, slots=True)
class Subscribed:
    """`subscribed`."""

    channels: tuple[SubscribedChannel, ...]


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """`unsubscribed`."""

    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResumedChannel:
    """How a channel goes on: `replay` continues; after `snapshot` and `lost` subscribe anew.

    `missed` counts the frames that were published meanwhile; in a new epoch at least so many.
    """

    channel: str
    epoch: str
    offset: int
    outcome: Outcome
    missed: int


@dataclass(frozen=True, slots=True)
class ResumedCommand:
    """The fate of a command; `receipt` is there for executed ones only."""

    command_id: str
    status: Literal["executed", "rejected", "pending", "never_seen"]
    receipt: dict[str, Any] | None = None
    code: str | None = None
    retry: str | None = None
    detail: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """`resumed`: the answer to `resume`; the missed frames follow it."""

    player_id: str
    session_key: str
    limits: AnnouncedLimits
    channels: tuple[ResumedChannel, ...]
    commands: tuple[ResumedCommand, ...]


@dataclass(frozen=True, slots=True)
class ConflatedChannel:
    """How many frames of a channel were left out because the reader was slow."""

    channel: str
    skipped: int


@dataclass(frozen=True, slots=True)
class Conflated:
    """`conflated`: frames were left out; the newest of each channel came."""

    channels: tuple[ConflatedChannel, ...]


@dataclass(frozen=True, slots=True)
class Stale:
    """`stale`: the engine cannot be heard, so what is shown grows old; or it can be again."""

    stale: bool
