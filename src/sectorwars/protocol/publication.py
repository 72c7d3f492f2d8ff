"""What is published: a channel's next state or event, before it has an offset and a signature."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.values import UnixMicros


class FrameType(StrEnum):
    """The envelope's `type` of published frames.

    The Foundation client knows all but `trade_tape`, which it is never sent.
    """

    MARKET_UPDATE = "market_update"
    UNIVERSE_PULSE = "universe_pulse"
    PORT_NETWORK = "port_network"
    AI_ALERT = "ai_alert"
    TRADING_SIGNAL = "trading_signal"
    COMBAT_EVENT = "combat_event"
    TRADE_TAPE = "trade_tape"


@dataclass(frozen=True, slots=True)
class Publication:
    """A message for a channel: a function of committed events alone.

    Forecasts, alerts and ARIA's proposals are no events; they are stored before they are published.
    `data` is a shape of `protocol.shapes`, or a mapping of such. `player_id` is set on the
    frames of a private channel, which reach that player only. `conflatable` frames carry a
    channel's whole state, so that a slow reader may be given just the latest.
    """

    channel: str
    type: FrameType
    data: Any
    at: UnixMicros
    player_id: PlayerId | None = None
    conflatable: bool = False


ACCOUNT_CHANNEL: Final = "account"
ARIA_CHANNEL: Final = "aria"
PREDICTIONS_CHANNEL: Final = "predictions"
PULSE_CHANNEL: Final = "pulse"
SIGNALS_CHANNEL: Final = "signals"
TRADES_CHANNEL: Final = "trades"

PRIVATE_CHANNELS: Final = frozenset({ACCOUNT_CHANNEL, ARIA_CHANNEL, SIGNALS_CHANNEL})
"""Channels that each player has one of, under the same name.

No public channel's name begins with one of these and a dot, so none can be some player's.
"""
_WHOLE: Final = PRIVATE_CHANNELS | {PREDICTIONS_CHANNEL, PULSE_CHANNEL, TRADES_CHANNEL}
"""Names that stand alone, without a subject behind a dot."""


def market_channel(commodity: Commodity) -> str:
    """Name the channel of a good's index."""
    return f"market.{commodity.value}"


def port_channel(port_id: PortId) -> str:
    """Name the channel of a port's quotes."""
    return f"port.{port_id}"


def private_channel(name: str, player_id: PlayerId) -> str:
    """Name a player's private channel inside the hub; he himself calls it `name`."""
    return f"{name}.{player_id}"


def account_channel(player_id: PlayerId) -> str:
    """Name the channel of a player's own state inside the hub."""
    return private_channel(ACCOUNT_CHANNEL, player_id)


def aria_channel(player_id: PlayerId) -> str:
    """Name the channel of what ARIA tells a player unasked inside the hub."""
    return private_channel(ARIA_CHANNEL, player_id)


def signals_channel(player_id: PlayerId) -> str:
    """Name the channel of a player's own trades and automation inside the hub."""
    return private_channel(SIGNALS_CHANNEL, player_id)


def is_channel_name(name: str) -> bool:
    """Tell whether a reader may ask for a channel of that name; what is not listed is denied.

    Names inside the hub, which have players' ids, are none of these. That a name is good does not
    mean that there is such a channel.
    """
    kind, _, subject = name.partition(".")
    return (
        name in _WHOLE
        or (kind == "market" and subject in COMMODITIES)
        or (kind == "port" and subject != "")
    )


def has_deltas(channel: str) -> bool:
    """Tell whether a channel's frames are its whole state, so that most of the last one stays."""
    return channel == PULSE_CHANNEL or channel.startswith(("market.", "port."))


def public_name(channel: str) -> str:
    """Return what readers call a channel: a private one without its player's id."""
    kind = channel.partition(".")[0]
    return kind if kind in PRIVATE_CHANNELS else channel
