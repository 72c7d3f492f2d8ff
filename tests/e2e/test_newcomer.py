"""A newcomer in a real browser: he registers, trades, flies, and finds everything as it was."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from tests.e2e.pilot import PASSWORD, Pilot
from tests.integration.server.process import Server

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]


def plan_flight(server: Server, pilot: Pilot) -> dict[str, str]:
    """Look up, as the same player, a good of this port that a port one warp away buys."""
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=30) as http:
        body = {"username": pilot.username, "password": PASSWORD}
        token = http.post("/auth/login", json=body).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"

        def read(path: str) -> dict[str, Any]:
            answer: dict[str, Any] = http.get(path).raise_for_status().json()
            return answer

        def market(port_id: str) -> dict[str, Any]:
            return read(f"/trading/market/{port_id}")

        home = market(read("/player/state")["docked_port_id"])
        sold_here = {good["commodity"] for good in home["goods"] if good["sells"]}
        for move in read("/player/available-moves")["moves"]:
            for port in map(market, move["port_ids"]):
                wanted = {good["commodity"] for good in port["goods"] if good["buys"]}
                for commodity in sorted(sold_here & wanted):
                    return {
                        "commodity": commodity.capitalize(),
                        "sector": move["name"],
                        "port": port["name"],
                    }
    raise AssertionError("no port one warp away buys anything that is sold here")


def test_newcomer_trades_and_finds_all_as_it_was(server: Server, pilot: Pilot) -> None:
    pilot.register()
    assert pilot.credits == 50_000
    page = pilot.page

    prices = page.get_by_role("table", name="Commodities")
    expect(prices).not_to_contain_text("waiting")
    before = prices.inner_text()
    expect(prices).not_to_have_text(before, use_inner_text=True)
    expect(page.locator("canvas").first).to_be_visible()
    pilot.picture("market")

    flight = plan_flight(server, pilot)
    commodity = flight["commodity"]
    pilot.go_to("Port")
    expect(page.get_by_role("table", name=re.compile("^Goods at"))).to_be_visible()
    stock = pilot.cell(commodity, 3)
    pilot.trade("Buy", commodity, 10)
    assert pilot.credits < 50_000
    assert pilot.cell(commodity, 3) != stock
    pilot.picture("port")
    pilot.go_to("Ship")
    cargo = page.get_by_role("table", name="Cargo").get_by_role("row")
    expect(cargo.filter(has_text=commodity).get_by_role("cell").nth(1)).to_have_text("10")
    pilot.picture("ship")

    pilot.go_to("Galaxy")
    pilot.picture("galaxy")
    pilot.press("Undock")
    pilot.press(f"Fly to {flight['sector']}")
    expect(page.get_by_label("Journey")).to_be_visible()
    pilot.picture("flight")
    dock = page.get_by_role("button", name=f"Dock at {flight['port']}", exact=True)
    expect(dock).to_be_visible()
    dock.click()
    expect(page.get_by_role("button", name="Undock")).to_be_visible()
    pilot.go_to("Port")
    pilot.trade("Sell", commodity, 10)
    credits_after = pilot.credits

    pilot.go_to("Orders")
    rows = page.get_by_label("Your trades").locator("tr:visible, li:visible")
    expect(rows.filter(has_text=commodity)).to_have_count(2)
    pilot.picture("orders")
    page.reload()
    pilot.expect_live()
    assert pilot.credits == credits_after
    assert pilot.faults == []

    assert server.stop() == 0
    expect(page.get_by_role("button", name="Reconnecting")).to_be_visible()
    # The longest word that the header has to make room for.
    expect(page.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)
    pilot.picture("server-away")
    server.start()
    pilot.expect_live()
    assert pilot.credits == credits_after
    expect(rows.filter(has_text=commodity)).to_have_count(2)
    assert [fault for fault in pilot.faults if "Content Security Policy" in fault] == []


@pytest.mark.parametrize("path", ["/sign-in", "/register"])
def test_entrance_has_no_barriers(pilot: Pilot, path: str) -> None:
    pilot.open(path)
    expect(pilot.page.get_by_label("Pilot name")).to_be_visible()
    pilot.picture(path.strip("/"))
    assert pilot.barriers() == []
    assert pilot.faults == []


def test_pages_have_no_barriers(pilot: Pilot) -> None:
    pilot.register()
    for page in ("Market", "Port", "Galaxy", "Ship", "Automation", "Orders"):
        pilot.go_to(page)
        expect(pilot.page.get_by_role("main")).not_to_be_empty()
        assert (page, pilot.barriers()) == (page, [])
        assert (page, pilot.overflow()) == (page, 0)
    pilot.press("ARIA")
    expect(pilot.page.get_by_label("Message to ARIA")).to_be_visible()
    assert ("ARIA", pilot.barriers()) == ("ARIA", [])
    assert ("ARIA", pilot.overflow()) == ("ARIA", 0)
    assert pilot.faults == []


def test_rule_and_aria_trade_for_him(server: Server, pilot: Pilot) -> None:
    pilot.register()
    page = pilot.page
    expect(page.get_by_role("region", name="Forecast")).to_contain_text("24")
    commodity = plan_flight(server, pilot)["commodity"]

    pilot.go_to("Automation")
    main = page.get_by_role("main")
    pilot.press("New rule")
    page.get_by_label("Name", exact=True).fill("Whatever it costs")
    page.get_by_label("Commodity", exact=True).select_option(label=commodity)
    pilot.press("Add a condition to buy")
    page.get_by_label("Value of condition 1 to buy").fill("9000")
    page.get_by_label("Invest at most").fill("20000")
    assert pilot.barriers() == []
    pilot.press("Store rule")
    rule = page.get_by_role("list", name="Your rules").get_by_role("listitem")
    expect(rule).to_contain_text("Whatever it costs")
    rule.get_by_text("Resting").click()
    main.get_by_text("Off", exact=True).click()
    expect(page.get_by_role("switch", name="On", exact=True)).to_be_checked()
    decisions = page.get_by_role("list", name="Decisions")
    expect(decisions).to_contain_text("ask")
    pilot.picture("automation")
    assert pilot.barriers() == []
    main.get_by_text("On", exact=True).click()
    expect(page.get_by_role("switch", name="Off", exact=True)).not_to_be_checked()
    assert pilot.credits < 50_000

    pilot.press("ARIA")
    page.get_by_label("Message to ARIA").fill(f"buy 2 {commodity.lower()}")
    pilot.press("Send")
    proposal = page.get_by_role("region", name="Proposal")
    expect(proposal).to_contain_text(f"Buy 2 {commodity.lower()}")
    pilot.picture("aria")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0
    proposal.get_by_role("button", name="Confirm", exact=True).click()
    expect(proposal.get_by_role("status")).to_contain_text("Bought 2")
    pilot.press("Close ARIA")
    pilot.go_to("Orders")
    rows = page.get_by_label("Your trades").locator("tr:visible, li:visible")
    expect(rows.filter(has_text=commodity)).to_have_count(2)
    assert pilot.faults == []


def test_map_is_magnified_and_dragged(pilot: Pilot) -> None:
    pilot.register()
    pilot.go_to("Galaxy")
    page = pilot.page
    page.get_by_role("radio", name="Galaxy").check(force=True)
    chart = page.get_by_role("img", name=re.compile("^Map of the"))
    expect(page.get_by_role("button", name="Zoom out")).to_be_disabled()
    whole = chart.screenshot()
    pilot.press("Zoom in")
    pilot.press("Zoom in")
    expect(page.get_by_role("button", name="Zoom out")).to_be_enabled()
    magnified = chart.screenshot()
    assert magnified != whole
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 100, steps=5)
    page.mouse.up()
    assert chart.screenshot() != magnified
    pilot.picture("map")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0
    assert pilot.faults == []


def test_wrong_password_is_said(pilot: Pilot) -> None:
    pilot.register()
    pilot.press("Sign out")
    pilot.page.get_by_label("Pilot name").fill(pilot.username)
    pilot.page.get_by_label("Password", exact=True).fill("something else entirely")
    pilot.press("Sign in")
    expect(pilot.page.get_by_role("alert")).to_be_visible()
    pilot.picture("wrong-password")
