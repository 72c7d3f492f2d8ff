"""Traders who trade as fast as they are answered, and remember what was confirmed to them."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field

import httpx
from tests.integration.server.players import RestPlayer

QUANTITY = 2
_REGISTRATIONS_AT_ONCE = 8


@dataclass
class Trader:
    """A player who buys and sells the same good in turn."""

    player: RestPlayer
    commodity: str
    confirmed: dict[str, bytes] = field(default_factory=dict)
    doubtful: dict[str, str] = field(default_factory=dict)
    """Sides of orders that were sent and not answered, by command id."""

    async def trade(self, command_id: str, side: str) -> httpx.Response:
        """Send an order, or send it again."""
        order = {"commodity": self.commodity, "quantity": QUANTITY, "command_id": command_id}
        return await self.player.post(f"/trading/{side}", order)

    async def trade_until_cut_off(self, confirmations: asyncio.Semaphore) -> None:
        """Trade until the server is gone; `confirmations` is released for each receipt."""
        for serial in itertools.count():
            command_id = f"load-{serial}"
            self.doubtful[command_id] = side = "sell" if serial % 2 else "buy"
            try:
                answer = await self.trade(command_id, side)
            except httpx.TransportError:
                return
            assert answer.status_code == 200, answer.text
            del self.doubtful[command_id]
            self.confirmed[command_id] = answer.content
            confirmations.release()

    async def trade_to_the_end(self, trades: int, confirmations: asyncio.Semaphore) -> None:
        """Make a number of trades, sending each again under its id until it is decided."""
        for serial in range(trades):
            command_id = f"end-{serial}"
            side = "sell" if serial % 2 else "buy"
            answer = await self.trade(command_id, side)
            while answer.status_code != 200:
                problem = answer.json()
                assert problem["retry"] == "same_id", problem
                await asyncio.sleep(problem["retry_after_ms"] / 1_000)
                answer = await self.trade(command_id, side)
            self.confirmed[command_id] = answer.content
            confirmations.release()

    async def judge(self) -> None:
        """What was confirmed is there, what was not is decided once, and the money adds up."""
        for command_id, receipt in self.confirmed.items():
            answer = await self.player.get(f"/trading/commands/{command_id}")
            assert answer.content == receipt
        receipts = [httpx.Response(200, content=content) for content in self.confirmed.values()]
        for command_id, side in self.doubtful.items():
            fate = await self.player.get(f"/trading/commands/{command_id}")
            settled = await self.trade(command_id, side)
            assert settled.status_code == 200, settled.text
            if fate.status_code == 200:
                assert settled.content == fate.content
            else:
                assert fate.json()["code"] == "never_seen"
            receipts.append(settled)
        trades = [receipt.json()["trade"] for receipt in receipts]
        history = await self._history()
        assert sorted(history) == sorted(trade["trade_id"] for trade in trades)
        bought = [trade for trade in trades if trade["side"] == "buy"]
        sold = [trade for trade in trades if trade["side"] == "sell"]
        paid = sum(trade["total_credits"] + trade["fees_credits"] for trade in bought)
        earned = sum(trade["total_credits"] - trade["fees_credits"] for trade in sold)
        state = await self.player.state()
        assert state["credits"] == 50_000 - paid + earned
        assert sum(state["ship"]["cargo"].values()) == QUANTITY * (len(bought) - len(sold))

    async def _history(self) -> list[str]:
        trade_ids: list[str] = []
        cursor = ""
        while True:
            page = await self.player.read(f"/trading/history?limit=200{cursor}")
            trade_ids += [trade["trade_id"] for trade in page["items"]]
            if page["next_cursor"] is None:
                return trade_ids
            cursor = f"&cursor={page['next_cursor']}"


async def confirmed(confirmations: asyncio.Semaphore, count: int) -> None:
    """Wait until so many more trades have been confirmed."""
    for _ in range(count):
        await confirmations.acquire()


async def judge(traders: list[Trader]) -> None:
    """Judge all traders, side by side."""
    await asyncio.gather(*(trader.judge() for trader in traders))


async def register_traders(http: httpx.AsyncClient, count: int) -> list[Trader]:
    """Open accounts, a few at a time because each costs a password hash."""
    places = asyncio.Semaphore(_REGISTRATIONS_AT_ONCE)

    async def register() -> Trader:
        async with places:
            player = await RestPlayer.register(http)
            return Trader(player, await player.cheapest_good())

    return list(await asyncio.gather(*(register() for _ in range(count))))
