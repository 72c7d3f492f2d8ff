"""The referee's own books of money, stock, cargo and berths: plain sums, apart from the engine."""

from collections import Counter, deque
from dataclasses import dataclass
from typing import Final

from sectorwars.domain.commodity import COMMODITY_SPECS, Commodity
from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    HaulerCalled,
    PlayerRegistered,
    ShipDocked,
    ShipUndocked,
    StockCheckpointed,
    TickAdvanced,
    UniverseCreated,
)
from sectorwars.domain.ids import AccountId, HaulerId, PlayerId, PortId
from sectorwars.domain.ledger import UNLIMITED_ACCOUNTS, player_account
from sectorwars.domain.market import Side, ask_price, bid_price, trade_tax
from sectorwars.domain.port import PortGood, PortSpec
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
        self.berths: dict[PlayerId, PortId] = {}
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
                self.berths[event.player_id] = event.port_id
            case ShipUndocked():
                del self.berths[event.player_id]
            case _:
                pass

    def credits(self, player_id: PlayerId) -> int:
        """Return a player's credits."""
        return self._balances[player_account(player_id)]

    def good(self, port_id: PortId, commodity: Commodity) -> PortGood | None:
        """Return what a port says of a good, or None where it has no dealings in it."""
        return next((g for g in self.specs[port_id].goods if g.commodity is commodity), None)

    def ask(self, port_id: PortId, commodity: Commodity) -> int | None:
        """Return the price of the next unit that a player buys, or None."""
        good = self.good(port_id, commodity)
        if good is None or not good.sells:
            return None
        return _unit_prices(good, self._stock[port_id][commodity], Side.BUY, 1)[0]

    def bid(self, port_id: PortId, commodity: Commodity) -> int | None:
        """Return the price of the next unit that a player sells, or None."""
        good = self.good(port_id, commodity)
        if good is None or not good.buys:
            return None
        return _unit_prices(good, self._stock[port_id][commodity], Side.SELL, 1)[0]

    def aboard(self, player_id: PlayerId, commodity: Commodity) -> tuple[int, int]:
        """Return how many units a player carries, and what they cost."""
        lots = self._cargo.get((player_id, commodity), ())
        return sum(lot.quantity for lot in lots), sum(lot.cost for lot in lots)

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
            self._versions[spec.port_id] += any(deltas)

    def _see_checkpoint(self, event: StockCheckpointed) -> None:
        stocks = tuple(tuple(stock.values()) for stock in self._stock.values())
        self._check(event.stocks == stocks, "a checkpoint has another stock than the log")
        versions = tuple(self._versions[port_id] for port_id in self.specs)
        self._check(event.versions == versions, "a checkpoint has other versions than the log")

    def _see_trade(self, event: GoodsTraded) -> None:
        name = event.trade_id
        self._check(self.berths.get(event.player_id) == event.port_id, f"{name} is made from afar")
        good = next(g for g in self.specs[event.port_id].goods if g.commodity is event.commodity)
        stock = self._stock[event.port_id]
        prices = _unit_prices(good, stock[good.commodity], event.side, event.quantity)
        fills = [fill.price_credits for fill in event.fills for _ in range(fill.quantity)]
        total, tax = sum(fills), trade_tax(sum(fills))
        self._check(fills == prices, f"{name} has other prices than the curve")
        self._check(event.total_credits == total, f"{name} has a wrong total")
        self._check(event.fees_credits == tax, f"{name} has a wrong fee")
        bought = event.quantity if event.side is Side.BUY else -event.quantity
        stock[good.commodity] -= bought
        self._check(event.stock_after == stock[good.commodity] >= 0, f"{name} has a wrong stock")
        self._versions[event.port_id] += 1
        self._check(
            event.market_version == self._versions[event.port_id], f"{name} has a wrong version"
        )
        self._check(
            event.volume_24h == self._volume(event.tick, good.commodity, event.quantity),
            f"{name} has a wrong volume",
        )
        self._see_cargo(event, total, tax)
        self._check(
            event.credits_after == self.credits(event.player_id), f"{name} has wrong credits"
        )

    def _see_cargo(self, event: GoodsTraded, total: int, tax: int) -> None:
        name = event.trade_id
        lots = self._cargo.setdefault((event.player_id, event.commodity), [])
        if event.side is Side.BUY:
            lots.append(_Bought(event.quantity, total + tax))
            self._check(event.profit_credits is None, f"{name} profits from a purchase")
        else:
            cost = _unload(lots, event.quantity)
            self._check(event.profit_credits == total - tax - cost, f"{name} has a wrong profit")
        units, _ = self.aboard(event.player_id, event.commodity)
        self._check(event.cargo_after == units, f"{name} has a wrong cargo")
        self._check(all(lot.quantity > 0 for lot in lots), f"{name} sells what is not aboard")
        carried = sum(
            lot.quantity
            for (owner, _), others in self._cargo.items()
            if owner == event.player_id
            for lot in others
        )
        self._check(carried <= _HOLD, f"{name} bursts the hold")

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
            prices = _unit_prices(good, stock[good.commodity], side, deal.quantity)
            total = sum(price or 0 for price in prices)
            self._check(deal.total_credits == total > 0, f"{name} has a wrong total")
            self._check(None not in prices, f"{name} trades what cannot be traded")
            self._check(deal.fees_credits == trade_tax(total), f"{name} has a wrong fee")
            bought = deal.quantity if side is Side.BUY else -deal.quantity
            stock[good.commodity] -= bought
            self._check(deal.stock_after == stock[good.commodity], f"{name} has a wrong stock")
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
