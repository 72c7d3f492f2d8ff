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
from sectorwars.domain.ids import AccountId
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

    `stocks` and `versions` are by port index. The world itself stays as it is.
    """

    def __init__(self, world: World, step: EconomyStep) -> None:
        """Start from the ports as `step` leaves them."""
        self.stocks = [
            [units + delta for units, delta in zip(port.stock, deltas, strict=True)]
            for port, deltas in zip(world.ports_by_index, step.deltas, strict=True)
        ]
        self.versions = [
            port.version + any(deltas)
            for port, deltas in zip(world.ports_by_index, step.deltas, strict=True)
        ]
        self._ledger = world.ledger
        self._changes = dict(step.postings)

    def cash(self, account: AccountId) -> int:
        """Return what an account holds."""
        return self._ledger.balance(account) + self._changes.get(account, 0)

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


def any_hauler_due(world: World, tick: Tick) -> bool:
    """Return whether a hauler calls at `tick`."""
    return any(hauler.calls_at <= tick for hauler in world.haulers.values())


def call_haulers(world: World, quays: Quays, tick: Tick, now: UnixMicros) -> list[HaulerCalled]:
    """Return the calls of the haulers that are due at `tick`, in the order of their ids.

    Each sees the ports as those before it left them; `quays` is carried along.
    """
    due = [hauler for hauler in world.haulers.values() if hauler.calls_at <= tick]
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
        self._under_way = _under_way(world)

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
        self._quays.versions[port] += sold is not None or bought is not None
        called = HaulerCalled(
            tick=self._tick,
            at=self._now,
            hauler_id=hauler.spec.hauler_id,
            port_id=hauler.port_id,
            sold=sold,
            bought=bought,
            grant_credits=Credits(grant),
            upkeep_credits=Credits(min(wallet, _upkeep(hauler.spec, route.ticks))),
            market_version=self._quays.versions[port],
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
        stock = self._quays.stocks[port]
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
        self._under_way[port, position] -= units
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
        stock = self._quays.stocks[origin]
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
                there = self._quays.stocks[port][outlet.position]
                there += self._under_way[port, outlet.position] + units // 2
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
        stock = self._quays.stocks[port]
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
        self._under_way[trade.outlet.route.port, trade.outlet.position] += units
        return HaulerDeal(
            COMMODITIES[index], Quantity(units), total, tax, Quantity(stock[trade.position])
        )


def _upkeep(spec: HaulerSpec, ticks: int) -> int:
    return spec.hold * ticks // UPKEEP_HOLD_TICKS


def _under_way(world: World) -> Counter[tuple[int, int]]:
    """Return the units that haulers are bringing, by port index and position of the good."""
    units: Counter[tuple[int, int]] = Counter()
    for hauler in world.haulers.values():
        if hauler.cargo is not None:
            port = world.ports[hauler.port_id]
            units[port.spec.index, _position(port, hauler.cargo)] += hauler.cargo.quantity
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
