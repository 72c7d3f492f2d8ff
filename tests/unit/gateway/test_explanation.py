"""What operators are told of connections: the counts, the recent past, and what was recovered."""

import json
from typing import Any

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs
from tests.contract.foundation.foundation_client import sent_frame
from tests.unit.gateway.doubles import NOW, OTHER, PLAYER, Surroundings, surroundings
from tests.unit.gateway.native_line import Line, live
from tests.unit.gateway.sockets import PlayerSocket, client_frame

from sectorwars.domain.values import rfc3339
from sectorwars.gateway.explanation import Explanations
from sectorwars.gateway.history import RECENT_REFUSALS_MAX
from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.framing import Opcode
from sectorwars.protocol.publication import FrameType, Publication
from sectorwars.protocol.shapes.connection import ConnectionExplanation

FIRST = "stream-1-1"
ORDER = {"command_id": "c-1", "side": "buy", "commodity": "ore", "quantity": 101}


def named(address: str) -> str:
    return f"address:{address[-1]}"


def explained(around: Surroundings, connection_id: str = FIRST) -> ConnectionExplanation:
    explanation = Explanations(around.gateway).explain(connection_id, named)
    assert explanation is not None
    return explanation


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"sectorwars_websocket_{name}", labels) or 0.0


def ore(number: int) -> Publication:
    data = {"number": number}
    return Publication("market.ore", FrameType.MARKET_UPDATE, data, NOW, conflatable=True)


async def test_a_connection_that_has_said_nothing_is_listed_without_a_player() -> None:
    around = surroundings()
    PlayerSocket(around)
    around.clock.advance(2)
    page = Explanations(around.gateway).page(None, 10, named)
    (line,) = page.connections
    assert (page.gateways, page.open, page.left_out, page.closed) == (["stream-1"], 1, 0, [])
    assert (line.connection_id, line.player_id, line.dialect) == (FIRST, None, "unknown")
    assert line.address == "address:1"
    assert line.opened_at == line.last_frame_at == rfc3339(NOW)
    assert page.as_of == rfc3339(around.clock.wall)
    assert line.round_trip_ms is None
    assert explained(around).session is None


async def test_a_native_connection_tells_who_it_is_and_where_its_channels_are() -> None:
    line = await live()
    await line.ask("subscribe", {"channels": ["market.ore", "account"]})
    line.around.hub.publish([ore(1), ore(2)])
    whole = explained(line.around)
    assert whole.open is not None
    assert (whole.open.player_id, whole.open.dialect, whole.open.channels) == (PLAYER, "native", 2)
    assert (whole.session, whole.authenticated_at) == ("sid-1", rfc3339(NOW))
    assert whole.frames_received == 2
    assert [(each.channel, each.epoch, each.offset) for each in whole.followed] == [
        ("account", "stream-1.2", 0),
        ("market.ore", "stream-1.1", 2),
    ]
    assert whole.recovery is None


async def test_private_channels_are_shown_as_their_player_calls_them() -> None:
    line = await live()
    await line.ask("subscribe", {"channels": ["signals", "aria", "predictions"]})
    assert [each.channel for each in explained(line.around).followed] == [
        *("aria", "predictions", "signals")
    ]


async def test_a_slow_reader_shows_what_waits_what_was_left_out_and_for_how_long() -> None:
    line = await live()
    await line.ask("subscribe", {"channels": ["market.ore"]})
    line.socket.connection.pause_writing()
    line.around.clock.advance(1.5)
    line.around.hub.publish([ore(number) for number in range(4)])
    slow = explained(line.around)
    assert slow.open is not None
    assert (slow.open.lag_ms, slow.open.queued_frames, slow.open.conflated) == (1_500, 1, 3)
    assert [each.left_out for each in slow.followed] == [3]
    census = line.around.gateway.census()
    assert (census.behind, census.queued_frames, census.lag_seconds_max) == (1, 1, 1.5)
    assert census.by_dialect == {"native": 1}

    behind = counted("reader_behind_seconds_sum")
    line.socket.connection.resume_writing()
    assert counted("reader_behind_seconds_sum") == behind + 1.5
    caught_up = explained(line.around).open
    assert caught_up is not None
    assert (caught_up.lag_ms, caught_up.queued_frames, caught_up.conflated) == (0, 0, 3)
    assert line.around.gateway.census().behind == 0


