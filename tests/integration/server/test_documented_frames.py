"""What a running server answers to native commands, and pushes for them, is as AsyncAPI says."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from tests.contract.asyncapi.document import assert_asked, assert_sent
from tests.integration.server.players import NativePlayer, RestPlayer
from tests.integration.server.process import Server
from websockets.asyncio.client import connect

pytestmark = pytest.mark.postgres


class Recorder:
    """Asks, and holds every frame that comes against the document."""

    def __init__(self, native: NativePlayer) -> None:
        self._native = native
        self.answers: set[str] = set()
        self.pushed: list[dict[str, Any]] = []

    async def ask(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        text = self._native.frame(kind, data)
        request = json.loads(text)
        assert_asked("native", kind, request)
        await self._native.socket.send(text)
        while (frame := await self._native.receive()).get("id") != request["id"]:
            self._push(frame)
        self.answers.add(assert_sent("native", frame))
        answer: dict[str, Any] = frame["data"]
        return answer

    async def push_with(self, member: str) -> None:
        """Wait for an update of the account that says something of `member`."""
        while not any(data.get(member) for data in self.pushed):
            self._push(await self._native.receive())

    def _push(self, frame: dict[str, Any]) -> None:
        assert_sent("account", frame)
        self.pushed.append(frame["data"])


async def test_quotes_orders_and_cancels_are_as_documented(
    server: Server, http: httpx.AsyncClient
) -> None:
    owner = await RestPlayer.register(http)
    good = await owner.cheapest_good()
    (shown,) = [each for each in await owner.port_goods() if each["commodity"] == good]
    wanted = {"side": "buy", "commodity": good, "quantity": 2}
    resting = {**wanted, "limit_price": shown["bid_price"] // 2}
    async with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as socket:
        line = Recorder(await NativePlayer.authenticate(socket, owner.token))
        await line.ask("subscribe", {"channels": ["account"]})
        quote = (await line.ask("request_quote", {"command_id": "q", **wanted}))["quote"]
        trade = {"command_id": "t", **wanted, "quote_id": quote["quote_id"]}
        assert (await line.ask("execute_trade", trade))["trade"]["quantity"] == 2
        placed = await line.ask("place_order", {"command_id": "o-1", **resting})
        order_id = placed["order"]["order_id"]
        closed = await line.ask("cancel_order", {"command_id": "x-1", "order_id": order_id})
        assert [each["order_id"] for each in closed["closed"]] == [order_id]
        for number in (2, 3):
            await line.ask("place_order", {"command_id": f"o-{number}", **resting})
        closed = await line.ask("cancel_orders", {"command_id": "x-2"})
        assert len(closed["closed"]) == 2
        refused = await line.ask("cancel_orders", {"command_id": "x-3"})
        assert (refused["code"], refused["number"]) == ("no_open_orders", 404)
        for command_id in ("q", "o-1", "x-2", "x-3", "never"):
            await line.ask("get_command", {"command_id": command_id})
        for member in ("quote", "quote_close", "trade", "order"):
            await line.push_with(member)
    assert line.answers == {
        *("subscribed", "quote_issued", "trade_executed", "order_placed", "orders_cancelled"),
        *("command_fate", "error"),
    }
