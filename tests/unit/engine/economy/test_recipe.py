"""What making goods uses up."""

from sectorwars.domain.commodity import Commodity
from sectorwars.engine.economy.recipe import input_use_per_day


def test_a_factory_needs_its_recipe_s_inputs() -> None:
    assert input_use_per_day(Commodity.FUEL, 1_000) == {
        Commodity.ORE: 600,
        Commodity.ENERGY: 300,
    }


def test_the_land_needs_nothing() -> None:
    assert input_use_per_day(Commodity.ORE, 1_000) == {}
