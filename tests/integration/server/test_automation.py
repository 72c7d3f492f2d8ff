"""Rules on a running server: made, fired once over a kill, told to every door, explained."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest
from tests.integration.server.players import FoundationPlayer, NativePlayer, RestPlayer, real_now
from tests.integration.server.process import Server, run_command
from websockets.asyncio.client import connect

from sectorwars.domain.values import rfc3339
from sectorwars.persistence.postgres.cluster import running_dsn

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

RULES = "/trading/automation/rules"
WAIT_SECONDS_MAX = 60.0
POLL_SECONDS = 0.1
ALWAYS = {"type": "price_above", "value": 0, "comparison": "greater_than"}
PLAYER_LOCK = "SELECT FROM players WHERE player_id = $1 FOR UPDATE"
COMMITS_WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"


async def create(player: RestPlayer, commodity: str, **changes: Any) -> str:
    rule = {
        "name": f"Some {commodity}",
        "commodity": commodity,
        "buyConditions": [ALWAYS],
        "sellConditions": [],
        "riskLevel": "conservative",
        "maxInvestment": 1_000,
        **changes,
    }
    answer = await player.post(RULES, rule)
    assert answer.status_code == 201, answer.text
    rule_id = answer.json()["id"]
    assert isinstance(rule_id, str)
    return rule_id


async def activate(player: RestPlayer, rule_id: str) -> None:
    await player.perform(f"{RULES}/{rule_id}/toggle", {"active": True})
    await player.perform("/trading/automation/toggle", {"active": True})


async def traces(player: RestPlayer, rule_id: str) -> list[dict[str, Any]]:
    page = await player.read(f"{RULES}/{rule_id}/traces")
    items: list[dict[str, Any]] = page["items"]
    return items


async def until(player: RestPlayer, rule_id: str, enough: Callable[[Any], bool]) -> Any:
    """Return the rule's traces once they are as they shall be."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not enough(found := await traces(player, rule_id)):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(POLL_SECONDS)
    return found


async def trades(player: RestPlayer) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await player.read("/trading/history"))["items"]
    return items


async def ticks_pass(http: httpx.AsyncClient, count: int) -> None:
    """Wait until the rules have been judged `count` more times."""
    tick = (await http.get("/api/v1/status")).json()["tick"]
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while (await http.get("/api/v1/status")).json()["tick"] < tick + count:
        assert time.monotonic() < deadline
        await asyncio.sleep(POLL_SECONDS)


async def test_a_rule_fires_once_and_its_trace_says_why(
    http: httpx.AsyncClient, player: RestPlayer
) -> None:
    good = await player.cheapest_good()
    rule_id = await create(player, good)
    await activate(player, rule_id)
    (trace,) = await until(player, rule_id, bool)
    await ticks_pass(http, 3)
    (trade,) = await trades(player)
    assert (trade["side"], trade["commodity"]) == ("buy", good)
    assert trade["total_credits"] + trade["fees_credits"] <= 250
    assert (trace["verdict"], trace["side"], trace["quantity"]) == (
        "fired",
        "buy",
        trade["quantity"],
    )
    (condition,) = trace["conditions"]
    assert condition.pop("input") == trade["fills"][0]["price_credits"]
    assert condition == {**ALWAYS, "holds": True}
    assert trace["market_version"] == trade["market_version"] - 1
    caps = {cap["name"]: (cap["used"], cap["limit"]) for cap in trace["caps"]}
    assert caps == {
        "seconds_since_last_trade": (30, 30),
        "trades_in_an_hour": (0, 20),
        "loss_in_24_hours": (0, 500_000),
        "credits_in_a_trade": (trade["total_credits"], 100_000),
        "share_of_credits": (trade["total_credits"] + trade["fees_credits"], 5_000),
    }
    status = await player.read("/trading/automation/status")
    assert (status["isActive"], status["tradesExecuted"], status["rulesActive"]) == (True, 1, 1)
    assert status["lastAction"]["amount"] == trade["quantity"]
    assert "ask above 0" in status["lastAction"]["reasoning"]


async def test_a_rule_away_from_a_dock_is_blocked_and_says_so(
    http: httpx.AsyncClient, player: RestPlayer
) -> None:
    rule_id = await create(player, await player.cheapest_good())
    await player.perform("/trading/undock")
    await activate(player, rule_id)
    (trace,) = await until(player, rule_id, bool)
    await ticks_pass(http, 3)
    assert await traces(player, rule_id) == [trace]
    assert (trace["verdict"], trace["code"], trace["port_id"]) == ("blocked", "not_docked", None)
    assert len(trace["caps"]) == 3
    assert await trades(player) == []


async def test_the_second_trade_within_30_seconds_is_blocked(
    http: httpx.AsyncClient, player: RestPlayer
) -> None:
    good = await player.cheapest_good()
    first, second = await create(player, good), await create(player, good)
    await player.perform(f"{RULES}/{second}/toggle", {"active": True})
    await activate(player, first)
    (blocked,) = await until(player, second, bool)
    (fired,) = await traces(player, first)
    assert (fired["verdict"], blocked["code"]) == ("fired", "automation_cooldown")
    assert len(await trades(player)) == 1


