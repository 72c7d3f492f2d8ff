"""What a player does with the Foundation client, from the server's own site and from another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from tests.e2e.foundation.foundation_page import SCREEN_COMMODITIES, FoundationPage
from tests.e2e.foundation.goods import traded_good
from tests.e2e.foundation.stage import Stage
from tests.integration.server.players import RestPlayer
from tests.integration.server.process import Server

from sectorwars.domain.rule import INVESTED_PERCENT, RiskLevel

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(180)]

RULE = {
    "id": "rule_1795405020708",
    "name": "Buy low",
    "commodity": "minerals",
    "buyConditions": [{"type": "price_below", "value": 0, "comparison": "less_than"}],
    "sellConditions": [],
    "riskLevel": "moderate",
    "maxInvestment": 1_000,
    "isActive": True,
}
"""A rule as its form sends it: with an id of its own, already active, with the template's 0."""


@pytest_asyncio.fixture
async def server(stage: Stage) -> Server:
    return await stage.server()


@pytest_asyncio.fixture
async def player(stage: Stage, server: Server) -> RestPlayer:
    return await stage.player(server)


@pytest_asyncio.fixture(params=["own site", "another site"])
async def page(
    request: pytest.FixtureRequest, stage: Stage, server: Server, player: RestPlayer
) -> AsyncIterator[FoundationPage]:
    """The client, signed in and subscribed; at the end nothing may have gone wrong in it."""
    if request.param == "own site":
        page = await stage.page(player, await stage.line(server))
    else:
        page = await stage.page_of_another_site(player, server)
    await page.sign_in()
    yield page
    await page.expect_no_fault()


async def test_everything_that_its_screens_offer(page: FoundationPage, player: RestPlayer) -> None:
    await gets_forecasts(page)
    await buys_and_sells(page, player)
    await is_refused(page, player)
    await keeps_rules(page, player)
    await is_refused_rules(page)
    await lets_a_rule_trade(page, player)


async def gets_forecasts(page: FoundationPage) -> None:
    goods = sorted(SCREEN_COMMODITIES)
    predictions = await page.run("dashboard.getPredictions(a)", goods)
    assert [prediction["commodity"] for prediction in predictions] == goods
    for prediction in predictions:
        await page.run("dashboard.showPrediction(a)", prediction)
        assert 0.5 <= prediction["confidence"] <= 1
        assert prediction["riskLevel"] in {"low", "medium", "high"}
        assert prediction["timeHorizon"] == "24h"
        assert prediction["timestamp"].endswith("Z")
        assert 0 < len(prediction["aiExplanation"]) <= 2_000
        assert not set(prediction["aiExplanation"]) & set("<>\"'&")
    confidences = {prediction["confidence"] for prediction in predictions}
    assert len(confidences) > 1
    await page.run("dashboard.choose('luxury')")
    shown = await page.run("dashboard.predictions.luxury")
    assert shown["explanation"] == next(
        prediction["aiExplanation"]
        for prediction in predictions
        if prediction["commodity"] == "luxury"
    )
    # A good whose price has passed the predicted one shows none until the next forecast.
    await page.wait_until("Object.values(f.dashboard.prices).some((price) => price.predicted)")
    prices = await page.run("dashboard.prices")
    foretold = [price for price in prices.values() if price.get("predicted") is not None]
    assert all(float(price["predicted"]) > 0 for price in foretold)
    assert all(50 <= price["confidence"] <= 100 for price in foretold)


async def buys_and_sells(page: FoundationPage, player: RestPlayer) -> None:
    good = (await traded_good(player))["commodity"]
    before = await player.state()
    for action, amount, held in (("buy", 10, 10), ("sell", 4, 6)):
        since = await page.now_ms()
        order = {"commodity": good, "action": action, "amount": amount, "aiAssisted": True}
        await page.run("dashboard.trade(a)", order)
        executed = await page.wait_for_frame("data.type === 'trade_executed'", since_ms=since)
        trade = executed.data["trade"]
        assert (trade["type"], trade["commodity"], trade["amount"]) == (action, good, amount)
        after = await player.state()
        assert after["ship"]["cargo"] == {good: held}
        receipt = await player.read(f"/trading/commands/{executed.data['command_id']}")
        assert receipt["trade"]["executed_at"] == trade["timestamp"]
    assert after["credits"] < before["credits"]
    assert [trade["type"] for trade in await page.trades()] == ["sell", "buy"]


