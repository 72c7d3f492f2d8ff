"""Limit orders over REST: placed, filled, cancelled, looked up; and what is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.integration.api.stack import Player, Stack


async def _resting(player: Player, quantity: int = 3, **more: Any) -> dict[str, Any]:
    """Return a purchase that no port fills: half of what the port asks."""
    good = await player.affordable_good()
    return {
        "side": "buy",
        "commodity": good["commodity"],
        "quantity": quantity,
        "limit_price": good["ask_price"] // 2,
        **more,
    }


async def _placed(player: Player, order: dict[str, Any]) -> dict[str, Any]:
    answer = await player.post("/trading/orders", order)
    assert answer.status_code == 200, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


async def test_an_order_rests_is_shown_and_is_cancelled(stack: Stack) -> None:
    player = await stack.register()
    order = await _resting(player)
    receipt = await _placed(player, order)
    placed = receipt["order"]
    assert (placed["filled"], placed["is_acting"], receipt["trades"]) == (0, True, [])
    state = await player.state()
    assert state["credits"] == 50_000 - placed["held_credits"]
    port = state["docked_port_id"]
    book = (await player.get(f"/trading/orderbook/{port}/{order['commodity']}")).json()
    level = {"price_credits": order["limit_price"], "quantity": 3, "orders": 1}
    assert (book["buys"], book["sells"]) == ([level], [])
    shown = (await player.get(f"/trading/market/{port}")).json()["books"]
    assert shown == [{"commodity": order["commodity"], "buys": [level], "sells": []}]
    for path in ("/trading/orders", "/trading/orders?status=open"):
        assert (await player.get(path)).json() == {"items": [placed], "next_cursor": None}
    assert (await player.get("/trading/orders?status=closed")).json()["items"] == []
    assert (await player.get(f"/trading/orders/{placed['order_id']}")).json() == placed

    path = f"/trading/orders/{placed['order_id']}"
    cancelled = await player.delete(path, {"Idempotency-Key": "stop"})
    assert cancelled.status_code == 200, cancelled.text
    [close] = cancelled.json()["closed"]
    assert (close["reason"], close["filled"]) == ("cancelled", 0)
    assert cancelled.json()["credits_after"] == 50_000
    assert (await player.delete(path, {"Idempotency-Key": "stop"})).content == cancelled.content
    gone = await player.delete(path)
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown_order")
    [closed] = (await player.get("/trading/orders?status=closed")).json()["items"]
    assert (closed["close_reason"], closed["held_credits"]) == ("cancelled", 0)
    assert (await player.get(path)).json() == closed


async def test_two_players_trade_with_each_other(stack: Stack) -> None:
    """The maker trades at his limit, and his history, profit and order say so."""
    alice, bob = await stack.register("alice"), await stack.register("bob")
    port = (await alice.state())["docked_port_id"]
    assert port == (await bob.state())["docked_port_id"]
    good = await alice.affordable_good()
    stocked = await alice.post("/trading/buy", {"commodity": good["commodity"], "quantity": 4})
    assert stocked.status_code == 200, stocked.text
    shown = (await alice.get(f"/trading/market/{port}")).json()["goods"]
    [now] = [each for each in shown if each["commodity"] == good["commodity"]]
    price = now["ask_price"] - 1
    assert price > now["bid_price"]
    offered = await _placed(
        alice,
        {"side": "sell", "commodity": good["commodity"], "quantity": 4, "limit_price": price},
    )
    unsold = await alice.post("/trading/sell", {"commodity": good["commodity"], "quantity": 1})
    assert unsold.json()["code"] == "insufficient_cargo"
    taken = await _placed(
        bob, {"side": "buy", "commodity": good["commodity"], "quantity": 3, "limit_price": price}
    )
    assert taken["order"]["close_reason"] == "filled"
    [trade] = taken["trades"]
    assert trade["fills"] == [{"price_credits": price, "quantity": 3}]

    order = (await alice.get(f"/trading/orders/{offered['order']['order_id']}")).json()
    assert (order["filled"], order["filled_credits"], order["close_reason"]) == (3, 3 * price, None)
    [sale, _] = (await alice.get("/trading/history")).json()["items"]
    assert (sale["side"], sale["quantity"], sale["order_id"]) == ("sell", 3, order["order_id"])
    statement = (await alice.get("/trading/profit")).json()
    assert statement["all_time"]["profit_credits"] == sale["profit_credits"]
    assert (await alice.state())["realised_profit_credits"] == sale["profit_credits"]


async def test_profit_adds_up_to_the_balance(stack: Stack) -> None:
    player = await stack.register()
    assert (await player.get("/trading/profit")).json()["equity_credits"] == 50_000
    good = await player.affordable_good()
    commodity = good["commodity"]
    fees = 0
    for side, quantity in (("buy", 10), ("sell", 4)):
        answer = await player.post(
            f"/trading/{side}", {"commodity": commodity, "quantity": quantity}
        )
        fees += answer.json()["trade"]["fees_credits"]
    await _placed(player, await _resting(player))
    left = await player.post("/trading/undock")
    away = (await player.get("/trading/profit")).json()
    [holding] = away["holdings"]
    assert (holding["quantity"], holding["bid_price"], holding["unrealised_credits"]) == (
        6,
        None,
        None,
    )
    assert away["port_fees_credits"] == left.json()["fee_credits"]
    assert away["all_time"] == away["last_24h"] == away["goods"][0]["all_time"]
    assert away["all_time"]["fees_credits"] == fees
    assert (away["all_time"]["trades"], away["all_time"]["sales"]) == (2, 1)
    assert away["equity_credits"] == (
        50_000 + away["all_time"]["profit_credits"] - away["port_fees_credits"]
    )

    sector = (await player.get("/player/current-sector")).json()
    docked = await player.post("/trading/dock", {"port_id": sector["port_ids"][0]})
    here = (await player.get("/trading/profit")).json()
    fees_of_ports = left.json()["fee_credits"] + docked.json()["fee_credits"]
    assert here["port_fees_credits"] == fees_of_ports
    stack.clock.ahead_seconds += 86_400
    later = (await (await stack.sign_in()).get("/trading/profit")).json()
    assert later["last_24h"]["trades"] == 0
    assert later["all_time"] == here["all_time"]


async def test_orders_are_paged_newest_first_with_their_reasons(stack: Stack) -> None:
    player = await stack.register()
    ids = []
    for quantity in (1, 2, 3):
        receipt = await _placed(player, await _resting(player, quantity, good_for_seconds=60))
        ids.append(receipt["order"]["order_id"])
    await player.delete(f"/trading/orders/{ids[1]}")
    for status, expected in (("all", ids[::-1]), ("open", [ids[2], ids[0]]), ("closed", [ids[1]])):
        seen, cursor = [], ""
        while True:
            page = (await player.get(f"/trading/orders?status={status}&limit=1{cursor}")).json()
            seen += [item["order_id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert seen == expected
    stack.clock.ahead_seconds += 61
    await player.post("/trading/quotes", {"side": "buy", "commodity": "ore", "quantity": 1})
    reasons = [
        item["close_reason"] for item in (await player.get("/trading/orders")).json()["items"]
    ]
    assert reasons == ["expired", "cancelled", "expired"]
    for query in ("status=lost", "cursor=x", "cursor=-1", "limit=0", "limit=201"):
        assert (await player.get(f"/trading/orders?{query}")).status_code == 422
    assert (await player.get(f"/trading/orders?cursor={'9' * 19}")).status_code == 200


async def test_all_orders_are_cancelled_at_once_or_those_of_a_port(stack: Stack) -> None:
    player = await stack.register()
    none = await player.delete("/trading/orders")
    assert (none.status_code, none.json()["code"], none.json()["number"]) == (
        409,
        "no_open_orders",
        404,
    )
    for _ in range(3):
        await _placed(player, await _resting(player))
    elsewhere = await player.delete("/trading/orders?port_id=p9999")
    assert elsewhere.json()["code"] == "no_open_orders"
    cancelled = await player.delete("/trading/orders", {"Idempotency-Key": "all"})
    assert len(cancelled.json()["closed"]) == 3
    assert cancelled.json()["credits_after"] == 50_000
    again = await player.delete("/trading/orders", {"Idempotency-Key": "all"})
    assert again.content == cancelled.content


async def test_of_fifty_orders_at_once_only_those_that_are_covered_rest(stack: Stack) -> None:
    player = await stack.register()
    good = await player.affordable_good()
    await player.post("/trading/buy", {"commodity": good["commodity"], "quantity": 10})
    sale = {
        "side": "sell",
        "commodity": good["commodity"],
        "quantity": 3,
        "limit_price": good["ask_price"] * 2,
    }
    answers = await asyncio.gather(*(player.post("/trading/orders", sale) for _ in range(50)))
    codes = [answer.json().get("code") for answer in answers]
    assert codes.count(None) == 3
    assert codes.count("insufficient_cargo") == 47
    order = await _resting(player, 100)
    purchases = await asyncio.gather(*(player.post("/trading/orders", order) for _ in range(50)))
    held = sum(
        answer.json()["order"]["held_credits"] for answer in purchases if answer.status_code == 200
    )
    assert {answer.json().get("code") for answer in purchases} <= {
        None,
        "order_limit",
        "insufficient_credits",
    }
    statement = (await player.get("/trading/profit")).json()
    assert statement["held_credits"] == held
    assert statement["credits"] >= 0
    assert len((await player.get("/trading/orders?status=open")).json()["items"]) <= 20


async def test_a_partial_trade_takes_what_there_is_room_for(stack: Stack) -> None:
    player = await stack.register()
    good = await player.affordable_good()
    order = {"commodity": good["commodity"], "quantity": 151}
    whole = await player.post("/trading/buy", order)
    assert whole.json()["code"] == "insufficient_hold"
    part = await player.post("/trading/buy", {**order, "fill": "partial"})
    assert part.status_code == 200, part.text
    assert part.json()["trade"]["quantity"] == 150


async def test_nobody_sees_or_cancels_anothers_order(stack: Stack) -> None:
    alice, bob = await stack.register("alice"), await stack.register("bob")
    placed = (await _placed(alice, await _resting(alice)))["order"]
    path = f"/trading/orders/{placed['order_id']}"
    for answer in (await bob.get(path), await bob.delete(path)):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_order")
    assert (await bob.get("/trading/orders")).json()["items"] == []
    assert (await alice.get(path)).json() == placed


ORDER = {"side": "buy", "commodity": "ore", "quantity": 1, "limit_price": 10}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"side": None}, 422, "invalid_request"),
        ({"commodity": "spice"}, 404, "unknown_commodity"),
        ({"quantity": 0}, 422, "invalid_quantity"),
        ({"quantity": 2**53}, 422, "invalid_quantity"),
        ({"quantity": True}, 422, "invalid_quantity"),
        ({"limit_price": 0}, 422, "invalid_price_bound"),
        ({"limit_price": -5}, 422, "invalid_price_bound"),
        ({"limit_price": 9.5}, 422, "invalid_price_bound"),
        ({"limit_price": "9"}, 422, "invalid_price_bound"),
        ({"limit_price": 2**53}, 422, "invalid_price_bound"),
        ({"limit_price": None}, 422, "invalid_price_bound"),
        ({"good_for_seconds": 0}, 422, "invalid_order_life"),
        ({"good_for_seconds": 7 * 86_400 + 1}, 422, "invalid_order_life"),
        ({"good_for_seconds": 1.5}, 422, "invalid_order_life"),
        ({"cancel_on_disconnect": 1}, 422, "invalid_request"),
        ({"iceberg": 5}, 422, "invalid_request"),
    ],
)
async def test_a_bad_order_is_refused_and_nothing_changes(
    stack: Stack, change: dict[str, Any], status: int, code: str
) -> None:
    player = await stack.register()
    answer = await player.post("/trading/orders", {**ORDER, **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await player.get("/trading/orders")).json()["items"] == []
    assert (await player.state())["credits"] == 50_000


async def test_a_price_far_off_is_refused(stack: Stack) -> None:
    player = await stack.register()
    order = await _resting(player)
    for price in (1, 10**9):
        answer = await player.post("/trading/orders", {**order, "limit_price": price})
        assert (answer.status_code, answer.json()["code"]) == (409, "price_outside_collar")
    unknown = await player.get("/trading/orderbook/p9999/ore")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_port")
    port = (await player.state())["docked_port_id"]
    spice = await player.get(f"/trading/orderbook/{port}/spice")
    assert (spice.status_code, spice.json()["code"]) == (404, "unknown_commodity")
