"""Confidence and intervals keep what they promise on data drawn from a known law."""

import numpy as np

from sectorwars.forecasting.calibration import calibrate

RNG = np.random.default_rng(11)


def drawn(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return expected returns, and actual ones whose sign follows a logistic law of slope 50."""
    expected = RNG.normal(0, 0.03, rows)
    return expected, expected + RNG.logistic(0, 1 / 50, rows)


def test_the_slope_of_a_logistic_law_is_found() -> None:
    expected, returns = drawn(40_000)
    assert 47 < calibrate(expected, returns).slope < 53


def test_intervals_hold_on_further_data() -> None:
    calibration = calibrate(*drawn(20_000))
    expected, returns = drawn(20_000)
    for interval, coverage in ((calibration.interval_80, 0.80), (calibration.interval_95, 0.95)):
        held = (returns - expected >= interval.low) & (returns - expected <= interval.high)
        assert abs(held.mean() - coverage) < 0.01


def test_confidence_is_a_half_for_no_call_and_rises_with_its_strength() -> None:
    calibration = calibrate(*drawn(1_000))
    confidence = calibration.confidence(np.array([0.0, 0.01, -0.01, 0.05]))
    assert confidence[0] == 0.5
    assert confidence[1] == confidence[2]
    assert 0.5 < confidence[1] < confidence[3] < 1


def test_calls_that_are_mostly_wrong_earn_no_confidence() -> None:
    expected, returns = drawn(1_000)
    calibration = calibrate(expected, -returns)
    assert calibration.slope == 0
    assert calibration.confidence(np.array([0.2]))[0] == 0.5


def test_calls_of_nothing_teach_nothing() -> None:
    assert calibrate(np.zeros(30), np.full(30, 0.01)).slope == 0
