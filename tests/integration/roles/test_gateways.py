"""Players at two gateways of one engine: whatever they do at one holds at the other."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.roles.doors import Doors, shows_a_trade, signals_until, until
from tests.integration.roles.installation import MESSAGE_RATE, Installation, installed
from tests.integration.server.players import (
    PASSWORD,
    FoundationPlayer,
    NativePlayer,
    RestPlayer,
)
from tests.integration.server.process import run_command
from tests.redis_server import RedisServer
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosedError

from sectorwars.protocol.close_codes import CloseCode
from sectorwars.sdk.keyring import Keyring

pytestmark = [pytest.mark.redis, pytest.mark.timeout(300)]

MESSAGES = 150


@pytest.fixture(scope="module")
def place(module_database_url: str) -> Iterator[Installation]:
    with RedisServer() as redis, installed(module_database_url, redis.url) as place:
        yield place


@pytest.fixture
async def doors(place: Installation) -> AsyncIterator[Doors]:
    async with Doors.of(place) as doors:
        yield doors


async def drained(socket: ClientConnection, seconds: float) -> list[dict[str, Any]]:
    """Return what comes in so many seconds."""
    texts = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                texts.append(await socket.recv())
    return [json.loads(text) for text in texts]


async def resting_order(player: RestPlayer) -> dict[str, Any]:
    """Return an order that nobody fills."""
    good = await player.cheapest_good()
    (shown,) = [each for each in await player.port_goods() if each["commodity"] == good]
    limit = shown["bid_price"] // 2
    return {"side": "buy", "commodity": good, "quantity": 1, "limit_price": limit}


async def test_a_trade_at_one_gateway_is_at_once_at_the_other(doors: Doors) -> None:
    here, there = await doors.newcomer()
    good = await here.cheapest_good()
    port = f"port.{(await here.state())['docked_port_id']}"
    async with doors.socket(1) as socket:
        player = await NativePlayer.authenticate(socket, there.token)
        subscribed = await player.ask("subscribe", {"channels": ["account", port]})
        offsets = {at["channel"]: at["offset"] for at in subscribed["data"]["channels"]}
        order = {"commodity": good, "quantity": 3, "command_id": "c-1"}
        receipt = await here.perform("/trading/buy", order)
        # Who has been answered at one finds at the other what he was told, not later than frames.
        signals = await signals_until(player, shows_a_trade)
        assert await there.state() == await here.state()
    assert signals[-1]["data"]["trade"] == receipt["trade"]
    assert signals[0]["offset"] == offsets["account"] + 1
    # The engine's signature holds against the keys that either gateway publishes.
    for http in doors.http:
        keyring = Keyring()
        keyring.load((await http.get("/.well-known/jwks.json")).json())
        keyring.check(signals[-1])
    assert (await there.get("/trading/commands/c-1")).json() == receipt
    assert await there.perform("/trading/buy", order) == receipt


async def test_a_reader_of_one_gateway_goes_on_at_the_other(doors: Doors) -> None:
    here, there = await doors.newcomer()
    good = await here.cheapest_good()
    async with doors.socket(0) as socket:
        player = await NativePlayer.authenticate(socket, here.token)
        subscribed = await player.ask("subscribe", {"channels": ["account"]})
        (at,) = subscribed["data"]["channels"]
    missed = await here.perform("/trading/buy", {"commodity": good, "quantity": 1})
    position = {name: at[name] for name in ("channel", "epoch", "offset")}
    async with doors.socket(1) as socket:
        data = {"token": there.token, "positions": [position], "commands": []}
        player = NativePlayer(socket)
        await player.send("resume", data)
        resumed = await player.receive_type("resumed")
        (outcome,) = resumed["data"]["channels"]
        assert outcome["outcome"] == "replay"
        replayed = await signals_until(player, shows_a_trade)
    assert replayed[-1]["data"]["trade"] == missed["trade"]
    assert replayed[0]["offset"] == at["offset"] + 1


async def test_a_channel_that_does_not_exist_is_refused_at_once(doors: Doors) -> None:
    here, _ = await doors.newcomer()
    async with doors.socket(0) as socket:
        player = await NativePlayer.authenticate(socket, here.token)
        async with asyncio.timeout(2):
            answer = await player.ask("subscribe", {"channels": ["port.nowhere"]})
    assert answer["data"]["code"] == "unknown_channel"


async def test_who_signs_out_at_one_gateway_is_signed_out_at_the_other(doors: Doors) -> None:
    here, there = await doors.newcomer()
    async with doors.socket(1) as socket:
        await NativePlayer.authenticate(socket, there.token)
        assert (await here.post("/auth/logout")).status_code == 204
        await socket.wait_closed()
    assert socket.close_code == CloseCode.SESSION_REVOKED
    refused = await there.get("/player/state")
    assert (refused.status_code, refused.json()["code"]) == (401, "session_revoked")


async def test_quotes_and_orders_are_the_same_at_both(doors: Doors) -> None:
    here, there = await doors.newcomer()
    good = await here.cheapest_good()
    wanted = {"side": "buy", "commodity": good, "quantity": 2}
    quote = (await here.perform("/trading/quotes", wanted))["quote"]
    order = {"commodity": good, "quantity": 2, "quote_id": quote["quote_id"]}
    bought = await there.perform("/trading/buy", order)
    assert bought["trade"]["fills"] == quote["fills"]
    placed = (await there.perform("/trading/orders", await resting_order(here)))["order"]
    (shown,) = (await here.read("/trading/orders"))["items"]
    assert shown["order_id"] == placed["order_id"]


async def test_an_order_ends_once_its_owner_is_connected_nowhere(doors: Doors) -> None:
    here, there = await doors.newcomer()
    async with doors.socket(1) as socket:
        await NativePlayer.authenticate(socket, there.token)
        resting = await resting_order(here)
        wanted = {**resting, "cancel_on_disconnect": True}
        order = (await here.perform("/trading/orders", wanted))["order"]
        # Longer than the grace: it is the connection at the other gateway that keeps it.
        await asyncio.sleep(4)
        assert await is_open(here, order)
    await until(lambda: is_closed(here, order))


async def is_open(player: RestPlayer, order: dict[str, Any]) -> bool:
    (shown,) = (await player.read("/trading/orders"))["items"]
    assert shown["order_id"] == order["order_id"]
    return shown["close_reason"] is None


async def is_closed(player: RestPlayer, order: dict[str, Any]) -> bool:
    return not await is_open(player, order)


async def test_alerts_are_set_at_one_shown_at_the_other_and_fired_by_the_engine(
    doors: Doors,
) -> None:
    here, there = await doors.newcomer()
    async with doors.socket(1) as socket:
        player = await NativePlayer.authenticate(socket, there.token)
        await player.ask("subscribe", {"channels": ["account"]})
        wanted = {"commodity": "ore", "condition": "price_above", "value": 1}
        alert = await here.post("/alerts", wanted)
        assert alert.status_code == 201, alert.text
        await signals_until(player, lambda data: data.get("title") == "ore above 1")

    async def is_spent_everywhere() -> bool:
        listed = [await each.read("/alerts") for each in (here, there)]
        return [alert["armed"] for alerts in listed for alert in alerts["set"]] == [False, False]

    await until(is_spent_everywhere)
    alert_id = alert.json()["alert_id"]
    http, headers = doors.http[1], {"Authorization": f"Bearer {there.token}"}
    deleted = await http.delete(f"/api/v1/alerts/{alert_id}", headers=headers)
    assert deleted.status_code == 204

    async def is_gone() -> bool:
        return (await here.read("/alerts"))["set"] == []

    await until(is_gone)


async def test_a_talk_with_aria_goes_on_at_the_other_gateway_and_is_confirmed_there(
    doors: Doors,
) -> None:
    here, there = await doors.newcomer()
    good = await here.cheapest_good()
    answer = await here.perform("/aria/messages", {"message": f"buy 2 {good}"})
    (proposal,) = answer["proposals"]
    path = f"/aria/proposals/{proposal['proposal_id']}/confirm"
    confirmed = await there.perform(path)
    assert confirmed["trade"]["quantity"] == 2
    # Confirmed at both, it is executed once.
    assert await here.perform(path) == confirmed
    more = {"message": "how am I doing?", "conversation_id": answer["conversation_id"]}
    assert (await there.perform("/aria/messages", more))["conversation_id"] == (
        answer["conversation_id"]
    )


async def test_a_foundation_client_finds_what_it_followed_at_the_other_gateway(
    doors: Doors,
) -> None:
    here, there = await doors.newcomer()
    async with doors.socket(0) as left:
        client = await FoundationPlayer.authenticate(left, here.token)
        data = {
            "type": "subscribe",
            "channel": "market_data",
            "commodities": ["energy"],
            "real_time": True,
        }
        await left.send(client.frame("market_update", data))
        assert (await client.receive("market_update"))["data"]["commodity"] == "energy"
        # What it follows is written down once a second.
        await asyncio.sleep(2.5)
        async with doors.socket(1) as socket:
            back = FoundationPlayer(socket)
            back.session_id = client.session_id
            data = {
                "action": "authenticate",
                "token": there.token,
                "session_id": client.session_id,
            }
            await socket.send(back.frame("ai_alert", data, covered={"token": there.token}))
            assert (await back.receive("ai_alert"))["data"]["action"] == "auth_success"
            assert (await back.receive("market_update"))["data"]["commodity"] == "energy"
            good = await here.cheapest_good()
            await socket.send(back.order("buy", good, 1))
            signal = await back.receive("trading_signal")
            assert signal["data"]["trade"]["commodity"] == good
            # The connection that it left has fallen silent.
            silent = await drained(left, 2.5)
            assert "trading_signal" not in {frame["type"] for frame in silent}


async def test_a_player_has_his_messages_a_second_over_all_gateways(doors: Doors) -> None:
    here, there = await doors.newcomer()
    async with doors.socket(0) as one, doors.socket(1) as other:
        players = [
            await NativePlayer.authenticate(one, here.token),
            await NativePlayer.authenticate(other, there.token),
        ]
        # Each has heard by now that there are two.
        await asyncio.sleep(1)
        begun = time.monotonic()
        for _ in range(MESSAGES):
            for player in players:
                await player.send("unsubscribe", {"channels": ["pulse"]})
        answers = [await player.receive() for player in players for _ in range(MESSAGES)]
        seconds = time.monotonic() - begun
    refused = [answer for answer in answers if answer["type"] == "error"]
    assert {answer["data"]["code"] for answer in refused} == {"message_rate_exceeded"}
    assert len(answers) - len(refused) <= MESSAGE_RATE * (1 + seconds) + 2


async def test_who_is_online_is_counted_over_both(doors: Doors) -> None:
    here, there = await doors.newcomer()

    async def online(expected: int) -> bool:
        answers = [await http.get("/api/v1/status") for http in doors.http]
        return [answer.json()["players_online"] for answer in answers] == [expected, expected]

    await until(lambda: online(0))
    async with doors.socket(0) as one, doors.socket(1) as other:
        await NativePlayer.authenticate(one, here.token)
        await NativePlayer.authenticate(other, there.token)
        await until(lambda: online(1))
        stranger, _ = await doors.newcomer()
        async with doors.socket(1) as third:
            await NativePlayer.authenticate(third, stranger.token)
            await until(lambda: online(2))


async def an_admin(place: Installation, database_url: str, folder: Path) -> str:
    name = f"admin_{uuid.uuid4().hex[:8]}"
    file = folder / "password"
    file.write_text(PASSWORD)
    options = ("--password-file", str(file), "--data-dir", str(place.engine.data_dir))
    made = await asyncio.to_thread(
        run_command, "admin", "create", name, *options, "--database-url", database_url
    )
    assert made.returncode == 0, made.stderr
    return name


async def test_connections_of_both_gateways_are_listed_explained_and_closed_at_one(
    place: Installation, doors: Doors, module_database_url: str, tmp_path: Path
) -> None:
    name = await an_admin(place, module_database_url, tmp_path)
    body = {"username": name, "password": PASSWORD}
    signed_in = await doors.http[0].post("/api/v1/auth/login", json=body)
    operator = RestPlayer(doors.http[0], signed_in.json())
    here, there = await doors.newcomer()
    path = f"/admin/connections?player={here.grant['player_id']}"

    async def shown() -> list[dict[str, Any]]:
        connections: list[dict[str, Any]] = (await operator.read(path))["connections"]
        return connections

    async def both_are_shown() -> bool:
        # Until each has heard that the other is there.
        return len(await shown()) == 2

    async with doors.socket(0) as one, doors.socket(1) as other:
        await NativePlayer.authenticate(one, here.token)
        (near,) = await shown()
        line = await NativePlayer.authenticate(other, there.token)
        await until(both_are_shown)
        page = await operator.read(path)
        assert (len(page["gateways"]), page["silent"]) == (2, [])
        assert page["gateways"] == sorted(page["gateways"])
        (far,) = {each["connection_id"] for each in page["connections"]} - {near["connection_id"]}
        whole = await operator.read(f"/admin/connections/{far}")
        assert far.startswith(whole["gateway"])
        assert not near["connection_id"].startswith(whole["gateway"])
        await operator.perform(f"/admin/connections/{far}/close", {"reason": "a probe"})
        with pytest.raises(ConnectionClosedError):
            await line.receive_type("nothing")
        assert other.close_code == CloseCode.CLOSED_BY_OPERATOR
        gone = await operator.read(f"/admin/connections/{far}")
        assert (gone["open"], gone["closed"]["closed_by"]) == (None, "server")


async def test_a_backtest_begun_at_one_gateway_is_followed_at_the_other(doors: Doors) -> None:
    here, there = await doors.newcomer()
    condition = {"type": "price_above", "value": 0, "comparison": "greater_than"}
    rule = {
        "name": "At once",
        "commodity": await here.cheapest_good(),
        "buyConditions": [condition],
        "sellConditions": [],
        "riskLevel": "moderate",
        "maxInvestment": 1_000,
    }
    root = "/trading/automation/backtests"
    begun = await here.post(root, {"rule": rule})
    if begun.status_code == 409:
        # This galaxy is younger than a game hour, and says when it will not be.
        await asyncio.sleep(begun.json()["retry_after_ms"] / 1_000 + 1)
        begun = await here.post(root, {"rule": rule})
    assert begun.status_code == 202, begun.text
    path = f"{root}/{begun.json()['backtest_id']}"

    async def over() -> bool:
        return (await there.read(path))["status"] in {"done", "failed"}

    await until(over)
    shown = await there.read(path)
    assert (shown["status"], shown["headline"]["trades_count"]) == ("done", 1)
    assert [one["backtest_id"] for one in (await there.read(root))["items"]] == [
        shown["backtest_id"]
    ]
    again = await there.post(root, {"rule": rule})
    assert again.status_code == 202, again.text
