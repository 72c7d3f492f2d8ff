"""What a client is told without having asked: snapshots and updates of its channels."""

from collections import deque
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from sectorwars.protocol.publication import ACCOUNT_CHANNEL, PULSE_CHANNEL, TRADES_CHANNEL
from sectorwars.protocol.shapes.account import AccountState, AccountUpdate
from sectorwars.protocol.shapes.advice import AlertSignal, UniversePulse
from sectorwars.protocol.shapes.market import MarketRealtime, PortMarket, TradeTicker

ACCOUNT_EVENTS_MAX: Final = 1_024
"""Events of the player's own that wait to be read; the server holds as many for a slow reader."""

ChannelState = MarketRealtime | PortMarket | AccountState | UniversePulse | TradeTicker


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
class PulseBeat(Event):
    """What players did during the last minute."""

    pulse: UniversePulse


@dataclass(frozen=True, slots=True)
class TradesPrinted(Event):
    """What was traded anywhere since the frame before."""

    ticker: TradeTicker


def snapshot_event(position: Event, data: Any) -> Snapshot:
    """Read a channel's snapshot."""
    shape: Any = AccountState if position.channel == ACCOUNT_CHANNEL else _shape(position.channel)
    return Snapshot(*_members(position), state=msgspec.convert(data, shape))


def update_event(position: Event, data: Any) -> Event:
    """Read the data of a published frame.

    Raises:
        msgspec.ValidationError: it is not what the channel carries.
    """
    members = _members(position)
    if position.channel == ACCOUNT_CHANNEL:
        if data.get("type") == "ai_alert":
            return AlertRaised(*members, signal=msgspec.convert(data, AlertSignal))
        return AccountChange(*members, update=msgspec.convert(data, AccountUpdate))
    if position.channel == PULSE_CHANNEL:
        return PulseBeat(*members, pulse=msgspec.convert(data, UniversePulse))
    if position.channel == TRADES_CHANNEL:
        return TradesPrinted(*members, ticker=msgspec.convert(data, TradeTicker))
    if position.channel.startswith("port."):
        return PortChange(*members, port=msgspec.convert(data, PortMarket))
    return MarketChange(*members, market=msgspec.convert(data, MarketRealtime))


class Mailbox:
    """Events that wait to be read, in bounded room: of all channels but `account` the newest.

    What is pushed out is counted in `skipped` of the channel's next event, so a slow reader
    neither stops the answers to his commands nor loses anything in silence.
    """

    def __init__(self, account_events_max: int = ACCOUNT_EVENTS_MAX) -> None:
        """Hold `account_events_max` events of the account."""
        self._account_events_max = account_events_max
        self._waiting: dict[str, deque[Event]] = {}

    def put(self, event: Event) -> None:
        """Add an event behind all others of its channel."""
        events = self._waiting.setdefault(event.channel, deque())
        events.append(event)
        limit = self._account_events_max if event.channel == ACCOUNT_CHANNEL else 1
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


def _shape(channel: str) -> Any:
    if channel == PULSE_CHANNEL:
        return UniversePulse
    if channel == TRADES_CHANNEL:
        return TradeTicker
    return PortMarket if channel.startswith("port.") else MarketRealtime
