"""How an order meets the market at a port: the port's curve and the open orders of others.

The best price comes first; at the same price the port comes before open orders, and among those
the earlier one. A trade between players is at the open order's price. A player never meets
himself. Open orders take part while their owner's ship is docked at the port and the risk gate
lets him trade (ADR 0008).
"""

from bisect import bisect_right
from collections.abc import Iterator

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import (
    Fill,
    Side,
    buy_ladder,
    buy_units_within,
    ladder_total,
    sell_ladder,
    sell_units_within,
    stock_capacity,
)
from sectorwars.domain.order import LimitOrder
from sectorwars.domain.player import Player
from sectorwars.domain.port import Port
from sectorwars.domain.record import record
from sectorwars.domain.risk import NO_CAPS
from sectorwars.domain.values import Credits, Quantity, UnixMicros
from sectorwars.engine.risk import count_refusal, credits_refusal, state_refusal
from sectorwars.engine.world import World


@record
class Taker:
    """Who takes what the market offers; `order` is his own open order that does it, if any."""

    player: Player
    port: Port
    position: int
    commodity: Commodity
    side: Side
    order: LimitOrder | None = None


@record
class Met:
    """Units that an open order gives or takes."""

    order: LimitOrder
    quantity: int


@record
class Walk:
    """What a taker meets: `fills` best price first, over the port and the orders met.

    `total_credits` is what all `quantity` units come to without fees, `port_credits` what the
    port's own do.
    """

    fills: tuple[Fill, ...]
    quantity: int
    total_credits: Credits
    port_quantity: int
    port_credits: Credits
    met: tuple[Met, ...] = ()


def walk(
    world: World,
    taker: Taker,
    quantity: int,
    limit: int | None,
    now: UnixMicros,
    port_cash: int | None = None,
) -> Walk:
    """Return what a taker of `quantity` units meets whose worst price is `limit` (None: any).

    Fewer units come back where the port and the orders have no more within the limit. With
    `port_cash`, the port takes no more than that pays for and open orders take the rest.
    """
    available = port_units(taker.port, taker.position, taker.side)
    if port_cash is not None:
        available = _payable_units(taker, min(available, quantity), port_cash)
    if taker.port.spec.port_id not in world.books:
        return port_walk(taker, min(available, quantity), limit)
    from_port, rest = 0, quantity
    met: list[Met] = []
    for order, most in _makers(world, taker, now):
        if rest == 0 or not _within(taker.side, order.limit_credits, limit):
            break
        units = _curve_units(taker, min(available, from_port + rest), order.limit_credits)
        rest -= units - from_port
        from_port = units
        taken = min(rest, most)
        if taken:
            met.append(Met(order, taken))
            rest -= taken
    if rest:
        units = max(from_port, _curve_units(taker, min(available, from_port + rest), limit))
        rest -= units - from_port
        from_port = units
    ladder = curve_ladder(taker, from_port)
    fills = _merged(taker.side, ladder, met)
    return Walk(
        fills, quantity - rest, ladder_total(fills), from_port, ladder_total(ladder), tuple(met)
    )


def port_walk(taker: Taker, available: int, limit: int | None) -> Walk:
    """Return what the port alone gives or takes of its next `available` units, within a limit."""
    quantity = _curve_units(taker, available, limit)
    fills = curve_ladder(taker, quantity)
    total = ladder_total(fills)
    return Walk(fills, quantity, total, quantity, total)


def port_units(port: Port, position: int, side: Side) -> int:
    """Return how many units the port itself sells (`buy`) or takes (`sell`) at most."""
    good = port.spec.goods[position]
    if side is Side.BUY:
        return port.ask_stock(position) if good.sells else 0
    room = stock_capacity(good.target) - port.bid_stock(position)
    return max(0, room) if good.buys else 0


def is_active(world: World, order: LimitOrder) -> bool:
    """Return whether an order's owner is docked at its port and may trade."""
    player = world.players[order.player_id]
    return (
        player.ship.docked_port_id == order.port_id
        and state_refusal(world, player, order.side, order.port_id) is None
    )


