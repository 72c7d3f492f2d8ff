"""Orders that arrive together: what suffices for one trades once, and one id is one trade."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from tests.integration.server.players import FoundationPlayer, NativePlayer, RestPlayer
from tests.integration.server.process import Server
from websockets.asyncio.client import ClientConnection, connect

HOLD = 150
HALF_HOLD = HOLD // 2
AT_ONCE = 50
CONNECTIONS = 10


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=server.url, timeout=30, limits=limits) as client:
        yield client


async def spend_down(player: RestPlayer) -> tuple[str, int]:
    """Trade to and fro until half a hold can be paid once but not twice.

    Room for a second one is left in the hold, so that money alone stands in its way.
    """
    commodity = await player.cheapest_good()
    order = {"commodity": commodity, "quantity": HALF_HOLD}
    bought = (await player.perform("/trading/buy", order))["trade"]
    cost: int = bought["total_credits"] + bought["fees_credits"]
    after = (await player.perform("/trading/sell", order))["trade"]["credits_after"]
    while after >= 2 * cost:
        # A tenth is lost at each turn, so this cannot pass below the price of one.
        quantity = HOLD if after > 4 * cost else HALF_HOLD
        turn = {"commodity": commodity, "quantity": quantity}
        await player.perform("/trading/buy", turn)
        after = (await player.perform("/trading/sell", turn))["trade"]["credits_after"]
    assert cost * 1.2 < after < 2 * cost
    return commodity, after


def judge(outcomes: Counter[str], before: int, state: dict[str, Any], commodity: str) -> None:
    """One was bought, and the others were told that the money was gone."""
    assert outcomes == {"executed": 1, "insufficient_credits": AT_ONCE - 1}
    assert 0 <= state["credits"] < before
    assert state["ship"]["cargo"] == {commodity: HALF_HOLD}


async def open_sockets(server: Server, stack: AsyncExitStack) -> list[ClientConnection]:
    url = f"ws://127.0.0.1:{server.port}/ws/realtime"
    return [await stack.enter_async_context(connect(url)) for _ in range(CONNECTIONS)]


async def order_over_rest(
    _server: Server, player: RestPlayer, side: str, commodity: str
) -> Counter[str]:
    """Order half a hold AT_ONCE times; count what came of it."""
    order = {"commodity": commodity, "quantity": HALF_HOLD}
    path = f"/trading/{side}"
    answers = await asyncio.gather(*(player.post(path, order) for _ in range(AT_ONCE)))
    return Counter(
        body["status"] if answer.status_code == 200 else body["code"]
        for answer in answers
        for body in [answer.json()]
    )


async def order_over_native_frames(
    server: Server, player: RestPlayer, side: str, commodity: str
) -> Counter[str]:
    """Order half a hold AT_ONCE times over several connections; count what came of it."""
    async with AsyncExitStack() as stack:
        natives = [
            await NativePlayer.authenticate(socket, player.token)
            for socket in await open_sockets(server, stack)
        ]

        async def send(native: NativePlayer, command_id: str) -> str:
            order = {"side": side, "commodity": commodity, "quantity": HALF_HOLD}
            await native.send("execute_trade", {"command_id": command_id, **order})
            answer = await native.receive_type("trade_executed", "error")
            data = answer["data"]
            return str(data["status"] if answer["type"] == "trade_executed" else data["code"])

        async def send_some(native: NativePlayer, first: int) -> list[str]:
            return [await send(native, f"ws-{first + i}") for i in range(AT_ONCE // CONNECTIONS)]

        answered = await asyncio.gather(
            *(send_some(native, i * CONNECTIONS) for i, native in enumerate(natives))
        )
    return Counter(outcome for some in answered for outcome in some)


async def order_over_foundation_frames(
    server: Server, player: RestPlayer, side: str, commodity: str
) -> Counter[str]:
    """Order half a hold AT_ONCE times over several connections; count what came of it."""
    async with AsyncExitStack() as stack:
        clients = [
            await FoundationPlayer.authenticate(socket, player.token)
            for socket in await open_sockets(server, stack)
        ]

        async def send_some(client: FoundationPlayer) -> list[str]:
            for _ in range(AT_ONCE // CONNECTIONS):
                await client.socket.send(client.order(side, commodity, HALF_HOLD))
            outcomes = []
            for _ in range(AT_ONCE // CONNECTIONS):
                data = (await client.receive("trading_signal"))["data"]
                executed = data["type"] == "trade_executed"
                outcomes.append("executed" if executed else data["code"])
            return outcomes

        answered = await asyncio.gather(*(send_some(client) for client in clients))
    return Counter(outcome for some in answered for outcome in some)


async def test_money_for_one_buys_once_over_rest(server: Server, player: RestPlayer) -> None:
    commodity, before = await spend_down(player)
    outcomes = await order_over_rest(server, player, "buy", commodity)
    judge(outcomes, before, await player.state(), commodity)


async def test_money_for_one_buys_once_over_native_frames(
    server: Server, player: RestPlayer
) -> None:
    commodity, before = await spend_down(player)
    outcomes = await order_over_native_frames(server, player, "buy", commodity)
    judge(outcomes, before, await player.state(), commodity)


async def test_money_for_one_buys_once_over_foundation_frames(
    server: Server, player: RestPlayer
) -> None:
    commodity, before = await spend_down(player)
    outcomes = await order_over_foundation_frames(server, player, "buy", commodity)
    judge(outcomes, before, await player.state(), commodity)


@pytest.mark.parametrize(
    "order", [order_over_rest, order_over_native_frames, order_over_foundation_frames]
)
async def test_cargo_for_one_sells_once(
    server: Server,
    player: RestPlayer,
    order: Callable[[Server, RestPlayer, str, str], Awaitable[Counter[str]]],
) -> None:
    commodity = await player.cheapest_good()
    bought = {"commodity": commodity, "quantity": HALF_HOLD}
    before = (await player.perform("/trading/buy", bought))["trade"]["credits_after"]
    outcomes = await order(server, player, "sell", commodity)
    assert outcomes == {"executed": 1, "insufficient_cargo": AT_ONCE - 1}
    state = await player.state()
    assert state["ship"]["cargo"] == {}
    (sale, purchase) = (await player.read("/trading/history"))["items"]
    assert (sale["side"], purchase["side"]) == ("sell", "buy")
    assert state["credits"] == before + sale["total_credits"] - sale["fees_credits"]


async def test_one_id_is_one_trade_with_one_receipt_through_every_door(
    server: Server, player: RestPlayer
) -> None:
    commodity = await player.cheapest_good()
    order = {"commodity": commodity, "quantity": 3}
    headers = {"Idempotency-Key": "once"}
    async with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as socket:
        native = await NativePlayer.authenticate(socket, player.token)
        framed = {"command_id": "once", "side": "buy", **order}
        frames = [native.frame("execute_trade", framed) for _ in range(AT_ONCE)]

        async def by_frames() -> list[dict[str, Any]]:
            for frame in frames:
                await socket.send(frame)
            return [(await native.receive_type("trade_executed"))["data"] for _ in frames]

        answers, framed_receipts = await asyncio.gather(
            asyncio.gather(*(player.post("/trading/buy", order, headers) for _ in range(AT_ONCE))),
            by_frames(),
        )
    receipts = {answer.content for answer in answers}
    assert len(receipts) == 1
    (receipt,) = receipts
    assert all(data == json.loads(receipt) for data in framed_receipts)
    assert (await player.get("/trading/commands/once")).content == receipt
    assert (await player.state())["ship"]["cargo"] == {commodity: 3}
    assert len((await player.read("/trading/history"))["items"]) == 1


async def test_a_known_id_with_another_order_is_a_conflict(player: RestPlayer) -> None:
    commodity = await player.cheapest_good()
    headers = {"Idempotency-Key": "mine"}
    first = await player.post("/trading/buy", {"commodity": commodity, "quantity": 1}, headers)
    other = await player.post("/trading/buy", {"commodity": commodity, "quantity": 2}, headers)
    assert first.status_code == 200
    assert (other.status_code, other.json()["code"]) == (409, "command_id_conflict")
    assert (await player.state())["ship"]["cargo"] == {commodity: 1}


async def test_another_players_id_reads_as_never_seen(
    http: httpx.AsyncClient, player: RestPlayer
) -> None:
    commodity = await player.cheapest_good()
    headers = {"Idempotency-Key": "secret"}
    await player.post("/trading/buy", {"commodity": commodity, "quantity": 1}, headers)
    stranger = await RestPlayer.register(http)
    answer = await stranger.get("/trading/commands/secret")
    assert (answer.status_code, answer.json()["code"]) == (404, "never_seen")
