"""The galaxy's price index per good, and the mid price of every good at every port."""

from dataclasses import dataclass

from sectorwars.domain.commodity import BASE_PRICES, COMMODITIES
from sectorwars.domain.market import BPS, HALF_SPREAD_BPS, mid_price_cents
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


def port_mids(world: World) -> tuple[tuple[int, ...], ...]:
    """Return each port's mid prices in hundredths of a credit, by port index and good position."""
    return tuple(
        tuple(
            mid_price_cents(base, units, target)
            for (_, base, target), units in zip(port.terms, port.stock, strict=True)
        )
        for port in world.ports_by_index
    )


def index_quotes(world: World, mids: tuple[tuple[int, ...], ...] | None = None) -> IndexQuotes:
    """Return the present index; `mids` saves work where port_mids(world) is at hand.

    A good in which no port deals is quoted at its base price.
    """
    prices_by_port = port_mids(world) if mids is None else mids
    size = len(COMMODITIES)
    value, stock = [0] * size, [0] * size
    target_value, target = [0] * size, [0] * size
    for port, prices in zip(world.ports_by_index, prices_by_port, strict=True):
        for (i, _, goal), units, price in zip(port.terms, port.stock, prices, strict=True):
            value[i] += units * price
            stock[i] += units
            target_value[i] += goal * price
            target[i] += goal
    mid = tuple(
        div_floor(value[i], stock[i])
        if stock[i]
        else div_floor(target_value[i], target[i])
        if target[i]
        else BASE_PRICES[i] * 100
        for i in range(size)
    )
    return IndexQuotes(
        mid,
        tuple(div_floor(price * (BPS - HALF_SPREAD_BPS), BPS) for price in mid),
        tuple(div_ceil(price * (BPS + HALF_SPREAD_BPS), BPS) for price in mid),
    )
