"""The public record of the published forecasts, made from their rows."""

import asyncio
from collections.abc import Callable
from typing import Final

from sectorwars.application.ports import ForecastStore
from sectorwars.domain.values import (
    TICKS_PER_GAME_DAY,
    TICKS_PER_GAME_HOUR,
    Tick,
    div_floor,
    game_rfc3339,
)
from sectorwars.forecasting.horizon import Horizon
from sectorwars.forecasting.scoring import NO_OUTCOMES, Outcomes, Score, score
from sectorwars.protocol.shapes.forecast import (
    BaselineHitRates,
    ForecastPerformance,
    HorizonPerformance,
)

DAYS_MAX: Final = 90


class ForecastScoreboard:
    """Scores the present model's forecasts; the figures are kept until the game hour is over."""

    def __init__(self, store: ForecastStore, model_id: str, tick: Callable[[], Tick]) -> None:
        """Read the forecasts of `model_id` from `store`; `tick` tells the committed tick."""
        self._store = store
        self._model_id = model_id
        self._tick = tick
        self._hour: int | None = None
        self._kept: dict[int, ForecastPerformance] = {}

    async def performance(self, days: int) -> ForecastPerformance:
        """Return the record over the last `days` game days, 1..DAYS_MAX.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        tick = self._tick()
        hour = div_floor(tick, TICKS_PER_GAME_HOUR)
        if hour != self._hour:
            self._hour = hour
            self._kept.clear()
        kept = self._kept.get(days)
        if kept is not None:
            return kept
        after = Tick(tick - days * TICKS_PER_GAME_DAY)
        outcomes = await self._store.outcomes(self._model_id, after)
        horizons = await asyncio.to_thread(self._horizons, outcomes)
        performance = ForecastPerformance(horizons, days, game_rfc3339(tick))
        if hour == self._hour:
            self._kept[days] = performance
        return performance

    def _horizons(self, outcomes: dict[Horizon, Outcomes]) -> dict[str, HorizonPerformance]:
        return {
            horizon.value: self._performance(score(outcomes.get(horizon, NO_OUTCOMES)))
            for horizon in Horizon
        }

    def _performance(self, record: Score) -> HorizonPerformance:
        baselines = record.baselines
        return HorizonPerformance(
            n=record.n,
            n_independent=record.n_independent,
            flat=record.flat,
            hit_rate=record.hit_rate,
            ci_low=record.ci_low,
            ci_high=record.ci_high,
            base_rate=record.base_rate,
            best_possible=None,
            baselines=BaselineHitRates(
                persistence=baselines["persistence"],
                drift=baselines["drift"],
                mean_reversion=baselines["mean_reversion"],
                auto_ets=None,
            ),
            p_value=record.p_value,
            brier=record.brier,
            calibration_error=record.calibration_error,
            coverage_80=record.coverage_80,
            coverage_95=record.coverage_95,
            model_id=self._model_id,
        )
