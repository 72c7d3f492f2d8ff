"""The model file, and the forecasts that a champion makes."""

import json
from dataclasses import replace

import pytest
from tests.forecast_rows import forecast, wavy_universe

from sectorwars.application.forecasts.champion import (
    CALIBRATED_ON,
    FITTED_ON,
    JUDGED_ON,
    load_champion,
)
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.forecasting.calibration import Interval
from sectorwars.forecasting.champion import (
    Champion,
    Forecast,
    ModelFileError,
    from_json,
    risk_of,
    to_json,
)
from sectorwars.forecasting.features import price_history
from sectorwars.forecasting.horizon import Horizon


@pytest.fixture(scope="module")
def champion() -> Champion:
    return load_champion()


@pytest.fixture(scope="module")
def forecasts(champion: Champion) -> list[Forecast]:
    return champion.forecast(price_history(1_020, wavy_universe(1, 781).cents))


def test_the_shipped_champion_is_of_the_universes_that_are_named(champion: Champion) -> None:
    assert champion.training == {
        "fitted_on": list(FITTED_ON),
        "calibrated_on": list(CALIBRATED_ON),
        "judged_on": list(JUDGED_ON),
    }
    assert set(champion.horizons) == set(Horizon)
    assert len({*FITTED_ON, *CALIBRATED_ON, *JUDGED_ON, 2102}) == 13


def test_every_good_is_foretold_over_every_horizon(forecasts: list[Forecast]) -> None:
    made = {(f.commodity, f.horizon) for f in forecasts}
    assert made == {(good, horizon) for good in COMMODITIES for horizon in Horizon}
    assert {f.made_at for f in forecasts} == {1_020}


def test_forecasts_are_sound(forecasts: list[Forecast]) -> None:
    for f in forecasts:
        assert f.reference_cents == wavy_universe(1, 781).cents[-1][COMMODITIES.index(f.commodity)]
        assert f.predicted_cents != f.reference_cents
        assert 50 <= f.confidence_percent <= 99
        assert f.low_95_cents <= f.low_80_cents < f.high_80_cents <= f.high_95_cents
        assert 0 < len(f.explanation) <= 400
        assert f.explanation.startswith("No edge") is not f.edge
    assert len({f.confidence_percent for f in forecasts}) > 5


def test_a_horizon_without_skill_has_no_edge(champion: Champion) -> None:
    unskilled = {
        horizon: replace(model, skilful=False) for horizon, model in champion.horizons.items()
    }
    made = replace(champion, horizons=unskilled).forecast(
        price_history(1_020, wavy_universe(1, 781).cents)
    )
    assert not any(f.edge for f in made)
    assert all(f.explanation.startswith("No edge: no skill") for f in made)


def test_even_the_smallest_call_shows_its_direction(champion: Champion) -> None:
    still = [tuple([5_000] * 10)] * 781
    for made in champion.forecast(price_history(1_020, still)):
        assert made.predicted_cents != made.reference_cents
    lowest = [tuple([1] * 10)] * 781
    assert min(f.predicted_cents for f in champion.forecast(price_history(1_020, lowest))) >= 1


def test_a_forecast_falls_due_a_horizon_later() -> None:
    assert forecast(horizon=Horizon.SIX_HOURS, made_at=-60).due_at == 300


def test_a_model_file_gives_the_same_champion_back(champion: Champion) -> None:
    again = from_json(to_json(champion))
    assert again.model_id == champion.model_id
    assert to_json(again) == to_json(champion)


def test_a_model_file_that_was_tampered_with_is_refused(champion: Champion) -> None:
    content = json.loads(to_json(champion))
    content["horizons"]["1h"]["intercept"] += 0.01
    with pytest.raises(ModelFileError, match="was changed"):
        from_json(json.dumps(content))
    content["features"].pop()
    with pytest.raises(ModelFileError, match="other features"):
        from_json(json.dumps(content))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"features": 1}'])
def test_a_damaged_model_file_is_refused(text: str) -> None:
    with pytest.raises(ModelFileError, match="damaged"):
        from_json(text)


def test_risk_follows_the_width_of_the_interval() -> None:
    assert risk_of(Interval(-0.02, 0.02)) == "low"
    assert risk_of(Interval(-0.05, 0.05)) == "medium"
    assert risk_of(Interval(-0.10, 0.10)) == "high"
