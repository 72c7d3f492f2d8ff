"""Scores against examples reckoned by hand."""

from math import erfc, sqrt

import numpy as np
import pytest

from sectorwars.forecasting.scoring import (
    NO_OUTCOMES,
    Outcomes,
    calibration_error,
    pesaran_timmermann,
    score,
    wilson,
)

# Ups and downs, a flat move, a miss: of five forecasts four moved and three were right.
OUTCOMES = Outcomes(
    predicted=np.array([+5.0, -3.0, +2.0, +1.0, -2.0]),
    actual=np.array([+9.0, -1.0, 0.0, -4.0, -2.0]),
    confidence=np.array([0.9, 0.8, 0.7, 0.6, 0.55]),
    apart=np.array([True, False, True, True, False]),
    within_80=np.array([True, True, True, False, False]),
    within_95=np.array([True, True, True, True, False]),
    baselines={
        "persistence": np.array([1, 1, 1, -1, 1]),
        "drift": np.array([0, 0, 1, 0, 0]),
        "mean_reversion": np.array([0, -1, 0, 0, 0]),
    },
)


def test_hits_flat_moves_and_baselines_are_counted_apart() -> None:
    record = score(OUTCOMES)
    assert (record.n, record.flat, record.n_independent) == (4, 1, 2)
    assert record.hit_rate == 0.75
    assert record.base_rate == 0.75
    assert record.baselines == {"persistence": 0.5, "drift": None, "mean_reversion": 1.0}
    brier = (0.1**2 + 0.2**2 + 0.6**2 + 0.45**2) / 4
    assert record.brier == pytest.approx(brier)
    assert record.coverage_80 == 0.6
    assert record.coverage_95 == 0.8


def test_the_interval_counts_forecasts_that_do_not_overlap_only() -> None:
    record = score(OUTCOMES)
    assert (record.ci_low, record.ci_high) == wilson(0.75, 2)


def test_nothing_scored_says_nothing() -> None:
    record = score(NO_OUTCOMES)
    assert (record.n, record.flat) == (0, 0)
    assert record.hit_rate is record.ci_low is record.p_value is record.brier is None
    assert record.coverage_80 is record.calibration_error is record.base_rate is None
    assert set(record.baselines.values()) == {None}


def test_wilson_against_the_published_example() -> None:
    """Wilson's interval for 8 of 10 is 0.490 to 0.943 (Agresti and Coull 1998, method)."""
    assert wilson(0.8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(1.0, 5)[1] == 1.0


def test_calibration_error_is_the_mean_gap_over_bins() -> None:
    confidence = np.array([0.62, 0.63, 0.97, 0.98])
    hit = np.array([True, False, True, True])
    # Bins 0.60-0.65: promised 0.625, kept 0.5; 0.95-1: promised 0.975, kept 1.
    assert calibration_error(confidence, hit) == pytest.approx((0.125 + 0.025) / 2)
    assert calibration_error(np.array([1.0]), np.array([True])) == 0


def test_pesaran_timmermann_by_hand() -> None:
    # 20 moves, half up; 8 of 10 ups and 8 of 10 downs foretold.
    up = np.array([True] * 10 + [False] * 10)
    said = np.array([True] * 8 + [False] * 2 + [True] * 2 + [False] * 8)
    variance, variance_chance = 0.25 / 20, 4 * 0.5**4 / 400
    statistic = (0.8 - 0.5) / sqrt(variance - variance_chance)
    assert pesaran_timmermann(said, up) == pytest.approx(erfc(statistic / sqrt(2)) / 2)


@pytest.mark.parametrize(
    ("said", "up"),
    [([], []), ([True, True], [True, False]), ([True, False], [True, True]), ([True], [True])],
)
def test_pesaran_timmermann_cannot_judge_one_direction(said: list[bool], up: list[bool]) -> None:
    assert pesaran_timmermann(np.array(said, dtype=bool), np.array(up, dtype=bool)) is None


def test_guesses_are_not_called_skill() -> None:
    rng = np.random.default_rng(5)
    said, up = rng.random(4_000) < 0.5, rng.random(4_000) < 0.5
    p_value = pesaran_timmermann(said, up)
    assert p_value is not None
    assert p_value > 0.01
