"""The model that forecasts are published from, as a file and as a forecaster."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import expm1
from typing import Any, Final, Literal

import numpy as np

from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.values import Tick
from sectorwars.forecasting.baselines import directions
from sectorwars.forecasting.calibration import Calibration, Interval
from sectorwars.forecasting.explanation import explain, has_edge
from sectorwars.forecasting.features import (
    FEATURES,
    Floats,
    PriceHistory,
    features,
    find_seasons,
)
from sectorwars.forecasting.horizon import Horizon
from sectorwars.forecasting.model import LinearModel
from sectorwars.forecasting.scoring import Score

RISK_LOW_WIDTH_MAX: Final = 0.05
RISK_MEDIUM_WIDTH_MAX: Final = 0.15
"""Risk by the width of the 80 % interval against the price: up to these low, then medium."""

CONFIDENCE_PERCENT_MIN: Final = 50
CONFIDENCE_PERCENT_MAX: Final = 99
"""Nothing is certain, so a published confidence never says so."""

Risk = Literal["low", "medium", "high"]


class ModelFileError(ValueError):
    """A model file is damaged, or made for other features; the message says which."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast of one good's index; prices in hundredths of a credit.

    `confidence_percent` (50..99) is the calibrated probability of the stated direction, which is
    that of `predicted_cents` against `reference_cents`; the two are never equal. `baselines` has
    the direction of each baseline.
    """

    commodity: Commodity
    horizon: Horizon
    made_at: Tick
    model_id: str
    reference_cents: int
    predicted_cents: int
    confidence_percent: int
    low_80_cents: int
    high_80_cents: int
    low_95_cents: int
    high_95_cents: int
    risk_level: Risk
    edge: bool
    explanation: str
    baselines: Mapping[str, int]

    @property
    def due_at(self) -> Tick:
        """Return the tick at which the horizon elapses."""
        return Tick(self.made_at + self.horizon.ticks)


@dataclass(frozen=True, slots=True)
class HorizonModel:
    """What foretells one horizon, and how it did on universes that it had never seen."""

    linear: LinearModel
    calibration: Calibration
    skilful: bool
    record: Score


@dataclass(frozen=True, slots=True)
class Champion:
    """Models for all horizons; `training` tells what they were made from."""

    model_id: str
    training: Mapping[str, Any]
    horizons: Mapping[Horizon, HorizonModel]

    def forecast(self, history: PriceHistory) -> list[Forecast]:
        """Foretell all goods at all horizons from the end of a history."""
        seasons = find_seasons(history)
        forecasts = []
        for horizon, model in self.horizons.items():
            observed = features(history, seasons, horizon.ticks)
            expected = model.linear.predict(observed)
            contributions = model.linear.contributions(observed)
            confidence = model.calibration.confidence(expected)
            called = directions(history, horizon)
            forecasts += [
                self._forecast(
                    good,
                    horizon,
                    history,
                    float(expected[i]),
                    float(confidence[i]),
                    contributions[i],
                    {name: int(signs[i]) for name, signs in called.items()},
                )
                for i, good in enumerate(COMMODITIES)
            ]
        return forecasts

    def _forecast(
        self,
        good: Commodity,
        horizon: Horizon,
        history: PriceHistory,
        expected: float,
        confidence: float,
        contributions: Floats,
        baselines: Mapping[str, int],
    ) -> Forecast:
        model = self.horizons[horizon]
        reference = round(100 * history.prices[-1, COMMODITIES.index(good)])
        within_80, within_95 = model.calibration.interval_80, model.calibration.interval_95
        percent = max(CONFIDENCE_PERCENT_MIN, min(CONFIDENCE_PERCENT_MAX, round(100 * confidence)))
        return Forecast(
            commodity=good,
            horizon=horizon,
            made_at=Tick(history.tick),
            model_id=self.model_id,
            reference_cents=reference,
            predicted_cents=_away_from(reference, expected),
            confidence_percent=percent,
            low_80_cents=_moved(reference, expected + within_80.low),
            high_80_cents=_moved(reference, expected + within_80.high),
            low_95_cents=_moved(reference, expected + within_95.low),
            high_95_cents=_moved(reference, expected + within_95.high),
            risk_level=risk_of(within_80),
            edge=has_edge(percent / 100, skilful=model.skilful),
            explanation=explain(contributions, expected, percent / 100, skilful=model.skilful),
            baselines=baselines,
        )


def risk_of(interval: Interval) -> Risk:
    """Return the risk level of an 80 % interval."""
    width = expm1(interval.high) - expm1(interval.low)
    if width <= RISK_LOW_WIDTH_MAX:
        return "low"
    return "medium" if width <= RISK_MEDIUM_WIDTH_MAX else "high"


def assemble(training: Mapping[str, Any], horizons: Mapping[Horizon, HorizonModel]) -> Champion:
    """Name a champion after what it consists of, so that equal models have equal names."""
    content = _content(training, horizons)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return Champion(f"linear-{digest[:12]}", training, horizons)


def to_json(champion: Champion) -> str:
    """Write a champion as a model file."""
    content = _content(champion.training, champion.horizons)
    return json.dumps({"model_id": champion.model_id, **content}, indent=1) + "\n"


def from_json(text: str) -> Champion:
    """Read a model file.

    Raises:
        ModelFileError: the file is damaged or was made for other features.
    """
    try:
        content = json.loads(text)
        if tuple(content["features"]) != FEATURES:
            raise ModelFileError("The model was trained on other features; train it again.")
        champion = assemble(
            content["training"],
            {Horizon(name): _read_horizon(model) for name, model in content["horizons"].items()},
        )
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ModelFileError(f"The model file is damaged: {error!r}.") from error
    if champion.model_id != content["model_id"]:
        raise ModelFileError("The model file was changed: its name does not fit its content.")
    return champion


def _content(
    training: Mapping[str, Any], horizons: Mapping[Horizon, HorizonModel]
) -> dict[str, Any]:
    return {
        "features": list(FEATURES),
        "training": dict(training),
        "horizons": {horizon.value: _write_horizon(model) for horizon, model in horizons.items()},
    }


def _write_horizon(model: HorizonModel) -> dict[str, Any]:
    linear = model.linear
    return {
        "intercept": linear.intercept,
        "means": linear.means.tolist(),
        "scales": linear.scales.tolist(),
        "weights": linear.weights.tolist(),
        "calibration": asdict(model.calibration),
        "skilful": model.skilful,
        "record": asdict(model.record),
    }


def _read_horizon(content: dict[str, Any]) -> HorizonModel:
    means, scales, weights = (
        np.array(content[name], dtype=np.float64) for name in ("means", "scales", "weights")
    )
    calibration = content["calibration"]
    return HorizonModel(
        LinearModel(means, scales, weights, float(content["intercept"])),
        Calibration(
            float(calibration["slope"]),
            Interval(**calibration["interval_80"]),
            Interval(**calibration["interval_95"]),
        ),
        bool(content["skilful"]),
        Score(**content["record"]),
    )


def _moved(reference: int, log_return: float) -> int:
    return max(1, round(reference * (1 + expm1(log_return))))


def _away_from(reference: int, log_return: float) -> int:
    """Return the moved price, at least a hundredth away so that its direction can be read."""
    moved = _moved(reference, log_return)
    if moved != reference:
        return moved
    return reference + 1 if log_return >= 0 or reference == 1 else reference - 1
