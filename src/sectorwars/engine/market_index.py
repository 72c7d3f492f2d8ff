"""The galaxy's price index per good, and the mid price of every good at every port."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from operator import mul
from weakref import WeakKeyDictionary

from sectorwars.domain.commodity import BASE_PRICES, COMMODITIES
from sectorwars.domain.market import BPS, HALF_SPREAD_BPS, mid_price_cents
from sectorwars.domain.port import Port
from sectorwars.domain.values import div_ceil, div_floor
from sectorwars.engine.world import World


@dataclass(frozen=True, slots=True)
class IndexQuotes:
    """Index prices in hundredths of a credit, in the order of COMMODITIES.

    `mid` is the average of the mid prices of all ports that deal in the good, weighted by their
    stock (by their target where nobody has any). `bid` and `ask` are half a spread below and
    above it, which is what the curve pays and asks there.
    """

    mid: tuple[int, ...]
    bid: tuple[int, ...]
    ask: tuple[int, ...]


_mids_ahead: WeakKeyDictionary[World, dict[int, tuple[list[int], tuple[int, ...]]]] = (
    WeakKeyDictionary()
)
"""The mids of ports by index, should their stock be this: a memory of work done beforehand."""


def port_mids(world: World) -> tuple[tuple[int, ...], ...]:
    """Return each port's mid prices in hundredths of a credit, by port index and good position."""
    ahead = _mids_ahead.get(world, {})
    return tuple(
        known[1]
        if (known := ahead.get(index)) is not None and known[0] == port.stock
        else _mids(port, port.stock)
        for index, port in enumerate(world.ports_by_index)
    )


def prepare_mids(world: World, index: int, stock: list[int]) -> None:
    """Reckon the mids of a port beforehand, should its stock be `stock` when they are wanted."""
    mids = _mids(world.ports_by_index[index], stock)
    _mids_ahead.setdefault(world, {})[index] = stock, mids


def _mids(port: Port, stock: list[int]) -> tuple[int, ...]:
    return tuple(
        mid_price_cents(base, units, target)
        for (_, base, target), units in zip(port.terms, stock, strict=True)
    )


def index_quotes(world: World, mids: tuple[tuple[int, ...], ...] | None = None) -> IndexQuotes:
    """Return the present index; `mids` saves work where port_mids(world) is at hand.

    A good in which no port deals is quoted at its base price.
    """
    prices = list(chain.from_iterable(port_mids(world) if mids is None else mids))
    stock = list(chain.from_iterable(port.stock for port in world.ports_by_index))
    mid = tuple(
        _average(base, listing, prices, stock)
        for base, listing in zip(BASE_PRICES, _listings_of(world), strict=True)
    )
    return IndexQuotes(
        mid,
        tuple(div_floor(price * (BPS - HALF_SPREAD_BPS), BPS) for price in mid),
        tuple(div_ceil(price * (BPS + HALF_SPREAD_BPS), BPS) for price in mid),
    )


@dataclass(frozen=True, slots=True)
class _Listing:
    """Where a good is dealt in: places among the goods of all ports in turn, and the targets."""

    places: tuple[int, ...]
    targets: tuple[int, ...]


_listings_by_world: WeakKeyDictionary[World, tuple[int, tuple[_Listing, ...]]] = WeakKeyDictionary()
"""For so many ports: a memory of work done, not of anything that happened."""


def _listings_of(world: World) -> tuple[_Listing, ...]:
    known = _listings_by_world.get(world)
    if known is not None and known[0] == len(world.ports_by_index):
        return known[1]
    terms = list(chain.from_iterable(port.terms for port in world.ports_by_index))
    listings = tuple(
        _Listing(
            tuple(place for place, (index, _, _) in enumerate(terms) if index == i),
            tuple(target for index, _, target in terms if index == i),
        )
        for i in range(len(COMMODITIES))
    )
    _listings_by_world[world] = len(world.ports_by_index), listings
    return listings


def _average(base: int, listing: _Listing, prices: list[int], stock: list[int]) -> int:
    """Return a good's average price, weighted by stock, or by target where nobody has any."""
    weights: Sequence[int] = [stock[place] for place in listing.places]
    if not any(weights):
        weights = listing.targets
    if not weights:
        return base * 100
    return div_floor(
        sum(map(mul, weights, [prices[place] for place in listing.places])), sum(weights)
    )
