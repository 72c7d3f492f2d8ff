"""Ports: classes, the goods they deal in, and their stock."""

from dataclasses import dataclass
from enum import StrEnum

from sectorwars.domain.commodity import BASE_PRICES, COMMODITY_INDEX, Commodity
from sectorwars.domain.ids import PortId, SectorId
from sectorwars.domain.market import ask_price, bid_price
from sectorwars.domain.values import Credits


class PortClass(StrEnum):
    """What kind of economy a port has."""

    STARTER = "starter"
    MINING = "mining"
    AGRICULTURAL = "agricultural"
    REFINERY = "refinery"
    INDUSTRIAL = "industrial"
    TECHNOLOGY = "technology"
    RESORT = "resort"


class Role(StrEnum):
    """What a port does with a good."""

    PRODUCES = "produces"
    """Makes it and sells it."""
    CONSUMES = "consumes"
    """Uses it up and buys it."""
    TRADES = "trades"
    """Buys and sells it, and both makes and uses a little."""


@dataclass(frozen=True, slots=True)
class PortGood:
    """A good that a port deals in; fixed at the universe's birth.

    `target` is the stock at which the good costs its base price; the rates are units a game day
    at that stock.
    """

    commodity: Commodity
    role: Role
    target: int
    production_per_day: int
    consumption_per_day: int

    @property
    def buys(self) -> bool:
        """Whether the port buys the good from players."""
        return self.role is not Role.PRODUCES

    @property
    def sells(self) -> bool:
        """Whether the port sells the good to players."""
        return self.role is not Role.CONSUMES


@dataclass(frozen=True, slots=True)
class PortSpec:
    """A port as the universe was born with it; `goods` in the order of COMMODITIES.

    `index` is its place in the universe and in packed rows.
    """

    index: int
    port_id: PortId
    sector_id: SectorId
    name: str
    port_class: PortClass
    goods: tuple[PortGood, ...]


class Port:
    """A port's changing state: stock per good, by position in `spec.goods`, and a version.

    `promised_units` (of the stock) and `promised_room` (of the free storage) are reserved by live
    quotes, per good: buyers are quoted the price of the units behind those promised, sellers that
    of the room behind the promised one.

    The version rises with every committed change at the port. `terms[i]` holds what every loop
    over goods needs of `spec.goods[i]`: its place in COMMODITIES, its base price, its target.
    """

    __slots__ = (
        "_position",
        "promised_room",
        "promised_units",
        "spec",
        "stock",
        "terms",
        "version",
    )

    def __init__(self, spec: PortSpec, stock: list[int], version: int = 0) -> None:
        """Open a port with `stock[i]` units of `spec.goods[i]`."""
        self.spec = spec
        self.stock = stock
        self.version = version
        self.promised_units = [0] * len(stock)
        self.promised_room = [0] * len(stock)
        self.terms = tuple(
            (
                COMMODITY_INDEX[good.commodity],
                BASE_PRICES[COMMODITY_INDEX[good.commodity]],
                good.target,
            )
            for good in spec.goods
        )
        self._position = {index: i for i, (index, _, _) in enumerate(self.terms)}

    def position(self, commodity: Commodity) -> int | None:
        """Return the good's position in `stock` and `spec.goods`, or None if not dealt in."""
        return self._position.get(COMMODITY_INDEX[commodity])

    def place(self, commodity: Commodity) -> int:
        """Return the position of a good that the port deals in.

        Raises:
            KeyError: it does not.
        """
        position = self.position(commodity)
        if position is None:
            raise KeyError(commodity)
        return position

    def ask_stock(self, position: int) -> int:
        """Return the stock at which the next unit is sold: without what is promised to buyers."""
        return self.stock[position] - self.promised_units[position]

    def bid_stock(self, position: int) -> int:
        """Return the stock at which the next unit is bought: with what sellers were promised."""
        return self.stock[position] + self.promised_room[position]

    def ask(self, position: int) -> Credits | None:
        """Return the price of the next unit, or None where the port sells none."""
        _, base, target = self.terms[position]
        good = self.spec.goods[position]
        return ask_price(base, self.ask_stock(position), target) if good.sells else None

    def bid(self, position: int) -> Credits | None:
        """Return what the next unit fetches, or None where the port buys none."""
        _, base, target = self.terms[position]
        good = self.spec.goods[position]
        return bid_price(base, self.bid_stock(position), target) if good.buys else None