async def is_refused(page: FoundationPage, player: RestPlayer) -> None:
    good = (await traded_good(player))["commodity"]
    before = await player.state()
    shown = len(await page.trades())
    for change, code in (
        ({"amount": 1_000_000}, "insufficient_stock"),
        ({"maxPrice": 1}, "price_above_bound"),
        ({"commodity": "unobtainium"}, "unknown_commodity"),
    ):
        since = await page.now_ms()
        order = {"commodity": good, "action": "buy", "amount": 1, "aiAssisted": False, **change}
        await page.run("dashboard.trade(a)", order)
        refused = await page.wait_for_frame("data.type === 'trade_refused'", since_ms=since)
        assert refused.frame["type"] == "trading_signal"
        assert refused.data["code"] == code
        assert len(refused.data["reason"]) > 10
        assert "commodity" not in refused.data
    assert await player.state() == before
    assert len(await page.trades()) == shown


async def keeps_rules(page: FoundationPage, player: RestPlayer) -> None:
    await page.run("automation.mount()")
    assert await page.run("automation.rules") == []
    created = await page.run("automation.createRule(a)", RULE)
    assert created["status"] == 201
    rule = created["body"]
    assert rule["id"] != RULE["id"]
    assert rule["isActive"] is False
    assert rule["buyConditions"] == RULE["buyConditions"]
    for active in (True, False):
        assert await page.run("automation.toggleRule(a)", rule["id"]) == 200
        stored = await page.run("automation.read('/rules')")
        assert [kept["isActive"] for kept in stored] == [active]
        assert (await page.run("automation.rules"))[0]["isActive"] is active
    assert 200 <= await page.run("automation.deleteRule(a)", rule["id"]) < 300
    assert await page.run("automation.read('/rules')") == []
    assert await page.run("automation.rules") == []


async def is_refused_rules(page: FoundationPage) -> None:
    for change, status, code in (
        ({"name": "No"}, 422, "invalid_request"),
        ({"commodity": "unobtainium"}, 404, "unknown_commodity"),
        ({"maxInvestment": 100_001}, 422, "invalid_request"),
    ):
        refused = await page.run("automation.createRule(a)", {**RULE, **change})
        assert (refused["status"], refused["body"]["code"]) == (status, code)
    assert await page.run("automation.toggleRule('rule_of_nobody')") == 404
    assert await page.run("automation.deleteRule('rule_of_nobody')") == 404
    assert await page.run("automation.read('/rules')") == []


async def lets_a_rule_trade(page: FoundationPage, player: RestPlayer) -> None:
    good = await traded_good(player)
    cheap = {"type": "price_below", "value": 10 * good["ask_price"], "comparison": "less_than"}
    rule = {**RULE, "commodity": good["commodity"], "buyConditions": [cheap]}
    stored = (await page.run("automation.createRule(a)", rule))["body"]
    await page.run("automation.toggleRule(a)", stored["id"])
    held = (await player.state())["ship"]["cargo"][good["commodity"]]
    since = await page.now_ms()
    assert 200 <= await page.run("automation.setActive(true)") < 300
    executed = await page.wait_for_frame("data.type === 'trade_executed'", since_ms=since)
    trade = executed.data["trade"]
    # The rule's name and its conditions say why it traded.
    assert trade["type"] == "buy"
    assert rule["name"] in trade["reasoning"]
    (bought, *_) = (await player.read("/trading/history"))["items"]
    assert bought["quantity"] == trade["amount"] > 0
    spent = bought["total_credits"] + bought["fees_credits"]
    budget = rule["maxInvestment"] * INVESTED_PERCENT[RiskLevel(rule["riskLevel"])] // 100
    assert spent <= budget
    # It took as many units as its budget goes for.
    assert spent + 2 * bought["fills"][-1]["price_credits"] > budget
    await page.wait_until("f.automation.status.tradesExecuted === 1")
    status = await page.run("automation.status")
    assert status["isActive"] is True
    assert status["rulesActive"] == 1
    assert status["lastAction"]["timestamp"] == trade["timestamp"]
    state = await player.state()
    assert state["ship"]["cargo"][good["commodity"]] == held + trade["amount"]
    await page.run("automation.setActive(false)")
    await page.wait_until("f.automation.status.isActive === false")
    await page.run("automation.mount()")
    rest: dict[str, Any] = await page.run("automation.status")
    assert {**rest, **status, "isActive": False} == rest


async def test_site_that_is_not_admitted_gets_no_connection(
    stage: Stage, server: Server, player: RestPlayer
) -> None:
    page = await stage.page_of_another_site(player, server, host="localhost")
    await page.run("connection.connect().catch(() => {})")
    (socket,) = (await page.sockets())[:1]
    assert socket["authenticatedAt"] is None
    assert socket["code"] == 1006
