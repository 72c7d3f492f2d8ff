"""A rule of the past sees the forecasts that had been published by then, and no later ones."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from tests.forecast_rows import forecast
from tests.unit.application.backtest.recorded_life import (
    ALICE,
    RecordedLife,
    goods_both_ways,
)

from sectorwars.application.backtest.desk import Asked
from sectorwars.application.backtest.known_forecasts import KnownForecasts
from sectorwars.application.reading.forecast_board import SHOWN_TICKS_MAX
from sectorwars.application.rows import PublishedForecast
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.rule import Comparison, Condition, ConditionType, RiskLevel, RuleSpec
from sectorwars.domain.values import TICKS_PER_GAME_HOUR, Tick, UnixMicros

HOUR = TICKS_PER_GAME_HOUR


def published(made_at: int, percent: int, at: int) -> PublishedForecast:
    return PublishedForecast(
        forecast(made_at=Tick(made_at), confidence_percent=percent), UnixMicros(at)
    )


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(50, 99), st.integers(0, 400)), max_size=8),
    st.integers(0, 400),
)
def test_what_is_published_later_changes_nothing(
    rows: list[tuple[int, int, int]], moment: int
) -> None:
    all_of_them = [published(hour * HOUR, percent, at) for hour, percent, at in rows]
    by_then = [row for row in all_of_them if row.published_at < moment]
    knowing, blind = (KnownForecasts(some, SHOWN_TICKS_MAX) for some in (all_of_them, by_then))
    for board in (knowing, blind):
        board.advance(Tick(100), UnixMicros(moment))
    assert knowing.confidence_milli(Commodity.ORE) == blind.confidence_milli(Commodity.ORE)


def test_a_forecast_is_known_from_its_publication_until_it_is_overdue() -> None:
    known = KnownForecasts([published(0, 80, 50)], SHOWN_TICKS_MAX)
    seen: list[int | None] = []
    for tick, at in ((1, 50), (2, 51), (2 * HOUR, 60), (2 * HOUR + 1, 61)):
        known.advance(Tick(tick), UnixMicros(at))
        seen.append(known.confidence_milli(Commodity.ORE))
    assert seen == [None, 800, 800, None]


async def test_a_backtest_does_not_look_ahead() -> None:
    life = await RecordedLife.born(ALICE)
    commodity, _, _ = goods_both_ways(life)[0]
    sure = Condition(ConditionType.AI_CONFIDENCE, Comparison.GREATER_THAN, 850)
    spec = RuleSpec("When sure", commodity, None, (sure,), (), RiskLevel.AGGRESSIVE, 1_000)
    unsure = forecast(commodity=commodity, made_at=Tick(0), confidence_percent=60)
    await life.forecasts.add([unsure])
    await life.live(HOUR + 20)
    # It is about the hour since tick 60, and was stored twenty ticks into it.
    await life.forecasts.add([replace(unsure, made_at=Tick(HOUR), confidence_percent=95)])
    await life.live(40)
    tested = await life.tested(ALICE, Asked(spec))
    assert tested.result is not None
    (trade,) = tested.result.trades
    assert trade.tick == HOUR + 21
    assert [condition.input for condition in trade.trace.conditions] == [0.95]
    assert any("no later ones" in note for note in tested.result.notes)
