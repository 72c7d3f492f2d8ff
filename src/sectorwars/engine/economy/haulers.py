"""Haulers at work: sell what was carried, find the next trade, buy, go.

A hauler knows the quotes of the ports near it and what its like are already carrying there. It
takes the trade that promises most per tick after taxes, upkeep and a margin for prices that move
meanwhile; where none pays, it goes empty to where one does, or waits. All is integer arithmetic
on the committed world, so it is the same on every machine (ADR 0002).
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.event import HaulerCalled
from sectorwars.domain.hauler import Hauler, HaulerDeal, HaulerSpec, Shipment
from sectorwars.domain.ids import AccountId, PortId
from sectorwars.domain.ledger import hauler_account, port_account
from sectorwars.domain.market import (
    BPS,
    HALF_SPREAD_BPS,
    TRADE_TAX_BPS,
    buy_ladder,
    ladder_total,
    mid_price_cents,
    sell_ladder,
    stock_capacity,
    trade_tax,
)
from sectorwars.domain.port import Port
from sectorwars.domain.values import Credits, Quantity, Tick, UnixMicros, div_ceil
from sectorwars.engine.economy import EconomyStep
from sectorwars.engine.economy.trade_routes import Outlet, Route, harbours_of
from sectorwars.engine.world import World

BUDGET_PER_HOLD_UNIT: Final = 200
"""Credits of working capital that a hauler is meant to have for each unit of its hold."""
BUDGET_PULL_DIVISOR: Final = 8
"""The part of the distance to its budget that an empty hauler's wallet moves at each call."""
UPKEEP_HOLD_TICKS: Final = 50
"""A hauler's upkeep is a credit for so many units of hold and ticks."""

RESERVE_PERCENT: Final = 75
"""Haulers leave a port this part of its target, so that players find goods."""
SPARE_DIVISOR: Final = 2
"""A hauler takes at most the spare stock divided by this."""
LOAD_DIVISOR: Final = 4
"""A hold is worth a trip when the part 1/LOAD_DIVISOR of it is full."""
CAUTION_BPS: Final = 300
"""What a hauler fears to lose of the price it reads, by the time it arrives."""
WAIT_TICKS: Final = 120

_COST_BPS: Final = BPS + HALF_SPREAD_BPS + TRADE_TAX_BPS
_INCOME_BPS: Final = BPS - HALF_SPREAD_BPS - TRADE_TAX_BPS - CAUTION_BPS
_CENTS_BPS: Final = 100 * BPS


def hauler_budget(spec: HaulerSpec) -> Credits:
    """Return the working capital a hauler is born with and drawn back to."""
    return Credits(spec.hold * BUDGET_PER_HOLD_UNIT)


class Quays:
    """Every port's stock, version and cash as the events of a tick leave them, one by one.

    Ports are named by their index. Few of a great galaxy's are called at in a tick, so each is
    looked at when it is asked for. The world itself stays as it is.
    """

    def __init__(self, world: World, step: EconomyStep) -> None:
        """Start from the ports as `step` leaves them."""
        self._ports = world.ports_by_index
        self._deltas = step.deltas
        self._stocks: dict[int, list[int]] = {}
        self._traded: Counter[int] = Counter()
        self._ledger = world.ledger
        self._changes = dict(step.postings)

    def stock(self, port: int) -> list[int]:
        """Return a port's stock, to be changed by who trades there."""
        stock = self._stocks.get(port)
        if stock is None:
            before = self._ports[port].stock
            stock = [units + delta for units, delta in zip(before, self._deltas[port], strict=True)]
            self._stocks[port] = stock
        return stock

    def version(self, port: int) -> int:
        """Return a port's version."""
        return self._ports[port].version + any(self._deltas[port]) + self._traded[port]

    def all_stocks(self) -> tuple[tuple[int, ...], ...]:
        """Return the stock of all ports, by index."""
        return tuple(tuple(self.stock(port)) for port in range(len(self._ports)))

    def all_versions(self) -> tuple[int, ...]:
        """Return the versions of all ports, by index."""
        return tuple(map(self.version, range(len(self._ports))))

    def cash(self, account: AccountId) -> int:
        """Return what an account holds."""
        return self._ledger.balance(account) + self._changes.get(account, 0)

    def note_trade(self, port: int) -> None:
        """Raise the version of a port at which a hauler has traded."""
        self._traded[port] += 1

    def note(self, call: HaulerCalled) -> None:
        """Take over the postings of a call."""
        for account, amount in call.postings:
            self._changes[account] = Credits(self._changes.get(account, 0) + amount)


