"""The flow formula: scarcity is relieved, glut drains, factories need inputs, fractions add up."""

import pytest

from sectorwars.domain.commodity import COMMODITY_SPECS, Commodity
from sectorwars.domain.ids import port_id, sector_id
from sectorwars.domain.market import stock_capacity
from sectorwars.domain.port import PortClass, PortGood, PortSpec, Role
from sectorwars.engine.economy.demand import Climate
from sectorwars.engine.economy.flow import (
    FLOW_ONE,
    FREIGHT_PERMILLE,
    PULL_REFRESH_TICKS,
    PortFlow,
)

WEEK = 7 * 1_440
ORE_MINE = PortGood(Commodity.ORE, Role.PRODUCES, 1_000, 4_000, 0)
ORE_USER = PortGood(Commodity.ORE, Role.CONSUMES, 1_000, 0, 4_000)
ENERGY_USER = PortGood(Commodity.ENERGY, Role.CONSUMES, 1_000, 0, 4_000)
FUEL_MAKER = PortGood(Commodity.FUEL, Role.PRODUCES, 1_000, 4_000, 0)


def flow_of(*goods: PortGood, index: int = 0, seed: int = 1) -> PortFlow:
    spec = PortSpec(index, port_id(index), sector_id(0), "Test", PortClass.REFINERY, goods)
    return PortFlow(Climate(seed), (0, 0), spec)


def run(flow: PortFlow, stock: list[int], ticks: int) -> list[list[int]]:
    history = [stock]
    for tick in range(ticks):
        deltas = flow.deltas(tick, stock)
        stock = [units + delta for units, delta in zip(stock, deltas, strict=True)]
        history.append(stock)
    return history


@pytest.mark.parametrize("good", [ORE_MINE, ORE_USER])
@pytest.mark.parametrize("start", [0, 4_000])
def test_empty_and_full_stores_come_back_without_any_hauler(good: PortGood, start: int) -> None:
    history = [stock for (stock,) in run(flow_of(good), [start], WEEK)]
    settled = history[1_440:]
    assert min(settled) > 250
    assert max(settled) < 2_000


def test_makers_stay_below_and_users_above_the_base_price() -> None:
    made = [stock for (stock,) in run(flow_of(ORE_MINE), [1_000], 4 * WEEK)]
    used = [stock for (stock,) in run(flow_of(ORE_USER), [1_000], 4 * WEEK)]
    assert 1_350 < sum(made) / len(made) < 1_650
    assert 400 < sum(used) / len(used) < 650


def test_what_was_prepared_is_given_for_that_tick_and_stock_only() -> None:
    flow, fresh = (
        flow_of(FUEL_MAKER, ORE_USER, ENERGY_USER),
        flow_of(FUEL_MAKER, ORE_USER, ENERGY_USER),
    )
    stock = [900, 800, 700]
    for tick in (58, 59):
        flow.prepare(tick, stock)
        assert flow.deltas(tick, stock) is flow.deltas(tick, stock)
        assert (flow.turnover(tick, stock) is flow.turnover(tick, stock)) == (tick == 59)
        for at, units in ((tick, stock), (tick + 1, stock), (tick, [901, 800, 700])):
            assert flow.deltas(at, units) == fresh.deltas(at, units)
            assert flow.turnover(at, units) == fresh.turnover(at, units)


def test_a_store_never_runs_below_nothing_or_over() -> None:
    draining = flow_of(PortGood(Commodity.ORE, Role.CONSUMES, 10, 0, 400_000))
    assert min(draining.deltas(tick, [10])[0] for tick in range(5_000)) == -10
    good = PortGood(Commodity.ORE, Role.PRODUCES, 10, 4_000_000, 3_900_000)
    filling = flow_of(good)
    room = stock_capacity(10) - 3
    assert max(filling.deltas(tick, [3])[0] for tick in range(5_000)) == room


def test_a_factory_without_an_input_stands_still() -> None:
    flow = flow_of(ORE_USER, ENERGY_USER, FUEL_MAKER)
    assert max(flow.deltas(tick, [0, 1_000, 1_000])[2] for tick in range(500)) <= 0
    assert max(flow.deltas(tick, [1_000, 0, 1_000])[2] for tick in range(500)) <= 0
    assert sum(flow.deltas(tick, [1_000, 1_000, 100])[2] for tick in range(500)) > 500


