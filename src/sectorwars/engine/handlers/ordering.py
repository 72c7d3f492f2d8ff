"""Decide on resting limit orders: placing, filling, cancelling and expiring them (ADR 0008)."""

from collections.abc import Iterator
from itertools import takewhile

from sectorwars.domain.command import CancelOrder, CancelOrders, PlaceOrder
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Event, OrderClosed, OrderPlaced
from sectorwars.domain.ids import CommandId, OrderId, PortId, order_id
from sectorwars.domain.ledger import Posting, held_account, player_account, port_account
from sectorwars.domain.market import Side, mid_price_cents
from sectorwars.domain.order import (
    COLLAR_FACTOR,
    OPEN_ORDERS_MAX,
    ORDER_LIFE_SECONDS_MAX,
    CloseReason,
    LimitOrder,
    OrderBook,
    reserve,
)
from sectorwars.domain.player import Player
from sectorwars.domain.port import Port
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.values import MICROS_PER_SECOND, Credits, Quantity, UnixMicros, div_ceil
from sectorwars.engine.berth import berth, form_refusal, means, means_refusal
from sectorwars.engine.dealing import Cause, completed, deal
from sectorwars.engine.decision import Accepted, Decision
from sectorwars.engine.matching import Taker, acts, walk
from sectorwars.engine.risk import count_refusal, credits_refusal
from sectorwars.engine.world import World


def place(
    world: World, player: Player, command: PlaceOrder, command_id: CommandId, now: UnixMicros
) -> Decision:
    """Rest an order and put aside what it needs: credits with tax, or units of the cargo."""
    refusal = form_refusal(command.commodity, command.quantity, command.limit_credits)
    if refusal is not None:
        return refusal
    if not 1 <= command.life_seconds <= ORDER_LIFE_SECONDS_MAX:
        return Rejection(
            RejectionCode.INVALID_ORDER_LIFE,
            f"An order lives 1 to {ORDER_LIFE_SECONDS_MAX} seconds.",
        )
    commodity = Commodity(command.commodity)
    taker = berth(world, player, command.side, commodity, command.quantity, command.port_id, now)
    if isinstance(taker, Rejection):
        return taker
    needed = reserve(command.limit_credits, command.quantity)
    refusal = (
        _book_refusal(taker, command)
        or _cover_refusal(world, taker, command, needed)
        or credits_refusal(world, player, command.limit_credits * command.quantity, now)
    )
    if refusal is not None:
        return refusal
    held = needed if command.side is Side.BUY else Credits(0)
    serial = player.order_serial + 1
    account = player_account(player.player_id)
    placed = OrderPlaced(
        player_id=player.player_id,
        command_id=command_id,
        at=now,
        tick=world.tick,
        order_id=order_id(player.player_id, serial),
        order_serial=serial,
        sequence=world.order_sequence + 1,
        port_id=taker.port.spec.port_id,
        side=command.side,
        commodity=commodity,
        quantity=Quantity(command.quantity),
        limit_credits=Credits(command.limit_credits),
        expires_at=UnixMicros(now + command.life_seconds * MICROS_PER_SECOND),
        cancel_on_disconnect=command.cancel_on_disconnect,
        credits_after=Credits(world.ledger.balance(account) - held),
        market_version=taker.port.version + 1,
        postings=_moved(player, Credits(-held)),
    )
    return Accepted((placed,))


def cancel(
    world: World, player: Player, command: CancelOrder, command_id: CommandId, now: UnixMicros
) -> Decision:
    """Close an open order and release what was put aside for it."""
    order = player.orders.get(command.order_id)
    if order is None:
        return Rejection(RejectionCode.UNKNOWN_ORDER, "You have no such open order.")
    return Accepted(_closes(world, player, [order], CloseReason.CANCELLED, command_id, now))


def cancel_all(
    world: World, player: Player, command: CancelOrders, command_id: CommandId, now: UnixMicros
) -> Decision:
    """Close all open orders that the command means."""
    meant = [
        order
        for order in player.orders.values()
        if command.port_id in (None, order.port_id)
        and (order.cancel_on_disconnect or not command.disconnected)
    ]
    if not meant:
        return Rejection(RejectionCode.NO_OPEN_ORDERS, "You have no such open orders.")
    reason = CloseReason.DISCONNECTED if command.disconnected else CloseReason.CANCELLED
    return Accepted(_closes(world, player, meant, reason, command_id, now))


def expire(world: World, player: Player, name: OrderId, now: UnixMicros) -> Decision:
    """Close an order whose time is over; asked twice, or too early, nothing happens."""
    order = player.orders.get(name)
    if order is None or order.expires_at > now:
        return Accepted(())
    return Accepted(_closes(world, player, [order], CloseReason.EXPIRED, None, now))


