"""Rules that pause while their owner is away, as he sees it when he comes back."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect
from tests.e2e.pilot import Pilot
from tests.e2e.trader import Trader, himself
from tests.integration.server.process import Server

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

RULES = "/trading/automation/rules"
NEVER = {"type": "price_below", "value": -1, "comparison": "less_than"}
RULE = {
    "name": "Free ore",
    "commodity": "ore",
    "buyConditions": [NEVER],
    "sellConditions": [],
    "riskLevel": "moderate",
    "maxInvestment": 1_000,
}
AWAY_SECONDS_MAX = 60


def wait_until_paused(player: Trader) -> None:
    deadline = time.monotonic() + AWAY_SECONDS_MAX
    while player.read("/trading/automation/status")["pausedAt"] is None:
        assert time.monotonic() < deadline, "the rules were not paused"
        time.sleep(0.5)


def test_rules_pause_while_their_owner_is_away_and_go_on_with_one_press(
    server: Server, pilot: Pilot
) -> None:
    page = pilot.page
    pilot.register()
    player = himself(server, pilot)
    player.send(f"{RULES}/{player.send(RULES, RULE)['id']}/toggle", {"active": True})
    pilot.go_to("Automation")
    # A toast may lie over a switch just now; the keyboard reaches it all the same.
    page.get_by_role("switch", name="Off", exact=True).press("Space")
    expect(page.get_by_role("switch", name="On", exact=True)).to_be_enabled()
    choice = page.get_by_role("switch", name="Pause my rules if my connection is lost")
    choice.press("Space")
    expect(page.get_by_text("Your rules pause once your connection is gone.")).to_be_visible()
    expect(choice).to_be_checked()
    pilot.picture("pause-chosen")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0

    page.goto("about:blank")
    wait_until_paused(player)
    pilot.open("/")
    pilot.expect_live()
    banner = page.get_by_role("alert").filter(has_text="Your rules are paused")
    expect(banner).to_contain_text("Your connection was gone")
    pilot.picture("paused")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0
    pilot.press("Resume")
    expect(banner).to_have_count(0)
    status = player.read("/trading/automation/status")
    assert (status["isActive"], status["pausedAt"]) == (True, None)
    pilot.go_to("Automation")
    expect(choice).to_be_checked()
    assert pilot.faults == []
