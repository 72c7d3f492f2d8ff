"""What a rule would have done, as its owner asks and sees it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.e2e.pilot import SECONDS_MS, Pilot
from tests.e2e.trader import himself
from tests.integration.server.process import Server, running_for_a_while

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

RULES = "/trading/automation/rules"
ALWAYS = {"type": "price_above", "value": 0, "comparison": "greater_than"}
NEVER = {"type": "price_below", "value": -1, "comparison": "less_than"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server whose game hours take six seconds, so that there soon is a past."""
    with running_for_a_while({"SECTORWARS_TIME_SCALE": "600"}) as server:
        yield server


def rule(name: str, commodity: str, *, trades: bool) -> dict[str, object]:
    condition = ALWAYS if trades else NEVER
    return {
        "name": name,
        "commodity": commodity,
        "buyConditions": [condition],
        "sellConditions": [condition],
        "riskLevel": "aggressive",
        "maxInvestment": 4_000,
    }


def test_a_rule_is_tested_on_the_past_and_says_what_it_would_have_done(
    server: Server, pilot: Pilot
) -> None:
    page = pilot.page
    pilot.register()
    player = himself(server, pilot)
    goods = player.read(f"/trading/market/{player.port_id}")["goods"]
    good = next(good["commodity"] for good in goods if good["buys"] and good["sells"])
    player.send(RULES, rule("In and out", good, trades=True))
    player.send(RULES, rule("For nothing", good, trades=False))
    pilot.go_to("Automation")
    pilot.press("Backtest In and out")
    run = page.get_by_role("button", name="Run backtest")
    # The page asks for the past every 15 seconds, should there be none yet.
    expect(run).to_be_enabled(timeout=60 * SECONDS_MS)
    pilot.picture("backtest-form")
    page.get_by_label("Begin with").fill("20,000")
    run.click()
    result = page.get_by_role("article", name="Result of the backtest")
    expect(result).to_contain_text("from 20,000 cr")
    expect(page.get_by_role("group", name="Backtest finished")).to_be_focused()
    expect(result.get_by_text("Deepest fall")).to_be_in_viewport()
    expect(result.get_by_role("img").locator("canvas").first).to_be_visible()
    trades = page.get_by_role("list", name="Trades of the backtest")
    expect(trades).to_contain_text("by the rule In and out")
    result.scroll_into_view_if_needed()
    pilot.picture("backtest-result")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0

    pilot.press("Backtest For nothing")
    run.click()
    expect(page.get_by_text("It would not have traded")).to_be_visible()
    expect(page.get_by_text("Its conditions never held in that time.")).to_be_visible()
    pilot.press("Delete")
    expect(result).to_have_count(0)
    pilot.press("Decisions")
    expect(page.get_by_text("Nothing decided yet")).to_be_visible()

    pilot.press("New rule")
    page.get_by_role("listitem").get_by_role("button").filter(
        has_text="Bargain organics"
    ).first.click()
    pilot.press("Backtest")
    run.click()
    expect(result).to_be_visible()
    pilot.picture("backtest-draft")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0
    assert len(player.read(RULES)) == 2
    assert player.read("/trading/history")["items"] == []
    assert pilot.faults == []
