"""What each class of port makes, uses and trades, and how much, so that the galaxy balances.

Over the whole galaxy as much of each good is used a day as is made, at base price: first the
factories' inputs are counted, then the rest is shared out among those that consume the good.
"""

from dataclasses import dataclass, field
from typing import Final

from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.port import PortClass, PortGood, Role
from sectorwars.domain.prng import Stream
from sectorwars.domain.values import div_ceil
from sectorwars.engine.economy.recipe import input_use_per_day

STARTER_GOODS: Final = (Commodity.ORE, Commodity.ENERGY, Commodity.ORGANICS)
"""What every starter port buys and sells."""


@dataclass(frozen=True, slots=True)
class Industry:
    """What a class of port deals in: units made a day at a port of middle size, and its wants."""

    makes: dict[Commodity, int] = field(default_factory=dict)
    trades: dict[Commodity, int] = field(default_factory=dict)
    uses: frozenset[Commodity] = frozenset()


_C = Commodity
INDUSTRIES: Final[dict[PortClass, Industry]] = {
    PortClass.STARTER: Industry(
        trades=dict.fromkeys(STARTER_GOODS, 20_000),
        uses=frozenset({_C.FUEL, _C.EQUIPMENT}),
    ),
    PortClass.MINING: Industry(
        makes={_C.ORE: 18_000, _C.MINERALS: 24_000},
        uses=frozenset({_C.ENERGY, _C.FUEL, _C.ORGANICS, _C.EQUIPMENT, _C.LUXURY}),
    ),
    PortClass.AGRICULTURAL: Industry(
        makes={_C.ORGANICS: 32_000, _C.GOURMET_FOOD: 8_000},
        uses=frozenset({_C.MINERALS, _C.ENERGY, _C.FUEL, _C.EQUIPMENT}),
    ),
    PortClass.REFINERY: Industry(
        makes={_C.ENERGY: 34_000, _C.FUEL: 16_000},
        uses=frozenset({_C.ORE, _C.ORGANICS, _C.EQUIPMENT}),
    ),
    PortClass.INDUSTRIAL: Industry(
        makes={_C.EQUIPMENT: 14_000},
        uses=frozenset(
            {
                _C.ORE,
                _C.MINERALS,
                _C.ENERGY,
                _C.FUEL,
                _C.ORGANICS,
                _C.TECHNOLOGY,
                _C.EXOTIC_TECHNOLOGY,
            }
        ),
    ),
    PortClass.TECHNOLOGY: Industry(
        makes={_C.TECHNOLOGY: 8_000, _C.EXOTIC_TECHNOLOGY: 1_800},
        uses=frozenset(
            {_C.MINERALS, _C.ENERGY, _C.ORGANICS, _C.GOURMET_FOOD, _C.EQUIPMENT, _C.LUXURY}
        ),
    ),
    PortClass.RESORT: Industry(
        makes={_C.LUXURY: 4_000},
        uses=frozenset(
            {
                _C.ENERGY,
                _C.FUEL,
                _C.ORGANICS,
                _C.GOURMET_FOOD,
                _C.TECHNOLOGY,
                _C.EXOTIC_TECHNOLOGY,
            }
        ),
    ),
}

_POPULATION_PERMILLE_MIN: Final = 350
"""The part of a good's output that factories leave to the population, at least."""
_SIZE_PERMILLE: Final = (750, 1_300)
_WANT_PERMILLE: Final = (700, 1_300)
_COVER_PERMILLE: Final = (200, 300)
"""A target covers a fifth to three tenths of a day's flow: prices recover within game hours."""
_STOCK_PERMILLE: Final = (850, 1_150)
_STARTER_STOCK_PERMILLE: Final = (950, 1_100)


