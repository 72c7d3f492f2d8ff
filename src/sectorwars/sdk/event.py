"""What a client is told without having asked: snapshots and updates of its channels."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from sectorwars.protocol.publication import (
    ACCOUNT_CHANNEL,
    ARIA_CHANNEL,
    PREDICTIONS_CHANNEL,
    PRIVATE_CHANNELS,
    PULSE_CHANNEL,
    SIGNALS_CHANNEL,
    TRADES_CHANNEL,
)
from sectorwars.protocol.shapes.account import AccountState, AccountUpdate
from sectorwars.protocol.shapes.advice import AlertSignal, UniversePulse
from sectorwars.protocol.shapes.market import MarketRealtime, PortMarket, TradeTicker
from sectorwars.protocol.shapes.signal import (
    AutomationSignal,
    PredictionSignal,
    ProposalSignal,
    Stateless,
    TradeSignal,
)

OWN_EVENTS_MAX: Final = 1_024
"""Events of a private channel that wait to be read; the server holds as many for a slow reader."""

ChannelState = (
    MarketRealtime
    | PortMarket
    | AccountState
    | UniversePulse
    | TradeTicker
    | PredictionSignal
    | Stateless
)


@dataclass(frozen=True, slots=True)
class Event:
    """A step of a channel.

    `skipped` counts the frames before this one that were not seen: the server left them out, they
    were lost between two connections, or nobody read them here in time. After a snapshot the state
    is whole again, whatever was skipped.
    """

    channel: str
    epoch: str
    offset: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Snapshot(Event):
    """A channel's whole state at its position."""

    state: ChannelState


@dataclass(frozen=True, slots=True)
class MarketChange(Event):
    """The index of a good, each tick."""

    market: MarketRealtime


@dataclass(frozen=True, slots=True)
class PortChange(Event):
    """Prices and books of a port."""

    port: PortMarket


@dataclass(frozen=True, slots=True)
class AccountChange(Event):
    """The player's own state after a change, and what made it."""

    update: AccountUpdate


@dataclass(frozen=True, slots=True)
class AlertRaised(Event):
    """An alert that the player has set, or something that pays from where he is."""

    signal: AlertSignal


@dataclass(frozen=True, slots=True)
class OwnTrade(Event):
    """A trade of the player's own, by a command, a rule or an open order of his."""

    signal: TradeSignal


@dataclass(frozen=True, slots=True)
class AutomationStepped(Event):
    """A change of the player's automation other than by a trade."""

    signal: AutomationSignal


@dataclass(frozen=True, slots=True)
class ForecastsIssued(Event):
    """All forecasts that stand, each game hour."""

    signal: PredictionSignal


@dataclass(frozen=True, slots=True)
class ProposalMoved(Event):
    """A proposal of ARIA's was made, or came to its end."""

    signal: ProposalSignal


@dataclass(frozen=True, slots=True)
class PulseBeat(Event):
    """What players did during the last minute."""

    pulse: UniversePulse


@dataclass(frozen=True, slots=True)
class TradesPrinted(Event):
    """What was traded anywhere since the frame before."""

    ticker: TradeTicker


_STATES: Final[dict[str, Any]] = {
    "market": MarketRealtime,
    "port": PortMarket,
    ACCOUNT_CHANNEL: AccountState,
    ARIA_CHANNEL: Stateless,
    PREDICTIONS_CHANNEL: PredictionSignal,
    PULSE_CHANNEL: UniversePulse,
    SIGNALS_CHANNEL: Stateless,
    TRADES_CHANNEL: TradeTicker,
}
"""The shape of a snapshot, by the kind of channel."""

_UPDATES: Final[dict[tuple[str, str | None], tuple[Callable[..., Event], Any]]] = {
    ("market", None): (MarketChange, MarketRealtime),
    ("port", None): (PortChange, PortMarket),
    (ACCOUNT_CHANNEL, "account_update"): (AccountChange, AccountUpdate),
    (ACCOUNT_CHANNEL, "ai_alert"): (AlertRaised, AlertSignal),
    (ARIA_CHANNEL, "ai_alert"): (AlertRaised, AlertSignal),
    (ARIA_CHANNEL, "proposal"): (ProposalMoved, ProposalSignal),
    (PREDICTIONS_CHANNEL, "predictions"): (ForecastsIssued, PredictionSignal),
    (PULSE_CHANNEL, None): (PulseBeat, UniversePulse),
    (SIGNALS_CHANNEL, "automation"): (AutomationStepped, AutomationSignal),
    (SIGNALS_CHANNEL, "trade"): (OwnTrade, TradeSignal),
    (TRADES_CHANNEL, None): (TradesPrinted, TradeTicker),
}
"""The event of a published frame and the shape it holds, by channel and the data's `type`."""


def snapshot_event(position: Event, data: Any) -> Snapshot:
    """Read a channel's snapshot."""
    state = msgspec.convert(data, _STATES[_kind(position.channel)])
    return Snapshot(*_members(position), state=state)


def update_event(position: Event, data: Any) -> Event:
    """Read the data of a published frame.

    Raises:
        KeyError: the channel carries nothing of that type.
        msgspec.ValidationError: it is not what the channel carries.
    """
    make, shape = _UPDATES[_kind(position.channel), data.get("type")]
    return make(*_members(position), msgspec.convert(data, shape))


class Mailbox:
    """Events that wait to be read, in bounded room: of all public channels the newest.

    What is pushed out is counted in `skipped` of the channel's next event, so a slow reader
    neither stops the answers to his commands nor loses anything in silence.
    """

    def __init__(self, own_events_max: int = OWN_EVENTS_MAX) -> None:
        """Hold `own_events_max` events of each private channel."""
        self._own_events_max = own_events_max
        self._waiting: dict[str, deque[Event]] = {}

    def put(self, event: Event) -> None:
        """Add an event behind all others of its channel."""
        events = self._waiting.setdefault(event.channel, deque())
        events.append(event)
        limit = self._own_events_max if event.channel in PRIVATE_CHANNELS else 1
        if len(events) > limit:
            dropped, follower = events.popleft(), events.popleft()
            unseen = dropped.skipped + (not isinstance(dropped, Snapshot))
            skipped = follower.skipped + unseen
            events.appendleft(replace(follower, skipped=skipped))

    def take(self) -> Event | None:
        """Return the next event, the channels by turns, or None where nothing waits."""
        for channel in self._waiting:
            events = self._waiting.pop(channel)
            event = events.popleft()
            if events:
                self._waiting[channel] = events
            return event
        return None


def _members(position: Event) -> tuple[str, str, int, int]:
    return position.channel, position.epoch, position.offset, position.skipped


def _kind(channel: str) -> str:
    return channel.partition(".")[0]
