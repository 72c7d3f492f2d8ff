"""The newcomer's way over REST: buy, fly, sell; and what is refused on it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.integration.api.stack import TRADES_PER_MINUTE, Player, Stack


async def test_a_newcomer_buys_flies_a_warp_and_sells(stack: Stack) -> None:
    player = await stack.register()
    before = await player.state()
    assert before["credits"] == 50_000
    assert before["docked_port_id"] is not None
    good = await player.affordable_good()

    bought = await player.post("/trading/buy", {"commodity": good["commodity"], "quantity": 10})
    assert bought.status_code == 200, bought.text
    trade = bought.json()["trade"]
    assert trade["total_credits"] == sum(
        fill["price_credits"] * fill["quantity"] for fill in trade["fills"]
    )
    after = await player.state()
    assert after["credits"] == 50_000 - trade["total_credits"] - trade["fees_credits"]
    assert after["ship"]["cargo"] == {good["commodity"]: 10}
    shown = (await player.get(f"/trading/market/{before['docked_port_id']}")).json()
    [quote] = [g for g in shown["goods"] if g["commodity"] == good["commodity"]]
    assert quote["stock"] == good["stock"] - 10
    assert quote["ask_price"] >= good["ask_price"]
    assert shown["version"] == trade["market_version"]

    docked = await player.post("/player/move/s0001")
    assert docked.status_code == 409
    assert docked.json()["code"] == "still_docked"
    assert (await player.post("/trading/undock")).status_code == 200
    moves = (await player.get("/player/available-moves")).json()["moves"]
    journey = await player.post(f"/player/move/{moves[0]['sector_id']}")
    assert journey.status_code == 200, journey.text
    assert journey.json()["journey"]["travel_seconds"] == moves[0]["travel_seconds"]
    assert (await player.state())["in_transit"] is not None
    under_way = await player.post("/trading/dock", {"port_id": before["docked_port_id"]})
    assert under_way.json()["code"] == "in_transit"

    stack.clock.ahead_seconds += moves[0]["travel_seconds"]
    back = await player.post(f"/player/move/{before['sector_id']}")
    assert back.status_code == 200, back.text
    stack.clock.ahead_seconds += back.json()["journey"]["travel_seconds"]
    docked = await player.post("/trading/dock", {"port_id": before["docked_port_id"]})
    assert docked.status_code == 200, docked.text
    sold = await player.post("/trading/sell", {"commodity": good["commodity"], "quantity": 10})
    assert sold.status_code == 200, sold.text
    assert sold.json()["trade"]["profit_credits"] < 0
    assert (await player.state())["ship"]["cargo"] == {}


async def test_a_retry_gets_the_same_receipt_and_trades_once(stack: Stack) -> None:
    player = await stack.register()
    good = await player.affordable_good()
    order = {"commodity": good["commodity"], "quantity": 3}
    first = await player.post("/trading/buy", order, {"Idempotency-Key": "once"})
    again = await player.post("/trading/buy", {**order, "command_id": "once"})
    assert again.status_code == 200
    assert again.content == first.content
    asked = await player.get("/trading/commands/once")
    assert asked.content == first.content
    other = await player.post("/trading/buy", {**order, "quantity": 4, "command_id": "once"})
    assert other.status_code == 409
    assert other.json()["code"] == "command_id_conflict"
    differing = await player.post(
        "/trading/buy", {**order, "command_id": "a"}, {"Idempotency-Key": "b"}
    )
    assert differing.json()["code"] == "command_id_mismatch"
    reserved = await player.post("/trading/buy", {**order, "command_id": "aria-1"})
    assert (reserved.status_code, reserved.json()["code"]) == (409, "command_id_reserved")
    assert (await player.state())["ship"]["cargo"] == {good["commodity"]: 3}


async def test_the_fate_of_a_command_is_one_players_to_know(stack: Stack) -> None:
    alice, bob = await stack.register("alice"), await stack.register("bob")
    order = {"commodity": "ore", "quantity": 151, "command_id": "mine"}
    refused = await alice.post("/trading/buy", order)
    fate = await alice.get("/trading/commands/mine")
    assert fate.status_code == 200
    assert fate.json()["status"] == "rejected"
    assert fate.json()["code"] == refused.json()["code"]
    foreign = await bob.get("/trading/commands/mine")
    assert foreign.status_code == 404
    assert foreign.json()["code"] == "never_seen"
    assert foreign.json()["retry"] == "same_id"


async def test_of_fifty_buys_at_once_only_those_that_money_allows_succeed(stack: Stack) -> None:
    player = await stack.register()
    good = await player.affordable_good()
    for _ in range(2):
        answer = await player.post("/trading/buy", {"commodity": good["commodity"], "quantity": 50})
        assert answer.status_code == 200, answer.text
    order = {"commodity": good["commodity"], "quantity": 50}
    answers = await asyncio.gather(*(player.post("/trading/buy", order) for _ in range(50)))
    codes = [answer.json().get("code") for answer in answers]
    assert codes.count(None) == 1
    assert codes.count("insufficient_hold") == 49
    assert (await player.state())["ship"]["cargo"] == {good["commodity"]: 150}


async def test_the_trade_limit_counts_executed_trades_only(stack: Stack) -> None:
    player = await stack.register()
    good = await player.affordable_good()
    order = {"commodity": good["commodity"], "quantity": 1}
    for _ in range(5):
        refused = await player.post("/trading/buy", {**order, "quantity": 1_000})
        assert refused.status_code == 409
    answers = await asyncio.gather(
        *(player.post("/trading/buy", order) for _ in range(TRADES_PER_MINUTE + 5))
    )
    limited = [answer for answer in answers if answer.status_code == 429]
    assert len(limited) == 5
    problem = limited[0].json()
    assert problem["code"] == "trade_rate_limited"
    assert problem["limit"] == f"trade_rate_limit={TRADES_PER_MINUTE}/min"
    assert problem["remaining"] == 0
    assert 0 < problem["retry_after_ms"] <= 60_000
    assert limited[0].headers["retry-after"].isdigit()
    assert (await player.state())["ship"]["cargo"] == {good["commodity"]: TRADES_PER_MINUTE}


BAD_QUANTITIES: list[Any] = [0, -1, 1.5, 1e300, 10**30, 1_000_001, "5", True, None, [1], {}]


@pytest.mark.parametrize("quantity", BAD_QUANTITIES, ids=repr)
async def test_a_bad_quantity_is_refused_and_nothing_changes(stack: Stack, quantity: Any) -> None:
    player = await stack.register()
    before = await player.state()
    answer = await _post_json(stack, player, {"commodity": "ore", "quantity": quantity})
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "invalid_quantity"
    assert problem["errors"][0]["field"] == "quantity"
    assert _without_turns(await player.state()) == _without_turns(before)


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ('{"commodity": "ore", "quantity": NaN}', 400, "malformed_json"),
        ('{"commodity": "ore", "quantity": 1e400}', 400, "malformed_json"),
        ('{"commodity": "ore", "quantity": 0, "quantity": 1}', 400, "malformed_json"),
        ('{"commodity": "ore", "quantity": ' + "9" * 5_000 + "}", 400, "malformed_json"),
        ('{"commodity": "ore", "quantity": 1', 400, "malformed_json"),
        ("[" * 30_000, 400, "malformed_json"),
        ("[]", 422, "invalid_request"),
        ('"buy"', 422, "invalid_request"),
        ("null", 422, "invalid_request"),
        ("", 422, "invalid_request"),
        (b'{"commodity": "\xff", "quantity": 1}', 400, "malformed_json"),
        ('{"commodity": "\\ud800", "quantity": 1}', 400, "malformed_json"),
        ('{"commodity": "spice", "quantity": 1}', 404, "unknown_commodity"),
        ('{"commodity": 7, "quantity": 1}', 422, "invalid_request"),
        ('{"commodity": "ore"}', 422, "invalid_quantity"),
        ('{"commodity": "ore", "quantity": 1, "min_price": 1}', 422, "invalid_price_bound"),
        ('{"commodity": "ore", "quantity": 1, "max_price": 0}', 422, "invalid_price_bound"),
        ('{"commodity": "ore", "quantity": 1, "quote_id": "q"}', 404, "unknown_quote"),
        ('{"commodity": "ore", "quantity": 1, "quote_id": ""}', 422, "invalid_request"),
        ('{"commodity": "ore", "quantity": 1, "command_id": ""}', 422, "invalid_request"),
        ('{"commodity": "ore", "quantity": 1, "discount": 9}', 422, "invalid_request"),
    ],
)
async def test_a_bad_body_is_refused_and_nothing_changes(
    stack: Stack, text: str | bytes, status: int, code: str
) -> None:
    player = await stack.register()
    before = await player.state()
    headers = {**player.headers, "Content-Type": "application/json"}
    answer = await stack.http.post("/api/v1/trading/buy", content=text, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert _without_turns(await player.state()) == _without_turns(before)


async def test_trading_needs_a_dock_and_docking_a_port_of_the_sector(stack: Stack) -> None:
    player = await stack.register()
    state = await player.state()
    elsewhere = next(port for port in ("p0001", "p0002") if port != state["docked_port_id"])
    assert (await player.post("/trading/dock", {"port_id": elsewhere})).json()["code"] in (
        "already_docked",
        "port_elsewhere",
    )
    await player.post("/trading/undock")
    far = await player.post("/trading/dock", {"port_id": elsewhere})
    assert far.json()["code"] == "port_elsewhere"
    unknown = await player.post("/trading/dock", {"port_id": "p9999"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_port")
    undocked = await player.post("/trading/sell", {"commodity": "ore", "quantity": 1})
    assert (undocked.status_code, undocked.json()["code"]) == (409, "not_docked")


async def test_history_is_paged_newest_first(stack: Stack) -> None:
    player = await stack.register()
    good = await player.affordable_good()
    for quantity in (1, 2, 3):
        await player.post("/trading/buy", {"commodity": good["commodity"], "quantity": quantity})
    first = (await player.get("/trading/history?limit=2")).json()
    assert [item["quantity"] for item in first["items"]] == [3, 2]
    second = (await player.get(f"/trading/history?limit=2&cursor={first['next_cursor']}")).json()
    assert [item["quantity"] for item in second["items"]] == [1]
    assert second["next_cursor"] is None
    for query in ("cursor=x", "cursor=-1", "limit=0", "limit=201", "limit=many"):
        assert (await player.get(f"/trading/history?{query}")).status_code == 422
    assert (await player.get(f"/trading/history?cursor={'9' * 19}")).status_code == 200


async def _post_json(stack: Stack, player: Player, body: dict[str, Any]) -> Any:
    # httpx refuses to write infinity; a hostile client does not.
    text = repr(body).replace("'", '"').replace("inf", "1e400")
    text = text.replace("True", "true").replace("None", "null")
    headers = {**player.headers, "Content-Type": "application/json"}
    return await stack.http.post("/api/v1/trading/buy", content=text, headers=headers)


def _without_turns(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "turns"}