async def test_a_refused_command_is_found_by_its_ids_in_the_story_and_in_the_log() -> None:
    line = await live()
    before = counted("refusals_total", code="insufficient_hold")
    with capture_logs() as logs:
        await line.ask("execute_trade", ORDER)
        await line.ask("execute_trade", ORDER | {"command_id": "c-2", "side": "buy it"})
        await line.ask("execute_trade", ORDER | {"command_id": "c-3"}, signature="0" * 64)
    rejected, invalid, forged = (
        (entry["code"], entry["frame_id"], entry["command_id"])
        for entry in logs
        if entry["event"] == "message_refused" and entry["connection_id"] == FIRST
    )
    assert rejected == ("insufficient_hold", "2", "c-1")
    assert invalid == ("invalid_request", "3", "c-2")
    assert forged == ("invalid_signature", "4", "c-3")
    assert {entry["player_id"] for entry in logs} == {PLAYER}
    assert counted("refusals_total", code="insufficient_hold") == before + 1
    whole = explained(line.around)
    assert whole.refusals == {"insufficient_hold": 1, "invalid_request": 1, "invalid_signature": 1}
    assert [(each.code, each.command_id) for each in whole.recent_refusals] == [
        ("invalid_signature", "c-3"),
        ("invalid_request", "c-2"),
        ("insufficient_hold", "c-1"),
    ]


async def test_ids_that_would_break_a_log_line_are_left_out() -> None:
    line = await live()
    await line.socket.send(b'{"id": "a\\nforged line", "type": "x"}')
    await line.socket.send(json.dumps({"id": "x" * 200, "type": "x"}).encode())
    assert [each.frame_id for each in explained(line.around).recent_refusals] == [None, None]


async def test_a_flood_of_refusals_is_counted_whole_and_logged_in_part() -> None:
    line = await live()
    with capture_logs() as logs:
        for _ in range(30):
            await line.ask("nonsense", {})
        line.around.clock.advance(60)
        await line.ask("nonsense", {})
    refused = [entry for entry in logs if entry["event"] == "message_refused"]
    assert [entry["unlogged_before"] for entry in refused] == [0] * 20 + [10]
    whole = explained(line.around)
    assert whole.refusals == {"unknown_request": 31}
    assert len(whole.recent_refusals) == RECENT_REFUSALS_MAX


async def test_a_ping_that_is_answered_tells_the_round_trip_and_other_pongs_do_not() -> None:
    line = await live()
    line.socket.connection.feed(client_frame(Opcode.PONG, b"unasked"))
    assert line.socket.connection.round_trip_seconds() is None
    line.around.clock.advance(30)
    line.around.gateway.beat()
    line.around.clock.advance(0.25)
    line.socket.connection.feed(client_frame(Opcode.PONG, b""))
    line.around.clock.advance(1)
    line.socket.connection.feed(client_frame(Opcode.PONG, b"twice"))
    summary = explained(line.around).open
    assert summary is not None
    assert summary.round_trip_ms == 250


async def test_a_resumption_shows_what_it_recovered_and_lost() -> None:
    around = surroundings()
    before = await live(around)
    answer = await before.ask("subscribe", {"channels": ["market.ore"]})
    (channel,) = answer["data"]["channels"]
    before.socket.lose()
    around.hub.publish([ore(1), ore(2)])
    again = Line(around)
    places: list[dict[str, Any]] = [
        {"channel": "market.ore", "epoch": channel["epoch"], "offset": 0},
        {"channel": "market.fuel", "epoch": "of another run", "offset": 7},
    ]
    frame = again.client.frame("resume", {"token": "good", "positions": places}, NOW)
    outcomes = ("replay", "snapshot", "lost")
    before_it = [counted("recoveries_total", outcome=outcome) for outcome in outcomes]
    with capture_logs() as logs:
        await again.socket.send(frame)
    after_it = [counted("recoveries_total", outcome=outcome) for outcome in outcomes]
    assert [now - then for now, then in zip(after_it, before_it, strict=True)] == [1, 0, 1]
    whole = explained(around, "stream-1-2")
    assert whole.open is not None
    assert whole.recovery is not None
    assert [(each.channel, each.outcome, each.missed) for each in whole.recovery] == [
        ("market.ore", "replay", 2),
        ("market.fuel", "lost", 0),
    ]
    assert (whole.open.recovered, whole.open.missed) == ({"replay": 1, "lost": 1}, 2)
    (resumed,) = (entry for entry in logs if entry["event"] == "connection_resumed")
    assert (resumed["connection_id"], resumed["missed"]) == ("stream-1-2", 2)