def test_a_factory_short_of_an_input_slows_down_in_proportion() -> None:
    flow = flow_of(ORE_USER, ENERGY_USER, FUEL_MAKER)
    fuel = COMMODITY_SPECS[Commodity.FUEL].base_price_credits
    used = {Commodity.ORE: 600, Commodity.ENERGY: 300}
    worth = (
        fuel
        - sum(COMMODITY_SPECS[good].base_price_credits * ratio for good, ratio in used.items())
        / 1_000
    )

    def made(ore: int, energy: int) -> float:
        return flow.turnover(0, [ore, energy, 1_000]).made / FLOW_ONE / worth

    full = made(1_000, 1_000)
    assert full == pytest.approx(4_000 / 1_440, rel=1e-4)
    assert made(500, 500) == pytest.approx(full, rel=1e-4)
    assert made(250, 1_000) == pytest.approx(full / 2, rel=1e-4)
    assert made(400, 100) == pytest.approx(full / 5, rel=1e-4)


def test_a_factory_works_less_when_its_product_piles_up() -> None:
    flow = flow_of(ORE_USER, ENERGY_USER, FUEL_MAKER)
    made = [flow.turnover(0, [1_000, 1_000, units]).made for units in (0, 1_000, 2_000, 3_000)]
    assert made == sorted(made, reverse=True)
    assert made[0] == pytest.approx(1.5 * made[1], rel=1e-3)
    assert made[3] == 0
    assert flow.turnover(0, [1_000, 1_000, 4_000]).made == 0


@pytest.mark.parametrize("stock", [[700, 800, 900], [1_300, 300, 1_800], [200, 3_700, 100]])
def test_whole_units_add_up_to_the_exact_flow(stock: list[int]) -> None:
    goods = (ORE_USER, ENERGY_USER, FUEL_MAKER)
    flow = flow_of(*goods)
    prices = [COMMODITY_SPECS[good.commodity].base_price_credits for good in goods]
    moved, exact = [0, 0, 0], 0
    for tick in range(3_000):
        deltas = flow.deltas(tick, stock)
        moved = [total + delta for total, delta in zip(moved, deltas, strict=True)]
        turnover = flow.turnover(tick, stock)
        exact += turnover.made + turnover.imported - turnover.consumed - turnover.exported
    worth = sum(units * price for units, price in zip(moved, prices, strict=True))
    # Rounding down would lose half a unit of each good a tick: 1,500 times the sum of the prices.
    assert abs(worth - exact / FLOW_ONE) < 20 * sum(prices)


def test_what_is_made_and_used_at_one_port_needs_no_freight() -> None:
    flow = flow_of(PortGood(Commodity.ORE, Role.TRADES, 1_000, 4_000, 4_000))
    turnover = flow.turnover(0, [1_000])
    assert turnover.exported == turnover.imported == 0
    assert turnover.made > 0
    assert turnover.consumed > 0


def test_freight_carries_off_what_a_mine_makes_and_brings_what_a_user_lacks() -> None:
    mine, user = flow_of(ORE_MINE), flow_of(ORE_USER)
    base = COMMODITY_SPECS[Commodity.ORE].base_price_credits
    freight = FREIGHT_PERMILLE / 1_000 * 4_000 / 1_440 * base
    assert user.turnover(0, [1_000]).imported / FLOW_ONE == pytest.approx(freight, rel=1e-3)
    exported = [mine.turnover(tick, [1_000]).exported for tick in range(0, 8 * WEEK, 31)]
    assert sum(exported) / len(exported) / FLOW_ONE == pytest.approx(freight, rel=0.1)


def test_the_flow_depends_on_its_arguments_alone() -> None:
    ticks = range(-200, 200)
    flow = flow_of(ORE_USER, ENERGY_USER, FUEL_MAKER, index=3)
    forward = [flow.deltas(tick, [900, 1_100, 1_000]) for tick in ticks]
    backward = [flow.deltas(tick, [900, 1_100, 1_000]) for tick in reversed(ticks)]
    fresh = [
        flow_of(ORE_USER, ENERGY_USER, FUEL_MAKER, index=3).deltas(tick, [900, 1_100, 1_000])
        for tick in ticks
    ]
    assert forward == backward[::-1] == fresh


def test_ports_renew_their_pull_in_turn() -> None:
    renewals = set()
    for index in range(PULL_REFRESH_TICKS):
        flow = flow_of(ORE_USER, index=index)
        consumed = [flow.turnover(tick, [1_000]).consumed for tick in range(100, 121)]
        changes = {
            tick % PULL_REFRESH_TICKS
            for tick in range(101, 121)
            if consumed[tick - 100] != consumed[tick - 101]
        }
        assert len(changes) == 1
        renewals |= changes
    assert renewals == set(range(PULL_REFRESH_TICKS))


def test_a_factory_without_its_input_on_the_list_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        flow_of(ORE_USER, FUEL_MAKER)
