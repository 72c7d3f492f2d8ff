"""The referee's own books of money, stock, cargo and berths: plain sums, apart from the engine."""

from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

from sectorwars.domain.commodity import COMMODITY_SPECS, Commodity
from sectorwars.domain.event import (
    Crossing,
    Event,
    GoodsTraded,
    HaulerCalled,
    OrderClosed,
    OrderPlaced,
    PlayerRegistered,
    QuoteClosed,
    QuoteIssued,
    ShipDocked,
    ShipUndocked,
    StockCheckpointed,
    TickAdvanced,
    UniverseCreated,
)
from sectorwars.domain.ids import AccountId, HaulerId, PlayerId, PortId, QuoteId
from sectorwars.domain.ledger import UNLIMITED_ACCOUNTS, player_account, port_account
from sectorwars.domain.market import Side, ask_price, bid_price, trade_tax
from sectorwars.domain.port import PortGood, PortSpec
from sectorwars.domain.quote import Quote
from sectorwars.domain.ship import CARGO_CAPACITY, ShipClass
from sectorwars.domain.values import TICKS_PER_GAME_DAY, Tick
from sectorwars.simulation.findings import Findings

_HOLD: Final = CARGO_CAPACITY[ShipClass.LIGHT_FREIGHTER]


@dataclass(slots=True)
class _Bought:
    """Units bought together, and what is left of what they cost."""

    quantity: int
    cost: int


