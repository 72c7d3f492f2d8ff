"""Distinct types for identifiers.

Ids of things that the core creates are functions of their inputs, so that a replay makes the
same ids; ids of people and commands are made by the shell or the caller and passed in.
"""

from typing import NewType

PlayerId = NewType("PlayerId", str)
ShipId = NewType("ShipId", str)
SectorId = NewType("SectorId", str)
PortId = NewType("PortId", str)
TradeId = NewType("TradeId", str)
CommandId = NewType("CommandId", str)
AccountId = NewType("AccountId", str)
RuleId = NewType("RuleId", str)
HaulerId = NewType("HaulerId", str)
OrderId = NewType("OrderId", str)
QuoteId = NewType("QuoteId", str)

COMMAND_ID_LENGTH_MAX = 128


def sector_id(index: int) -> SectorId:
    """Name the sector with the zero-based `index` in the universe."""
    return SectorId(f"s{index + 1:04d}")


def port_id(index: int) -> PortId:
    """Name the port with the zero-based `index` in the universe."""
    return PortId(f"p{index + 1:04d}")


def hauler_id(index: int) -> HaulerId:
    """Name the hauler with the zero-based `index` in the universe."""
    return HaulerId(f"h{index + 1:04d}")


def ship_id(owner: PlayerId) -> ShipId:
    """Name the first ship of a player."""
    return ShipId(f"ship-{owner}")


def trade_id(player: PlayerId, serial: int) -> TradeId:
    """Name a player's trade by its serial number, which starts at 1."""
    return TradeId(f"t-{player}-{serial}")


def rule_id(player: PlayerId, serial: int) -> RuleId:
    """Name a player's rule by its serial number, which starts at 1."""
    return RuleId(f"r-{player}-{serial}")


def order_id(player: PlayerId, serial: int) -> OrderId:
    """Name a player's order by its serial number, which starts at 1."""
    return OrderId(f"o-{player}-{serial}")


def quote_id(player: PlayerId, serial: int) -> QuoteId:
    """Name a player's quote by its serial number, which starts at 1."""
    return QuoteId(f"q-{player}-{serial}")
