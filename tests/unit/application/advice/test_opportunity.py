"""A profit that is shown is what a player gets who trades at these prices."""

from dataclasses import replace

import pytest
from tests.small_galaxy import BETA, HAVEN, MINE, NOW, PLAYER, RESORT, perform, world_with_player

from sectorwars.application.advice.advisor import recommend
from sectorwars.application.advice.opportunity import (
    best_opportunities,
    best_sales,
    best_tour,
    trader_of,
)
from sectorwars.application.advice.reach import reach
from sectorwars.application.advice.survey import Charts, Survey
from sectorwars.application.advice.views import recommendation
from sectorwars.domain.command import CompleteJourney, Dock, Trade, Travel, Undock
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.market import Side
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.world import World


def surveyed(world: World) -> Survey:
    return Survey(world, Charts(world))


@pytest.fixture
def world() -> World:
    """The small galaxy with ore short at the resort, so that carrying it there pays."""
    world = world_with_player()
    world.ports[RESORT].stock[0] = 4
    return world


def test_the_profit_shown_is_the_profit_made(world: World) -> None:
    before = world.credits(PLAYER)
    (best,) = best_opportunities(surveyed(world), trader_of(world, PLAYER, NOW), 1)
    assert best.commodity is Commodity.ORE
    assert best.buy is not None
    assert best.buy.port.spec.port_id == HAVEN
    assert best.sell.port.spec.port_id == RESORT
    assert best.way.path == (BETA,)
    perform(world, Trade(Side.BUY, "ore", best.quantity))
    perform(world, Undock())
    perform(world, Travel(BETA))
    arrival = UnixMicros(NOW + best.seconds * 1_000_000)
    perform(world, CompleteJourney(), now=arrival)
    perform(world, Dock(RESORT), now=arrival)
    perform(world, Trade(Side.SELL, "ore", best.quantity), now=arrival)
    assert world.credits(PLAYER) - before == best.profit_credits > 0


def test_one_unit_more_or_fewer_earns_no_more(world: World) -> None:
    (best,) = best_opportunities(surveyed(world), trader_of(world, PLAYER, NOW), 1)

    def earned(quantity: int) -> int:
        copy = world_with_player()
        copy.ports[RESORT].stock[0] = 4
        before = copy.credits(PLAYER)
        perform(copy, Trade(Side.BUY, "ore", quantity))
        perform(copy, Undock())
        perform(copy, Travel(BETA))
        later = UnixMicros(NOW + 60_000_000)
        perform(copy, CompleteJourney(), now=later)
        perform(copy, Dock(RESORT), now=later)
        perform(copy, Trade(Side.SELL, "ore", quantity), now=later)
        return copy.credits(PLAYER) - before

    assert earned(best.quantity) >= max(earned(best.quantity - 1), earned(best.quantity + 1))


def test_a_purse_a_hold_and_a_ports_wallet_bound_the_order(world: World) -> None:
    trader = trader_of(world, PLAYER, NOW)
    (rich,) = best_opportunities(surveyed(world), trader, 1)
    (poor,) = best_opportunities(surveyed(world), replace(trader, credits=600), 1)
    assert poor.buy is not None
    assert poor.quantity < rich.quantity
    assert poor.buy.total_credits + poor.buy.tax_credits <= 600
    (small,) = best_opportunities(surveyed(world), replace(trader, hold_free=3), 1)
    assert small.quantity == 3
    drained = replace(trader, wallets={RESORT: 500 - 500_000})
    (paid,) = best_opportunities(surveyed(world), drained, 1)
    assert paid.sell.total_credits <= 500


def test_nothing_is_found_where_nothing_pays_or_can_be_reached(world: World) -> None:
    trader = trader_of(world, PLAYER, NOW)
    assert best_opportunities(surveyed(world), replace(trader, hold_free=0), 3) == []
    assert RESORT not in {
        found.sell.port.spec.port_id
        for found in best_opportunities(surveyed(world), replace(trader, turns=0), 5)
    }


def test_a_tour_trades_no_price_twice(world: World) -> None:
    tour = best_tour(surveyed(world), trader_of(world, PLAYER, NOW), 4)
    places = [
        (priced.port.spec.port_id, stop.commodity)
        for stop in tour
        for priced in (stop.buy, stop.sell)
        if priced is not None
    ]
    assert len(places) == len(set(places))
    assert tour


def test_cargo_is_sold_where_it_earns_most(world: World) -> None:
    perform(world, Trade(Side.BUY, "ore", 20))
    (sale,) = best_sales(surveyed(world), PLAYER, NOW)
    assert sale.buy is None
    assert sale.sell.port.spec.port_id == RESORT
    assert sale.quantity == 20
    shown = recommend(surveyed(world), PLAYER, NOW, 5)
    assert {recommended.kind for recommended in shown} >= {"sale"}
    for recommended in shown:
        assert str(recommended.profit_credits) in recommended.message
        assert recommended.expected_outcome.value == recommended.profit_credits


def test_a_sentence_names_goods_as_people_do_and_the_field_by_its_id(world: World) -> None:
    (best,) = best_opportunities(surveyed(world), trader_of(world, PLAYER, NOW), 1)
    shown = recommendation(replace(best, commodity=Commodity.EXOTIC_TECHNOLOGY), 50_000)
    assert shown.commodity == "exotic_technology"
    assert "exotic technology" in shown.title
    assert "exotic technology" in shown.message
    assert "_" not in shown.title + shown.message


def test_a_ship_under_way_trades_from_where_it_arrives(world: World) -> None:
    perform(world, Undock())
    perform(world, Travel(BETA))
    trader = trader_of(world, PLAYER, UnixMicros(NOW + 1_000_000))
    assert trader.sector_id == BETA
    assert trader.docked_port_id is None
    assert trader.seconds_to_arrival == 4


def test_reach_prefers_few_warps_and_stops_at_its_bound(world: World) -> None:
    ways = reach(world, world.ports[MINE].spec.sector_id)
    assert {sector: way.turns for sector, way in ways.items()} == {
        "s0001": 0,
        "s0002": 1,
        "s0003": 2,
    }
    assert len(reach(world, BETA, sectors_max=1)) == 1
