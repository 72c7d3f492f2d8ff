"""The ten goods of the galaxy."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sectorwars.domain.values import Credits


class Commodity(StrEnum):
    """A tradable good; the value is its name on the wire and in the database."""

    ORE = "ore"
    MINERALS = "minerals"
    ENERGY = "energy"
    FUEL = "fuel"
    ORGANICS = "organics"
    GOURMET_FOOD = "gourmet_food"
    EQUIPMENT = "equipment"
    TECHNOLOGY = "technology"
    EXOTIC_TECHNOLOGY = "exotic_technology"
    LUXURY = "luxury"

    @property
    def spoken(self) -> str:
        """Return its name as a sentence says it."""
        return self.value.replace("_", " ")


COMMODITIES: Final[tuple[Commodity, ...]] = tuple(Commodity)
"""All goods, in the order in which packed rows hold them."""

COMMODITY_INDEX: Final[dict[Commodity, int]] = {good: i for i, good in enumerate(COMMODITIES)}

BASE_PRICE_MIN: Final = 50
"""No base price is lower, so that half a spread is never rounded away (SEMANTICS, price)."""


@dataclass(frozen=True, slots=True)
class CommoditySpec:
    """What is fixed about a good: `base_price_credits` is its price where stock meets target."""

    commodity: Commodity
    title: str
    base_price_credits: Credits


_SPECS: Final = (
    CommoditySpec(Commodity.ORE, "Ore", Credits(52)),
    CommoditySpec(Commodity.MINERALS, "Minerals", Credits(110)),
    CommoditySpec(Commodity.ENERGY, "Energy", Credits(60)),
    CommoditySpec(Commodity.FUEL, "Fuel", Credits(84)),
    CommoditySpec(Commodity.ORGANICS, "Organics", Credits(56)),
    CommoditySpec(Commodity.GOURMET_FOOD, "Gourmet food", Credits(260)),
    CommoditySpec(Commodity.EQUIPMENT, "Equipment", Credits(190)),
    CommoditySpec(Commodity.TECHNOLOGY, "Technology", Credits(420)),
    CommoditySpec(Commodity.EXOTIC_TECHNOLOGY, "Exotic technology", Credits(1_500)),
    CommoditySpec(Commodity.LUXURY, "Luxury", Credits(900)),
)
COMMODITY_SPECS: Final[dict[Commodity, CommoditySpec]] = {spec.commodity: spec for spec in _SPECS}
BASE_PRICES: Final[tuple[Credits, ...]] = tuple(
    COMMODITY_SPECS[good].base_price_credits for good in COMMODITIES
)
"""Base prices in the order of COMMODITIES."""
