"""Forecasts and their record over HTTP."""

from __future__ import annotations

import pytest
from tests.forecast_rows import forecast
from tests.integration.api.stack import Stack, Stores

from sectorwars.application.forecasts.champion import load_champion
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.values import Tick
from sectorwars.forecasting.horizon import Horizon

MODEL = load_champion().model_id


async def test_without_a_past_there_are_no_forecasts(stack: Stack) -> None:
    answer = await stack.http.get("/api/v1/ai/predictions")
    assert (answer.status_code, answer.json()) == (200, {"forecasts": []})


async def test_forecasts_are_of_one_good_and_horizon_or_of_all(stack: Stack) -> None:
    stack.forecast_board.post(
        [forecast(commodity=good, horizon=span) for good in COMMODITIES for span in Horizon]
    )
    everything = (await stack.http.get("/api/v1/ai/predictions")).json()["forecasts"]
    assert len(everything) == 30
    asked = {"commodity": "luxury", "horizon": "6h"}
    (one,) = (await stack.http.get("/api/v1/ai/predictions", params=asked)).json()["forecasts"]
    assert (one["commodity"], one["horizon"], one["direction"]) == ("luxury", "6h", "up")
    assert one["interval_80"] == {"low": 50.5, "high": 51.5}
    figures = (await stack.http.get("/api/v1/market/realtime/luxury")).json()
    assert figures["prediction"] == {
        "horizon": "1h",
        "reference_price": 50.0,
        "predicted_price": 51.0,
        "confidence": 0.8,
        "explanation": "Expected +2.0%, direction right 80 in 100 times.",
        "risk_level": "low",
    }


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"commodity": "spice"}, 404, "unknown_commodity"),
        ({"commodity": "o" * 65}, 422, "invalid_request"),
        ({"horizon": "7d"}, 422, "invalid_request"),
    ],
)
async def test_unknown_goods_and_horizons_are_refused(
    stack: Stack, query: dict[str, str], status: int, code: str
) -> None:
    answer = await stack.http.get("/api/v1/ai/predictions", params=query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_record_comes_from_the_rows(stack: Stack, stores: Stores) -> None:
    await stores.forecasts.add(
        [
            forecast(model_id=MODEL),
            forecast(model_id=MODEL, commodity=Commodity.FUEL, predicted_cents=4_999),
        ]
    )
    await stores.forecasts.score(Tick(60), tuple(5_100 for _ in COMMODITIES))
    record = (await stack.http.get("/api/v1/ai/performance")).json()
    hour = record["horizons"]["1h"]
    assert (hour["n"], hour["hit_rate"], hour["model_id"]) == (2, 0.5, MODEL)
    assert set(hour) >= {
        "ci_low",
        "ci_high",
        "base_rate",
        "best_possible",
        "p_value",
        "brier",
        "calibration_error",
        "coverage_80",
        "coverage_95",
    }
    assert set(hour["baselines"]) == {"persistence", "drift", "mean_reversion", "auto_ets"}
    assert record["horizons"]["24h"]["n"] == 0
    assert record["horizons"]["24h"]["hit_rate"] is None


@pytest.mark.parametrize("days", ["0", "91", "many"])
async def test_a_span_out_of_range_is_refused(stack: Stack, days: str) -> None:
    answer = await stack.http.get("/api/v1/ai/performance", params={"days": days})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