async def test_nothing_trades_while_the_master_switch_is_off(
    http: httpx.AsyncClient, player: RestPlayer
) -> None:
    rule_id = await create(player, await player.cheapest_good())
    await player.perform(f"{RULES}/{rule_id}/toggle", {"active": True})
    await ticks_pass(http, 3)
    assert await traces(player, rule_id) == []
    assert await trades(player) == []
    await player.perform("/trading/automation/toggle", {"active": True})
    (trace,) = await until(player, rule_id, bool)
    assert trace["verdict"] == "fired"


async def test_a_kill_right_after_a_trigger_leaves_exactly_one_trade(
    server: Server, http: httpx.AsyncClient, player: RestPlayer
) -> None:
    rule_id = await create(player, await player.cheapest_good())
    await activate(player, rule_id)
    await until(player, rule_id, bool)
    server.kill()
    await asyncio.to_thread(server.start)
    await player.sign_in_again()
    fired = await until(player, rule_id, bool)
    await ticks_pass(http, 3)
    assert [trace["verdict"] for trace in fired] == ["fired"]
    assert await traces(player, rule_id) == fired
    assert len(await trades(player)) == 1
    status = await player.read("/trading/automation/status")
    assert (status["isActive"], status["tradesExecuted"], status["rulesActive"]) == (True, 1, 1)
    proven = await asyncio.to_thread(run_command, "verify", "--data-dir", str(server.data_dir))
    assert proven.returncode == 0, proven.stdout + proven.stderr


async def test_a_kill_between_trigger_and_commit_leaves_no_second_trade(
    server: Server, http: httpx.AsyncClient, player: RestPlayer
) -> None:
    rule_id = await create(player, await player.cheapest_good())
    dsn = running_dsn(server.data_dir)
    assert dsn is not None
    database = await asyncpg.connect(dsn)
    try:
        async with database.transaction():
            # A trade rewrites its player's row, switching automation does not: so the commit of
            # the trade that the rule triggers, and nothing before it, waits here.
            await database.fetch(PLAYER_LOCK, player.grant["player_id"])
            await activate(player, rule_id)
            deadline = time.monotonic() + WAIT_SECONDS_MAX
            while not await database.fetchval(COMMITS_WAITING):
                assert time.monotonic() < deadline
                await asyncio.sleep(POLL_SECONDS)
            assert await traces(player, rule_id) == []
            server.kill()
    finally:
        await database.close()
    await asyncio.to_thread(server.start)
    await player.sign_in_again()
    fired = await until(player, rule_id, bool)
    await ticks_pass(http, 3)
    assert [trace["verdict"] for trace in fired] == ["fired"]
    assert await traces(player, rule_id) == fired
    assert len(await trades(player)) == 1
    proven = await asyncio.to_thread(run_command, "verify", "--data-dir", str(server.data_dir))
    assert proven.returncode == 0, proven.stdout + proven.stderr


async def collect_signals(foundation: FoundationPlayer, count: int) -> list[dict[str, Any]]:
    """Collect what concerns automation; advice may be pushed at any moment between."""
    signals: list[dict[str, Any]] = []
    while len(signals) < count:
        data = (await foundation.receive("trading_signal"))["data"]
        if data["type"] in ("automation_update", "trade_executed", "trade_refused"):
            signals.append(data)
    return signals


async def account_update(native: NativePlayer) -> dict[str, Any]:
    """Return the next news of the player's own state."""
    while True:
        data: dict[str, Any] = (await native.receive_type("trading_signal"))["data"]
        if data["type"] == "account_update":
            return data


async def test_an_automated_trade_is_told_once_to_each_connection(
    server: Server, http: httpx.AsyncClient, player: RestPlayer
) -> None:
    good = await player.cheapest_good()
    rule_id = await create(player, good)
    await player.perform(f"{RULES}/{rule_id}/toggle", {"active": True})
    url = f"ws://127.0.0.1:{server.port}/ws/realtime"
    async with connect(url) as first, connect(url) as second:
        foundation = await FoundationPlayer.authenticate(first, player.token)
        native = await NativePlayer.authenticate(second, player.token)
        await native.ask("subscribe", {"channels": ["account"]})
        follow = {"type": "subscribe", "channel": "trading_signals"}
        await first.send(foundation.frame("trading_signal", follow))
        now = rfc3339(real_now())
        toggle = {"action": "toggle_automation", "active": True, "timestamp": now}
        await first.send(foundation.frame("trading_signal", toggle))

        answer, trade, update = await collect_signals(foundation, 3)

        assert (answer["type"], answer["status"]["isActive"]) == ("automation_update", True)
        assert trade["type"] == "trade_executed"
        assert (trade["trade"]["type"], trade["trade"]["commodity"]) == ("buy", good)
        assert trade["trade"]["reasoning"] == update["status"]["lastAction"]["reasoning"]
        assert f"Some {good}: ask above 0" in trade["trade"]["reasoning"]
        assert (update["type"], update["status"]["tradesExecuted"]) == ("automation_update", 1)
        switched = await account_update(native)
        assert (switched["trade"], switched["automation"]["isActive"]) == (None, True)
        told = await account_update(native)
        assert told["trade"]["commodity"] == good
        assert told["automation"]["tradesExecuted"] == 1
        # What comes next on either connection is the answer to this, and no second trade.
        off = await native.ask("automation_toggle", {"command_id": "off", "active": False})
        assert off["type"] == "automation_update"
        assert off["data"]["automation"]["isActive"] is False
        (last,) = await collect_signals(foundation, 1)
        assert (last["type"], last["status"]["isActive"]) == ("automation_update", False)
