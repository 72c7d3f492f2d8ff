"""What is published: a channel's next state or event, before it has an offset and a signature."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

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


ACCOUNT_CHANNEL = "account"
PULSE_CHANNEL = "pulse"
TRADES_CHANNEL = "trades"


def market_channel(commodity: Commodity) -> str:
    """Name the channel of a good's index."""
    return f"market.{commodity.value}"


def port_channel(port_id: PortId) -> str:
    """Name the channel of a port's quotes."""
    return f"port.{port_id}"


def account_channel(player_id: PlayerId) -> str:
    """Name the private channel of a player inside the hub; he himself calls it `account`."""
    return f"{ACCOUNT_CHANNEL}.{player_id}"


def is_channel_name(name: str) -> bool:
    """Tell whether a reader may ask for a channel of that name; what is not listed is denied.

    Names inside the hub, which have players' ids, are none of these. That a name is good does not
    mean that there is such a channel.
    """
    kind, _, subject = name.partition(".")
    return (
        name in {ACCOUNT_CHANNEL, PULSE_CHANNEL, TRADES_CHANNEL}
        or (kind == "market" and subject in COMMODITIES)
        or (kind == "port" and subject != "")
    )


def has_deltas(channel: str) -> bool:
    """Tell whether a channel's frames are its whole state, so that most of the last one stays."""
    return channel == PULSE_CHANNEL or channel.startswith(("market.", "port."))


def public_name(channel: str) -> str:
    """Return what readers call a channel: a private one without its player's id."""
    return ACCOUNT_CHANNEL if channel.startswith(f"{ACCOUNT_CHANNEL}.") else channel
