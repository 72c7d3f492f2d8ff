"""Trades that pay: buy at one port, sell at another, every cost of the way counted.

The prices are those of now; others may trade before the ship arrives. Whoever trades at these
prices gets exactly the profit that is named.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sectorwars.application.advice.reach import Way
from sectorwars.application.advice.survey import Bid, Survey
from sectorwars.domain.commodity import COMMODITY_SPECS, Commodity
from sectorwars.domain.ids import PlayerId, PortId, SectorId
from sectorwars.domain.ledger import port_account
from sectorwars.domain.market import (
    BPS,
    TRADE_TAX_BPS,
    ask_price,
    bid_price,
    ladder_total,
    sell_ladder,
    stock_capacity,
    trade_tax,
)
from sectorwars.domain.port import Port
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, div_ceil
from sectorwars.engine.handlers.flight import DEPARTURE_FEE_CREDITS, DOCKING_FEE_CREDITS
from sectorwars.engine.world import World

SOURCES_MAX: Final = 12
"""Goods are looked for at the nearest so many ports."""
_PARTS: Final = 8
HANDLING_SECONDS: Final = 10
"""Docking, trading and undocking take a player about so long; it only ranks opportunities."""


@dataclass(frozen=True, slots=True)
class Trader:
    """Who is to trade: where he is, what he can pay and carry.

    `seconds_to_arrival` is what a flight under way still takes. `spent` holds the port's goods
    whose prices his earlier stops have moved, `wallets` what they did to the ports' credits.
    """

    sector_id: SectorId
    docked_port_id: PortId | None
    credits: int
    hold_free: int
    turns: int
    seconds_to_arrival: int = 0
    spent: frozenset[tuple[PortId, Commodity]] = frozenset()
    wallets: dict[PortId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PricedTrade:
    """One side of an opportunity: the total along the curve, and the tax on it."""

    port: Port
    total_credits: int
    tax_credits: int


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A purchase and a sale that together pay; `buy` is None for goods that are aboard."""

    commodity: Commodity
    quantity: int
    buy: PricedTrade | None
    sell: PricedTrade
    docking_fees_credits: int
    profit_credits: int
    way: Way
    seconds: int

    @property
    def rank(self) -> float:
        """Return credits a second, by which opportunities are compared."""
        return self.profit_credits / (self.seconds + HANDLING_SECONDS)


def trader_of(world: World, player_id: PlayerId, now: UnixMicros) -> Trader:
    """Return what a player could trade with; a ship under way trades from where it arrives."""
    player = world.players[player_id]
    ship, journey = player.ship, player.ship.journey
    return Trader(
        sector_id=ship.sector_id if journey is None else journey.to_sector_id,
        docked_port_id=ship.docked_port_id,
        credits=world.credits(player_id),
        hold_free=ship.cargo_capacity - ship.units_aboard(),
        turns=player.turns.at(now).count,
        seconds_to_arrival=0
        if journey is None
        else max(0, div_ceil(journey.arrives_at - now, MICROS_PER_SECOND)),
    )


def best_opportunities(survey: Survey, trader: Trader, limit: int) -> list[Opportunity]:
    """Return the best purchases and sales within reach, most credits a second first.

    Candidates are priced in the order of what they could earn at most, so the search ends as soon
    as none that is left can be better than those found.
    """
    found: list[Opportunity] = []
    # Entries are (-rank at most, serial, refined, candidate); a rough bound is refined in time.
    open_ones = [
        (-candidate.rank_max, serial, False, candidate)
        for serial, candidate in enumerate(_candidates(survey, trader))
    ]
    heapq.heapify(open_ones)
    while open_ones:
        bound, serial, refined, candidate = open_ones[0]
        if len(found) >= limit and found[limit - 1].rank >= -bound:
            break
        if not refined:
            closer = (-_closer_rank_max(candidate), serial, True, candidate)
            heapq.heapreplace(open_ones, closer)
            continue
        heapq.heappop(open_ones)
        opportunity = _priced(survey.world, trader, candidate)
        if opportunity is not None:
            found.append(opportunity)
            found.sort(key=lambda other: other.rank, reverse=True)
    return found[:limit]


def best_sales(survey: Survey, player_id: PlayerId, now: UnixMicros) -> list[Opportunity]:
    """Return for each good aboard the sale that earns most a second, if one is in profit."""
    world = survey.world
    trader = trader_of(world, player_id, now)
    ship = world.players[player_id].ship
    ways = _ways(survey, trader)
    sales = []
    for commodity in ship.cargo:
        offers = [
            offer
            for port, way in _ports(world, ways)
            if (offer := _sale(world, trader, player_id, port, way, commodity)) is not None
        ]
        best = max(offers, key=lambda offer: offer.rank, default=None)
        if best is not None and best.profit_credits > 0:
            sales.append(best)
    return sales


