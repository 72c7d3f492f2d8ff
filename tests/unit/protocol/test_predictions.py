"""`get_predictions` of the Foundation client."""

from typing import Any

import pytest
from tests.contract.foundation.page import Page
from tests.unit.gateway.doubles import FixedGalaxy, surroundings

from sectorwars.domain.commodity import COMMODITIES


def asked(**changes: Any) -> dict[str, Any]:
    request = {"action": "get_predictions", "commodities": ["organics"], "timeframe": "24h"}
    return {**request, **changes}


async def signed_in() -> Page:
    page = Page(surroundings())
    await page.sign_in()
    return page


async def test_goods_are_foretold_in_the_order_they_were_asked_for() -> None:
    page = await signed_in()
    goods = [good.value for good in reversed(COMMODITIES)]
    (answer,) = await page.say("market_update", asked(commodities=goods))
    assert answer["type"] == "market_update"
    assert answer["data"]["action"] == "predictions_response"
    predictions = answer["data"]["predictions"]
    assert [prediction["commodity"] for prediction in predictions] == goods
    assert {prediction["timeHorizon"] for prediction in predictions} == {"24h"}
    assert set(predictions[0]) == {
        "commodity",
        "currentPrice",
        "predictedPrice",
        "confidence",
        "timeHorizon",
        "aiExplanation",
        "riskLevel",
        "timestamp",
    }
    assert page.client.dropped == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"commodities": ["spice"]}, "unknown_commodity"),
        ({"commodities": []}, "invalid_request"),
        ({"commodities": ["ore"] * 11}, "invalid_request"),
        ({"commodities": "ore"}, "invalid_request"),
        ({"commodities": [7]}, "invalid_request"),
        ({"timeframe": "7d"}, "invalid_request"),
        ({"timeframe": None}, "invalid_request"),
    ],
)
async def test_what_cannot_be_foretold_is_refused(wrong: dict[str, Any], code: str) -> None:
    page = await signed_in()
    (answer,) = await page.say("market_update", asked(**wrong))
    assert answer["type"] == "ai_alert"
    assert (answer["data"]["code"], answer["data"]["retry"]) == (code, "never")


async def test_while_no_forecast_stands_the_client_is_told_to_ask_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FixedGalaxy, "market_predictions", lambda *_: [])
    page = await signed_in()
    (answer,) = await page.say("market_update", asked())
    assert (answer["data"]["code"], answer["data"]["retry"]) == ("not_available_yet", "later")
