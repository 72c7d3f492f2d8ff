"""Binding quotes over REST: signed, kept, used once, and not to be had for nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.integration.api.stack import QUOTE_KEY, Player, Stack

from sectorwars.domain.quote import QUOTE_LIFE_SECONDS, QUOTE_WAIT_SECONDS_MIN
from sectorwars.domain.values import rfc3339
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.signing import verify_frame


async def _quoted(player: Player, quantity: int = 5, side: str = "buy") -> dict[str, Any]:
    good = await player.affordable_good()
    answer = await player.post(
        "/trading/quotes", {"side": side, "commodity": good["commodity"], "quantity": quantity}
    )
    assert answer.status_code == 200, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


async def _live(player: Player) -> list[dict[str, Any]]:
    quotes: list[dict[str, Any]] = (await player.get("/trading/quotes")).json()["quotes"]
    return quotes


async def test_a_trade_at_a_quote_gets_exactly_what_was_promised_and_signed(stack: Stack) -> None:
    player = await stack.register()
    receipt = await _quoted(player)
    quote = receipt["quote"]
    keys = (await stack.http.get("/.well-known/jwks.json")).json()["keys"]
    assert receipt["kid"] in {key["kid"] for key in keys}
    public = QUOTE_KEY.public
    assert verify_frame(public, canonical_json(quote), receipt["signature"])
    dearer = {**quote, "total_credits": quote["total_credits"] - 1}
    assert not verify_frame(public, canonical_json(dearer), receipt["signature"])
    assert await _live(player) == [quote]

    order = {"commodity": quote["commodity"], "quantity": 5, "quote_id": quote["quote_id"]}
    bought = await player.post("/trading/buy", order)
    assert bought.status_code == 200, bought.text
    trade = bought.json()["trade"]
    for member in ("fills", "total_credits", "fees_credits"):
        assert trade[member] == quote[member]
    assert await _live(player) == []
    again = await player.post("/trading/buy", order)
    assert (again.status_code, again.json()["code"]) == (409, "quote_closed")
    assert again.json()["number"] == 406


async def test_a_quote_that_is_asked_for_again_is_the_same_bytes(stack: Stack) -> None:
    player = await stack.register()
    good = await player.affordable_good()
    wanted = {"side": "sell", "commodity": good["commodity"], "quantity": 2}
    first = await player.post("/trading/quotes", wanted, {"Idempotency-Key": "q"})
    again = await player.post("/trading/quotes", {**wanted, "command_id": "q"})
    assert first.status_code == 200, first.text
    assert again.content == first.content
    assert (await player.get("/trading/commands/q")).content == first.content
    second = await player.post("/trading/quotes", wanted)
    assert (second.status_code, second.json()["code"]) == (409, "quote_open")


async def test_a_quote_is_one_players_and_for_just_what_it_says(stack: Stack) -> None:
    alice, bob = await stack.register("alice"), await stack.register("bob")
    quote = (await _quoted(alice))["quote"]
    order = {"commodity": quote["commodity"], "quantity": 5, "quote_id": quote["quote_id"]}
    foreign = await bob.post("/trading/buy", order)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "unknown_quote")
    more = await alice.post("/trading/buy", {**order, "quantity": 6})
    assert (more.status_code, more.json()["code"]) == (409, "quote_mismatch")
    turned = await alice.post("/trading/sell", order)
    assert turned.json()["code"] == "quote_mismatch"
    assert await _live(bob) == []


async def test_a_quote_that_ran_out_is_gone_and_makes_the_next_wait(stack: Stack) -> None:
    player = await stack.register()
    quote = (await _quoted(player))["quote"]
    stack.clock.ahead_seconds += QUOTE_LIFE_SECONDS
    assert await _live(player) == []
    order = {"commodity": quote["commodity"], "quantity": 5, "quote_id": quote["quote_id"]}
    late = await player.post("/trading/buy", order)
    assert (late.status_code, late.json()["code"]) == (409, "quote_closed")
    wanted = {"side": "buy", "commodity": quote["commodity"], "quantity": 5}
    waiting = await player.post("/trading/quotes", wanted)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "quote_wait")
    shown = (await player.get("/trading/quotes")).json()["next_quote_at"]
    assert shown is not None
    assert rfc3339(stack.clock.now()) < shown
    stack.clock.ahead_seconds += QUOTE_WAIT_SECONDS_MIN
    assert (await player.get("/trading/quotes")).json()["next_quote_at"] is None
    assert (await player.post("/trading/quotes", wanted)).status_code == 200


async def test_fifty_quotes_at_once_promise_no_more_than_their_share(stack: Stack) -> None:
    players = [await stack.register(f"player{nth}") for nth in range(10)]
    good = await players[0].affordable_good()
    port = (await players[0].state())["docked_port_id"]
    before = {
        shown["commodity"]: shown
        for shown in (await players[0].get(f"/trading/market/{port}")).json()["goods"]
    }[good["commodity"]]
    quantity = min(before["stock"] // 20, 150)
    wanted = {"side": "buy", "commodity": good["commodity"], "quantity": quantity}
    answers = await asyncio.gather(
        *(player.post("/trading/quotes", wanted) for player in players for _ in range(5))
    )
    granted = [answer.json()["quote"] for answer in answers if answer.status_code == 200]
    here = [quote for quote in granted if quote["port_id"] == port]
    assert granted
    assert sum(quote["quantity"] for quote in here) <= before["stock"] // 4
    refused = {answer.json()["code"] for answer in answers if answer.status_code != 200}
    assert refused <= {"quote_open", "quote_share"}
    assert len({quote["quote_id"] for quote in granted}) == len(granted)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"commodity": "ore", "quantity": 1}, 422, "invalid_request"),
        ({"side": "hold", "commodity": "ore", "quantity": 1}, 422, "invalid_request"),
        ({"side": "buy", "commodity": "spice", "quantity": 1}, 404, "unknown_commodity"),
        ({"side": "buy", "commodity": "ore", "quantity": 2**53}, 422, "invalid_quantity"),
        ({"side": "buy", "commodity": "ore", "quantity": -1}, 422, "invalid_quantity"),
        ({"side": "buy", "commodity": "ore", "quantity": 1.0}, 422, "invalid_quantity"),
        ({"side": "buy", "commodity": "ore", "quantity": 1, "max_price": 5}, 422, None),
    ],
)
async def test_a_bad_request_for_a_quote_is_refused(
    stack: Stack, body: Any, status: int, code: str | None
) -> None:
    player = await stack.register()
    answer = await player.post("/trading/quotes", body)
    assert answer.status_code == status
    assert code in (None, answer.json()["code"])
    assert await _live(player) == []
