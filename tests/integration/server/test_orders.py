"""Quotes and limit orders by native frames: answered, pushed to all whom they concern, dropped
when their owner has lost his last connection.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from tests.integration.server.players import FoundationPlayer, Meeting, NativePlayer, RestPlayer
from tests.integration.server.process import Server, running_for_a_while
from websockets.asyncio.client import connect

from sectorwars.application.keys import FRAME_KEY_FILE, KEYS_DIRECTORY, load_signing_key
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.signing import verify_frame

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]

WAIT_SECONDS_MAX = 30.0
POLL_SECONDS = 0.1


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of this module's own: orders that rest here would meet the trades of other tests."""
    with running_for_a_while() as server:
        yield server


def socket(server: Server) -> connect:
    return connect(f"ws://127.0.0.1:{server.port}/ws/realtime")


async def updates_until(
    player: NativePlayer, enough: Callable[[dict[str, Any]], bool]
) -> list[dict[str, Any]]:
    """Return the account's updates up to the first that is enough."""
    seen: list[dict[str, Any]] = []
    while True:
        data = (await player.receive_type("trading_signal"))["data"]
        if data["type"] == "account_update":
            seen.append(data)
            if enough(data):
                return seen


async def resting(player: RestPlayer, **more: Any) -> dict[str, Any]:
    """Return a purchase that no port fills."""
    good = await player.cheapest_good()
    (shown,) = [each for each in await player.port_goods() if each["commodity"] == good]
    return {
        "side": "buy",
        "commodity": good,
        "quantity": 2,
        "limit_price": shown["bid_price"] // 2,
        **more,
    }


async def test_a_quote_is_issued_pushed_used_and_provable(
    server: Server, http: httpx.AsyncClient
) -> None:
    owner = await RestPlayer.register(http)
    good = await owner.cheapest_good()
    async with socket(server) as line:
        player = await NativePlayer.authenticate(line, owner.token)
        await player.ask("subscribe", {"channels": ["account"]})
        wanted = {"command_id": "q-1", "side": "buy", "commodity": good, "quantity": 3}
        await player.send("request_quote", wanted)
        # What is published goes out before the answer.
        pushed = (await updates_until(player, lambda data: data["quote"] is not None))[-1]
        answer = (await player.receive_type("quote_issued"))["data"]
        quote = answer["quote"]
        assert pushed["quote"] == quote
        key = load_signing_key(server.data_dir / KEYS_DIRECTORY / FRAME_KEY_FILE)
        assert answer["kid"] == key.kid
        assert verify_frame(key.public, canonical_json(quote), answer["signature"])

        order = {**wanted, "command_id": "t-1", "quote_id": quote["quote_id"]}
        bought = (await player.ask("execute_trade", order))["data"]["trade"]
        assert bought["fills"] == quote["fills"]
        fate = (await player.ask("get_command", {"command_id": "q-1"}))["data"]
        assert (fate["status"], fate["receipt"]) == ("executed", answer)
    history = (await owner.read("/trading/history"))["items"]
    assert [trade["trade_id"] for trade in history] == [bought["trade_id"]]


async def test_both_owners_are_told_when_their_orders_meet(
    server: Server, http: httpx.AsyncClient
) -> None:
    """The maker by a native channel and by the Foundation client's, the book by the port's."""
    maker, taker, port_id, good, price = await Meeting.arrange(http)
    offer = {"side": "sell", "commodity": good, "quantity": 4, "limit_price": price}
    async with socket(server) as first, socket(server) as second:
        native = await NativePlayer.authenticate(first, maker.token)
        foundation = await FoundationPlayer.authenticate(second, maker.token)
        await second.send(
            foundation.frame(
                "trading_signal",
                {
                    "type": "subscribe",
                    "channel": "trading_signals",
                    "ai_enabled": True,
                    "risk_preference": "moderate",
                },
            )
        )
        await native.ask("subscribe", {"channels": ["account", f"port.{port_id}"]})
        placed = (await native.ask("place_order", {"command_id": "o-1", **offer}))["data"]
        assert placed["order"]["filled"] == 0
        level = {"price_credits": price, "quantity": 4, "orders": 1}
        offered: list[dict[str, Any]] = []
        while level not in offered:
            books = (await native.receive_type("port_network"))["data"]["books"]
            offered = [one for book in books if book["commodity"] == good for one in book["sells"]]
        bid = {"side": "buy", "commodity": good, "quantity": 4, "limit_price": price}
        taken = (await taker.perform("/trading/orders", bid))["order"]
        assert (taken["close_reason"], taken["filled"]) == ("filled", 4)

        told = await updates_until(
            native, lambda data: (data["order"] or {}).get("close_reason") is not None
        )
        (sale,) = [data for data in told if data["trade"] is not None]
        assert sale["trade"]["order_id"] == placed["order"]["order_id"]
        assert sale["trade"]["fills"] == [{"price_credits": price, "quantity": 4}]
        assert told[-1]["order"]["close_reason"] == "filled"
        assert told[-1]["order"]["filled"] == 4
        executed = await foundation.receive("trading_signal")
        while executed["data"].get("type") != "trade_executed":
            executed = await foundation.receive("trading_signal")
        assert executed["data"]["trade"]["type"] == "sell"
        assert executed["data"]["trade"]["amount"] == 4


async def test_orders_that_ask_for_it_go_with_the_last_connection(
    server: Server, http: httpx.AsyncClient
) -> None:
    owner = await RestPlayer.register(http)
    order = await resting(owner)
    async with socket(server) as other:
        await NativePlayer.authenticate(other, owner.token)
        async with socket(server) as line:
            player = await NativePlayer.authenticate(line, owner.token)
            await player.ask("place_order", {"command_id": "keep", **order})
            going = {"command_id": "go", **order, "cancel_on_disconnect": True}
            await player.ask("place_order", going)
        assert len((await owner.read("/trading/orders?status=open"))["items"]) == 2
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while len(still_open := (await owner.read("/trading/orders?status=open"))["items"]) == 2:
        assert time.monotonic() < deadline
        await asyncio.sleep(POLL_SECONDS)
    assert [item["cancel_on_disconnect"] for item in still_open] == [False]
    (closed,) = (await owner.read("/trading/orders?status=closed"))["items"]
    assert closed["close_reason"] == "disconnected"


async def test_orders_are_cancelled_by_frames_and_anothers_are_unknown(
    server: Server, http: httpx.AsyncClient
) -> None:
    owner, stranger = await RestPlayer.register(http), await RestPlayer.register(http)
    order = await resting(owner)
    async with socket(server) as line, socket(server) as foreign:
        player = await NativePlayer.authenticate(line, owner.token)
        thief = await NativePlayer.authenticate(foreign, stranger.token)
        placed = (await player.ask("place_order", {"command_id": "a", **order}))["data"]["order"]
        cancel = {"command_id": "x", "order_id": placed["order_id"]}
        refused = await thief.ask("cancel_order", cancel)
        assert (refused["type"], refused["data"]["code"]) == ("error", "unknown_order")
        assert refused["data"]["number"] == 111
        cancelled = await player.ask("cancel_order", cancel)
        assert cancelled["type"] == "orders_cancelled"
        again = await player.ask("cancel_order", cancel)
        assert again["data"] == cancelled["data"]
        for serial in range(3):
            await player.ask("place_order", {"command_id": f"b{serial}", **order})
        swept = await player.ask("cancel_orders", {"command_id": "all"})
        assert len(swept["data"]["closed"]) == 3
        none = await player.ask("cancel_orders", {"command_id": "none"})
        assert none["data"]["code"] == "no_open_orders"
