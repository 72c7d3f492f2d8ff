"""The published forecasts that stand just now, for everybody who shows or uses them."""

from collections.abc import Sequence
from typing import Final

from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.values import TICKS_PER_GAME_HOUR, Tick, game_rfc3339
from sectorwars.forecasting.champion import Forecast
from sectorwars.forecasting.horizon import Horizon
from sectorwars.protocol.shapes.forecast import Prediction, PriceForecast, PriceInterval
from sectorwars.protocol.shapes.signal import PredictionSignal

SHOWN_TICKS_MAX: Final = 5 * TICKS_PER_GAME_HOUR
"""How long a forecast is shown after it was made, unless the operator says otherwise."""
OVERDUE_TICKS_MAX: Final = TICKS_PER_GAME_HOUR
"""Successors come every game hour; a forecast whose successor did not come is of the past."""

_NEXT: Final = Horizon.HOUR
_CENTS: Final = 100


class ForecastBoard:
    """Holds what the store already has; nothing is posted here before it is durable."""

    def __init__(self, shown_ticks_max: int = SHOWN_TICKS_MAX) -> None:
        """Start without forecasts; each is shown for `shown_ticks_max` ticks after it was made.

        One that was due a game hour ago comes down even then; with 0 none is ever shown.
        """
        self._shown_ticks_max = shown_ticks_max
        self._forecasts: dict[tuple[Commodity, Horizon], Forecast] = {}
        self._tick: int | None = None

    def post(self, forecasts: Sequence[Forecast]) -> None:
        """Put up stored forecasts in the place of the earlier ones."""
        for forecast in forecasts:
            self._forecasts[forecast.commodity, forecast.horizon] = forecast

    def advance(self, tick: Tick) -> None:
        """Take down what is too old at the committed tick `tick`."""
        self._tick = tick

    def forecast(self, commodity: Commodity, horizon: Horizon) -> Forecast | None:
        """Return the forecast that stands, or None."""
        forecast = self._forecasts.get((commodity, horizon))
        if forecast is None or self._tick is None:
            return None
        comes_down_at = min(
            forecast.made_at + self._shown_ticks_max, forecast.due_at + OVERDUE_TICKS_MAX
        )
        return forecast if self._tick < comes_down_at else None

    def standing(self, commodity: Commodity | None, horizon: Horizon | None) -> list[PriceForecast]:
        """Return the forecasts that stand, of one good or all, over one horizon or all."""
        found = (
            self.forecast(good, span)
            for good in ([commodity] if commodity else COMMODITIES)
            for span in ([horizon] if horizon else Horizon)
        )
        return [price_forecast(forecast) for forecast in found if forecast is not None]

    def signal(self) -> PredictionSignal:
        """Return all forecasts that stand as they are published."""
        return PredictionSignal("predictions", self.standing(None, None))

    def confidence_milli(self, commodity: Commodity) -> int | None:
        """Return the confidence of a good's next forecast in thousandths (500..990), or None."""
        forecast = self.forecast(commodity, _NEXT)
        return None if forecast is None else forecast.confidence_percent * 10

    def prediction(self, commodity: Commodity) -> Prediction | None:
        """Return a good's next forecast as market figures carry it, or None."""
        forecast = self.forecast(commodity, _NEXT)
        if forecast is None:
            return None
        return Prediction(
            horizon=forecast.horizon.value,
            reference_price=forecast.reference_cents / _CENTS,
            predicted_price=forecast.predicted_cents / _CENTS,
            confidence=forecast.confidence_percent / 100,
            explanation=forecast.explanation,
            risk_level=forecast.risk_level,
        )


def price_forecast(forecast: Forecast) -> PriceForecast:
    """Return a forecast in its wire shape."""
    up = forecast.predicted_cents > forecast.reference_cents
    return PriceForecast(
        commodity=forecast.commodity.value,
        horizon=forecast.horizon.value,
        made_at=game_rfc3339(forecast.made_at),
        due_at=game_rfc3339(forecast.due_at),
        reference_price=forecast.reference_cents / _CENTS,
        predicted_price=forecast.predicted_cents / _CENTS,
        direction="up" if up else "down",
        confidence=forecast.confidence_percent / 100,
        edge=forecast.edge,
        interval_80=PriceInterval(forecast.low_80_cents / _CENTS, forecast.high_80_cents / _CENTS),
        interval_95=PriceInterval(forecast.low_95_cents / _CENTS, forecast.high_95_cents / _CENTS),
        risk_level=forecast.risk_level,
        explanation=forecast.explanation,
        model_id=forecast.model_id,
    )
