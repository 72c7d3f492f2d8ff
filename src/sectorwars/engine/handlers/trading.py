"""Decide on trades with the port where the ship is docked."""

from dataclasses import dataclass

from sectorwars.domain.command import PRICE_BOUND_MAX, QUANTITY_MAX, Trade
from sectorwars.domain.commodity import COMMODITY_INDEX, COMMODITY_SPECS, Commodity
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import CommandId, RuleId, trade_id
from sectorwars.domain.ledger import TRADE_TAX, Posting, player_account, port_account
from sectorwars.domain.market import (
    Fill,
    Side,
    buy_ladder,
    ladder_total,
    sell_ladder,
    stock_capacity,
    trade_tax,
)
from sectorwars.domain.player import Player
from sectorwars.domain.port import Port, PortGood
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.values import Credits, Quantity, UnixMicros
from sectorwars.engine.world import World


@dataclass(frozen=True, slots=True)
class _Order:
    """A trade command that is well formed, at the port where it is to happen."""

    player: Player
    port: Port
    commodity: Commodity
    side: Side
    quantity: int
    price_bound: int | None
    command_id: CommandId
    rule_id: RuleId | None


def trade(
    world: World,
    player: Player,
    command: Trade,
    command_id: CommandId,
    now: UnixMicros,
    rule_id: RuleId | None = None,
) -> GoodsTraded | Rejection:
    """Buy from or sell to the port, priced unit by unit along its curve, all or nothing.

    `rule_id` names the rule that trades, if one does.
    """
    try:
        commodity = Commodity(command.commodity)
    except ValueError:
        return Rejection(
            RejectionCode.UNKNOWN_COMMODITY, f"There is no good called {command.commodity!r}."
        )
    if not 1 <= command.quantity <= QUANTITY_MAX:
        return Rejection(
            RejectionCode.INVALID_QUANTITY,
            f"A quantity is a whole number from 1 to {QUANTITY_MAX}.",
        )
    if command.price_bound is not None and not 1 <= command.price_bound <= PRICE_BOUND_MAX:
        return Rejection(
            RejectionCode.INVALID_PRICE_BOUND,
            f"A price bound is a whole number of credits from 1 to {PRICE_BOUND_MAX}.",
        )
    if player.ship.journey is not None:
        return Rejection(RejectionCode.IN_TRANSIT, "Your ship is under way.")
    if player.ship.docked_port_id is None:
        return Rejection(RejectionCode.NOT_DOCKED, "Dock at a port to trade there.")
    if command.port_id not in (None, player.ship.docked_port_id):
        return Rejection(RejectionCode.PORT_ELSEWHERE, "Your ship is docked at another port.")
    order = _Order(
        player,
        world.ports[player.ship.docked_port_id],
        commodity,
        command.side,
        command.quantity,
        command.price_bound,
        command_id,
        rule_id,
    )
    return _buy(world, order, now) if order.side is Side.BUY else _sell(world, order, now)


def _buy(world: World, order: _Order, now: UnixMicros) -> GoodsTraded | Rejection:
    name = order.port.spec.name
    ship = order.player.ship
    position = order.port.position(order.commodity)
    if position is None or not order.port.spec.goods[position].sells:
        return Rejection(
            RejectionCode.NOT_SOLD_HERE, f"{name} does not sell {order.commodity.spoken}."
        )
    good, stock = order.port.spec.goods[position], order.port.stock[position]
    if order.quantity > stock:
        return Rejection(
            RejectionCode.INSUFFICIENT_STOCK,
            f"{name} has {stock} units of {order.commodity.spoken}.",
        )
    free = ship.cargo_capacity - ship.units_aboard()
    if order.quantity > free:
        return Rejection(RejectionCode.INSUFFICIENT_HOLD, f"Your hold has room for {free} units.")
    fills = buy_ladder(_base_price(good), stock, good.target, order.quantity)
    dearest = fills[-1].price_credits
    if order.price_bound is not None and dearest > order.price_bound:
        return Rejection(
            RejectionCode.PRICE_ABOVE_BOUND,
            f"The dearest unit costs {dearest} credits, your bound is {order.price_bound}.",
        )
    total = ladder_total(fills)
    credits_before = world.credits(order.player.player_id)
    cost = total + trade_tax(total)
    if cost > credits_before:
        return Rejection(
            RejectionCode.INSUFFICIENT_CREDITS,
            f"It costs {cost} credits with fees, you have {credits_before}.",
        )
    return _traded(world, order, fills, now, profit=None, stock_after=stock - order.quantity)


