"""Shapes of forecasts and of how they have done."""

from dataclasses import dataclass
from typing import Literal

from typing_extensions import TypedDict  # pydantic reads typing.TypedDict from Python 3.12 on

ForecastHorizon = Literal["1h", "6h", "24h"]
RiskLevel = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """A forecast of a good's index price.

    `confidence` is that of the direction from `reference_price`, the price when it was made.
    """

    horizon: str
    reference_price: float
    predicted_price: float
    confidence: float
    explanation: str
    risk_level: RiskLevel


@dataclass(frozen=True, slots=True)
class MarketPrediction:
    """A forecast in the Foundation client's words; `confidence` is that of the direction."""

    commodity: str
    currentPrice: float  # noqa: N815 - the client's name
    predictedPrice: float  # noqa: N815 - the client's name
    confidence: float
    timeHorizon: ForecastHorizon  # noqa: N815 - the client's name
    aiExplanation: str  # noqa: N815 - the client's name
    riskLevel: RiskLevel  # noqa: N815 - the client's name
    timestamp: str


@dataclass(frozen=True, slots=True)
class PriceInterval:
    """Bounds of a price that hold with a stated probability."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PriceForecast:
    """A published forecast of a good's index.

    It was made at the galaxy's date `made_at`, when the index stood at `reference_price`, and
    is scored at `due_at`. `confidence` (0.5 to 1) is the probability that the price moves in the
    stated direction; without `edge`, no better than chance should be expected.
    """

    commodity: str
    horizon: ForecastHorizon
    made_at: str
    due_at: str
    reference_price: float
    predicted_price: float
    direction: Literal["up", "down"]
    confidence: float
    edge: bool
    interval_80: PriceInterval
    interval_95: PriceInterval
    risk_level: RiskLevel
    explanation: str
    model_id: str


@dataclass(frozen=True, slots=True)
class PriceForecasts:
    """The forecasts that stand just now; none while there is too little of a past."""

    forecasts: list[PriceForecast]


class BaselineHitRates(TypedDict):
    """Hit rates of what costs no thought; null where a baseline never named a direction.

    Persistence: the last move over as long a span goes on. Drift: the trend of the known past
    goes on. Mean reversion: the price returns to its mean of a day. AutoETS is not run yet.
    """

    persistence: float | None
    drift: float | None
    mean_reversion: float | None
    auto_ets: float | None


@dataclass(frozen=True, slots=True)
class HorizonPerformance:
    """How forecasts over one horizon have done; null where there is nothing to say it from.

    `n` counts scored forecasts whose price moved; `flat` those whose price did not, in hundredths
    of a credit, which count nowhere else but in the coverage. `n_independent` are those of the n
    whose windows do not overlap: `ci_low` to `ci_high` (Wilson, 95 %) and `p_value`
    (Pesaran-Timmermann) are made from them. `base_rate` is what naming the commoner direction
    every time would have hit. `calibration_error` is the mean gap between confidence and hit rate
    over ten bins. `best_possible` is not computed by a running server.
    """

    n: int
    n_independent: int
    flat: int
    hit_rate: float | None
    ci_low: float | None
    ci_high: float | None
    base_rate: float | None
    best_possible: float | None
    baselines: BaselineHitRates
    p_value: float | None
    brier: float | None
    calibration_error: float | None
    coverage_80: float | None
    coverage_95: float | None
    model_id: str


@dataclass(frozen=True, slots=True)
class ForecastPerformance:
    """The record of the present model by horizon, over the last `days` game days."""

    horizons: dict[str, HorizonPerformance]
    days: int
    game_time: str
