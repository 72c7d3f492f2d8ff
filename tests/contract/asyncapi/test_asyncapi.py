"""The AsyncAPI document is valid, and real frames of both dialects are as it says.

vectors/ holds the official schema of AsyncAPI 3.0.0, unchanged but for its compression, with its
licence (Apache 2.0) and notice.
"""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from tests.contract.asyncapi.document import (
    DOCUMENT,
    assert_asked,
    assert_sent,
    faults,
    payload,
    resolve,
)
from tests.contract.foundation.page import RECORDED, Page
from tests.unit.gateway.doubles import (
    NOW,
    PLAYER,
    FixedGalaxy,
    still_pulse,
    surroundings,
    trade_report,
)
from tests.unit.gateway.native_client import NativeClient
from tests.unit.gateway.sockets import PlayerSocket
from tests.unit.gateway.test_assistance import NEWS

from sectorwars.api.frames import DELTA, FOUNDATION_ANSWERS, STREAMS
from sectorwars.application.rows import ReceiptKey
from sectorwars.domain.command import Trade
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import CommandId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.values import parse_rfc3339, rfc3339
from sectorwars.protocol.publication import (
    PREDICTIONS_CHANNEL,
    PRIVATE_CHANNELS,
    PULSE_CHANNEL,
    TRADES_CHANNEL,
    FrameType,
    Publication,
    aria_channel,
    has_deltas,
    market_channel,
    port_channel,
    signals_channel,
)
from sectorwars.protocol.shapes.market import TapedTrade, TradeTicker
from sectorwars.protocol.shapes.signal import AutomationSignal, ProposalSignal, TradeSignal

SCHEMA = Path(__file__).parent / "vectors" / "asyncapi-3.0.0.schema.json.gz"
PORT = PortId("p0001")
TRADE = {"command_id": "c-1", "side": "buy", "commodity": "ore", "quantity": 10}


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def test_the_document_keeps_the_official_schema() -> None:
    schema = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    assert schema["properties"]["asyncapi"]["const"] == DOCUMENT["asyncapi"]
    validator = jsonschema_rs.Draft7Validator(schema)
    assert [error.message for error in validator.iter_errors(DOCUMENT)] == []


def test_every_reference_leads_somewhere() -> None:
    named = set(references(DOCUMENT))
    assert len(named) > 50
    for reference in named:
        assert resolve(reference)


def test_every_message_takes_part_in_an_operation() -> None:
    used = {
        message["$ref"]
        for operation in DOCUMENT["operations"].values()
        for message in [*operation["messages"], *operation.get("reply", {}).get("messages", ())]
    }
    assert used == {
        f"#/channels/{channel}/messages/{key}"
        for channel, entry in DOCUMENT["channels"].items()
        for key in entry["messages"]
    }


NATIVE_REQUESTS: list[tuple[str, dict[str, Any], str]] = [
    ("ping", {}, "pong"),
    (
        "subscribe",
        {
            "channels": [
                *("market.ore", f"port.{PORT}", "predictions", "pulse", "trades"),
                *PRIVATE_CHANNELS,
            ]
        },
        "subscribed",
    ),
    ("subscribe", {"channels": ["market.spice"]}, "error"),
    ("execute_trade", TRADE, "trade_executed"),
    ("execute_trade", {**TRADE, "command_id": "c-2", "quantity": 101}, "error"),
    ("automation_toggle", {"command_id": "c-3", "active": True}, "automation_update"),
    ("set_disconnect_pause", {"command_id": "c-4", "active": True}, "disconnect_pause_set"),
    ("get_command", {"command_id": "c-1"}, "command_fate"),
    ("get_command", {"command_id": "c-2"}, "command_fate"),
    ("get_command", {"command_id": "c-9"}, "command_fate"),
    ("aria_message", {"message": "Hello"}, "aria_answer"),
    ("aria_message", {"message": "Hello", "conversation_id": "c_0"}, "error"),
    ("unsubscribe", {"channels": ["market.ore"]}, "unsubscribed"),
    ("authenticate", {"token": "good"}, "auth_success"),
    ("authenticate", {"token": "other"}, "auth_failed"),
]


