"""Who may read the metrics, and what the log says of a refused request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from tests.integration.api.stack import Stack

from sectorwars.api.services import ApiLimits

pytestmark = pytest.mark.parametrize("stores", ["memory"], indirect=True)

TOKEN = "a token for scraping"
STRANGER = "203.0.113.7"


async def scrape(
    stack: Stack, peer: str, headers: Mapping[Any, Any] | None = None
) -> httpx.Response:
    transport = httpx.ASGITransport(stack.app, client=(peer, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://game.test") as http:
        return await http.get("/metrics", headers=headers)


def limit(stack: Stack, limits: ApiLimits) -> None:
    stack.app.state.services = replace(stack.app.state.services, limits=limits)


async def test_without_a_token_metrics_are_for_this_machine(stack: Stack) -> None:
    assert (await scrape(stack, "127.0.0.1")).status_code == 200
    for peer, headers in (
        (STRANGER, {}),
        (STRANGER, {"X-Forwarded-For": "127.0.0.1"}),
        ("127.0.0.1", {"X-Forwarded-For": STRANGER}),
    ):
        answer = await scrape(stack, peer, headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert "sectorwars_" not in answer.text
    limit(stack, ApiLimits(trusted_proxies=(ip_network("127.0.0.1/32"),)))
    assert (await scrape(stack, "127.0.0.1")).status_code == 200
    forwarded = await scrape(stack, "127.0.0.1", {"X-Forwarded-For": STRANGER})
    assert forwarded.status_code == 403


async def test_a_token_opens_them_to_whoever_has_it_and_to_nobody_else(stack: Stack) -> None:
    limit(stack, ApiLimits(metrics_token=TOKEN))
    right = {"Authorization": f"Bearer {TOKEN}"}
    assert (await scrape(stack, STRANGER, right)).status_code == 200
    for given in ("", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é"):
        answer = await scrape(stack, "127.0.0.1", {b"authorization": given.encode()})
        assert answer.status_code == 403, given


async def test_the_line_of_a_refused_request_has_its_code_and_its_commands_id(
    stack: Stack,
) -> None:
    player = await stack.register()
    order = {"commodity": "ore", "quantity": 100_000}
    with capture_logs() as logs:
        answer = await player.post("/trading/buy", order, {"Idempotency-Key": "c-77"})
        await player.get("/player/state")
    assert answer.status_code >= 400
    refused, fine = (entry for entry in logs if entry["event"] == "request")
    assert (refused["command_id"], refused["problem_code"]) == ("c-77", answer.json()["code"])
    assert refused["player_id"] == player.grant["player_id"]
    assert not {"command_id", "problem_code"} & set(fine)
