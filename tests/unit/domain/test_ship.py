"""Holds and the cost of what is in them."""

from hypothesis import given
from hypothesis import strategies as st

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, SectorId, ship_id
from sectorwars.domain.ship import CARGO_CAPACITY, Ship, ShipClass


def _ship(*lots: tuple[int, int]) -> Ship:
    ship = Ship(ship_id(PlayerId("a")), ShipClass.LIGHT_FREIGHTER, SectorId("s0001"))
    for quantity, cost_credits in lots:
        ship.load(Commodity.ORE, quantity, cost_credits)
    return ship


def test_the_hold_counts_units_of_all_goods() -> None:
    ship = _ship((10, 500))
    ship.load(Commodity.FUEL, 4, 400)
    assert ship.cargo_capacity == CARGO_CAPACITY[ShipClass.LIGHT_FREIGHTER] == 150
    assert (ship.units(Commodity.ORE), ship.units(Commodity.LUXURY)) == (10, 0)
    assert ship.units_aboard() == 14


def test_the_oldest_units_are_the_first_to_go() -> None:
    ship = _ship((10, 500), (10, 700))
    assert ship.cost_of(Commodity.ORE, 10) == 500
    assert ship.cost_of(Commodity.ORE, 15) == 500 + 350
    ship.unload(Commodity.ORE, 15)
    assert ship.cost_of(Commodity.ORE, 5) == 350
    ship.unload(Commodity.ORE, 5)
    assert ship.cargo == {}


def test_goods_that_are_not_aboard_cost_nothing() -> None:
    assert _ship().cost_of(Commodity.ORE, 3) == 0


def test_a_split_lot_gives_up_the_rounded_down_share() -> None:
    ship = _ship((3, 10))
    assert ship.cost_of(Commodity.ORE, 1) == 3
    ship.unload(Commodity.ORE, 1)
    assert ship.cost_of(Commodity.ORE, 2) == 7


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 5_000)), min_size=1, max_size=5),
    st.data(),
)
def test_what_is_sold_off_bit_by_bit_costs_what_it_cost(
    lots: list[tuple[int, int]], data: st.DataObject
) -> None:
    ship = _ship(*lots)
    cost = 0
    while aboard := ship.units(Commodity.ORE):
        quantity = data.draw(st.integers(1, aboard))
        cost += ship.cost_of(Commodity.ORE, quantity)
        ship.unload(Commodity.ORE, quantity)
    assert cost == sum(cost_credits for _, cost_credits in lots)
