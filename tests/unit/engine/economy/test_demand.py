"""Demand swings by seasons and noise, within bounds, without memory."""

from math import sqrt

import pytest

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import port_id, sector_id
from sectorwars.domain.port import PortClass, PortGood, PortSpec, Role
from sectorwars.engine.economy.demand import PULL_MIN, PULL_ONE, SEASONS, Climate, Demand, season

ORE = PortGood(Commodity.ORE, Role.CONSUMES, 1_000, 0, 4_000)
TRADED_ORE = PortGood(Commodity.ORE, Role.TRADES, 1_000, 4_000, 4_000)
LUXURY = PortGood(Commodity.LUXURY, Role.CONSUMES, 1_000, 0, 4_000)


def spec(index: int, *goods: PortGood, port_class: PortClass = PortClass.REFINERY) -> PortSpec:
    return PortSpec(index, port_id(index), sector_id(0), "Test", port_class, goods)


def pulls(demand: Demand, ticks: range) -> list[int]:
    return [demand.pull(tick) for tick in ticks]


def correlation(one: list[int], two: list[int]) -> float:
    mean_one, mean_two = sum(one) / len(one), sum(two) / len(two)
    covariance = sum((a - mean_one) * (b - mean_two) for a, b in zip(one, two, strict=True))
    spread_one = sum((a - mean_one) ** 2 for a in one)
    spread_two = sum((b - mean_two) ** 2 for b in two)
    return covariance / sqrt(spread_one * spread_two)


def test_a_season_is_a_wave() -> None:
    quarter = 1 << 14
    assert [season(quarter * i) for i in range(5)] == [0, 1_024, 0, -1_024, 0]
    assert season(-quarter) == -1_024
    assert season(quarter // 2) == 768
    assert sum(season(phase) for phase in range(0, 1 << 16, 64)) == 0


def test_the_seasons_are_those_of_the_rules() -> None:
    assert [period / 60 for period, _ in SEASONS] == [2, 12, 24, 48, 168]


def test_pull_stays_in_bounds_and_averages_nothing() -> None:
    for index in range(20):
        series = pulls(Demand(Climate(5), (0, 0), spec(index, ORE), 0), range(0, 60_480, 35))
        assert min(series) >= PULL_MIN
        assert max(series) <= 2 * PULL_ONE
        assert abs(sum(series)) / len(series) < 0.1 * PULL_ONE
        assert max(series) - min(series) > 0.5 * PULL_ONE


def test_demand_never_falls_below_an_eighth() -> None:
    lowest = min(
        min(pulls(Demand(Climate(seed), (0, 0), spec(0, ORE), 0), range(0, 200_000, 97)))
        for seed in range(8)
    )
    assert lowest == PULL_MIN


def test_pull_has_no_memory() -> None:
    ticks = range(-3_000, 3_000, 7)
    forward = pulls(Demand(Climate(1), (0, 0), spec(0, ORE), 0), ticks)
    demand = Demand(Climate(1), (0, 0), spec(0, ORE), 0)
    backward = [demand.pull(tick) for tick in reversed(ticks)]
    assert forward == backward[::-1]


def test_a_good_s_seasons_are_shared_and_another_good_s_are_not() -> None:
    ticks = range(0, 40_320, 5)
    here = pulls(Demand(Climate(2), (0, 0), spec(0, ORE, LUXURY), 0), ticks)
    far = pulls(Demand(Climate(2), (9, 9), spec(1, ORE), 0), ticks)
    other = pulls(Demand(Climate(2), (0, 0), spec(0, ORE, LUXURY), 1), ticks)
    assert correlation(here, far) > 0.5
    assert abs(correlation(here, other)) < 0.5
    assert here != far


def test_ports_of_one_region_swing_together_more_than_others() -> None:
    ticks = range(0, 60_480, 60)

    def likeness(seed: int, region: tuple[int, int]) -> float:
        one = pulls(Demand(Climate(seed), (0, 0), spec(0, ORE), 0), ticks)
        two = pulls(Demand(Climate(seed), region, spec(1, ORE), 0), ticks)
        return correlation(one, two)

    seeds = range(6)
    same = sum(likeness(seed, (0, 0)) for seed in seeds)
    other = sum(likeness(seed, (4, 4)) for seed in seeds)
    assert same > other


@pytest.mark.parametrize(
    ("port_class", "good", "damped"),
    [
        (PortClass.STARTER, TRADED_ORE, True),
        (PortClass.STARTER, ORE, False),
        (PortClass.REFINERY, TRADED_ORE, False),
    ],
)
def test_newcomers_goods_swing_less(port_class: PortClass, good: PortGood, damped: bool) -> None:
    ticks = range(0, 20_000, 11)
    wild = pulls(Demand(Climate(3), (0, 0), spec(0, ORE), 0), ticks)
    seen = pulls(Demand(Climate(3), (0, 0), spec(0, good, port_class=port_class), 0), ticks)
    if damped:
        pairs = list(zip(seen, wild, strict=True))
        assert all(calm == pull // 3 for calm, pull in pairs if pull > PULL_MIN)
        assert all(calm <= PULL_MIN // 3 for calm, pull in pairs if pull == PULL_MIN)
    else:
        assert seen == wild