async def authenticated_foundation(around: Surroundings) -> PlayerSocket:
    socket = PlayerSocket(around)
    data = {"action": "authenticate", "token": "good", "session_id": "f-1"}
    await socket.send(sent_frame("ai_alert", data, "f-1", NOW))
    return socket


async def test_a_foundation_client_shows_what_it_follows_and_that_it_came_back() -> None:
    around = surroundings()
    socket = await authenticated_foundation(around)
    for kind, data in (
        ("market_update", {"action": "subscribe", "commodities": ["ore", "fuel"]}),
        ("universe_pulse", {"action": "subscribe"}),
        ("trading_signal", {"action": "subscribe"}),
    ):
        await socket.send(sent_frame(kind, data, "f-1", NOW))
    whole = explained(around)
    assert whole.open is not None
    assert (whole.open.dialect, whole.open.channels) == ("foundation", 4)
    names = [each.channel for each in whole.followed]
    assert names == ["account", "market.fuel", "market.ore", "pulse"]
    assert {each.offset for each in whole.followed} == {None}
    assert whole.recovery is None
    socket.lose()
    await authenticated_foundation(around)
    returned = explained(around, "stream-1-2")
    assert returned.recovery == []
    assert returned.open is not None
    assert returned.open.channels == 4


async def test_refusals_that_a_foundation_client_is_spared_are_counted_too() -> None:
    around = surroundings()
    socket = await authenticated_foundation(around)
    for _ in range(25):
        await socket.send(sent_frame("market_update", {"action": "nonsense"}, "f-1", NOW))
    assert explained(around).refusals == {"unknown_request": 25}


@pytest.mark.parametrize(
    ("end", "closed_by", "code", "reason"),
    [
        (lambda socket: socket.lose(), "network", None, ""),
        (
            lambda socket: socket.connection.feed(client_frame(Opcode.CLOSE, b"\x03\xe9")),
            "client",
            1001,
            "",
        ),
        (
            lambda socket: socket.connection.feed(client_frame(Opcode.PING, b"x" * 126)),
            "server",
            1002,
            None,
        ),
    ],
    ids=["lost", "left", "broken"],
)
async def test_who_ended_a_connection_and_why_is_remembered(
    end: Any, closed_by: str, code: int | None, reason: str | None
) -> None:
    line = await live()
    await line.ask("nonsense", {})
    with capture_logs() as logs:
        end(line.socket)
    whole = explained(line.around)
    assert whole.open is None
    assert whole.closed is not None
    assert (whole.closed.player_id, whole.closed.dialect) == (PLAYER, "native")
    assert (whole.closed.closed_by, whole.closed.code) == (closed_by, code)
    assert whole.closed.reason == reason if reason is not None else whole.closed.reason
    assert whole.closed.refusals == {"unknown_request": 1}
    assert (whole.session, whole.frames_received) == ("sid-1", 2)
    page = Explanations(line.around.gateway).page(None, 10, named)
    assert (page.open, page.connections, page.closed) == (0, [], [whole.closed])
    (closed,) = (entry for entry in logs if entry["event"] == "connection_closed")
    assert (closed["connection_id"], closed["closed_by"]) == (FIRST, closed_by)
    assert (closed["code"], closed["refused"]) == (code, 1)


async def test_the_most_troubled_come_first_and_the_rest_are_counted() -> None:
    around = surroundings()
    lines = [await live(around) for _ in range(3)]
    other = await live(around, "other")
    await lines[1].ask("nonsense", {})
    lines[2].socket.connection.pause_writing()
    around.clock.advance(1)
    explanations = Explanations(around.gateway)
    page = explanations.page(None, 3, named)
    ids = [each.connection_id for each in page.connections]
    assert ids[:2] == ["stream-1-3", "stream-1-2"]
    assert (page.open, page.left_out) == (4, 1)
    others = explanations.page(OTHER, 3, named)
    (only,) = others.connections
    assert only.connection_id == other.socket.connection.history.connection_id
    assert (others.open, others.left_out) == (4, 0)


async def test_an_operator_closes_a_connection_whose_client_may_come_back() -> None:
    line = await live()
    explanations = Explanations(line.around.gateway)
    assert explanations.close(FIRST)
    line.take()
    assert line.socket.close_code == CloseCode.CLOSED_BY_OPERATOR
    assert not explanations.close(FIRST)
    closed = explained(line.around).closed
    assert closed is not None
    assert (closed.closed_by, closed.reason) == ("server", "closed by an operator")
    assert explanations.explain("stream-1-9", named) is None
