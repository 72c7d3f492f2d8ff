"""Features are functions of the past alone, and say what they are called."""

import numpy as np
import pytest
from tests.forecast_rows import wavy_universe

from sectorwars.domain.commodity import BASE_PRICES, COMMODITIES
from sectorwars.forecasting.features import (
    FEATURES,
    GRID_TICKS,
    HISTORY_ROWS_MAX,
    HISTORY_ROWS_MIN,
    SEASON_HOURS,
    PriceHistory,
    features,
    find_seasons,
    price_history,
)

ROWS = 700


def history(rows: int = ROWS) -> PriceHistory:
    universe = wavy_universe(3, rows)
    return price_history(universe.start + GRID_TICKS * (rows - 1), universe.cents)


def column(name: str, past: PriceHistory, horizon_ticks: int = 60) -> np.ndarray:
    return features(past, find_seasons(past), horizon_ticks)[:, FEATURES.index(name)]


def test_a_row_for_each_good_and_a_column_for_each_name() -> None:
    past = history()
    assert features(past, find_seasons(past), 60).shape == (len(COMMODITIES), len(FEATURES))


def test_returns_gaps_and_market_figures_are_log_ratios() -> None:
    past = history()
    prices = past.prices
    np.testing.assert_allclose(column("return_1h", past), np.log(prices[-1] / prices[-13]))
    before = np.log(prices[-13] / prices[-25])
    np.testing.assert_allclose(column("return_1h_before", past), before)
    np.testing.assert_allclose(column("base_gap", past), np.log(prices[-1] / BASE_PRICES))
    mean = np.log(prices[-24:]).mean(axis=0)
    np.testing.assert_allclose(column("mean_gap_2h", past), np.log(prices[-1]) - mean)
    market = np.log(prices[-1] / prices[-73]).mean()
    np.testing.assert_allclose(column("market_return_6h", past), np.full(10, market))


def test_the_seasons_of_the_calendar_are_found() -> None:
    """Over half a period a wave turns round: only the 12 hour season moves prices by 6 h much."""
    past = history(1_500)
    twelve = column("season_12h", past, 360)
    then = past.tick / 60 + 6
    goods = np.arange(10)
    known = 0.10 * (
        np.sin(np.pi * then / 6 + 6 + goods) - np.sin(np.pi * (then - 6) / 6 + 6 + goods)
    )
    np.testing.assert_allclose(twelve, known, atol=0.04)
    assert np.corrcoef(twelve, known)[0, 1] > 0.99


def test_a_season_says_nothing_over_its_own_period() -> None:
    seasons = find_seasons(history())
    for place, hours in enumerate(SEASON_HOURS):
        np.testing.assert_allclose(seasons.change(60 * hours)[place], 0, atol=1e-9)


def test_the_latest_prices_are_kept_and_too_few_are_refused() -> None:
    long = history(HISTORY_ROWS_MAX + 50)
    assert len(long.prices) == HISTORY_ROWS_MAX
    assert long.prices[-1, 0] == wavy_universe(3, HISTORY_ROWS_MAX + 50).cents[-1][0] / 100
    with pytest.raises(ValueError, match=f"needs {HISTORY_ROWS_MIN} prices"):
        history(HISTORY_ROWS_MIN - 1)