async def test_native_frames_are_as_documented() -> None:
    around = surroundings()
    client, socket = NativeClient(), PlayerSocket(around)
    sign_in = client.frame("authenticate", {"token": "good"})
    await socket.send(sign_in)
    [answer] = map(json.loads, socket.take())
    assert_asked("native", "authenticate", json.loads(sign_in))
    assert assert_sent("native", answer) == "auth_success"
    client.take_key(answer)
    for kind, data, expected in NATIVE_REQUESTS:
        request = client.frame(kind, data)
        assert_asked("native", kind, json.loads(request))
        await socket.send(request)
        [answer] = map(json.loads, socket.take())
        assert assert_sent("native", answer) == expected, answer


async def test_what_a_slow_reader_is_told_is_as_documented() -> None:
    around = surroundings()
    client, socket = NativeClient(), PlayerSocket(around)
    await socket.send(client.frame("authenticate", {"token": "good"}))
    client.take_key(json.loads(socket.take()[0]))
    await socket.send(client.frame("subscribe", {"channels": ["market.ore"]}))
    socket.take()
    figures = FixedGalaxy().market_realtime(Commodity.ORE)
    news = Publication("market.ore", FrameType.MARKET_UPDATE, figures, NOW, conflatable=True)
    socket.connection.pause_writing()
    around.hub.publish([news])
    around.hub.publish([news])
    socket.connection.resume_writing()
    newest, told = map(json.loads, socket.take())
    assert assert_sent("market", newest) == "market_update"
    assert assert_sent("native", told) == "conflated"
    assert told["data"]["channels"] == [{"channel": "market.ore", "skipped": 1}]


async def test_what_is_told_of_an_engine_that_is_away_is_as_documented() -> None:
    around = surroundings()
    client, socket = NativeClient(), PlayerSocket(around)
    await socket.send(client.frame("authenticate", {"token": "good"}))
    client.take_key(json.loads(socket.take()[0]))
    around.gateway.tell_stale(True)
    [told] = map(json.loads, socket.take())
    assert assert_sent("native", told) == "stale"
    assert told["data"] == {"stale": True}


async def test_a_resumption_is_as_documented() -> None:
    around = surroundings()
    client, socket = NativeClient(), PlayerSocket(around)
    resume = client.frame(
        "resume",
        {
            "token": "good",
            "positions": [{"channel": "market.ore", "epoch": "e", "offset": 7}],
            "commands": ["c-1"],
        },
    )
    assert_asked("native", "resume", json.loads(resume))
    await socket.send(resume)
    [answer] = map(json.loads, socket.take())
    assert assert_sent("native", answer) == "resumed"
    assert answer["data"]["commands"][0]["status"] == "never_seen"


async def test_published_frames_are_as_documented() -> None:
    around = surroundings()
    client, socket = NativeClient(), PlayerSocket(around)
    await socket.send(client.frame("authenticate", {"token": "good"}))
    client.take_key(json.loads(socket.take()[0]))
    public = ["market.ore", port_channel(PORT), PREDICTIONS_CHANNEL, PULSE_CHANNEL, TRADES_CHANNEL]
    names = [*public, *PRIVATE_CHANNELS]
    await socket.send(client.frame("subscribe", {"channels": names}))
    socket.take()
    galaxy = FixedGalaxy()
    ore, port = market_channel(Commodity.ORE), port_channel(PORT)
    figures, quotes = galaxy.market_realtime(Commodity.ORE), galaxy.port_market(PORT)
    at = rfc3339(NOW)
    taped = TapedTrade("player", PORT, "buy", "ore", 10, 49.9, 499, 990, 7, at, at)
    ticker = TradeTicker([taped], 1)
    own, aria, signal = signals_channel(PLAYER), aria_channel(PLAYER), FrameType.TRADING_SIGNAL
    bought = trade_report(Trade(Side.BUY, "ore", 10), ReceiptKey(PLAYER, CommandId("c-1")))
    status = galaxy.automation_status(PLAYER)
    traded = TradeSignal("trade", bought, "c-1", None, status)
    stepped = AutomationSignal("automation", "rule_toggled", "c-2", "r-1", None, True, status)
    rearmed = AutomationSignal("automation", "rule_rearmed", None, "r-1", "buy", None, status)
    made = ProposalSignal("proposal", "pr_1", "trade", "open", at, None)
    used = ProposalSignal("proposal", "pr_1", "trade", "executed", None, "t-1")
    published = [
        ("market", Publication(ore, FrameType.MARKET_UPDATE, figures, NOW)),
        ("port", Publication(port, FrameType.PORT_NETWORK, quotes, NOW)),
        ("account", NEWS),
        *(
            ("signals", Publication(own, signal, data, NOW, PLAYER))
            for data in (traded, stepped, rearmed)
        ),
        ("predictions", Publication(PREDICTIONS_CHANNEL, signal, galaxy.predictions(), NOW)),
        *(
            ("aria", Publication(aria, FrameType.AI_ALERT, data, NOW, PLAYER))
            for data in (NEWS.data, made, used)
        ),
        ("pulse", Publication(PULSE_CHANNEL, FrameType.UNIVERSE_PULSE, still_pulse(), NOW)),
        ("trades", Publication(TRADES_CHANNEL, FrameType.TRADE_TAPE, ticker, NOW)),
    ]
    assert {channel for channel, _ in published} == {stream.key for stream in STREAMS}
    for channel, publication in published:
        around.hub.publish([publication])
        [frame] = map(json.loads, socket.take())
        assert_sent(channel, frame)
    assert NEWS.player_id == PLAYER


