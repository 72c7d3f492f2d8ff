"""The referee's own books of open orders: reservations, expiry, limits, and who comes first.

Priority is judged unit by unit, with the plainest code that can say it.
"""

from collections import Counter
from dataclasses import dataclass

from sectorwars.domain.event import (
    Crossing,
    Event,
    GoodsTraded,
    HaulerCalled,
    JourneyCompleted,
    OrderClosed,
    OrderPlaced,
    PortsSettled,
    QuoteClosed,
    RuleRearmed,
    ShipUndocked,
    StockCheckpointed,
)
from sectorwars.domain.ids import OrderId, PlayerId
from sectorwars.domain.ledger import held_account
from sectorwars.domain.market import Side, trade_tax
from sectorwars.domain.order import OPEN_ORDERS_MAX, CloseReason
from sectorwars.domain.values import UnixMicros
from sectorwars.simulation.findings import Findings
from sectorwars.simulation.market_books import MarketBooks
from sectorwars.simulation.risk_books import RiskBooks

_CONTINUING = (
    HaulerCalled
    | PortsSettled
    | StockCheckpointed
    | RuleRearmed
    | OrderClosed
    | QuoteClosed
    | JourneyCompleted
    | ShipUndocked
)
"""Events that may come while what is open is still being matched."""


@dataclass(slots=True)
class _Order:
    placed: OrderPlaced
    filled: int = 0
    filled_credits: int = 0

    @property
    def remaining(self) -> int:
        return self.placed.quantity - self.filled

    def tax_on(self, total: int) -> int:
        return trade_tax(self.filled_credits + total) - trade_tax(self.filled_credits)

    def reserved(self) -> int:
        if self.placed.side is Side.SELL:
            return 0
        worth = self.placed.limit_credits * self.remaining
        return worth + self.tax_on(worth)

    def accepts(self, price: int) -> bool:
        limit = self.placed.limit_credits
        return price <= limit if self.placed.side is Side.BUY else price >= limit


