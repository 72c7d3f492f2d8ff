"""The equity curve against its definitions, reckoned the slow way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sectorwars.application.backtest.equity import Equity, EquityCurve
from sectorwars.domain.values import Tick

WORTHS = st.lists(st.integers(0, 10**9), min_size=1, max_size=60)


def curve_of(worths: list[int]) -> EquityCurve:
    curve = EquityCurve(Equity(Tick(0), worths[0], 0))
    for tick, worth in enumerate(worths[1:], start=1):
        curve.add(Equity(Tick(tick), worth // 3, worth - worth // 3))
    return curve


@given(WORTHS)
def test_the_drawdown_is_the_deepest_fall_from_any_earlier_point(worths: list[int]) -> None:
    curve = curve_of(worths)
    pairs = [(worths[i], worths[j]) for i in range(len(worths)) for j in range(i, len(worths))]
    assert curve.max_drawdown_credits == max(high - low for high, low in pairs if high >= low)
    falls = [(high - low) * 10_000 // high for high, low in pairs if high > low]
    assert curve.max_drawdown_bps == max(falls, default=0)


@given(WORTHS, st.integers(2, 12))
def test_samples_are_few_in_order_and_hold_both_ends(worths: list[int], most: int) -> None:
    curve = curve_of(worths)
    sampled = curve.sampled(most)
    ticks = [point.tick for point in sampled]
    assert 1 <= len(sampled) <= most
    assert ticks == sorted(set(ticks))
    assert sampled[-1] == curve.last
    assert sampled[0] == curve.first
    assert [point.total for point in sampled] == [worths[tick] for tick in ticks]


@pytest.mark.parametrize("points", [499, 500, 501, 999, 7_200])
def test_no_more_points_are_shown_than_a_chart_needs(points: int) -> None:
    assert 250 <= len(curve_of([1] * points).sampled()) <= 500
