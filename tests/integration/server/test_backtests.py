"""Backtests on a running server: in a process of their own, kept over a restart."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import psutil
import pytest
from tests.integration.server.players import RestPlayer
from tests.integration.server.process import Server, running_for_a_while

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

BACKTESTS = "/trading/automation/backtests"
RULES = "/trading/automation/rules"
ALWAYS = {"type": "price_above", "value": 0, "comparison": "greater_than"}
TICKS = 1_500
WAIT_SECONDS_MAX = 90.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server whose game minutes pass sixty times as fast as by default."""
    settings = {"SECTORWARS_TIME_SCALE": "3600", "SECTORWARS_LOG_FORMAT": "json"}
    with running_for_a_while(settings) as server:
        yield server


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture
async def player(http: httpx.AsyncClient) -> RestPlayer:
    player = await RestPlayer.register(http)
    await until(lambda: _tick(http), TICKS)
    return player


async def _tick(http: httpx.AsyncClient) -> int:
    tick = (await http.get("/api/v1/status")).json()["tick"]
    assert isinstance(tick, int)
    return tick


async def until(read: Any, least: int) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while await read() < least:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


async def ended(player: RestPlayer, backtest_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        shown = await player.read(f"{BACKTESTS}/{backtest_id}")
        if shown["status"] in {"done", "failed"}:
            return shown
        assert time.monotonic() < deadline, shown
        await asyncio.sleep(0.05)


async def begin(player: RestPlayer, **changes: Any) -> dict[str, Any]:
    rule = {
        "name": "Trade at once",
        "commodity": await player.cheapest_good(),
        "buyConditions": [ALWAYS],
        "sellConditions": [ALWAYS],
        "riskLevel": "moderate",
        "maxInvestment": 2_000,
    }
    answer = await player.post(BACKTESTS, {"rule": rule, **changes})
    assert answer.status_code == 202, answer.text
    begun: dict[str, Any] = answer.json()
    return begun


async def interrupted(player: RestPlayer, backtest_id: str) -> bool:
    """Tell whether a backtest has already failed because its server ended."""
    shown = await player.read(f"{BACKTESTS}/{backtest_id}")
    return shown["status"] == "failed" and shown["failure"]["code"] == "backtest_interrupted"


async def one_at_work(server: Server) -> list[psutil.Process]:
    """Wait for the process of a backtest."""
    deadline = time.monotonic() + 10
    while not (running := workers(server)):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    return running


def workers(server: Server) -> list[psutil.Process]:
    """Return the processes of backtests that the server has."""
    return [
        child
        for child in server.alive.children(recursive=True)
        if any("backtest_worker" in part for part in child.cmdline())
    ]


async def test_a_backtest_is_run_beside_the_server_and_outlives_it(
    server: Server, http: httpx.AsyncClient, player: RestPlayer
) -> None:
    logged_before = len(server.log.read_text())
    begun = await begin(player)
    shown = await ended(player, begun["backtest_id"])
    assert shown["status"] == "done", shown
    server.wait_for_log("backtest_ended")
    # Its process writes to the server's standard error, and has nothing to say there.
    lines = [json.loads(line) for line in server.log.read_text()[logged_before:].splitlines()]
    assert {line["level"] for line in lines} == {"info"}, lines
    (end,) = [line for line in lines if line["event"] == "backtest_ended"]
    assert (end["backtest_id"], end["outcome"]) == (begun["backtest_id"], "done")
    assert end["ticks"] == shown["headline"]["span"]["ticks"]
    assert end["seconds"] > 0
    assert shown["headline"]["span"]["ticks"] >= TICKS
    assert 2 <= len(shown["result"]["equity"]) <= 500
    sides = [traded["trade"]["side"] for traded in shown["result"]["trades"]]
    assert sides[0] == "buy"
    assert workers(server) == []
    server.kill()
    server.start()
    again = await player.read(f"{BACKTESTS}/{begun['backtest_id']}")
    assert again == shown


async def test_what_a_rule_did_live_is_what_its_backtest_does(
    http: httpx.AsyncClient, player: RestPlayer
) -> None:
    good = await player.cheapest_good()
    rule = {
        "name": "Live and tested",
        "commodity": good,
        "buyConditions": [ALWAYS],
        "sellConditions": [],
        "riskLevel": "moderate",
        "maxInvestment": 2_000,
    }
    stake = (await player.state())["credits"]
    rule_id = (await player.post(RULES, rule)).json()["id"]
    await player.perform(f"{RULES}/{rule_id}/toggle", {"active": True})
    await player.perform("/trading/automation/toggle", {"active": True})

    async def trades() -> int:
        return len((await player.read("/trading/history"))["items"])

    await until(trades, 1)
    start = await _tick(http)
    await until(lambda: _tick(http), start + 100)
    (lived,) = (await player.read("/trading/history"))["items"]
    answer = await player.post(
        BACKTESTS, {"rule_ids": [rule_id], "from": _minute_before(lived), "credits": stake}
    )
    assert answer.status_code == 202, answer.text
    shown = await ended(player, answer.json()["backtest_id"])
    assert shown["status"] == "done", shown
    (traded,) = shown["result"]["trades"]
    assert {**traded["trade"], "trade_id": None} == {**lived, "trade_id": None}


def _minute_before(trade: dict[str, Any]) -> str:
    at = datetime.fromisoformat(trade["game_time"]) - timedelta(minutes=1)
    return at.isoformat()


async def test_a_backtest_that_is_deleted_or_stopped_leaves_no_process(
    server: Server, player: RestPlayer, http: httpx.AsyncClient
) -> None:
    begun = await begin(player)
    path = f"/api/v1{BACKTESTS}/{begun['backtest_id']}"
    headers = {"Authorization": f"Bearer {player.token}"}
    assert (await http.delete(path, headers=headers)).status_code == 204
    assert (await http.get(path, headers=headers)).status_code == 404
    deadline = time.monotonic() + 10
    while workers(server):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    begun = await begin(player)
    running = await one_at_work(server)
    # Held back, so that it is not done before the server is.
    for worker in running:
        worker.suspend()
    server.stop()
    assert not any(worker.is_running() for worker in running)
    server.start()
    assert await interrupted(player, begun["backtest_id"])


async def test_a_killed_server_leaves_no_process_and_says_what_was_lost(
    server: Server, player: RestPlayer
) -> None:
    begun = await begin(player)
    running = await one_at_work(server)
    server.kill()
    psutil.wait_procs(running, timeout=10)
    assert not any(worker.is_running() for worker in running)
    server.start()
    assert await interrupted(player, begun["backtest_id"])
    # It is in nobody's way.
    again = await begin(player)
    assert (await ended(player, again["backtest_id"]))["status"] == "done"
