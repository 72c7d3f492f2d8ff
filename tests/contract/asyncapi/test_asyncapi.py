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
import msgspec
import pytest
from tests.contract.foundation.page import RECORDED, Page
from tests.unit.gateway.doubles import NOW, PLAYER, FixedGalaxy, still_pulse, surroundings
from tests.unit.gateway.native_client import NativeClient
from tests.unit.gateway.sockets import PlayerSocket
from tests.unit.gateway.test_assistance import NEWS

from sectorwars.api.asyncapi import asyncapi_document
from sectorwars.api.frames import FOUNDATION_ANSWERS, NATIVE_ANSWERS, STREAMS, Frame
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PortId
from sectorwars.domain.values import parse_rfc3339
from sectorwars.protocol.publication import (
    PULSE_CHANNEL,
    FrameType,
    Publication,
    market_channel,
    port_channel,
)

SCHEMA = Path(__file__).parent / "vectors" / "asyncapi-3.0.0.schema.json.gz"
DOCUMENT = json.loads(msgspec.json.encode(asyncapi_document("1")))
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


def resolve(reference: str) -> Any:
    node = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


def closed(schema: Any) -> Any:
    """The schema with its references put in, which admits no member that it does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return closed(resolve(schema["$ref"]))
    if "allOf" in schema:
        parts = [closed(part) for part in schema["allOf"]]
        names = {name: part for all_of in parts for name, part in all_of["properties"].items()}
        required = [name for part in parts for name in part.get("required", ())]
        schema = {"type": "object", "required": required, "properties": names}
    schema = {name: closed(part) for name, part in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        schema["additionalProperties"] = False
    return schema


def payload(channel: str, key: str) -> Any:
    return DOCUMENT["channels"][channel]["messages"][key]["payload"]


def faults(schema: Any, frame: dict[str, Any]) -> list[str]:
    return [
        f"{error.instance_path}: {error.message}"
        for error in jsonschema_rs.Draft7Validator(schema).iter_errors(frame)
    ]


def assert_sent(channel: str, frame: dict[str, Any]) -> str:
    """Hold a frame of the server against the only message of the channel that it can be."""
    tables = {"native": NATIVE_ANSWERS, "foundation": FOUNDATION_ANSWERS}
    streams = {stream.key: stream.frames for stream in STREAMS}
    [key] = [
        entry.key for entry in {**tables, **streams}[channel] if is_like(entry, channel, frame)
    ]
    assert faults(closed(payload(channel, key)), frame) == []
    return key


def is_like(entry: Frame, channel: str, frame: dict[str, Any]) -> bool:
    if entry.type != frame["type"]:
        return False
    if channel != "foundation":
        return True
    kind = {name: frame["data"][name] for name in ("action", "type") if name in frame["data"]}
    return kind == (entry.fixed or ({"type": "ai_alert"} if entry.key == "alert" else {}))


def assert_asked(channel: str, key: str, frame: dict[str, Any]) -> None:
    schema = {**payload(channel, key), "components": DOCUMENT["components"]}
    assert faults(schema, frame) == []


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
    ("subscribe", {"channels": ["market.ore", f"port.{PORT}", "account", "pulse"]}, "subscribed"),
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
    names = ["market.ore", port_channel(PORT), "account", PULSE_CHANNEL]
    await socket.send(client.frame("subscribe", {"channels": names}))
    socket.take()
    galaxy = FixedGalaxy()
    ore, port = market_channel(Commodity.ORE), port_channel(PORT)
    figures, quotes = galaxy.market_realtime(Commodity.ORE), galaxy.port_market(PORT)
    published = {
        "market": Publication(ore, FrameType.MARKET_UPDATE, figures, NOW),
        "port": Publication(port, FrameType.PORT_NETWORK, quotes, NOW),
        "account": NEWS,
        "pulse": Publication(PULSE_CHANNEL, FrameType.UNIVERSE_PULSE, still_pulse(), NOW),
    }
    assert set(published) == {stream.key for stream in STREAMS}
    for channel, publication in published.items():
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
