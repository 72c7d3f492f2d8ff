"""What ports make and use: balanced over the galaxy, and possible at each port."""

import pytest

from sectorwars.domain.commodity import COMMODITIES, COMMODITY_SPECS, Commodity
from sectorwars.domain.port import PortClass, PortGood, Role
from sectorwars.domain.prng import Stream
from sectorwars.engine.economy.recipe import RECIPES, input_use_per_day
from sectorwars.engine.genesis.industry import (
    INDUSTRIES,
    STARTER_GOODS,
    allot_goods,
    initial_stock,
)

CLASSES = list(PortClass) * 3


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("classes", [CLASSES, list(PortClass), [*PortClass, PortClass.RESORT]])
def test_as_much_is_used_as_is_made(seed: int, classes: list[PortClass]) -> None:
    ports = allot_goods(seed, classes)
    for commodity in COMMODITIES:
        goods = [good for port in ports for good in port if good.commodity is commodity]
        made = sum(good.production_per_day for good in goods)
        assert made > 0
        assert made == sum(good.consumption_per_day for good in goods)


@pytest.mark.parametrize("seed", range(5))
def test_factories_leave_something_to_the_population_of_every_port(seed: int) -> None:
    for goods in allot_goods(seed, [*PortClass, PortClass.RESORT, PortClass.TECHNOLOGY]):
        for good in goods:
            needs = sum(
                input_use_per_day(other.commodity, other.production_per_day).get(good.commodity, 0)
                for other in goods
            )
            assert good.consumption_per_day >= needs
            if good.role is Role.CONSUMES:
                assert good.consumption_per_day > needs


def test_output_is_raised_where_factories_would_take_too_much() -> None:
    few_makers = [PortClass.TECHNOLOGY, *[PortClass.RESORT] * 20, *PortClass]
    ports = allot_goods(1, few_makers)
    made = sum(
        good.production_per_day
        for port in ports
        for good in port
        if good.commodity is Commodity.TECHNOLOGY
    )
    used = sum(
        input_use_per_day(good.commodity, good.production_per_day).get(Commodity.TECHNOLOGY, 0)
        for port in ports
        for good in port
    )
    assert made * 650 >= used * 1_000
    assert made < used * 2


@pytest.mark.parametrize("port_class", PortClass)
def test_each_class_deals_in_what_its_industry_says(port_class: PortClass) -> None:
    industry = INDUSTRIES[port_class]
    for goods, dealt in zip(allot_goods(4, CLASSES), CLASSES, strict=True):
        if dealt is port_class:
            roles = {good.commodity: good.role for good in goods}
            assert {g for g, role in roles.items() if role is Role.PRODUCES} == set(industry.makes)
            assert {g for g, role in roles.items() if role is Role.TRADES} == set(industry.trades)
            inputs = {used for made in industry.makes for used in input_use_per_day(made, 1_000)}
            assert set(roles) == {*industry.makes, *industry.trades, *industry.uses, *inputs}
            assert list(roles) == [good for good in COMMODITIES if good in roles]


def test_a_good_is_worth_more_than_what_it_is_made_of() -> None:
    for commodity, recipe in RECIPES.items():
        inputs = sum(
            COMMODITY_SPECS[used].base_price_credits * ratio for used, ratio in recipe.inputs
        )
        assert inputs < COMMODITY_SPECS[commodity].base_price_credits * 1_000


def test_the_first_stock_lies_near_its_target() -> None:
    draws = Stream(1)
    good = PortGood(Commodity.ORE, Role.TRADES, 4_000, 1, 1)
    mine = PortGood(Commodity.ORE, Role.PRODUCES, 4_000, 1, 0)
    for _ in range(200):
        assert 3_800 <= initial_stock(draws, PortClass.STARTER, good) <= 4_400
        assert 3_400 <= initial_stock(draws, PortClass.MINING, mine) <= 4_600


def test_newcomers_goods_are_traded_both_ways() -> None:
    assert set(INDUSTRIES[PortClass.STARTER].trades) == set(STARTER_GOODS)