def best_tour(survey: Survey, trader: Trader, stops_max: int) -> list[Opportunity]:
    """Return opportunities that follow one another, each the best from where the last one ended."""
    stops: list[Opportunity] = []
    while len(stops) < stops_max:
        found = best_opportunities(survey, trader, 1)
        if not found:
            break
        stops.append(found[0])
        trader = _after(trader, found[0])
    return stops


def _after(trader: Trader, stop: Opportunity) -> Trader:
    wallets = dict(trader.wallets)
    spent = set(trader.spent)
    for priced, direction in ((stop.buy, 1), (stop.sell, -1)):
        if priced is not None:
            port_id = priced.port.spec.port_id
            wallets[port_id] = wallets.get(port_id, 0) + direction * priced.total_credits
            spent.add((port_id, stop.commodity))
    return replace(
        trader,
        sector_id=stop.sell.port.spec.sector_id,
        docked_port_id=stop.sell.port.spec.port_id,
        credits=trader.credits + stop.profit_credits,
        turns=trader.turns - stop.way.turns,
        seconds_to_arrival=0,
        spent=frozenset(spent),
        wallets=wallets,
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A pair of ports whose first unit pays, with the most it could earn a second."""

    commodity: Commodity
    source: Port
    source_position: int
    buyer: Port
    buyer_position: int
    way: Way
    seconds: int
    units_max: int
    rank_max: float


def _ways(survey: Survey, trader: Trader) -> Mapping[SectorId, Way]:
    return {
        sector_id: way
        for sector_id, way in survey.ways(trader.sector_id).items()
        if way.turns <= trader.turns
    }


def _ports(world: World, ways: Mapping[SectorId, Way]) -> Iterator[tuple[Port, Way]]:
    for sector_id, way in ways.items():
        for port_id in world.sectors[sector_id].port_ids:
            yield world.ports[port_id], way


def _candidates(survey: Survey, trader: Trader) -> Iterator[_Candidate]:
    if trader.hold_free <= 0:
        return
    ways = _ways(survey, trader)
    sources = heapq.nsmallest(
        SOURCES_MAX,
        _ports(survey.world, ways),
        key=lambda place: (
            place[0].spec.port_id != trader.docked_port_id,
            place[1].seconds,
            place[0].spec.index,
        ),
    )
    for source, approach in sources:
        yield from _from(trader, source, approach, survey.bids, survey.ways(source.spec.sector_id))


def _from(
    trader: Trader,
    source: Port,
    approach: Way,
    bids: Mapping[Commodity, Sequence[Bid]],
    ways: Mapping[SectorId, Way],
) -> Iterator[_Candidate]:
    for position, good in enumerate(source.spec.goods):
        commodity, ask = good.commodity, source.ask(position)
        if ask is None or (source.spec.port_id, commodity) in trader.spent:
            continue
        for bid in bids[commodity]:
            if not _pays(ask, bid.price):
                break
            onward = ways.get(bid.port.spec.sector_id)
            if (
                bid.port is source
                or onward is None
                or approach.turns + onward.turns > trader.turns
                or (bid.port.spec.port_id, commodity) in trader.spent
            ):
                continue
            flight = approach.seconds + onward.seconds
            units_max = min(
                source.ask_stock(position), trader.hold_free, bid.room, trader.credits // ask
            )
            yield _Candidate(
                commodity,
                source,
                position,
                bid.port,
                bid.position,
                Way((*approach.path, *onward.path), flight),
                trader.seconds_to_arrival + flight,
                units_max,
                (bid.price - ask)
                * units_max
                / (trader.seconds_to_arrival + flight + HANDLING_SECONDS),
            )


def _closer_rank_max(candidate: _Candidate) -> float:
    """Bound what a candidate earns a second by the margins at the start of each part of an order.

    Each further unit earns less than the one before, so no part earns more than its first unit
    times its length.
    """
    base = COMMODITY_SPECS[candidate.commodity].base_price_credits
    source, buyer = candidate.source, candidate.buyer
    stock = source.stock[candidate.source_position]
    target = source.spec.goods[candidate.source_position].target
    held = buyer.stock[candidate.buyer_position]
    wanted = buyer.spec.goods[candidate.buyer_position].target
    earned = 0
    for part in range(_PARTS):
        start = candidate.units_max * part // _PARTS
        length = candidate.units_max * (part + 1) // _PARTS - start
        ask = ask_price(base, stock - start, target)
        bid = bid_price(base, held + start, wanted)
        if ask is None or bid is None or bid <= ask:
            break
        earned += (bid - ask) * length
    return earned / (candidate.seconds + HANDLING_SECONDS)


def _pays(ask: int, bid: int) -> bool:
    """Tell whether buying a unit at `ask` and selling it at `bid` leaves something after tax."""
    return bid * (BPS - TRADE_TAX_BPS) > ask * (BPS + TRADE_TAX_BPS)


def _approach_fees(trader: Trader, port: Port) -> int:
    """Return what it costs to leave the port where the trader is docked, if any, for this one."""
    if port.spec.port_id == trader.docked_port_id:
        return 0
    departure = 0 if trader.docked_port_id is None else DEPARTURE_FEE_CREDITS
    return min(departure + DOCKING_FEE_CREDITS, trader.credits)


def _priced(world: World, trader: Trader, candidate: _Candidate) -> Opportunity | None:
    source, buyer = candidate.source, candidate.buyer
    approach_fees = _approach_fees(trader, source)
    budget = trader.credits - approach_fees
    moved = trader.wallets.get(buyer.spec.port_id, 0)
    wallet = world.ledger.balance(port_account(buyer.spec.port_id)) + moved
    units, bought, sold = _filled(candidate, budget, wallet)
    if units == 0:
        return None
    credits_left = budget - bought - trade_tax(bought)
    fees = approach_fees + min(DEPARTURE_FEE_CREDITS + DOCKING_FEE_CREDITS, credits_left)
    profit = sold - trade_tax(sold) - bought - trade_tax(bought) - fees
    if profit <= 0:
        return None
    return Opportunity(
        commodity=candidate.commodity,
        quantity=units,
        buy=PricedTrade(source, bought, trade_tax(bought)),
        sell=PricedTrade(buyer, sold, trade_tax(sold)),
        docking_fees_credits=fees,
        profit_credits=profit,
        way=candidate.way,
        seconds=candidate.seconds,
    )


def _most(units_max: int, holds: Callable[[int], bool]) -> int:
    """Return the most units, up to `units_max`, for which a condition holds that fewer meet too."""
    low, high = 0, max(0, units_max)
    if high and holds(high):
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _filled(candidate: _Candidate, budget: int, wallet: int) -> tuple[int, int, int]:
    """Return the units that pay and can be paid, what they cost and what they fetch.

    Each further unit earns less than the one before, so the walk ends with the first that does not
    pay, that the purse cannot buy, or that the buyer cannot pay.
    """
    base = COMMODITY_SPECS[candidate.commodity].base_price_credits
    source, buyer = candidate.source, candidate.buyer
    i, j = candidate.source_position, candidate.buyer_position
    stock, target = source.stock[i], source.spec.goods[i].target
    held, wanted = buyer.stock[j], buyer.spec.goods[j].target
    units = bought = sold = 0
    while units < candidate.units_max:
        ask = ask_price(base, stock - units, target)
        bid = bid_price(base, held + units, wanted)
        if ask is None or bid is None or not _pays(ask, bid):
            break
        cost, proceeds = bought + ask, sold + bid
        if cost + trade_tax(cost) > budget or proceeds > wallet:
            break
        units, bought, sold = units + 1, cost, proceeds
    return units, bought, sold


def _sale(
    world: World, trader: Trader, player_id: PlayerId, port: Port, way: Way, commodity: Commodity
) -> Opportunity | None:
    """Price a sale of all units aboard, or of as many as the port takes and can pay."""
    position = port.position(commodity)
    if position is None or not port.spec.goods[position].buys:
        return None
    ship = world.players[player_id].ship
    base, target = COMMODITY_SPECS[commodity].base_price_credits, port.spec.goods[position].target
    stock = port.stock[position]
    wallet = world.ledger.balance(port_account(port.spec.port_id))
    units = _most(
        min(ship.units(commodity), stock_capacity(target) - stock),
        lambda some: ladder_total(sell_ladder(base, stock, target, some)) <= wallet,
    )
    if units == 0:
        return None
    total = ladder_total(sell_ladder(base, stock, target, units))
    fees = _approach_fees(trader, port)
    return Opportunity(
        commodity=commodity,
        quantity=units,
        buy=None,
        sell=PricedTrade(port, total, trade_tax(total)),
        docking_fees_credits=fees,
        profit_credits=total - trade_tax(total) - fees - ship.cost_of(commodity, units),
        way=way,
        seconds=trader.seconds_to_arrival + way.seconds,
    )
