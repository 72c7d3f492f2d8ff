"""What Prometheus is told of the writer's work."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.integration.server.players import NativePlayer, RestPlayer
from tests.integration.server.process import Server
from websockets.asyncio.client import connect

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]

WAIT_SECONDS_MAX = 10.0
POLL_SECONDS = 0.05


async def sample(http: httpx.AsyncClient, name: str, **labels: str) -> float:
    """Return a metric's value, 0 where it has none yet."""
    text = (await http.get("/metrics")).text
    return sum(
        found.value
        for family in text_string_to_metric_families(text)
        for found in family.samples
        if (found.name, found.labels) == (name, labels)
    )


async def test_each_decision_is_counted_by_status_and_code(
    http: httpx.AsyncClient, player: RestPlayer
) -> None:
    async def decisions() -> tuple[float, float]:
        name = "sectorwars_decisions_total"
        return (
            await sample(http, name, status="executed", code="ok"),
            await sample(http, name, status="rejected", code="insufficient_hold"),
        )

    executed, rejected = await decisions()
    commodity = await player.cheapest_good()
    headers = {"Idempotency-Key": "counted-once"}
    for _ in range(2):
        answer = await player.post("/trading/buy", {"commodity": commodity, "quantity": 1}, headers)
        assert answer.status_code == 200
    refused = await player.post("/trading/buy", {"commodity": commodity, "quantity": 150})
    assert refused.json()["code"] == "insufficient_hold"
    assert await decisions() == (executed + 1, rejected + 1)


async def test_the_inbox_fills_while_the_database_is_slow(
    server: Server, http: httpx.AsyncClient, player: RestPlayer
) -> None:
    order = {"commodity": await player.cheapest_good(), "quantity": 1}
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    waiting: list[asyncio.Task[httpx.Response]] = []
    with server.paused_database():
        # The writer takes what is there and waits for the database; what comes later stays.
        while await sample(http, "sectorwars_inbox_depth") < 2:
            assert time.monotonic() < deadline
            waiting.append(asyncio.create_task(player.post("/trading/buy", order)))
            await asyncio.sleep(POLL_SECONDS)
    answers = await asyncio.gather(*waiting)
    assert {answer.status_code for answer in answers} == {200}
    assert await sample(http, "sectorwars_inbox_depth") == 0


async def test_events_orders_quotes_entries_and_denials_are_counted(
    http: httpx.AsyncClient, player: RestPlayer
) -> None:
    def readings() -> Any:
        return asyncio.gather(
            sample(http, "sectorwars_events_total", kind="order_placed"),
            sample(http, "sectorwars_events_total", kind="quote_issued"),
            sample(http, "sectorwars_open_orders"),
            sample(http, "sectorwars_live_quotes"),
            sample(http, "sectorwars_audit_entries_total", kind="registration"),
            sample(http, "sectorwars_denials_total", code="permission_denied"),
        )

    before = await readings()
    good = next(good for good in await player.port_goods() if good["buys"] and good["sells"])
    order = {"side": "buy", "commodity": good["commodity"], "quantity": 1}
    await player.perform("/trading/quotes", order)
    await player.perform("/trading/orders", {**order, "limit_price": good["bid_price"] - 5})
    await RestPlayer.register(http)
    assert (await player.get("/admin/audit")).status_code == 403
    after = await readings()
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1, 1, 1, 1]


async def test_connections_are_counted_by_dialect_and_deliveries_are_timed(
    server: Server, http: httpx.AsyncClient, player: RestPlayer
) -> None:
    name = "sectorwars_websocket_connections"
    native = await sample(http, name, dialect="native")
    delivered = await sample(http, "sectorwars_websocket_delivery_seconds_count")
    async with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as socket:
        line = await NativePlayer.authenticate(socket, player.token)
        assert await sample(http, name, dialect="native") == native + 1
        await line.ask("subscribe", {"channels": ["market.ore"]})
        await line.receive_type("market_update")
        assert await sample(http, "sectorwars_websocket_delivery_seconds_count") > delivered
    # The server has answered the closing handshake, so the connection has left.
    assert await sample(http, name, dialect="native") == native
