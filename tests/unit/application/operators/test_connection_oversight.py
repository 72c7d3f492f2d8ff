"""Operators' looks at connections, each entered before it is granted, and closing one."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.application.connections import NOW, PLAYER, OneConnection, Overseen

from sectorwars.application.account import SessionId
from sectorwars.application.audit.trail import Operator
from sectorwars.application.operators.connection_oversight import UNKNOWN_CONNECTION
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.shapes.connection import (
    ConnectionClosed,
    ConnectionExplanation,
    ConnectionPage,
)

ROOT = Operator("pl_root", SessionId("s_root"), "203.0.113.7")


class Bench(Overseen):
    async def entered(self) -> list[tuple[str, str | None, dict[str, Any]]]:
        entries = await self.trail.entries()
        assert {entry.actor for entry in entries} <= {ROOT.actor}
        return [(entry.kind, entry.subject, dict(entry.details)) for entry in entries]


@pytest.fixture
def bench() -> Bench:
    return Bench()


VIEWED = "connections_viewed"
DONE = {"outcome": "success"}


async def test_a_look_is_entered_once_in_ten_minutes_for_each_subject(bench: Bench) -> None:
    page = await bench.oversight.page(ROOT, None, 10)
    assert page.connections[0].address.startswith("address:")
    await bench.oversight.page(ROOT, None, 10)
    await bench.oversight.page(ROOT, PLAYER, 10)
    await bench.oversight.explain(ROOT, "c-1")
    seen = [(VIEWED, subject, DONE) for subject in ("connections", PLAYER, "c-1")]
    assert await bench.entered() == seen
    bench.clock.wall = UnixMicros(NOW + 599_999_999)
    await bench.oversight.page(ROOT, None, 10)
    assert await bench.entered() == seen
    bench.clock.wall = UnixMicros(NOW + 600_000_000)
    await bench.oversight.page(ROOT, None, 10)
    assert await bench.entered() == [*seen, seen[0]]


async def test_another_session_of_the_operator_looks_for_itself(bench: Bench) -> None:
    await bench.oversight.page(ROOT, None, 10)
    await bench.oversight.page(Operator(ROOT.actor, SessionId("s_other")), None, 10)
    assert len(await bench.entered()) == 2


async def test_what_cannot_be_entered_is_neither_shown_nor_done(bench: Bench) -> None:
    bench.trail.away = True
    with pytest.raises(StoreUnavailableError):
        await bench.oversight.page(ROOT, None, 10)
    with pytest.raises(StoreUnavailableError):
        await bench.oversight.explain(ROOT, "c-1")
    with pytest.raises(StoreUnavailableError):
        await bench.oversight.close(ROOT, "c-1", "stuck")
    assert bench.connections.closed == []
    bench.trail.away = False
    await bench.oversight.page(ROOT, None, 10)
    assert len(await bench.entered()) == 1


async def test_looks_that_are_remembered_are_bounded(bench: Bench) -> None:
    for number in range(1_025):
        await bench.oversight.page(ROOT, PlayerId(f"pl_{number}"), 10)
    await bench.oversight.page(ROOT, PlayerId("pl_1024"), 10)
    assert len(await bench.entered()) == 1_025
    await bench.oversight.page(ROOT, PlayerId("pl_0"), 10)
    assert len(await bench.entered()) == 1_026


async def test_closing_is_entered_against_the_player_with_its_reason(bench: Bench) -> None:
    outcome = await bench.oversight.close(ROOT, "c-1", "stuck")
    assert outcome == ConnectionClosed("c-1", "closed")
    assert bench.connections.closed == ["c-1"]
    details = {"connection_id": "c-1", "reason": "stuck", "outcome": "success"}
    assert await bench.entered() == [("connection_closed", PLAYER, details)]


async def test_what_was_gone_meanwhile_is_entered_as_not_done(bench: Bench) -> None:
    bench.connections.goes = True
    assert await bench.oversight.close(ROOT, "c-1", "stuck") == UNKNOWN_CONNECTION
    outcomes = [details["outcome"] for _, _, details in await bench.entered()]
    assert outcomes == ["success", "unknown_connection"]


async def test_a_connection_that_nobody_knows_is_neither_shown_nor_closed(bench: Bench) -> None:
    assert await bench.oversight.explain(ROOT, "c-2") == UNKNOWN_CONNECTION
    assert await bench.oversight.close(ROOT, "c-2", "stuck") == UNKNOWN_CONNECTION
    assert await bench.entered() == []


class Others:
    """Two other gateways that answer in their own order, and two that do not."""

    async def pages(
        self, player_id: PlayerId | None, limit: int
    ) -> tuple[list[ConnectionPage], list[str]]:
        pages = [OneConnection(name).page(player_id, limit, str) for name in ("d", "a")]
        return pages, ["z", "x"]

    async def explain(self, connection_id: str) -> ConnectionExplanation | None:
        return None

    async def close(self, connection_id: str) -> bool:
        return False


async def test_gateways_are_named_in_order_whichever_answers_first(bench: Bench) -> None:
    bench.oversight.ask_elsewhere(Others())
    page = await bench.oversight.page(ROOT, None, 10)
    assert (page.gateways, page.silent) == (["a", "c", "d"], ["x", "z"])