@dataclass(frozen=True, slots=True)
class _Prospect:
    """A trade that a hauler could make: what it promises in credits after `ticks`."""

    profit: int
    ticks: int
    position: int
    units: int
    outlet: Outlet

    def beats(self, other: "_Prospect | None") -> bool:
        """Return whether it promises more per tick."""
        return other is None or self.profit * other.ticks > other.profit * self.ticks


def due_haulers(world: World, tick: Tick) -> list[Hauler]:
    """Return the haulers that call at `tick`, in the order of their ids."""
    return [hauler for hauler in world.haulers.values() if hauler.calls_at <= tick]


def call_haulers(
    world: World, due: list[Hauler], quays: Quays, tick: Tick, now: UnixMicros
) -> list[HaulerCalled]:
    """Return the calls of the haulers that are due at `tick`.

    Each sees the ports as those before it left them; `quays` is carried along.
    """
    if not due:
        return []
    dispatch = _Dispatch(world, quays, tick, now)
    return [dispatch.call(hauler) for hauler in due]


class _Dispatch:
    """The calls of one tick."""

    def __init__(self, world: World, quays: Quays, tick: Tick, now: UnixMicros) -> None:
        self._world = world
        self._quays = quays
        self._tick = tick
        self._now = now
        self._harbours = harbours_of(world)
        self._under_way = _UnderWay(world)

    def call(self, hauler: Hauler) -> HaulerCalled:
        """Let a hauler do its business where it has arrived."""
        port = self._world.ports[hauler.port_id].spec.index
        wallet = self._quays.cash(hauler_account(hauler.spec.hauler_id))
        sold = self._sell(hauler, port)
        grant = 0
        bought: HaulerDeal | None = None
        route = Route(port, WAIT_TICKS)
        if sold is not None:
            wallet += sold.total_credits - sold.fees_credits
        if hauler.cargo is None or (sold is not None and sold.quantity == hauler.cargo.quantity):
            grant = div_ceil(hauler_budget(hauler.spec) - wallet, BUDGET_PULL_DIVISOR)
            wallet += grant
            bought, route = self._next_trade(hauler, port, wallet, route)
        if bought is not None:
            wallet -= bought.total_credits + bought.fees_credits
        if sold is not None or bought is not None:
            self._quays.note_trade(port)
        called = HaulerCalled(
            tick=self._tick,
            at=self._now,
            hauler_id=hauler.spec.hauler_id,
            port_id=hauler.port_id,
            sold=sold,
            bought=bought,
            grant_credits=Credits(grant),
            upkeep_credits=Credits(min(wallet, _upkeep(hauler.spec, route.ticks))),
            market_version=self._quays.version(port),
            destination_id=self._world.ports_by_index[route.port].spec.port_id,
            calls_at=Tick(self._tick + route.ticks),
        )
        self._quays.note(called)
        return called

    def _sell(self, hauler: Hauler, port: int) -> HaulerDeal | None:
        """Sell the cargo, as far as the port has room and cash."""
        cargo = hauler.cargo
        if cargo is None:
            return None
        berth = self._world.ports_by_index[port]
        position = _position(berth, cargo)
        _, base, target = berth.terms[position]
        stock = self._quays.stock(port)
        cash = self._quays.cash(port_account(hauler.port_id))
        level = stock[position] + berth.promised_room[position]
        units = min(cargo.quantity, stock_capacity(target) - level)
        while units > 0:
            total = ladder_total(sell_ladder(base, level, target, units))
            if total <= cash:
                break
            units = units * cash // total
        else:
            return None
        stock[position] += units
        self._under_way.at(port)[position] -= units
        return HaulerDeal(
            cargo.commodity, Quantity(units), total, trade_tax(total), Quantity(stock[position])
        )

    def _next_trade(
        self, hauler: Hauler, port: int, wallet: int, stay: Route
    ) -> tuple[HaulerDeal | None, Route]:
        """Buy for the best trade from here, or else look for one elsewhere."""
        best = self._best_trade(hauler.spec, port, wallet)
        if best is not None:
            upkeep = _upkeep(hauler.spec, best.outlet.route.ticks)
            bought = self._buy(port, best, wallet - upkeep)
            if bought is not None:
                return bought, best.outlet.route
        return None, self._best_detour(hauler.spec, port, wallet) or stay

    def _best_detour(self, spec: HaulerSpec, port: int, wallet: int) -> Route | None:
        """Return the way to the port from which the best trade starts, the way there counted."""
        best: _Prospect | None = None
        detour: Route | None = None
        for route in self._harbours[port].routes:
            prospect = self._best_trade(spec, route.port, wallet, route.ticks)
            if prospect is not None and prospect.beats(best):
                best, detour = prospect, route
        return detour

    def _best_trade(
        self, spec: HaulerSpec, origin: int, wallet: int, ticks_before: int = 0
    ) -> _Prospect | None:
        best: _Prospect | None = None
        terms = self._world.ports_by_index[origin].terms
        stock = self._quays.stock(origin)
        for position, outlets in self._harbours[origin].outlets:
            _, base, target = terms[position]
            spare = stock[position] - target * RESERVE_PERCENT // 100
            units = min(spec.hold, spare // SPARE_DIVISOR)
            if units * LOAD_DIVISOR < spec.hold:
                continue
            cost = mid_price_cents(base, stock[position] - units // 2, target) * _COST_BPS
            units = min(units, wallet * _CENTS_BPS // cost)
            if units * LOAD_DIVISOR < spec.hold:
                continue
            for outlet in outlets:
                port = outlet.route.port
                _, _, goal = self._world.ports_by_index[port].terms[outlet.position]
                there = self._quays.stock(port)[outlet.position]
                there += self._under_way.at(port)[outlet.position] + units // 2
                margin = mid_price_cents(base, there, goal) * _INCOME_BPS - cost
                if margin <= 0:
                    continue
                ticks = ticks_before + outlet.route.ticks
                profit = units * margin // _CENTS_BPS - _upkeep(spec, ticks)
                prospect = _Prospect(profit, ticks, position, units, outlet)
                if profit > 0 and prospect.beats(best):
                    best = prospect
        return best

    def _buy(self, port: int, trade: _Prospect, wallet: int) -> HaulerDeal | None:
        """Buy the goods of a trade, as many as the wallet allows."""
        berth = self._world.ports_by_index[port]
        index, base, target = berth.terms[trade.position]
        stock = self._quays.stock(port)
        level = stock[trade.position] - berth.promised_units[trade.position]
        units = min(trade.units, level)
        while units > 0:
            total = ladder_total(buy_ladder(base, level, target, units))
            tax = trade_tax(total)
            if total + tax <= wallet:
                break
            units = units * wallet // (total + tax)
        else:
            return None
        stock[trade.position] -= units
        self._under_way.at(trade.outlet.route.port)[trade.outlet.position] += units
        return HaulerDeal(
            COMMODITIES[index], Quantity(units), total, tax, Quantity(stock[trade.position])
        )


def _upkeep(spec: HaulerSpec, ticks: int) -> int:
    return spec.hold * ticks // UPKEEP_HOLD_TICKS


class _UnderWay:
    """The units that haulers are bringing, per port index and position of the good."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._units: dict[int, Counter[int]] = {}
        self._cargoes: dict[PortId, list[Shipment]] = {}
        for hauler in world.haulers.values():
            if hauler.cargo is not None:
                self._cargoes.setdefault(hauler.port_id, []).append(hauler.cargo)

    def at(self, port: int) -> Counter[int]:
        """Return what is on its way to a port, to be changed by who sells there or buys for it."""
        units = self._units.get(port)
        if units is None:
            units = self._units[port] = Counter()
            berth = self._world.ports_by_index[port]
            for cargo in self._cargoes.get(berth.spec.port_id, ()):
                units[_position(berth, cargo)] += cargo.quantity
        return units


def _position(port: Port, cargo: Shipment) -> int:
    """Return the position of a cargo's good at the port it is bound for.

    Raises:
        KeyError: the port does not deal in it: a bug, for it was bought to be sold there.
    """
    position = port.position(cargo.commodity)
    if position is None:
        raise KeyError(cargo.commodity)
    return position