def acts(world: World, order: LimitOrder, now: UnixMicros) -> bool:
    """Return whether an order may be filled at `now`: it is active and its time is not over."""
    return order.expires_at > now and is_active(world, order)


def _makers(world: World, taker: Taker, now: UnixMicros) -> Iterator[tuple[LimitOrder, int]]:
    """Yield the open orders that a taker may meet, in their order, and how much of each."""
    book = world.books[taker.port.spec.port_id].get(taker.commodity)
    if book is None:
        return
    opposite = Side.SELL if taker.side is Side.BUY else Side.BUY
    taken_hold: dict[PlayerId, int] = {}
    met_capped: set[PlayerId] = set()
    for order in book.side(opposite):
        if order.player_id == taker.player.player_id or not acts(world, order, now):
            continue
        if taker.order is not None and order.sequence > taker.order.sequence:
            continue
        maker = world.players[order.player_id]
        most = order.remaining
        if opposite is Side.BUY:
            free = maker.ship.cargo_capacity - maker.ship.units_aboard()
            most = Quantity(min(most, free - taken_hold.get(order.player_id, 0)))
        if most <= 0:
            continue
        if world.risk.caps(order.player_id) != NO_CAPS:
            # What an earlier order of his fills is not counted yet; the next trade will see it.
            if order.player_id in met_capped or not _may_fill(world, maker, order, most, now):
                continue
            met_capped.add(order.player_id)
        taken_hold[order.player_id] = taken_hold.get(order.player_id, 0) + most
        yield order, most


def _may_fill(
    world: World, maker: Player, order: LimitOrder, quantity: int, now: UnixMicros
) -> bool:
    return (
        count_refusal(world, maker, order.commodity, quantity, now) is None
        and credits_refusal(world, maker, quantity * order.limit_credits, now) is None
    )


def _within(side: Side, price: int, limit: int | None) -> bool:
    return limit is None or (price <= limit if side is Side.BUY else price >= limit)


def _curve_units(taker: Taker, most: int, limit: int | None) -> int:
    """Return how many of the port's next `most` units are within a limit."""
    if limit is None or most <= 0:
        return max(0, most)
    _, base, target = taker.port.terms[taker.position]
    if taker.side is Side.BUY:
        return buy_units_within(base, taker.port.ask_stock(taker.position), target, most, limit)
    return sell_units_within(base, taker.port.bid_stock(taker.position), target, most, limit)


def _payable_units(taker: Taker, most: int, cash: int) -> int:
    """Return how many of the next `most` units of a sale the port can pay for."""
    return bisect_right(
        range(1, most + 1), cash, key=lambda units: ladder_total(curve_ladder(taker, units))
    )


def curve_ladder(taker: Taker, quantity: int) -> tuple[Fill, ...]:
    """Return the port's own prices of its next units; it must have so many."""
    if quantity == 0:
        return ()
    _, base, target = taker.port.terms[taker.position]
    if taker.side is Side.BUY:
        return buy_ladder(base, taker.port.ask_stock(taker.position), target, quantity)
    return sell_ladder(base, taker.port.bid_stock(taker.position), target, quantity)


def _merged(side: Side, ladder: tuple[Fill, ...], met: list[Met]) -> tuple[Fill, ...]:
    """Join the port's prices and those of the orders into one ladder, best price first."""
    if not met:
        return ladder
    units: dict[int, int] = {}
    for price, quantity in (
        *((fill.price_credits, fill.quantity) for fill in ladder),
        *((one.order.limit_credits, one.quantity) for one in met),
    ):
        units[price] = units.get(price, 0) + quantity
    return tuple(
        Fill(Credits(price), Quantity(units[price]))
        for price in sorted(units, reverse=side is Side.SELL)
    )


def own_worst_price(taker: Taker, quantity: int) -> int:
    """Return the port's own price of the last of `quantity` units, which it must have."""
    return curve_ladder(taker, quantity)[-1].price_credits
