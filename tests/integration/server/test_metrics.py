"""What Prometheus is told of the writer's work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.integration.server.players import RestPlayer
from tests.integration.server.process import Server

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]

WAIT_SECONDS_MAX = 10.0
POLL_SECONDS = 0.05


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture
async def player(http: httpx.AsyncClient) -> RestPlayer:
    return await RestPlayer.register(http)


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
