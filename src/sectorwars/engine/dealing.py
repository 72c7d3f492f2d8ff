"""The event of a trade: who gets and pays what, over the port and the orders that were met."""

from dataclasses import dataclass, field, replace

from sectorwars.domain.commodity import COMMODITY_INDEX
from sectorwars.domain.event import Crossing, GoodsTraded, OrderClosed
from sectorwars.domain.ids import AccountId, CommandId, PlayerId, PortId, RuleId, trade_id
from sectorwars.domain.ledger import (
    TRADE_TAX,
    Posting,
    held_account,
    player_account,
    port_account,
)
from sectorwars.domain.market import Side, trade_tax
from sectorwars.domain.order import CloseReason, LimitOrder, reserve
from sectorwars.domain.quote import Quote
from sectorwars.domain.record import record
from sectorwars.domain.ship import Lot, Ship
from sectorwars.domain.values import Credits, Quantity, UnixMicros
from sectorwars.engine.matching import Met, Taker, Walk
from sectorwars.engine.world import World


@record
class Cause:
    """By which command, and for which rule or with which quote, a trade is made."""

    command_id: CommandId
    rule_id: RuleId | None = None
    quote: Quote | None = None


def deal(world: World, taker: Taker, walked: Walk, cause: Cause, now: UnixMicros) -> GoodsTraded:
    """Return the trade in which a taker gets all that `walked` found; it must be affordable."""
    player, port = taker.player, taker.port
    player_id, port_id = player.player_id, port.spec.port_id
    total = walked.total_credits
    quantity = walked.quantity
    buying = taker.side is Side.BUY
    accounts = _Accounts(world)
    fees = trade_tax(total) if taker.order is None else taker.order.tax_on(total)
    if taker.order is None or not buying:
        accounts.move(player_account(player_id), -total - fees if buying else total - fees)
    else:
        _pay_from_reserve(accounts, taker.order, quantity, total, fees)
    accounts.move(
        _port_account(cause.quote, port_id),
        walked.port_credits if buying else -walked.port_credits,
    )
    accounts.move(TRADE_TAX, fees)
    crossings: tuple[Crossing, ...] = ()
    if walked.met:
        makers = _Makers(world, accounts)
        crossings = tuple(makers.cross(met) for met in walked.met)
    profit = None
    if not buying:
        cost = player.ship.cost_of(taker.commodity, quantity)
        profit = Credits(total - fees - cost)
    serial = player.trade_serial + 1
    stock = port.stock[taker.position]
    return GoodsTraded(
        trade_id=trade_id(player_id, serial),
        trade_serial=serial,
        player_id=player_id,
        command_id=cause.command_id,
        at=now,
        tick=world.tick,
        port_id=port_id,
        side=taker.side,
        commodity=taker.commodity,
        quantity=Quantity(quantity),
        fills=walked.fills,
        total_credits=total,
        fees_credits=fees,
        profit_credits=profit,
        credits_after=accounts.after(player_account(player_id)),
        cargo_after=Quantity(
            player.ship.units(taker.commodity) + (quantity if buying else -quantity)
        ),
        stock_after=Quantity(stock + (-walked.port_quantity if buying else walked.port_quantity)),
        market_version=port.version + 1,
        volume_24h=world.tape.totals[COMMODITY_INDEX[taker.commodity]] + quantity,
        postings=accounts.postings(),
        rule_id=cause.rule_id,
        order_id=None if taker.order is None else taker.order.order_id,
        quote_id=None if cause.quote is None else cause.quote.quote_id,
        crossings=crossings,
    )


def quoted(quote: Quote) -> Walk:
    """Return what the holder of a quote gets, which is what he was told."""
    total = quote.total_credits
    return Walk(quote.fills, quote.quantity, total, quote.quantity, total)


