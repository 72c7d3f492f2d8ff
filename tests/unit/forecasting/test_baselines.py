"""Directions of the baselines on prices that are easy to look at."""

import numpy as np

from sectorwars.forecasting.baselines import BASELINES, directions
from sectorwars.forecasting.features import PriceHistory
from sectorwars.forecasting.horizon import Horizon

ROWS = 600


def test_each_baseline_names_its_direction() -> None:
    prices = np.full((ROWS, 10), 100.0)
    prices[:, 0] = np.arange(ROWS) + 1.0  # rises all the time
    prices[-6:, 1] = 90.0  # fell within the last hour
    called = directions(PriceHistory(0, prices), Horizon.HOUR)
    assert tuple(called) == BASELINES
    assert [int(called[name][0]) for name in BASELINES] == [1, 1, -1]
    assert [int(called[name][1]) for name in BASELINES] == [-1, -1, 1]
    assert [int(called[name][2]) for name in BASELINES] == [0, 0, 0]


def test_persistence_looks_back_as_far_as_the_horizon() -> None:
    prices = np.full((ROWS, 10), 100.0)
    prices[-20:, 0] = 90.0
    past = PriceHistory(0, prices)
    assert directions(past, Horizon.HOUR)["persistence"][0] == 0
    assert directions(past, Horizon.SIX_HOURS)["persistence"][0] == -1
