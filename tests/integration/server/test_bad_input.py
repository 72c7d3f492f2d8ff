"""Bad input: a clear coded error, nothing changes, the connection lives."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.integration.server.players import FoundationPlayer, NativePlayer, RestPlayer
from tests.integration.server.process import Server
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from sectorwars.application.keys import TOKEN_KEY_FILE, load_signing_key

pytestmark = pytest.mark.postgres

BAD_QUANTITIES = [0, -1, 1.5, 10**30, "ten", "10", None, True, [], {}]
TOO_BIG = 10 * 1024 * 1024


@pytest.fixture
async def socket(server: Server) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as client:
        yield client


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["retry"] in {"never", "same_id", "new_id", "later"}


def resigned(player: RestPlayer, key: Ed25519PrivateKey, **claims: Any) -> str:
    """Return the player's token with other claims, signed by `key` under the server's key id."""
    header = jwt.get_unverified_header(player.token)
    genuine = jwt.decode(player.token, options={"verify_signature": False})
    return jwt.encode({**genuine, **claims}, key, algorithm="EdDSA", headers=header)


def expired_token(server: Server, player: RestPlayer) -> str:
    key = load_signing_key(server.data_dir / "keys" / TOKEN_KEY_FILE).private
    return resigned(player, key, iat=1_000_000, exp=1_000_900)


async def test_wrong_password(http: httpx.AsyncClient, player: RestPlayer) -> None:
    body = {"username": player.grant["username"], "password": "not the right one"}
    assert_problem(await http.post("/api/v1/auth/login", json=body), 401, "invalid_credentials")


async def test_tokens_that_are_none(
    server: Server, http: httpx.AsyncClient, player: RestPlayer
) -> None:
    forged = resigned(player, Ed25519PrivateKey.generate())
    unsigned = jwt.encode({"sub": player.grant["player_id"]}, "", algorithm="none")
    for token, code in (
        (expired_token(server, player), "token_expired"),
        (forged, "token_invalid"),
        (unsigned, "token_invalid"),
        ("nonsense", "token_invalid"),
    ):
        headers = {"Authorization": f"Bearer {token}"}
        answer = await http.get("/api/v1/player/state", headers=headers)
        assert_problem(answer, 401, code)
    assert_problem(await http.get("/api/v1/player/state"), 401, "token_missing")


@pytest.mark.parametrize("quantity", BAD_QUANTITIES, ids=repr)
async def test_quantities_over_rest(player: RestPlayer, quantity: Any) -> None:
    before = await player.state()
    order = {"commodity": await player.cheapest_good(), "quantity": quantity}
    for side in ("buy", "sell"):
        assert_problem(await player.post(f"/trading/{side}", order), 422, "invalid_quantity")
    assert await player.state() == before


async def test_orders_that_cannot_be_met_over_rest(player: RestPlayer) -> None:
    before = await player.state()
    good = await player.cheapest_good()
    for path, order, status, code in (
        ("/trading/buy", {"commodity": "unobtainium", "quantity": 1}, 404, "unknown_commodity"),
        ("/trading/buy", {"commodity": good, "quantity": 151}, 409, "insufficient_hold"),
        ("/trading/sell", {"commodity": good, "quantity": 1}, 409, "insufficient_cargo"),
        (
            "/trading/buy",
            {"commodity": good, "quantity": 1, "max_price": 1},
            409,
            "price_above_bound",
        ),
        ("/trading/dock", {"port_id": before["docked_port_id"]}, 409, "already_docked"),
        ("/trading/dock", {"port_id": "p9999"}, 404, "unknown_port"),
    ):
        assert_problem(await player.post(path, order), status, code)
    assert await player.state() == before


async def test_ports_where_the_ship_is_not_docked(player: RestPlayer) -> None:
    good = await player.cheapest_good()
    home = (await player.state())["docked_port_id"]
    await player.perform("/trading/undock")
    adrift = await player.state()
    for side in ("buy", "sell"):
        order = {"commodity": good, "quantity": 1}
        assert_problem(await player.post(f"/trading/{side}", order), 409, "not_docked")
    elsewhere = "p0000" if home != "p0000" else "p0001"
    answer = await player.post("/trading/dock", {"port_id": elsewhere})
    assert answer.json()["code"] in {"port_elsewhere", "unknown_port"}
    assert await player.state() == adrift


async def test_bodies_that_are_none(player: RestPlayer) -> None:
    before = await player.state()
    for body, status, code in (
        (b'{"commodity": "ore", "quantity": 1', 400, "malformed_json"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b"[]", 422, "invalid_request"),
        (b" " * TOO_BIG, 413, "request_too_large"),
    ):
        assert_problem(await player.post_bytes("/trading/buy", body), status, code)
    assert await player.state() == before


async def test_framework_errors_are_problems_too(http: httpx.AsyncClient) -> None:
    assert_problem(await http.get("/api/v1/no/such/path"), 404, "not_found")
    assert_problem(await http.delete("/api/v1/status"), 405, "method_not_allowed")


async def test_native_orders(socket: ClientConnection, player: RestPlayer) -> None:
    before = await player.state()
    good = await player.cheapest_good()
    native = await NativePlayer.authenticate(socket, player.token)
    order = {"command_id": "c", "side": "buy", "commodity": good, "quantity": 1}
    refused: list[tuple[dict[str, Any], str]] = [
        ({"commodity": "unobtainium"}, "unknown_commodity"),
        ({"quantity": 0}, "invalid_quantity"),
        ({"quantity": -1}, "invalid_quantity"),
        ({"quantity": 10**12}, "invalid_quantity"),
        ({"quantity": 1.5}, "invalid_quantity"),
        ({"quantity": "ten"}, "invalid_quantity"),
        ({"quantity": None}, "invalid_quantity"),
        ({"side": "steal"}, "invalid_request"),
    ]
    for serial, (change, code) in enumerate(refused):
        answer = await native.ask("execute_trade", {**order, "command_id": f"c{serial}", **change})
        assert (answer["type"], answer["data"]["code"]) == ("error", code)
        assert answer["data"]["reason"]
    assert (await native.ask("ping", {}))["type"] == "pong"
    assert await player.state() == before


async def test_native_frames_that_are_none(socket: ClientConnection, player: RestPlayer) -> None:
    native = await NativePlayer.authenticate(socket, player.token)
    order = {"command_id": "c", "side": "buy", "commodity": "ore", "quantity": 1}
    before = await player.state()
    for text, code in (
        ("{", "malformed_frame"),
        ("[]", "malformed_frame"),
        (json.dumps({"type": "ping"}), "invalid_request"),
        (native.frame("execute_trade", order, signature="0" * 64), "invalid_signature"),
        (native.frame("execute_trade", order, counter=0), "counter_not_rising"),
        (native.frame("execute_trade", order, session_id="other"), "session_mismatch"),
        (
            native.frame("execute_trade", order, timestamp="2001-01-01T00:00:00Z"),
            "stale_timestamp",
        ),
        (native.frame("conquer", {}), "unknown_request"),
    ):
        await socket.send(text)
        assert (await native.receive_type("error"))["data"]["code"] == code
    await socket.send(b"\x00\x01")
    assert (await native.receive_type("error"))["data"]["code"] == "binary_not_supported"
    assert (await native.ask("ping", {}))["type"] == "pong"
    assert await player.state() == before


async def test_frame_of_ten_megabytes_ends_its_connection_alone(
    server: Server, socket: ClientConnection, player: RestPlayer
) -> None:
    native = await NativePlayer.authenticate(socket, player.token)
    async with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as other:
        await NativePlayer.authenticate(other, player.token)
        # It is cut off before all of it has been sent.
        with contextlib.suppress(ConnectionClosed):
            await other.send("x" * TOO_BIG)
        await other.wait_closed()
        assert other.close_code == 1009
    assert (await native.ask("ping", {}))["type"] == "pong"


async def test_sockets_without_a_good_token(
    server: Server, socket: ClientConnection, player: RestPlayer
) -> None:
    native = NativePlayer(socket)
    await native.send("subscribe", {"channels": ["market.ore"]})
    assert (await native.receive())["data"]["code"] == "not_authenticated"
    await native.send("authenticate", {"token": expired_token(server, player)})
    answer = await native.receive()
    assert (answer["type"], answer["data"]["code"]) == ("auth_failed", "token_expired")
    await socket.wait_closed()
    assert socket.close_code == 4502


@pytest.mark.parametrize("amount", [0, -1, 1.5, "ten", None], ids=repr)
async def test_foundation_amounts(
    socket: ClientConnection, player: RestPlayer, amount: Any
) -> None:
    before = await player.state()
    client = await FoundationPlayer.authenticate(socket, player.token)
    await socket.send(client.order("buy", "organics", amount))
    data = (await client.receive("trading_signal"))["data"]
    assert data["type"] == "trade_refused"
    assert data["code"] in {"invalid_quantity", "invalid_request"}
    assert data["reason"]
    assert "commodity" not in data
    await socket.send(client.frame("ai_alert", {"action": "ping"}))
    assert (await client.receive("ai_alert"))["data"] == {"action": "pong"}
    assert await player.state() == before


async def test_foundation_frame_with_a_wrong_digest(
    socket: ClientConnection, player: RestPlayer
) -> None:
    before = await player.state()
    client = await FoundationPlayer.authenticate(socket, player.token)
    order = json.loads(client.order("buy", "organics", 1))
    order["data"]["command"]["amount"] = 100
    await socket.send(json.dumps(order))
    data = (await client.receive("trading_signal"))["data"]
    assert (data["type"], data["code"]) == ("trade_refused", "invalid_signature")
    assert await player.state() == before


async def test_foreign_page_cannot_open_a_socket(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        answer = await http.get(
            "/ws/realtime",
            headers={
                "Origin": "https://evil.example",
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version": "13",
            },
        )
    assert answer.status_code == 403
    assert answer.json()["code"]
