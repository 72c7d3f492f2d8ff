"""Resting limit orders and the books they rest in (ADR 0008).

An order rests at the port where it was placed and acts only while its owner's ship is docked
there. Among orders of one side the best price comes first, then the earlier one.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import CommandId, OrderId, PlayerId, PortId
from sectorwars.domain.market import Side, trade_tax
from sectorwars.domain.values import Credits, Quantity, UnixMicros

OPEN_ORDERS_MAX: Final = 20
"""The most orders that one player has open."""
ORDER_LIFE_SECONDS_DEFAULT: Final = 86_400
ORDER_LIFE_SECONDS_MAX: Final = 7 * 86_400
COLLAR_FACTOR: Final = 3
"""A limit is at least the port's mid price divided by this, at most multiplied by it."""


class CloseReason(StrEnum):
    """Why an order is no longer open."""

    FILLED = "filled"
    CANCELLED = "cancelled"
    """By its owner, alone or with all his others."""
    DISCONNECTED = "disconnected"
    """Its owner had asked for that, and his last connection was lost."""
    EXPIRED = "expired"


@dataclass(slots=True)
class LimitOrder:
    """An open order. `limit_credits` is the most (buy) or least (sell) for each single unit.

    `sequence` is its place among all orders of the galaxy. `filled_credits` is what its fills
    came to, without fees.
    """

    order_id: OrderId
    player_id: PlayerId
    command_id: CommandId
    port_id: PortId
    side: Side
    commodity: Commodity
    quantity: Quantity
    limit_credits: Credits
    placed_at: UnixMicros
    expires_at: UnixMicros
    cancel_on_disconnect: bool
    sequence: int
    filled: int = 0
    filled_credits: int = 0

    @property
    def remaining(self) -> Quantity:
        """Return the units still wanted or offered."""
        return Quantity(self.quantity - self.filled)

    @property
    def held_credits(self) -> Credits:
        """Return the credits reserved for it: what its remaining units cost at most, with tax."""
        if self.side is Side.SELL:
            return Credits(0)
        return reserve(self.limit_credits, self.remaining, self.filled_credits)

    def tax_on(self, total: int) -> Credits:
        """Return the tax on a further fill of `total` credits.

        It is the tax on all fills together less that on the earlier ones, so that an order is
        taxed the same in however many pieces it is filled.
        """
        return Credits(trade_tax(self.filled_credits + total) - trade_tax(self.filled_credits))

    def fill(self, quantity: int, total: int) -> None:
        """Take `quantity` units for `total` credits as filled."""
        self.filled += quantity
        self.filled_credits += total


def reserve(limit_credits: int, quantity: int, filled_credits: int = 0) -> Credits:
    """Return what a purchase of `quantity` units costs at most, with tax."""
    worth = limit_credits * quantity
    return Credits(worth + trade_tax(filled_credits + worth) - trade_tax(filled_credits))


def _priority(order: LimitOrder) -> tuple[int, int]:
    price = -order.limit_credits if order.side is Side.BUY else order.limit_credits
    return price, order.sequence


class OrderBook:
    """The open orders for one good at one port, each side in the order in which it acts."""

    __slots__ = ("_sides",)

    def __init__(self) -> None:
        """Open an empty book."""
        self._sides: dict[Side, list[LimitOrder]] = {Side.BUY: [], Side.SELL: []}

    def __bool__(self) -> bool:
        """Return whether any order is open."""
        return any(self._sides.values())

    def __iter__(self) -> Iterator[LimitOrder]:
        """Return all open orders: purchases, then sales, each in the order in which they act."""
        return (order for side in self._sides.values() for order in side)

    def side(self, side: Side) -> tuple[LimitOrder, ...]:
        """Return the orders of a side, best price first, then earliest."""
        return tuple(self._sides[side])

    def best(self, side: Side) -> Credits | None:
        """Return the best limit on a side, or None where there is no order."""
        orders = self._sides[side]
        return orders[0].limit_credits if orders else None

    def add(self, order: LimitOrder) -> None:
        """Enter an order."""
        insort(self._sides[order.side], order, key=_priority)

    def remove(self, order: LimitOrder) -> None:
        """Take an order out; it must be in the book."""
        orders = self._sides[order.side]
        del orders[bisect_left(orders, _priority(order), key=_priority)]