def match(world: World, port_id: PortId, now: UnixMicros) -> Decision:
    """Fill the first order at a port that can be filled, as far as it can, or none.

    Asked again until nothing comes back, it leaves no order that could be filled.
    """
    for commodity, book in world.books.get(port_id, {}).items():
        for order in _meeting(world.ports[port_id], commodity, book):
            if acts(world, order, now):
                events = _filled(world, order, commodity, now)
                if events:
                    return Accepted(events)
    return Accepted(())


def _meeting(port: Port, commodity: Commodity, book: OrderBook) -> Iterator[LimitOrder]:
    """Yield the orders whose limit meets the port's price or an order of the other side.

    Purchases come first, then sales, each with the best price first; mostly there are none.
    """
    position = port.place(commodity)
    ask, bid = port.ask(position), port.bid(position)
    highest, lowest = book.best(Side.BUY), book.best(Side.SELL)
    asked = min((price for price in (ask, lowest) if price is not None), default=None)
    if asked is not None:
        yield from takewhile(lambda order: order.limit_credits >= asked, book.side(Side.BUY))
    wanted = max((price for price in (bid, highest) if price is not None), default=None)
    if wanted is not None:
        yield from takewhile(lambda order: order.limit_credits <= wanted, book.side(Side.SELL))


def _filled(
    world: World, order: LimitOrder, commodity: Commodity, now: UnixMicros
) -> tuple[Event, ...]:
    """Return the trade by which an order takes what is within its limit, and what it closes."""
    player, port = world.players[order.player_id], world.ports[order.port_id]
    taker = Taker(player, port, port.place(commodity), commodity, order.side, order)
    # What a sale offers is reserved for it; a purchase takes what the hold has room for.
    most = order.remaining
    if order.side is Side.BUY:
        most = Quantity(min(most, means(taker)))
    if most <= 0 or count_refusal(world, player, commodity, most, now) is not None:
        return ()
    cash = None
    if order.side is Side.SELL:
        cash = world.ledger.balance(port_account(order.port_id))
    found = walk(world, taker, most, order.limit_credits, now, cash)
    if found.quantity == 0 or credits_refusal(world, player, found.total_credits, now) is not None:
        return ()
    trade = deal(world, taker, found, Cause(order.command_id), now)
    return (trade, *completed(world, trade))


def _book_refusal(taker: Taker, command: PlaceOrder) -> Rejection | None:
    """Hold an order against how many its owner may have, and how far its limit may be off."""
    if len(taker.player.orders) >= OPEN_ORDERS_MAX:
        return Rejection(
            RejectionCode.ORDER_LIMIT,
            f"You have {OPEN_ORDERS_MAX} open orders, which is the limit; cancel one.",
        )
    _, base, target = taker.port.terms[taker.position]
    mid = mid_price_cents(base, taker.port.stock[taker.position], target)
    lowest, highest = div_ceil(mid, 100 * COLLAR_FACTOR), mid * COLLAR_FACTOR // 100
    if not lowest <= command.limit_credits <= highest:
        return Rejection(
            RejectionCode.PRICE_OUTSIDE_COLLAR,
            f"A limit for {taker.commodity.spoken} here is {lowest} to {highest} credits just now.",
        )
    return None


def _cover_refusal(
    world: World, taker: Taker, command: PlaceOrder, needed: Credits
) -> Rejection | None:
    """Say what an order lacks of what has to be put aside for it."""
    if command.side is Side.SELL:
        return means_refusal(taker, command.quantity)
    credits_before = world.credits(taker.player.player_id)
    if needed <= credits_before:
        return None
    return Rejection(
        RejectionCode.INSUFFICIENT_CREDITS,
        f"It costs up to {needed} credits with fees, you have {credits_before}.",
    )


def _closes(
    world: World,
    player: Player,
    orders: list[LimitOrder],
    reason: CloseReason,
    command_id: CommandId | None,
    now: UnixMicros,
) -> tuple[OrderClosed, ...]:
    credits_after = world.credits(player.player_id)
    versions: dict[PortId, int] = {}
    closes = []
    for order in orders:
        versions[order.port_id] = (
            versions.get(order.port_id, world.ports[order.port_id].version) + 1
        )
        credits_after = Credits(credits_after + order.held_credits)
        closes.append(
            OrderClosed(
                player_id=player.player_id,
                command_id=command_id,
                at=now,
                tick=world.tick,
                order_id=order.order_id,
                port_id=order.port_id,
                reason=reason,
                filled=Quantity(order.filled),
                filled_credits=Credits(order.filled_credits),
                credits_after=credits_after,
                market_version=versions[order.port_id],
                postings=_moved(player, order.held_credits),
            )
        )
    return tuple(closes)


def _moved(player: Player, released: Credits) -> tuple[Posting, ...]:
    """Return the postings that release credits put aside (negative: put them aside)."""
    if not released:
        return ()
    return (
        Posting(held_account(player.player_id), Credits(-released)),
        Posting(player_account(player.player_id), released),
    )
