"""The survey sees what starves, what sticks, and that three days in three galaxies are sound."""

import pytest

from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.market import stock_capacity
from sectorwars.domain.values import TICKS_PER_GAME_DAY
from sectorwars.engine.economy.survey import Surveyor


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_days_pass_without_want_or_glut(seed: int) -> None:
    surveyor = Surveyor(seed)
    surveyor.run(3 * TICKS_PER_GAME_DAY)
    survey = surveyor.report()
    assert survey.sound
    assert survey.ticks == 3 * TICKS_PER_GAME_DAY
    assert abs(survey.money_after - survey.money_before) < survey.money_before * 0.1
    for index, commodity in zip(survey.indices, COMMODITIES, strict=True):
        assert index.commodity is commodity
        assert index.low < index.mean < index.high < 2 * index.low
        assert 100 < index.day_spread_bps < 1_000
        assert index.reversals >= 40
    fleet = survey.fleet
    assert fleet.haulers == 120
    assert fleet.calls > fleet.trips > 120
    assert fleet.units_sold > 150 * 120
    assert fleet.profit_credits > 0
    assert 0 < fleet.idle_permille < 700
    assert 0 <= fleet.wallet_low < fleet.wallet_high < 200 * 450 * 3


def test_a_starving_port_and_a_stuck_price_are_counted_once() -> None:
    surveyor = Surveyor(1, 20)
    ports = surveyor.world.ports_by_index
    ports[0].stock[0] = 0
    ports[1].stock[0] = stock_capacity(ports[1].spec.goods[0].target)
    ports[1].stock[1] = ports[1].spec.goods[1].target // 100
    surveyor.run(2)
    survey = surveyor.report()
    assert survey.goods_starved == 2
    assert survey.price_clamped <= 2
    assert not survey.sound


def test_a_price_at_an_end_of_its_curve_is_counted() -> None:
    surveyor = Surveyor(1, 20)
    for port in surveyor.world.ports_by_index:
        port.stock = [stock_capacity(good.target) * 2 for good in port.spec.goods]
    surveyor.run(1)
    assert surveyor.report().price_clamped == sum(
        len(port.stock) for port in surveyor.world.ports_by_index
    )


def test_a_broken_promise_to_newcomers_is_counted_for_each_tick() -> None:
    surveyor = Surveyor(1, 20)
    (starter,) = surveyor.world.starters
    starter.stock[0] = 700
    surveyor.run(3)
    survey = surveyor.report()
    assert survey.newcomer_shortfalls == 3
    assert not survey.sound


def test_part_of_a_day_has_a_spread_too() -> None:
    surveyor = Surveyor(1, 20)
    surveyor.run(200)
    assert all(index.day_spread_bps > 0 for index in surveyor.report().indices)


def test_nothing_is_reported_before_the_first_tick() -> None:
    with pytest.raises(ValueError, match="nothing has been watched"):
        Surveyor(1, 20).report()
