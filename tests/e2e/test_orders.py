"""Binding quotes and limit orders on the page, and what becomes of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from tests.e2e.pilot import Pilot
from tests.e2e.trader import Trader, another_at, himself
from tests.integration.server.process import Server

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]


def good_both_ways(trader: Trader) -> dict[str, Any]:
    """Return a good that the port buys and sells, with room between its prices."""
    port = trader.read(f"/trading/market/{trader.port_id}")
    return next(
        good
        for good in port["goods"]
        if good["buys"] and good["sells"] and good["ask_price"] - good["bid_price"] >= 3
    )


def begin(server: Server, pilot: Pilot, order_type: str) -> dict[str, Any]:
    """Register, and open the ticket of a good for an order of a type."""
    pilot.register()
    good = good_both_ways(himself(server, pilot))
    pilot.go_to("Port")
    pilot.press(good["commodity"].capitalize())
    pilot.page.get_by_role("radio", name=order_type).check(force=True)
    return good


def place_limit_order(pilot: Pilot, commodity: str, quantity: int, limit: int) -> None:
    pilot.page.get_by_label("Quantity").fill(str(quantity))
    pilot.page.get_by_label("Limit price").fill(str(limit))
    pilot.press(f"Place order to buy {commodity}")


def book_row(pilot: Pilot, commodity: str, text: str) -> Locator:
    table = pilot.page.get_by_role("table", name=f"Order book of {commodity}")
    return table.get_by_role("row").filter(has_text=text)


def records(pilot: Pilot, label: str) -> Locator:
    """Return the records of a list as this size of window shows them."""
    return pilot.page.get_by_label(label, exact=True).locator("tbody tr:visible, li:visible")


def test_quote_runs_out_and_the_next_one_is_taken(server: Server, pilot: Pilot) -> None:
    commodity = begin(server, pilot, "Quote")["commodity"]
    page = pilot.page
    quote = page.get_by_role("region", name="Quote")
    page.get_by_label("Quantity").fill("4")
    pilot.press(f"Ask for a quote to buy {commodity}")
    expect(quote).to_contain_text(f"Buy 4 {commodity}")
    expect(quote).to_contain_text("s left")
    pilot.picture("quote")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0

    expect(page.get_by_text("The quote ran out", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"Next quote in \d+ s"))).to_be_disabled()
    pilot.picture("quote-expired")
    ask = page.get_by_role("button", name=f"Ask for a quote to buy {commodity}")
    expect(ask).to_be_enabled()
    page.get_by_label("Quantity").fill("4")
    ask.click()
    you_pay = quote.locator("dt", has_text="You pay").locator("xpath=following-sibling::dd")
    promised = int(re.sub(r"\D", "", you_pay.inner_text()))
    before = pilot.credits
    pilot.press(f"Buy 4 {commodity} at this quote")
    result = page.locator("[data-trade-result]")
    expect(result).to_contain_text(f"Bought 4 {commodity}")
    expect(page.get_by_label("Credits")).not_to_contain_text(f"{before:,}")
    assert pilot.credits == before - promised
    assert pilot.faults == []


def test_order_rests_in_the_book_until_it_is_cancelled(server: Server, pilot: Pilot) -> None:
    good = begin(server, pilot, "Limit")
    commodity, limit = good["commodity"], good["bid_price"] - 5
    page = pilot.page
    before = pilot.credits
    place_limit_order(pilot, commodity, 10, limit)
    result = page.locator("[data-trade-result]")
    expect(result).to_contain_text(f"Order to buy 10 {commodity} at {limit} placed")
    row = book_row(pilot, commodity, "yours 10")
    expect(row).to_contain_text(str(limit))
    expect(page.get_by_label("Credits")).not_to_contain_text(f"{before:,}")
    pilot.picture("limit-order")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0

    pilot.go_to("Orders")
    order = records(pilot, "Your open orders")
    expect(order).to_contain_text("acts now")
    pilot.picture("open-orders")
    pilot.go_to("Galaxy")
    pilot.press("Undock")
    expect(page.get_by_text("Undock to fly")).to_have_count(0)
    pilot.go_to("Orders")
    expect(order).to_contain_text("waits until you dock at")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0
    order.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("No open orders", exact=True)).to_be_visible()
    page.get_by_role("radio", name="Orders").check(force=True)
    expect(records(pilot, "Your closed orders")).to_contain_text("Cancelled by you")
    pilot.picture("order-history")
    assert pilot.overflow() == 0
    assert pilot.faults == []


def test_order_fills_as_another_player_trades(server: Server, pilot: Pilot) -> None:
    good = begin(server, pilot, "Limit")
    commodity, limit = good["commodity"], good["bid_price"] + 1
    page = pilot.page
    other = another_at(server, himself(server, pilot).port_id)
    other.send("/trading/buy", {"commodity": commodity, "quantity": 6})
    place_limit_order(pilot, commodity, 6, limit)
    expect(book_row(pilot, commodity, "yours 6")).to_be_visible()

    def sell(quantity: int) -> None:
        order = {"commodity": commodity, "quantity": quantity, "min_price": limit}
        sold = other.send("/trading/sell", order)
        assert sold["trade"]["fills"] == [{"price_credits": limit, "quantity": quantity}]

    sell(2)
    expect(book_row(pilot, commodity, "yours 4")).to_be_visible()
    open_orders = records(pilot, "Your open orders")
    expect(open_orders).to_contain_text("2 / 6")
    sell(4)
    expect(page.get_by_text(f"Order to buy 6 {commodity} at {limit}: filled.")).to_be_visible()
    expect(open_orders).to_have_count(0)

    pilot.go_to("Orders")
    expect(records(pilot, "Your trades")).to_have_count(2)
    expect(records(pilot, "Your trades").first).to_contain_text("limit order")
    pilot.go_to("Ship")
    profit = page.get_by_role("region", name="Profit and loss")
    expect(profit.get_by_role("row").filter(has_text=commodity.capitalize())).to_be_visible()
    pilot.picture("profit")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0
    assert pilot.faults == []


def test_halt_is_shown_as_it_is_set_and_lifted(
    server: Server, pilot: Pilot, operator: Trader
) -> None:
    commodity = begin(server, pilot, "Market")["commodity"]
    page = pilot.page
    page.get_by_label("Quantity").fill("2")
    buy = page.get_by_role("button", name=f"Buy 2 {commodity}", exact=True)
    expect(buy).to_be_enabled()
    player_id = himself(server, pilot).read("/player/state")["player_id"]
    path = f"/admin/trading-state/players/{player_id}"
    operator.put(path, {"state": "halted", "reason": "a test of the banner"})
    banner = page.get_by_role("alert").filter(has_text="Your trading is halted")
    expect(banner).to_contain_text("a test of the banner")
    expect(buy).to_be_disabled()
    pilot.picture("halted")
    assert pilot.barriers() == []
    assert pilot.overflow() == 0
    pilot.go_to("Orders")
    page.reload()
    expect(banner).to_be_visible()

    pilot.go_to("Port")
    operator.put(path, {"state": "reducing", "reason": "sell what you have"})
    expect(page.get_by_role("alert")).to_contain_text("You may only sell")
    operator.put(path, {"state": "active", "reason": "the test is over"})
    expect(page.get_by_role("alert")).to_have_count(0)
    pilot.trade("Buy", commodity.capitalize(), 2)
    assert pilot.faults == []