_DOWNSTREAM_FIRST: Final = (
    _C.LUXURY,
    _C.EXOTIC_TECHNOLOGY,
    _C.TECHNOLOGY,
    _C.GOURMET_FOOD,
    _C.EQUIPMENT,
    _C.FUEL,
    _C.ORE,
    _C.MINERALS,
    _C.ENERGY,
    _C.ORGANICS,
)
"""Every good before its inputs, so that what factories need is known when a good is shared out."""


@dataclass(slots=True)
class _Plan:
    """A port's rates in units a day while they are being shared out."""

    port_class: PortClass
    size_permille: int
    made: dict[Commodity, int]
    used: dict[Commodity, int]
    wants: dict[Commodity, int]


def allot_goods(seed: int, classes: list[PortClass]) -> list[tuple[PortGood, ...]]:
    """Return the goods of each port, given the ports' classes in the order of their index."""
    draws = Stream(seed, "industry")
    plans = [_plan(draws, port_class) for port_class in classes]
    for commodity in _DOWNSTREAM_FIRST:
        surplus = _raise_output(plans, commodity)
        for plan in plans:
            for good, units in input_use_per_day(commodity, plan.made.get(commodity, 0)).items():
                plan.used[good] = plan.used.get(good, 0) + units
        takers = [plan for plan in plans if commodity in plan.wants]
        shares = _shares(surplus, [plan.wants[commodity] for plan in takers])
        for plan, share in zip(takers, shares, strict=True):
            plan.used[commodity] = plan.used.get(commodity, 0) + share
    return [_goods(draws, plan) for plan in plans]


def initial_stock(draws: Stream, port_class: PortClass, good: PortGood) -> int:
    """Draw a good's stock at the universe's birth, near its target."""
    starter = port_class is PortClass.STARTER and good.role is Role.TRADES
    low, high = _STARTER_STOCK_PERMILLE if starter else _STOCK_PERMILLE
    return good.target * draws.between(low, high) // 1_000


def _plan(draws: Stream, port_class: PortClass) -> _Plan:
    industry = INDUSTRIES[port_class]
    size = draws.between(*_SIZE_PERMILLE)
    made = {good: units * size // 1_000 for good, units in industry.makes.items()}
    wants = {
        good: size * draws.between(*_WANT_PERMILLE) for good in COMMODITIES if good in industry.uses
    }
    return _Plan(port_class, size, made, {}, wants)


def _raise_output(plans: list[_Plan], commodity: Commodity) -> int:
    """Raise a good's output where factories would leave the population too little.

    Returns the units a day that the factories leave over.
    """
    made = sum(plan.made.get(commodity, 0) for plan in plans)
    used = sum(plan.used.get(commodity, 0) for plan in plans)
    needed = div_ceil(used * 1_000, 1_000 - _POPULATION_PERMILLE_MIN)
    if needed > made:
        for plan in plans:
            if commodity in plan.made:
                plan.made[commodity] = div_ceil(plan.made[commodity] * needed, made)
        made = sum(plan.made.get(commodity, 0) for plan in plans)
    return made - used


def _shares(total: int, weights: list[int]) -> list[int]:
    """Split `total` in proportion to the weights, exactly (cumulative rounding)."""
    whole = sum(weights)
    shares = []
    passed = given = 0
    for weight in weights:
        passed += weight
        shares.append(total * passed // whole - given)
        given += shares[-1]
    return shares


def _goods(draws: Stream, plan: _Plan) -> tuple[PortGood, ...]:
    industry = INDUSTRIES[plan.port_class]
    goods = []
    for commodity in COMMODITIES:
        made = plan.made.get(commodity, 0)
        used = plan.used.get(commodity, 0)
        role = Role.PRODUCES if made else Role.CONSUMES
        if commodity in industry.trades:
            role = Role.TRADES
            made = used = industry.trades[commodity] * plan.size_permille // 1_000
        if made or used:
            target = max(made, used) * draws.between(*_COVER_PERMILLE) // 1_000
            goods.append(PortGood(commodity, role, target, made, used))
    return tuple(goods)