class OrderBooks:
    """Judges orders and their fills before the market books have entered them."""

    def __init__(self, findings: Findings, market: MarketBooks, risk: RiskBooks) -> None:
        """Read prices, berths and cargo from `market`, states from `risk`."""
        self._check = findings.check
        self._market = market
        self._risk = risk
        self._open: dict[OrderId, _Order] = {}
        self._sequence = 0
        self.fills = 0
        self.crossings = 0

    def see(self, event: Event) -> None:
        """Judge an event that has become durable, and enter it."""
        if not isinstance(event, _CONTINUING) and not _is_fill(event):
            self._see_nothing_left()
        if not isinstance(event, OrderClosed):
            for name, order in self._open.items():
                self._check(order.remaining > 0, f"{name} is filled and stays open")
        match event:
            case OrderPlaced():
                self._see_placing(event)
            case OrderClosed():
                self._see_close(event)
            case GoodsTraded():
                self._see_trade(event)
            case _:
                pass

    def see_clock(self, at: UnixMicros) -> None:
        """Judge, when the timetable has been met, whether an order has outlived its time."""
        for name, order in self._open.items():
            self._check(order.placed.expires_at > at, f"{name} lives on after its time")

    def see_reserves(self) -> None:
        """Judge whether just what open orders need is put aside, in credits and in cargo."""
        credits_needed: Counter[PlayerId] = Counter()
        offered: Counter[tuple[PlayerId, str]] = Counter()
        for order in self._open.values():
            placed = order.placed
            credits_needed[placed.player_id] += order.reserved()
            if placed.side is Side.SELL:
                offered[placed.player_id, placed.commodity] += order.remaining
                units, _ = self._market.aboard(placed.player_id, placed.commodity)
                self._check(
                    offered[placed.player_id, placed.commodity] <= units,
                    f"{placed.player_id} offers more {placed.commodity} than is aboard",
                )
        for player_id in self._market.players:
            self._check(
                self._market.balance(held_account(player_id)) == credits_needed[player_id],
                f"{player_id} has put aside another sum than his orders need",
            )

    def _see_placing(self, event: OrderPlaced) -> None:
        name = event.order_id
        self._check(
            self._market.berths.get(event.player_id) == event.port_id, f"{name} is placed from afar"
        )
        self._check(event.sequence > self._sequence, f"{name} comes before its time")
        self._sequence = event.sequence
        self._check(event.expires_at > event.at, f"{name} has no life")
        self._open[name] = _Order(event)
        own = [one for one in self._open.values() if one.placed.player_id == event.player_id]
        self._check(len(own) <= OPEN_ORDERS_MAX, f"{event.player_id} has too many orders")

    def _see_close(self, event: OrderClosed) -> None:
        name = event.order_id
        order = self._open.pop(name, None)
        if order is None:
            self._check(False, f"{name} is closed twice")
            return
        self._check(
            (event.filled, event.filled_credits) == (order.filled, order.filled_credits),
            f"the close of {name} tells of other fills",
        )
        is_full = order.remaining == 0
        by_command = event.command_id is not None
        reasons = {
            CloseReason.FILLED: is_full and not by_command,
            CloseReason.EXPIRED: event.at >= order.placed.expires_at and not by_command,
            CloseReason.CANCELLED: by_command,
            CloseReason.DISCONNECTED: by_command and order.placed.cancel_on_disconnect,
        }
        self._check(reasons[event.reason], f"{name} is closed as {event.reason} without that cause")
        self._check(
            not is_full or event.reason is CloseReason.FILLED,
            f"{name} is filled, not {event.reason}",
        )

    def _see_trade(self, event: GoodsTraded) -> None:
        name = event.trade_id
        if event.quote_id is None:
            self._see_priority(event)
        else:
            self._check(not event.crossings, f"{name} meets orders on a quote")
        if event.order_id is None:
            tax = trade_tax(event.total_credits)
            self._check(event.fees_credits == tax, f"{name} has a wrong fee")
        else:
            self._see_fill(
                event, event.order_id, event.total_credits, event.fills[-1].price_credits
            )
        for crossing in event.crossings:
            self._check(crossing.player_id != event.player_id, f"{name} meets its own order")
            total = crossing.quantity * crossing.price_credits
            self._see_fill(crossing, crossing.order_id, total, crossing.price_credits)
            self.crossings += 1

    def _see_fill(
        self, trade: GoodsTraded | Crossing, order_id: OrderId, total: int, worst: int
    ) -> None:
        name = trade.trade_id
        self.fills += 1
        order = self._open.get(order_id)
        if order is None:
            self._check(False, f"{name} fills {order_id}, which is not open")
            return
        self._check(order.placed.player_id == trade.player_id, f"{name} fills another's order")
        self._check(trade.quantity <= order.remaining, f"{name} fills more than was ordered")
        self._check(order.accepts(worst), f"{name} goes beyond the limit of {order_id}")
        if isinstance(trade, Crossing):
            self._check(worst == order.placed.limit_credits, f"{name} is not at the order's price")
        self._check(trade.fees_credits == order.tax_on(total), f"{name} has a wrong fee")
        order.filled += trade.quantity
        order.filled_credits += total

    def _see_priority(self, event: GoodsTraded) -> None:
        """Deal out the units of a trade one by one and compare; capped orders may stand back."""
        taking = None if event.order_id is None else self._open.get(event.order_id)
        makers = [one for one in self._opposite(event) if self._takes_part(one)]
        if taking is not None:
            makers = [one for one in makers if one.placed.sequence < taking.placed.sequence]
        if any(self._risk.is_capped(one.placed.player_id) for one in makers):
            return
        dearest_first = -1 if event.side is Side.SELL else 1
        makers.sort(key=lambda one: (dearest_first * one.placed.limit_credits, one.placed.sequence))
        left = {one.placed.order_id: one.remaining for one in makers}
        room = {one.placed.player_id: self._market.room(one.placed.player_id) for one in makers}
        from_port = 0
        dealt: Counter[OrderId] = Counter()
        for _ in range(event.quantity):
            price = self._market.price(event.port_id, event.commodity, event.side, from_port)
            first = next((one for one in makers if self._can_give(one, left, room)), None)
            if first is None or (
                price is not None
                and dearest_first * price <= dearest_first * first.placed.limit_credits
            ):
                from_port += 1
                continue
            dealt[first.placed.order_id] += 1
            left[first.placed.order_id] -= 1
            room[first.placed.player_id] -= first.placed.side is Side.BUY
        met = Counter({crossing.order_id: crossing.quantity for crossing in event.crossings})
        self._check(met == dealt, f"{event.trade_id} passes over who comes first")

    def _can_give(self, order: _Order, left: dict[OrderId, int], room: dict[PlayerId, int]) -> bool:
        placed = order.placed
        return left[placed.order_id] > 0 and (
            placed.side is Side.SELL or room[placed.player_id] > 0
        )

    def _opposite(self, taker: GoodsTraded | OrderPlaced) -> list[_Order]:
        """Return the orders of others for the same good at the same port on the other side."""
        return [
            one
            for one in self._open.values()
            if one.placed.port_id == taker.port_id
            and one.placed.commodity is taker.commodity
            and one.placed.side is not taker.side
            and one.placed.player_id != taker.player_id
        ]

    def _takes_part(self, order: _Order) -> bool:
        """Return whether an order's owner is there, may trade, and has room."""
        placed = order.placed
        return (
            self._market.berths.get(placed.player_id) == placed.port_id
            and self._risk.allows(placed.player_id, placed.side, placed.port_id)
            and (placed.side is Side.SELL or self._market.room(placed.player_id) > 0)
        )

    def _see_nothing_left(self) -> None:
        """Judge whether an order rests that could be filled; caps may forbid it."""
        for name, order in self._open.items():
            placed = order.placed
            if self._risk.is_capped(placed.player_id) or not self._takes_part(order):
                continue
            price = self._market.price(placed.port_id, placed.commodity, placed.side)
            payable = price is not None and (
                placed.side is Side.BUY or self._market.cash(placed.port_id) >= price
            )
            self._check(
                not (payable and price is not None and order.accepts(price)),
                f"{name} rests though the port would fill it",
            )
            for other in self._opposite(placed):
                if (
                    other.placed.sequence < placed.sequence
                    and self._takes_part(other)
                    and not self._risk.is_capped(other.placed.player_id)
                ):
                    self._check(
                        not order.accepts(other.placed.limit_credits),
                        f"{name} rests though {other.placed.order_id} would fill it",
                    )


def _is_fill(event: Event) -> bool:
    return isinstance(event, GoodsTraded) and event.order_id is not None
