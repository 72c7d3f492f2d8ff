"""Limits as they are by default, on a real server: which, what remains, when to come back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.server.players import FoundationPlayer, NativePlayer, RestPlayer
from tests.integration.server.process import Server
from tests.integration.server.test_operators import an_admin, answer
from websockets.asyncio.client import ClientConnection, connect

pytestmark = pytest.mark.postgres


@pytest.fixture
def server(strict_server: Server) -> Server:
    """The server whose limits are met here."""
    return strict_server


def url(server: Server) -> str:
    return f"ws://127.0.0.1:{server.port}/ws/realtime"


def assert_limited(data: dict[str, Any], code: str, limit: str, remaining: int = 0) -> None:
    """A refusal says which limit was met, what remains of it, and how to go on."""
    assert (data["code"], data["limit"], data["remaining"]) == (code, limit, remaining)
    assert data["reason"]


async def receive(socket: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(await socket.recv())
    return frame


async def test_two_hundred_messages_in_a_second_over_two_connections(
    server: Server, player: RestPlayer
) -> None:
    async with connect(url(server)) as one, connect(url(server)) as two:
        natives = [await NativePlayer.authenticate(socket, player.token) for socket in (one, two)]
        await asyncio.sleep(1.1)
        for _ in range(100):
            for native in natives:
                await native.send("ping", {})
        answers = [[await receive(socket) for _ in range(100)] for socket in (one, two)]
        for at_one in answers:
            assert len({answer["id"] for answer in at_one}) == 100
        refused = [a for at_one in answers for a in at_one if a["type"] == "error"]
        # Sending takes a moment, in which a few more become free.
        assert 40 <= len(refused) <= 100
        for answer in refused:
            assert_limited(answer["data"], "message_rate_exceeded", "message_rate_limit=100/s")
            assert answer["data"]["retry"] == "later"
            assert 0 < answer["data"]["retry_after_ms"] <= 11
        await asyncio.sleep(0.2)
        for native in natives:
            assert (await native.ask("ping", {}))["type"] == "pong"


async def test_two_hundred_foundation_messages_in_a_second(
    server: Server, player: RestPlayer
) -> None:
    async with connect(url(server)) as socket:
        client = await FoundationPlayer.authenticate(socket, player.token)
        await asyncio.sleep(1.1)
        for _ in range(200):
            await socket.send(client.frame("ai_alert", {"action": "ping"}))
        seen: list[dict[str, Any]] = []
        while sum(data.get("type") == "trade_refused" for data in seen) < 20:
            seen.append((await client.receive("ai_alert"))["data"])
        # After twenty, the rest is summed up at the end of the minute: the client drops frames
        # beyond a hundred in it.
        for data in seen:
            if data != {"action": "pong"}:
                limit = "message_rate_limit=100/s"
                assert_limited(data, "message_rate_exceeded", limit)
                assert 0 < data["retry_after_ms"] <= 11


async def test_ten_thousand_subscriptions(server: Server, player: RestPlayer) -> None:
    async with connect(url(server)) as socket:
        native = await NativePlayer.authenticate(socket, player.token)
        assert (await native.ask("subscribe", {"channels": ["market.ore"]}))["type"] == "subscribed"
        for start in range(0, 10_000, 2_500):
            channels = [f"port.p{number:05}" for number in range(start, start + 2_500)]
            answer = await native.ask("subscribe", {"channels": channels})
            limit = "subscriptions_max=256"
            assert_limited(answer["data"], "too_many_subscriptions", limit, remaining=255)
        assert (await native.receive_type("market_update"))["channel"] == "market.ore"
        assert (await native.ask("ping", {}))["type"] == "pong"


async def test_thirty_trades_a_minute_by_whichever_door(server: Server, player: RestPlayer) -> None:
    good = await player.cheapest_good()
    order = {"side": "buy", "commodity": good, "quantity": 1}
    async with (
        connect(url(server)) as native_socket,
        connect(url(server)) as foundation_socket,
    ):
        native = await NativePlayer.authenticate(native_socket, player.token)
        for number in range(30):
            answer = await native.ask("execute_trade", {**order, "command_id": f"c-{number}"})
            assert answer["type"] == "trade_executed", answer
        refused = (await native.ask("execute_trade", {**order, "command_id": "c-30"}))["data"]
        assert_limited(refused, "trade_rate_limited", "trade_rate_limit=30/min")
        assert 0 < refused["retry_after_ms"] <= 60_000
        assert refused["command_id"] == "c-30"
        foundation = await FoundationPlayer.authenticate(foundation_socket, player.token)
        await foundation_socket.send(foundation.order("buy", good, 1))
        refused = (await foundation.receive("trading_signal"))["data"]
        assert_limited(refused, "trade_rate_limited", "trade_rate_limit=30/min")
        assert 0 < refused["retry_after_ms"] <= 60_000
        # A retry of what was executed is no new trade.
        again = await native.ask("execute_trade", {**order, "command_id": "c-0"})
        assert again["type"] == "trade_executed"
    problem = (await player.post("/trading/buy", {"commodity": good, "quantity": 1})).json()
    assert (problem["code"], problem["remaining"]) == ("trade_rate_limited", 0)


async def test_sixty_messages_to_aria_a_minute(server: Server, player: RestPlayer) -> None:
    async with connect(url(server)) as socket:
        native = await NativePlayer.authenticate(socket, player.token)
        for _ in range(60):
            assert (await native.ask("aria_message", {"message": "Hello"}))["type"] == "aria_answer"
        refused = (await native.ask("aria_message", {"message": "Hello"}))["data"]
        assert_limited(refused, "aria_rate_limited", "aria_rate_limit=60/min")
        assert 0 < refused["retry_after_ms"] <= 60_000
        assert (await native.ask("ping", {}))["type"] == "pong"


async def test_sixth_connection_of_an_address(server: Server, player: RestPlayer) -> None:
    sockets = [await connect(url(server)) for _ in range(7)]
    natives = [await NativePlayer.authenticate(socket, player.token) for socket in sockets[:5]]
    one_too_many = NativePlayer(sockets[5])
    await one_too_many.send("authenticate", {"token": player.token})
    refused = await one_too_many.receive()
    assert refused["type"] == "auth_failed"
    assert_limited(refused["data"], "too_many_connections", "connections_per_address=5")
    assert refused["data"]["retry_after_ms"] > 0
    await sockets[5].wait_closed()
    assert sockets[5].close_code == 4003
    client = FoundationPlayer(sockets[6])
    data = {"action": "authenticate", "token": player.token, "session_id": client.session_id}
    await sockets[6].send(client.frame("ai_alert", data, covered={"token": player.token}))
    refused = await client.receive("ai_alert")
    assert refused["data"]["action"] == "auth_failed"
    assert_limited(refused["data"], "too_many_connections", "connections_per_address=5")
    await sockets[6].wait_closed()
    assert sockets[6].close_code == 1000
    for native in natives:
        assert (await native.ask("ping", {}))["type"] == "pong"
    for socket in sockets:
        await socket.close()
    async with connect(url(server)) as socket:
        await NativePlayer.authenticate(socket, player.token)


async def test_change_of_role_at_the_command_line_reaches_open_connections(
    server: Server, http: httpx.AsyncClient, player: RestPlayer, tmp_path: Path
) -> None:
    admin = await an_admin(server, http, tmp_path)
    name = player.grant["username"]
    await answer(server, "admin", "role", name, "service", "--as", admin)
    await player.sign_in_again()
    sockets = [await connect(url(server)) for _ in range(7)]
    natives = [await NativePlayer.authenticate(socket, player.token) for socket in sockets]
    await answer(server, "admin", "role", name, "player", "--as", admin)
    async with asyncio.timeout(30):
        for socket in sockets[5:]:
            await socket.wait_closed()
    assert [socket.close_code for socket in sockets] == [None] * 5 + [4003] * 2
    assert (await natives[0].ask("ping", {}))["type"] == "pong"
    for socket in sockets:
        await socket.close()
