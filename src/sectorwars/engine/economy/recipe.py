"""What is made of what: the production chains of the galaxy."""

from dataclasses import dataclass
from typing import Final

from sectorwars.domain.commodity import Commodity

PERMILLE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a good is made; `inputs` are (good, thousandths of a unit per unit made).

    At base prices the inputs cost less than the product: the rest is the work's wage.
    """

    inputs: tuple[tuple[Commodity, int], ...]


RECIPES: Final[dict[Commodity, Recipe]] = {
    Commodity.FUEL: Recipe(((Commodity.ORE, 600), (Commodity.ENERGY, 300))),
    Commodity.GOURMET_FOOD: Recipe(((Commodity.ORGANICS, 2_000),)),
    Commodity.EQUIPMENT: Recipe(((Commodity.MINERALS, 600), (Commodity.ENERGY, 600))),
    Commodity.TECHNOLOGY: Recipe(((Commodity.EQUIPMENT, 800), (Commodity.MINERALS, 800))),
    Commodity.EXOTIC_TECHNOLOGY: Recipe(((Commodity.TECHNOLOGY, 1_200), (Commodity.ENERGY, 2_000))),
    Commodity.LUXURY: Recipe(((Commodity.GOURMET_FOOD, 1_000), (Commodity.TECHNOLOGY, 300))),
}
"""Goods that are not here (ore, minerals, energy, organics) come from the land itself."""


def input_use_per_day(output: Commodity, production_per_day: int) -> dict[Commodity, int]:
    """Return the units a day of each input that making `production_per_day` units uses up."""
    recipe = RECIPES.get(output)
    if recipe is None:
        return {}
    return {good: production_per_day * ratio // PERMILLE for good, ratio in recipe.inputs}