def completed(world: World, trade: GoodsTraded) -> tuple[OrderClosed, ...]:
    """Return the closes of the orders that a trade fills, in the order in which they were met."""
    met = [
        (
            crossing.order_id,
            crossing.player_id,
            crossing.quantity,
            crossing.quantity * crossing.price_credits,
            crossing.credits_after,
        )
        for crossing in trade.crossings
    ]
    if trade.order_id is not None:
        met.insert(
            0,
            (
                trade.order_id,
                trade.player_id,
                trade.quantity,
                trade.total_credits,
                trade.credits_after,
            ),
        )
    closes: list[OrderClosed] = []
    for order_id, player_id, quantity, total, credits_after in met:
        order = world.players[player_id].orders[order_id]
        if quantity < order.remaining:
            continue
        closes.append(
            OrderClosed(
                player_id=player_id,
                command_id=None,
                at=trade.at,
                tick=trade.tick,
                order_id=order_id,
                port_id=trade.port_id,
                reason=CloseReason.FILLED,
                filled=order.quantity,
                filled_credits=Credits(order.filled_credits + total),
                credits_after=credits_after,
                market_version=trade.market_version + len(closes) + 1,
                postings=(),
            )
        )
    return tuple(closes)


class _Accounts:
    """The changes of balances that make up a trade."""

    def __init__(self, world: World) -> None:
        self._ledger = world.ledger
        self._changes: dict[AccountId, int] = {}

    def move(self, account: AccountId, amount: int) -> None:
        self._changes[account] = self._changes.get(account, 0) + amount

    def after(self, account: AccountId) -> Credits:
        return Credits(self._ledger.balance(account) + self._changes.get(account, 0))

    def postings(self) -> tuple[Posting, ...]:
        return tuple(
            Posting(account, Credits(amount)) for account, amount in self._changes.items() if amount
        )


def _pay_from_reserve(
    accounts: _Accounts, order: LimitOrder, quantity: int, total: int, fees: int
) -> None:
    """Pay a fill of a purchase from what is reserved for it, and release what is saved."""
    held_after = reserve(
        order.limit_credits, order.remaining - quantity, order.filled_credits + total
    )
    released = order.held_credits - held_after - total - fees
    accounts.move(held_account(order.player_id), held_after - order.held_credits)
    accounts.move(player_account(order.player_id), released)


def _port_account(quote: Quote | None, port: PortId) -> AccountId:
    """Return the account that a port trades with: a quote's cash was put aside."""
    reserved = quote is not None and quote.side is Side.SELL
    return held_account(port) if reserved else port_account(port)


@dataclass(slots=True)
class _Makers:
    """The owners of the orders met, each as the orders before left him."""

    world: World
    accounts: _Accounts
    ships: dict[PlayerId, Ship] = field(default_factory=dict)
    trades: dict[PlayerId, int] = field(default_factory=dict)

    def cross(self, met: Met) -> Crossing:
        """Return what the owner of an order trades by it."""
        order, quantity = met.order, met.quantity
        owner = self.world.players[order.player_id]
        ship = self.ships.setdefault(order.player_id, _hold_of(owner.ship))
        total = order.limit_credits * quantity
        fees = order.tax_on(total)
        profit = None
        self.accounts.move(TRADE_TAX, fees)
        if order.side is Side.BUY:
            _pay_from_reserve(self.accounts, order, quantity, total, fees)
            ship.load(order.commodity, quantity, total + fees)
        else:
            self.accounts.move(player_account(order.player_id), total - fees)
            profit = Credits(total - fees - ship.cost_of(order.commodity, quantity))
            ship.unload(order.commodity, quantity)
        serial = owner.trade_serial + self.trades.get(order.player_id, 0) + 1
        self.trades[order.player_id] = serial - owner.trade_serial
        return Crossing(
            order_id=order.order_id,
            player_id=order.player_id,
            command_id=order.command_id,
            trade_id=trade_id(order.player_id, serial),
            trade_serial=serial,
            quantity=Quantity(quantity),
            price_credits=order.limit_credits,
            fees_credits=fees,
            profit_credits=profit,
            credits_after=self.accounts.after(player_account(order.player_id)),
            cargo_after=Quantity(ship.units(order.commodity)),
        )


def _hold_of(ship: Ship) -> Ship:
    """Return a ship with a hold of its own to try trades on."""
    cargo = {
        commodity: [Lot(lot.quantity, lot.cost_credits) for lot in lots]
        for commodity, lots in ship.cargo.items()
    }
    return replace(ship, cargo=cargo)
