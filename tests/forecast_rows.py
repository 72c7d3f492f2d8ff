"""Forecasts and prices made by hand, for tests of what keeps, shows and scores them."""

import math
from dataclasses import replace

from sectorwars.domain.commodity import BASE_PRICES, Commodity
from sectorwars.domain.values import Tick
from sectorwars.forecasting.champion import Forecast
from sectorwars.forecasting.features import GRID_TICKS
from sectorwars.forecasting.horizon import Horizon
from sectorwars.forecasting.training import Universe

_FORECAST = Forecast(
    commodity=Commodity.ORE,
    horizon=Horizon.HOUR,
    made_at=Tick(0),
    model_id="linear-test",
    reference_cents=5_000,
    predicted_cents=5_100,
    confidence_percent=80,
    low_80_cents=5_050,
    high_80_cents=5_150,
    low_95_cents=4_900,
    high_95_cents=5_300,
    risk_level="low",
    edge=True,
    explanation="Expected +2.0%, direction right 80 in 100 times.",
    baselines={"persistence": -1, "drift": 1, "mean_reversion": 0},
)


def forecast(**changes: object) -> Forecast:
    """Return a forecast of ore over an hour, with changes."""
    return replace(_FORECAST, **changes)  # type: ignore[arg-type]


def wavy_universe(seed: int, rows: int, start: int = -2_880) -> Universe:
    """Return ten indices that swing with the seasons; `seed` shifts their phases."""
    cents = []
    for row in range(rows):
        hours = (start + GRID_TICKS * row) / 60
        cents.append(
            tuple(
                round(
                    100
                    * base
                    * math.exp(
                        0.02 * math.sin(math.pi * hours + seed + good)
                        + 0.10 * math.sin(math.pi * hours / 6 + 2 * seed + good)
                        + 0.10 * math.sin(math.pi * hours / 24 + 3 * seed + good)
                        # What no calendar explains, and no two universes share.
                        + 0.004 * math.sin(1e4 * (row + 1) * (good + 1) * (seed + 1))
                    )
                )
                for good, base in enumerate(BASE_PRICES)
            )
        )
    return Universe(seed, start, cents)