RECORDED_KEYS = [
    "authenticate",
    "subscribe_market",
    "subscribe_pulse",
    "subscribe_signals",
    "get_predictions",
    "get_predictions",
    "execute_trade",
    "execute_trade",
    "toggle_automation",
    "ping",
]


async def test_recorded_foundation_frames_and_their_answers_are_as_documented() -> None:
    page = Page()
    seen = set()
    for key, text in zip(RECORDED_KEYS, RECORDED, strict=False):
        assert_asked("foundation", key, json.loads(text))
        page.around.clock.wall = parse_rfc3339(json.loads(text)["timestamp"])
        seen |= {assert_sent("foundation", frame) for frame in await page.send(text)}
    page.around.hub.publish([NEWS])
    page.take()
    seen.add(assert_sent("foundation", page.client.shown[-1]))
    seen |= {
        assert_sent("foundation", frame)
        for frame in await page.say("ai_alert", {"action": "no_such"})
    }
    page.around.clock.wall = parse_rfc3339(json.loads(RECORDED[6])["timestamp"])
    seen |= {assert_sent("foundation", frame) for frame in await page.send(RECORDED[6])}
    stranger = Page()
    stranger.around.tokens.principals.clear()
    seen |= {assert_sent("foundation", frame) for frame in await stranger.sign_in()}
    assert seen == {frame.key for frame in FOUNDATION_ANSWERS}


@pytest.mark.parametrize("member", ["id", "counter", "timestamp", "session_id", "signature"])
def test_a_native_request_without_a_member_is_not_as_documented(member: str) -> None:
    client = NativeClient()
    client.take_key({"data": {"session_key": "00" * 32}})
    request = json.loads(client.frame("ping", {}))
    assert_asked("native", "ping", request)
    del request[member]
    schema = {**payload("native", "ping"), "components": DOCUMENT["components"]}
    assert len(faults(schema, request)) == 1


async def test_deltas_are_as_documented() -> None:
    around = surroundings()
    client, socket = NativeClient(), PlayerSocket(around)
    await socket.send(client.frame("authenticate", {"token": "good"}))
    client.take_key(json.loads(socket.take()[0]))
    ore, port = market_channel(Commodity.ORE), port_channel(PORT)
    wanted = client.frame("subscribe", {"channels": [ore, port, PULSE_CHANNEL], "deltas": True})
    assert_asked("native", "subscribe", json.loads(wanted))
    await socket.send(wanted)
    [answer] = map(json.loads, socket.take())
    assert assert_sent("native", answer) == "subscribed"
    galaxy = FixedGalaxy()
    published = {
        "market": Publication(
            ore, FrameType.MARKET_UPDATE, galaxy.market_realtime(Commodity.ORE), NOW
        ),
        "port": Publication(port, FrameType.PORT_NETWORK, galaxy.port_market(PORT), NOW),
        "pulse": Publication(PULSE_CHANNEL, FrameType.UNIVERSE_PULSE, still_pulse(), NOW),
    }
    deltas = {stream.key for stream in STREAMS if DELTA in stream.frames}
    assert set(published) == deltas == {s.key for s in STREAMS if has_deltas(s.address)}
    for channel, publication in published.items():
        around.hub.publish([publication])
        around.hub.publish([publication])
        whole, delta = map(json.loads, socket.take())
        assert assert_sent(channel, whole) != "delta"
        assert assert_sent(channel, delta) == "delta"
