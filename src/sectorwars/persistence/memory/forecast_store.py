"""Published forecasts in memory."""

from collections.abc import Callable, Sequence

import numpy as np

from sectorwars.application.rows import PublishedForecast
from sectorwars.domain.commodity import COMMODITY_INDEX, Commodity
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.forecasting.baselines import BASELINES
from sectorwars.forecasting.champion import Forecast
from sectorwars.forecasting.horizon import Horizon
from sectorwars.forecasting.scoring import Outcomes

_Key = tuple[Tick, Horizon, Commodity]


class MemoryForecastStore:
    """Keeps forecasts as long as it lives."""

    def __init__(self, now: Callable[[], UnixMicros] = lambda: UnixMicros(0)) -> None:
        """Start without forecasts; `now` says when each is stored."""
        self._now = now
        self._published_at: dict[_Key, UnixMicros] = {}
        self._forecasts: dict[_Key, Forecast] = {}
        self._actual: dict[_Key, int] = {}

    async def add(self, forecasts: Sequence[Forecast]) -> None:
        """Store forecasts, all or nothing; those stored already are left as they are."""
        for forecast in forecasts:
            self._forecasts.setdefault(_key(forecast), forecast)
            self._published_at.setdefault(_key(forecast), self._now())

    async def latest(self) -> list[Forecast]:
        """Return the forecasts that were made last."""
        last = max((made_at for made_at, _, _ in self._forecasts), default=None)
        return [forecast for forecast in self._forecasts.values() if forecast.made_at == last]

    async def published(self, after: Tick, until: Tick) -> list[PublishedForecast]:
        """Return the forecasts for the next horizon made later than `after`, up to `until`."""
        return [
            PublishedForecast(forecast, self._published_at[key])
            for key, forecast in self._forecasts.items()
            if forecast.horizon is Horizon.HOUR and after < forecast.made_at <= until
        ]

    async def unscored(self, until: Tick) -> list[Tick]:
        """Return the ticks up to `until` at which forecasts fell due that await their score."""
        return sorted(
            {
                forecast.due_at
                for key, forecast in self._forecasts.items()
                if key not in self._actual and forecast.due_at <= until
            }
        )

    async def score(self, due_at: Tick, index: Sequence[int]) -> None:
        """Note the index at a tick, in hundredths by COMMODITIES, with the forecasts due then."""
        for key, forecast in self._forecasts.items():
            if forecast.due_at == due_at:
                self._actual.setdefault(key, index[COMMODITY_INDEX[forecast.commodity]])

    async def outcomes(self, model_id: str, after: Tick) -> dict[Horizon, Outcomes]:
        """Return a model's scored forecasts made later than `after`, oldest first."""
        found: dict[Horizon, list[tuple[Forecast, int]]] = {}
        for key in sorted(self._actual):
            forecast = self._forecasts[key]
            if forecast.model_id == model_id and forecast.made_at > after:
                found.setdefault(forecast.horizon, []).append((forecast, self._actual[key]))
        return {horizon: _outcomes(scored) for horizon, scored in found.items()}


def _key(forecast: Forecast) -> _Key:
    return forecast.made_at, forecast.horizon, forecast.commodity


def _outcomes(scored: list[tuple[Forecast, int]]) -> Outcomes:
    forecasts = [forecast for forecast, _ in scored]
    reference = np.array([forecast.reference_cents for forecast in forecasts])
    actual = np.array([cents for _, cents in scored])
    return Outcomes(
        predicted=np.array([f.predicted_cents for f in forecasts], dtype=np.float64) - reference,
        actual=(actual - reference).astype(np.float64),
        confidence=np.array([f.confidence_percent for f in forecasts]) / 100,
        apart=np.array([f.made_at % f.horizon.ticks == 0 for f in forecasts]),
        within_80=np.array([f.low_80_cents <= a <= f.high_80_cents for f, a in scored]),
        within_95=np.array([f.low_95_cents <= a <= f.high_95_cents for f, a in scored]),
        baselines={
            name: np.array([forecast.baselines[name] for forecast in forecasts])
            for name in BASELINES
        },
    )
