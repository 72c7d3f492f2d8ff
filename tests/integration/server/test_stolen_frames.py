"""Frames and tokens in the wrong hands: recorded, repeated, reordered, on another's path."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from tests.integration.server.players import FoundationPlayer, NativePlayer, RestPlayer
from tests.integration.server.process import Server
from websockets.asyncio.client import ClientConnection, connect

pytestmark = pytest.mark.postgres

Open = Callable[..., Awaitable[ClientConnection]]


@pytest.fixture
async def dial(server: Server) -> AsyncIterator[Open]:
    """Opens WebSockets, by default where the token says whose they are."""
    async with AsyncExitStack() as stack:

        async def opened(path: str = "realtime") -> ClientConnection:
            address = f"ws://127.0.0.1:{server.port}/ws/{path}"
            return await stack.enter_async_context(connect(address))

        yield opened


async def order_of(player: RestPlayer) -> dict[str, Any]:
    good = await player.cheapest_good()
    return {"command_id": "c-1", "side": "buy", "commodity": good, "quantity": 1}


async def refusal_of(native: NativePlayer, text: str) -> str:
    await native.socket.send(text)
    code = (await native.receive_type("error"))["data"]["code"]
    assert isinstance(code, str)
    return code


async def test_frame_of_one_connection_is_worth_nothing_on_another(
    dial: Open, player: RestPlayer
) -> None:
    order = await order_of(player)
    recorded = await NativePlayer.authenticate(await dial(), player.token)
    text = recorded.frame("execute_trade", order)
    other = await NativePlayer.authenticate(await dial(), player.token)
    assert await refusal_of(other, text) == "session_mismatch"
    # A thief may call his session by the same name; the key is the connection's own.
    namesake = NativePlayer(await dial())
    namesake.session_id = recorded.session_id
    await namesake.send("authenticate", {"token": player.token})
    assert (await namesake.receive())["type"] == "auth_success"
    assert await refusal_of(namesake, text) == "invalid_signature"
    assert (await player.state())["credits"] == 50_000
    await recorded.socket.send(text)
    assert (await recorded.receive())["type"] == "trade_executed"


async def test_frames_act_once_and_in_their_order(dial: Open, player: RestPlayer) -> None:
    order = await order_of(player)
    native = await NativePlayer.authenticate(await dial(), player.token)
    late = native.frame("execute_trade", {**order, "command_id": "late"})
    first = native.frame("execute_trade", order)
    await native.socket.send(first)
    assert (await native.receive())["type"] == "trade_executed"
    for text in (first, late):
        assert await refusal_of(native, text) == "counter_not_rising"
    bought = {order["commodity"]: 1}
    assert (await player.state())["ship"]["cargo"] == bought
    # What was refused may be sent again, sealed anew, under its id.
    assert (await native.ask("execute_trade", order))["type"] == "trade_executed"
    assert (await player.state())["ship"]["cargo"] == bought


@pytest.mark.parametrize("member", ["quantity", "command_id", "side", "commodity"])
async def test_no_member_of_an_order_can_be_changed_on_its_way(
    dial: Open, player: RestPlayer, member: str
) -> None:
    native = await NativePlayer.authenticate(await dial(), player.token)
    frame = json.loads(native.frame("execute_trade", await order_of(player)))
    changed = {"quantity": 2, "command_id": "c-2", "side": "sell", "commodity": "fuel"}
    frame["data"][member] = changed[member]
    assert await refusal_of(native, json.dumps(frame)) == "invalid_signature"
    assert (await player.state())["credits"] == 50_000


async def test_path_of_another_player_is_closed(
    http: httpx.AsyncClient, dial: Open, player: RestPlayer
) -> None:
    other = await RestPlayer.register(http)
    native = NativePlayer(await dial(other.grant["player_id"]))
    await native.send("authenticate", {"token": player.token})
    answer = await native.receive()
    assert (answer["type"], answer["data"]["code"]) == ("auth_failed", "player_mismatch")
    await native.socket.wait_closed()
    assert native.socket.close_code == 4502
    foundation = FoundationPlayer(await dial(other.grant["player_id"]))
    data = {"action": "authenticate", "token": player.token, "session_id": foundation.session_id}
    covered = {"token": player.token}
    await foundation.socket.send(foundation.frame("ai_alert", data, covered=covered))
    refused = (await foundation.receive("ai_alert"))["data"]
    assert (refused["action"], refused["code"]) == ("auth_failed", "player_mismatch")
    await foundation.socket.wait_closed()
    assert foundation.socket.close_code == 1000


async def test_token_of_another_player_changes_nothing_in_band(
    http: httpx.AsyncClient, dial: Open, player: RestPlayer
) -> None:
    other = await RestPlayer.register(http)
    native = await NativePlayer.authenticate(await dial(), player.token)
    answer = await native.ask("authenticate", {"token": other.token})
    assert (answer["type"], answer["data"]["code"]) == ("auth_failed", "player_mismatch")
    subscribed = await native.ask("subscribe", {"channels": ["account"]})
    (channel,) = subscribed["data"]["channels"]
    assert channel["snapshot"]["player_id"] == player.grant["player_id"]


async def test_signing_out_ends_every_connection_of_the_session_and_no_other(
    dial: Open, player: RestPlayer
) -> None:
    ended = [await NativePlayer.authenticate(await dial(), player.token) for _ in range(2)]
    foundation = await FoundationPlayer.authenticate(await dial(), player.token)
    first_token = player.token
    await player.sign_in_again()
    kept = await NativePlayer.authenticate(await dial(), player.token)
    player.grant = {**player.grant, "access_token": first_token}
    assert (await player.post("/auth/logout")).status_code in {200, 204}
    for native in ended:
        await native.socket.wait_closed()
        assert native.socket.close_code == 4501
    await foundation.socket.wait_closed()
    assert foundation.socket.close_code == 1000
    assert (await kept.ask("ping", {}))["type"] == "pong"
    late = NativePlayer(await dial())
    await late.send("authenticate", {"token": first_token})
    answer = await late.receive()
    assert (answer["type"], answer["data"]["code"]) == ("auth_failed", "session_revoked")