class MarketBooks:
    """Holds every trade and call against prices reckoned one unit at a time."""

    def __init__(self, findings: Findings) -> None:
        """Start before any universe, reporting to `findings`."""
        self._check = findings.check
        self.specs: dict[PortId, PortSpec] = {}
        self.players: set[PlayerId] = set()
        self.berths: dict[PlayerId, PortId] = {}
        self.quotes: dict[QuoteId, Quote] = {}
        self._promised: Counter[tuple[PortId, Commodity, Side]] = Counter()
        self._stock: dict[PortId, dict[Commodity, int]] = {}
        self._versions: Counter[PortId] = Counter()
        self._balances: Counter[AccountId] = Counter()
        self._cargo: dict[tuple[PlayerId, Commodity], list[_Bought]] = {}
        self._hold_sizes: dict[HaulerId, int] = {}
        self._holds: dict[HaulerId, Counter[Commodity]] = {}
        self._traded: dict[Commodity, deque[tuple[Tick, int]]] = {}

    def see(self, event: Event) -> None:
        """Judge an event that has become durable, and enter it."""
        self._see_money(event)
        match event:
            case UniverseCreated():
                self._open(event)
            case GoodsTraded():
                self._see_trade(event)
            case TickAdvanced():
                self._see_tick(event)
            case HaulerCalled():
                self._see_call(event)
            case StockCheckpointed():
                self._see_checkpoint(event)
            case PlayerRegistered() | ShipDocked():
                self.players.add(event.player_id)
                self.berths[event.player_id] = event.port_id
            case ShipUndocked():
                del self.berths[event.player_id]
            case QuoteIssued():
                self._versions[event.port_id] += 1
                self.quotes[event.quote.quote_id] = event.quote
                self._promise(event.quote, event.quote.quantity)
            case QuoteClosed():
                self._versions[event.port_id] += 1
                self._close_quote(event.quote_id)
            case OrderPlaced() | OrderClosed():
                self._versions[event.port_id] += 1
            case _:
                pass
        if isinstance(event, QuoteIssued | QuoteClosed | OrderPlaced | OrderClosed):
            self._check(
                event.market_version == self._versions[event.port_id],
                f"{type(event).__name__} of {event.player_id} has a wrong version",
            )

    def credits(self, player_id: PlayerId) -> int:
        """Return a player's credits."""
        return self._balances[player_account(player_id)]

    def cash(self, port_id: PortId) -> int:
        """Return a port's credits."""
        return self._balances[port_account(port_id)]

    def balance(self, account: AccountId) -> int:
        """Return an account's balance."""
        return self._balances[account]

    def good(self, port_id: PortId, commodity: Commodity) -> PortGood | None:
        """Return what a port says of a good, or None where it has no dealings in it."""
        return next((g for g in self.specs[port_id].goods if g.commodity is commodity), None)

    def stock(self, port_id: PortId, commodity: Commodity) -> int:
        """Return a port's stock of a good it deals in."""
        return self._stock[port_id][commodity]

    def promised(self, port_id: PortId, commodity: Commodity, side: Side) -> int:
        """Return the units that live quotes of a side have reserved."""
        return self._promised[port_id, commodity, side]

    def price(
        self, port_id: PortId, commodity: Commodity, side: Side, after: int = 0
    ) -> int | None:
        """Return the port's price of the unit after the next `after` ones, or None."""
        good = self.good(port_id, commodity)
        if good is None or not (good.sells if side is Side.BUY else good.buys):
            return None
        return _unit_prices(good, self._level(port_id, commodity, side), side, after + 1)[-1]

    def room(self, player_id: PlayerId) -> int:
        """Return for how many units there is room in a player's hold."""
        return _HOLD - sum(
            lot.quantity
            for (owner, _), lots in self._cargo.items()
            if owner == player_id
            for lot in lots
        )

    def aboard(self, player_id: PlayerId, commodity: Commodity) -> tuple[int, int]:
        """Return how many units a player carries, and what they cost."""
        lots = self._cargo.get((player_id, commodity), ())
        return sum(lot.quantity for lot in lots), sum(lot.cost for lot in lots)

    def _level(self, port_id: PortId, commodity: Commodity, side: Side) -> int:
        """Return the stock at which a side's next unit is priced: behind what is promised."""
        promised = self._promised[port_id, commodity, side]
        return self._stock[port_id][commodity] + (-promised if side is Side.BUY else promised)

    def _promise(self, quote: Quote, quantity: int) -> None:
        self._promised[quote.port_id, quote.commodity, quote.side] += quantity

    def _close_quote(self, quote_id: QuoteId) -> Quote | None:
        quote = self.quotes.pop(quote_id, None)
        if quote is not None:
            self._promise(quote, -quote.quantity)
        return quote

    def _see_promises(self, port_id: PortId, commodity: Commodity, name: str) -> None:
        left = self._level(port_id, commodity, Side.BUY)
        self._check(left >= 0, f"{name} takes what is promised to others")

    def _see_money(self, event: Event) -> None:
        postings = getattr(event, "postings", ())
        name = type(event).__name__
        self._check(sum(amount for _, amount in postings) == 0, f"{name} does not balance")
        for account, amount in postings:
            self._balances[account] += amount
        for account, _ in postings:
            self._check(
                self._balances[account] >= 0 or account in UNLIMITED_ACCOUNTS,
                f"{name} leaves {account} in debt",
            )

    def _open(self, event: UniverseCreated) -> None:
        self._hold_sizes = {hauler.hauler_id: hauler.hold for hauler in event.haulers}
        for spec, stock in zip(event.ports, event.stocks, strict=True):
            self.specs[spec.port_id] = spec
            self._stock[spec.port_id] = {
                good.commodity: units for good, units in zip(spec.goods, stock, strict=True)
            }

    def _see_tick(self, event: TickAdvanced) -> None:
        for spec, deltas in zip(self.specs.values(), event.deltas, strict=True):
            stock = self._stock[spec.port_id]
            for good, delta in zip(spec.goods, deltas, strict=True):
                stock[good.commodity] += delta
                self._check(stock[good.commodity] >= 0, f"a tick leaves {spec.port_id} in debt")
                self._see_promises(spec.port_id, good.commodity, "a tick")
            self._versions[spec.port_id] += any(deltas)

    def _see_checkpoint(self, event: StockCheckpointed) -> None:
        stocks = tuple(tuple(stock.values()) for stock in self._stock.values())
        self._check(event.stocks == stocks, "a checkpoint has another stock than the log")
        versions = tuple(self._versions[port_id] for port_id in self.specs)
        self._check(event.versions == versions, "a checkpoint has other versions than the log")

    def _see_trade(self, event: GoodsTraded) -> None:
        name = event.trade_id
        self._check(self.berths.get(event.player_id) == event.port_id, f"{name} is made from afar")
        quote = None if event.quote_id is None else self._close_quote(event.quote_id)
        port_quantity = self._see_prices(event, quote)
        stock = self._stock[event.port_id]
        stock[event.commodity] -= port_quantity if event.side is Side.BUY else -port_quantity
        self._check(event.stock_after == stock[event.commodity] >= 0, f"{name} has a wrong stock")
        self._see_promises(event.port_id, event.commodity, name)
        self._versions[event.port_id] += 1
        self._check(
            event.market_version == self._versions[event.port_id], f"{name} has a wrong version"
        )
        self._check(
            event.volume_24h == self._volume(event.tick, event.commodity, event.quantity),
            f"{name} has a wrong volume",
        )
        self._see_cargo(event, event.commodity, event.side, event.total_credits)
        opposite = Side.SELL if event.side is Side.BUY else Side.BUY
        for crossing in event.crossings:
            total = crossing.quantity * crossing.price_credits
            self._see_cargo(crossing, event.commodity, opposite, total)
        after = {crossing.player_id: crossing.credits_after for crossing in event.crossings}
        for player_id, credits_after in {event.player_id: event.credits_after, **after}.items():
            self._check(credits_after == self.credits(player_id), f"{name} has wrong credits")

    def _see_prices(self, event: GoodsTraded, quote: Quote | None) -> int:
        """Hold the prices against curve, quote and the orders met; return the port's units."""
        name = event.trade_id
        fills = [fill.price_credits for fill in event.fills for _ in range(fill.quantity)]
        self._check(event.total_credits == sum(fills), f"{name} has a wrong total")
        self._check(event.quantity == len(fills), f"{name} has a wrong quantity")
        from_port = Counter(fills)
        for crossing in event.crossings:
            from_port[crossing.price_credits] -= crossing.quantity
        quantity = max(0, from_port.total())
        if quote is not None:
            wanted = [fill.price_credits for fill in quote.fills for _ in range(fill.quantity)]
            self._check(fills == wanted, f"{name} has other prices than its quote")
            return quantity
        good = self.good(event.port_id, event.commodity)
        if good is None:
            self._check(False, f"{name} is in a good that the port does not deal in")
            return quantity
        level = self._level(event.port_id, event.commodity, event.side)
        prices = _unit_prices(good, level, event.side, quantity)
        self._check(
            +from_port == Counter(prices) and min(from_port.values(), default=0) >= 0,
            f"{name} has other prices than the curve",
        )
        self._check(
            fills == sorted(fills, reverse=event.side is Side.SELL),
            f"{name} gives worse prices before better ones",
        )
        return quantity

    def _see_cargo(
        self, trade: GoodsTraded | Crossing, commodity: Commodity, side: Side, total: int
    ) -> None:
        name, tax = trade.trade_id, trade.fees_credits
        lots = self._cargo.setdefault((trade.player_id, commodity), [])
        if side is Side.BUY:
            lots.append(_Bought(trade.quantity, total + tax))
            self._check(trade.profit_credits is None, f"{name} profits from a purchase")
        else:
            cost = _unload(lots, trade.quantity)
            self._check(trade.profit_credits == total - tax - cost, f"{name} has a wrong profit")
        units, _ = self.aboard(trade.player_id, commodity)
        self._check(trade.cargo_after == units, f"{name} has a wrong cargo")
        self._check(all(lot.quantity > 0 for lot in lots), f"{name} sells what is not aboard")
        self._check(self.room(trade.player_id) >= 0, f"{name} bursts the hold")

    def _volume(self, tick: Tick, commodity: Commodity, quantity: int) -> int:
        """Enter units traded at `tick`; return the units of the 24 game hours up to it."""
        traded = self._traded.setdefault(commodity, deque())
        traded.append((tick, quantity))
        while traded[0][0] <= tick - TICKS_PER_GAME_DAY:
            traded.popleft()
        return sum(units for _, units in traded)

    def _see_call(self, event: HaulerCalled) -> None:
        name = f"the call of {event.hauler_id} at tick {event.tick}"
        hold = self._holds.setdefault(event.hauler_id, Counter())
        for side, deal in ((Side.SELL, event.sold), (Side.BUY, event.bought)):
            if deal is None:
                continue
            good = next(g for g in self.specs[event.port_id].goods if g.commodity is deal.commodity)
            self._check(
                good.buys if side is Side.SELL else good.sells,
                f"{name} deals in what the port does not",
            )
            stock = self._stock[event.port_id]
            level = self._level(event.port_id, good.commodity, side)
            prices = _unit_prices(good, level, side, deal.quantity)
            total = sum(price or 0 for price in prices)
            self._check(deal.total_credits == total > 0, f"{name} has a wrong total")
            self._check(None not in prices, f"{name} trades what cannot be traded")
            self._check(deal.fees_credits == trade_tax(total), f"{name} has a wrong fee")
            bought = deal.quantity if side is Side.BUY else -deal.quantity
            stock[good.commodity] -= bought
            self._check(deal.stock_after == stock[good.commodity], f"{name} has a wrong stock")
            self._see_promises(event.port_id, good.commodity, name)
            self._volume(event.tick, good.commodity, deal.quantity)
            hold[good.commodity] += bought
            self._check(hold[good.commodity] >= 0, f"{name} sells what is not aboard")
        self._check(hold.total() <= self._hold_sizes[event.hauler_id], f"{name} bursts the hold")
        self._versions[event.port_id] += bool(event.deals)
        self._check(
            event.market_version == self._versions[event.port_id], f"{name} has a wrong version"
        )
        self._check(event.upkeep_credits >= 0, f"{name} is paid for its upkeep")
        self._check(event.calls_at > event.tick, f"{name} never ends")


def _unload(lots: list[_Bought], quantity: int) -> int:
    """Take the oldest units out and return what they cost; a split lot's share is rounded down."""
    cost = 0
    while quantity > 0 and lots:
        lot = lots[0]
        taken = min(quantity, lot.quantity)
        share = lot.cost * taken // lot.quantity
        lot.cost -= share
        lot.quantity -= taken
        cost += share
        quantity -= taken
        if lot.quantity == 0:
            lots.pop(0)
    if quantity:
        lots.insert(0, _Bought(-quantity, 0))
    return cost


def _unit_prices(good: PortGood, stock: int, side: Side, quantity: int) -> list[int | None]:
    base, target = COMMODITY_SPECS[good.commodity].base_price_credits, good.target
    if side is Side.BUY:
        return [ask_price(base, stock - k, target) for k in range(quantity)]
    return [bid_price(base, stock + k, target) for k in range(quantity)]
