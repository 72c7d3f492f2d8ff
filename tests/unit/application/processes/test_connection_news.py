"""What an operator asks one gateway of connections, all of them answer."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from tests.unit.application.connections import PLAYER, OneConnection, Overseen

from sectorwars.application.account import SessionId
from sectorwars.application.audit.trail import Operator
from sectorwars.application.bus import BusMessage, ConnectionsAsked, ConnectionsTold
from sectorwars.application.operators.connection_oversight import UNKNOWN_CONNECTION
from sectorwars.application.processes import connection_news
from sectorwars.application.processes.connection_news import ConnectionNews
from sectorwars.protocol.shapes.connection import ConnectionClosed, ConnectionExplanation

ROOT = Operator("pl_root", SessionId("s_root"), "203.0.113.7")
NAMES = ("aaaaaaaa0", "bbbbbbbb0", "cccccccc0")


class Wire:
    """All gateways hear all that is published, but for those who are deaf."""

    def __init__(self) -> None:
        self.gateways: dict[str, ConnectionNews] = {}
        self.deaf: set[str] = set()
        self.said: list[BusMessage] = []

    def publish(self, message: BusMessage) -> None:
        self.said.append(message)
        for name, gateway in self.gateways.items():
            if name not in self.deaf:
                assert isinstance(message, ConnectionsAsked | ConnectionsTold)
                gateway.hear(message)


class Galaxy:
    """Three gateways with a connection each, the slower the later they come."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.sides: dict[str, Overseen] = {}
        bus: Any = self.wire
        for place, name in enumerate(NAMES):
            closed_at = f"2026-11-23T03:37:0{place}.000000Z"
            side = Overseen(OneConnection(name[:8], 100 * place, closed_at))
            self.sides[name] = side
            ids = itertools.count(1)
            self.wire.gateways[name] = ConnectionNews(
                bus,
                name,
                lambda own=name: [other for other in NAMES if other != own],
                side.oversight,
                lambda own=name, ids=ids: f"{own}.{next(ids)}",
            )
        self.first = self.sides[NAMES[0]]


@pytest.fixture
def galaxy() -> Galaxy:
    return Galaxy()


async def test_a_page_has_the_connections_of_all_gateways(galaxy: Galaxy) -> None:
    page = await galaxy.first.oversight.page(ROOT, PLAYER, 10)
    assert page.gateways == ["aaaaaaaa", "bbbbbbbb", "cccccccc"]
    assert (page.open, page.left_out, page.silent) == (3, 0, [])
    lines = [line.connection_id for line in page.connections]
    assert lines == ["cccccccc-1", "bbbbbbbb-1", "aaaaaaaa-1"]
    assert [line.connection_id for line in page.closed] == [
        "cccccccc-0",
        "bbbbbbbb-0",
        "aaaaaaaa-0",
    ]
    asked = [message for message in galaxy.wire.said if isinstance(message, ConnectionsAsked)]
    assert [(question.player_id, question.limit) for question in asked] == [(PLAYER, 10)]


async def test_the_most_troubled_of_all_gateways_are_shown_and_the_rest_counted(
    galaxy: Galaxy,
) -> None:
    page = await galaxy.first.oversight.page(ROOT, None, 1)
    assert [line.connection_id for line in page.connections] == ["cccccccc-1"]
    assert (page.open, page.left_out, len(page.closed)) == (3, 2, 1)


async def test_who_does_not_answer_is_named_as_silent(
    galaxy: Galaxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_news, "ANSWER_SECONDS_MAX", 0.01)
    galaxy.wire.deaf.add(NAMES[2])
    page = await galaxy.first.oversight.page(ROOT, None, 10)
    assert (page.gateways, page.silent) == (["aaaaaaaa", "bbbbbbbb"], ["cccccccc"])
    assert await galaxy.first.oversight.explain(ROOT, "cccccccc-1") == UNKNOWN_CONNECTION


async def test_a_connection_is_explained_by_its_own_gateway(galaxy: Galaxy) -> None:
    explained = await galaxy.first.oversight.explain(ROOT, "bbbbbbbb-1")
    assert isinstance(explained, ConnectionExplanation)
    assert explained.gateway == "bbbbbbbb"
    (asked,) = (message for message in galaxy.wire.said if isinstance(message, ConnectionsAsked))
    assert asked.to == NAMES[1]
    # Its look is held against the operator where he asked.
    assert len(await galaxy.first.trail.entries()) == 1
    assert await galaxy.sides[NAMES[1]].trail.entries() == []


async def test_a_connection_that_no_gateway_has_is_asked_of_nobody(galaxy: Galaxy) -> None:
    assert await galaxy.first.oversight.explain(ROOT, "dddddddd-1") == UNKNOWN_CONNECTION
    assert await galaxy.first.oversight.close(ROOT, "dddddddd-1", "x") == UNKNOWN_CONNECTION
    assert galaxy.wire.said == []
    assert await galaxy.first.oversight.explain(ROOT, "bbbbbbbb-9") == UNKNOWN_CONNECTION


async def test_a_connection_is_closed_by_its_own_gateway(galaxy: Galaxy) -> None:
    closed = await galaxy.first.oversight.close(ROOT, "cccccccc-1", "it hangs")
    assert closed == ConnectionClosed("cccccccc-1", "closed")
    assert galaxy.sides[NAMES[2]].connections.closed == ["cccccccc-1"]
    (entry,) = await galaxy.first.trail.entries()
    assert (entry.kind, entry.subject) == ("connection_closed", PLAYER)


async def test_what_is_told_too_late_or_to_another_is_let_pass(galaxy: Galaxy) -> None:
    news = galaxy.wire.gateways[NAMES[0]]
    news.hear(ConnectionsTold(NAMES[1], NAMES[0], "an old question", b"null"))
    news.hear(ConnectionsTold(NAMES[1], NAMES[2], "a question of another", b"null"))
    assert (await galaxy.first.oversight.page(ROOT, None, 10)).silent == []


async def test_a_gateway_without_others_asks_nobody() -> None:
    side = Overseen()
    wire = Wire()
    bus: Any = wire
    ConnectionNews(bus, "aaaaaaaa0", list, side.oversight, lambda: "q-1")
    page = await side.oversight.page(ROOT, None, 10)
    assert (page.open, page.silent, wire.said) == (1, [], [])