def _sell(world: World, order: _Order, now: UnixMicros) -> GoodsTraded | Rejection:
    name = order.port.spec.name
    ship = order.player.ship
    position = order.port.position(order.commodity)
    if position is None or not order.port.spec.goods[position].buys:
        return Rejection(
            RejectionCode.NOT_BOUGHT_HERE, f"{name} does not buy {order.commodity.spoken}."
        )
    good, stock = order.port.spec.goods[position], order.port.stock[position]
    aboard = ship.units(order.commodity)
    if order.quantity > aboard:
        return Rejection(
            RejectionCode.INSUFFICIENT_CARGO,
            f"You have {aboard} units of {order.commodity.spoken} aboard.",
        )
    free = max(0, stock_capacity(good.target) - stock)
    if order.quantity > free:
        return Rejection(
            RejectionCode.PORT_FULL,
            f"{name} has room for {free} units of {order.commodity.spoken}.",
        )
    fills = sell_ladder(_base_price(good), stock, good.target, order.quantity)
    cheapest = fills[-1].price_credits
    if order.price_bound is not None and cheapest < order.price_bound:
        return Rejection(
            RejectionCode.PRICE_BELOW_BOUND,
            f"The cheapest unit fetches {cheapest} credits, your bound is {order.price_bound}.",
        )
    total = ladder_total(fills)
    if total > world.ledger.balance(port_account(order.port.spec.port_id)):
        return Rejection(
            RejectionCode.PORT_INSUFFICIENT_CREDITS, f"{name} cannot pay {total} credits just now."
        )
    cost = ship.cost_of(order.commodity, order.quantity)
    profit = Credits(total - trade_tax(total) - cost)
    return _traded(world, order, fills, now, profit=profit, stock_after=stock + order.quantity)


def _base_price(good: PortGood) -> Credits:
    return COMMODITY_SPECS[good.commodity].base_price_credits


def _traded(
    world: World,
    order: _Order,
    fills: tuple[Fill, ...],
    now: UnixMicros,
    *,
    profit: Credits | None,
    stock_after: int,
) -> GoodsTraded:
    player_id, port_id = order.player.player_id, order.port.spec.port_id
    serial = order.player.trade_serial + 1
    total = ladder_total(fills)
    fees = trade_tax(total)
    bought = 1 if order.side is Side.BUY else -1
    player_change = Credits(-bought * total - fees)
    return GoodsTraded(
        trade_id=trade_id(player_id, serial),
        trade_serial=serial,
        player_id=player_id,
        command_id=order.command_id,
        at=now,
        tick=world.tick,
        port_id=port_id,
        side=order.side,
        commodity=order.commodity,
        quantity=Quantity(order.quantity),
        fills=fills,
        total_credits=total,
        fees_credits=fees,
        profit_credits=profit,
        credits_after=Credits(world.credits(player_id) + player_change),
        cargo_after=Quantity(order.player.ship.units(order.commodity) + bought * order.quantity),
        stock_after=Quantity(stock_after),
        market_version=order.port.version + 1,
        volume_24h=world.tape.totals[COMMODITY_INDEX[order.commodity]] + order.quantity,
        postings=(
            Posting(player_account(player_id), player_change),
            Posting(port_account(port_id), Credits(bought * total)),
            Posting(TRADE_TAX, fees),
        ),
        rule_id=order.rule_id,
    )
