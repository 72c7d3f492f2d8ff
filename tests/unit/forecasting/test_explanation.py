"""Explanations name what moved the model, and say so where there is no edge."""

import numpy as np
import pytest

from sectorwars.forecasting.explanation import (
    EXPLANATION_LENGTH_MAX,
    causes_of,
    explain,
    has_edge,
)
from sectorwars.forecasting.features import FEATURES


def contributions(**added: float) -> np.ndarray:
    return np.array([added.get(name, 0.0) for name in FEATURES])


def test_the_largest_causes_are_named_with_what_they_added() -> None:
    moved = contributions(
        season_12h=0.05, return_1h=-0.10, mean_gap_2h=0.08, base_gap=0.01, market_return_6h=0.002
    )
    assert causes_of(moved)["the latest moves"] == pytest.approx(-0.02)
    assert explain(moved, 0.042, 0.83, skilful=True) == (
        "Expected +4.3%, direction right 83 in 100 times. Most came from the 12 hour season "
        "+5.1%, the latest moves -2.0%, the distance from its usual price +1.0%."
    )


def test_a_probability_near_a_half_is_no_edge() -> None:
    assert not has_edge(0.54, skilful=True)
    assert has_edge(0.56, skilful=True)
    text = explain(contributions(season_2h=0.001), 0.001, 0.52, skilful=True)
    assert text.startswith("No edge: the direction is right 52 in 100 times. Model +0.1%.")


def test_without_shown_skill_there_is_no_edge_however_sure_the_model() -> None:
    assert not has_edge(0.99, skilful=False)
    text = explain(contributions(season_2h=0.1), 0.1, 0.99, skilful=False)
    assert text.startswith("No edge: no skill has been shown at this horizon.")


def test_where_nothing_moves_it_says_so() -> None:
    assert "Nothing moves it much." in explain(contributions(), 0.0, 0.5, skilful=True)


@pytest.mark.parametrize("log_return", [-1e6, -30.0, -1.5, 1.5, 30.0, 1e6])
@pytest.mark.parametrize(("confidence", "skilful"), [(0.99, True), (0.5, True), (0.99, False)])
def test_text_is_plain_and_short_whatever_the_numbers(
    log_return: float, confidence: float, skilful: bool
) -> None:
    moved = np.full(len(FEATURES), log_return)
    text = explain(moved, log_return, confidence, skilful=skilful)
    assert len(text) <= EXPLANATION_LENGTH_MAX
    assert not set("<>\"'&") & set(text)
