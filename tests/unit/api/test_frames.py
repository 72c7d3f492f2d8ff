"""The tables of frames leave out nothing that the dialects take or say."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

import sectorwars
from sectorwars.api.frame_shapes import RefusalData
from sectorwars.api.frames import (
    DELTA,
    FOUNDATION_ANSWERS,
    FOUNDATION_EXCHANGES,
    FOUNDATION_UNASKED,
    NATIVE_ANSWERS,
    NATIVE_EXCHANGES,
    NATIVE_UNASKED,
    STREAMS,
    UNSIGNED_REQUESTS,
    Exchange,
    Frame,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.protocol import publication
from sectorwars.protocol.messages import CommandData
from sectorwars.protocol.native_commands import COMMAND_REQUESTS, answer_type, read_command
from sectorwars.protocol.publication import FrameType
from sectorwars.protocol.refusal import refusal_members

SOURCE = Path(sectorwars.__file__).parent
ORDER = {
    "command_id": "c-1",
    "side": "buy",
    "commodity": "ore",
    "quantity": 1,
    "limit_price": 1,
    "order_id": "o-1",
    "active": True,
}


def nodes(path: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse((SOURCE / path).read_text())))


def texts(node: ast.AST) -> list[str]:
    """The text constants right below a node, where it has nothing else."""
    parts = [part.value if isinstance(part, ast.MatchValue) else part for part in _parts(node)]
    found = [
        part.value
        for part in parts
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    return found if len(found) == len(parts) else []


def _parts(node: ast.AST) -> list[Any]:
    match node:
        case ast.Tuple(elts=parts) | ast.MatchSequence(patterns=parts):
            return list(parts)
        case ast.BoolOp(op=ast.And(), values=values):
            return [
                value.comparators[0] if isinstance(value, ast.Compare) else value
                for value in values
            ]
        case _:
            return []


def compared(tree: list[ast.AST], attribute: str) -> Iterator[str]:
    """The texts that `request.<attribute>` is matched against or compared with."""
    for node in tree:
        if isinstance(node, ast.Match) and is_attribute(node.subject, attribute):
            for case in node.cases:
                if isinstance(case.pattern, ast.MatchValue):
                    yield ast.literal_eval(case.pattern.value)
        elif isinstance(node, ast.Compare) and is_attribute(node.left, attribute):
            [operand] = node.comparators
            if isinstance(operand, ast.Constant):
                yield operand.value


def is_attribute(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name


def said(tree: list[ast.AST], methods: set[str]) -> set[str]:
    return {
        node.args[0].value
        for node in tree
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in methods
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_native_request_is_listed() -> None:
    taken = set(compared(nodes("protocol/native.py"), "type"))
    assert {"authenticate", "ping", "subscribe"} < taken
    listed = [exchange.request.type for exchange in NATIVE_EXCHANGES]
    assert len(listed) == len(set(listed))
    assert set(listed) == taken | COMMAND_REQUESTS
    assert taken > UNSIGNED_REQUESTS


@pytest.mark.parametrize(
    "exchange",
    [entry for entry in NATIVE_EXCHANGES if entry.request.type in COMMAND_REQUESTS],
    ids=lambda exchange: exchange.request.key,
)
def test_commands_have_the_shapes_and_answers_of_the_code(exchange: Exchange) -> None:
    [shape] = exchange.request.data
    asked = {name: ORDER[name] for name in shape.__struct_fields__ if name in ORDER}
    named = read_command(exchange.request.type, asked)
    assert not isinstance(named, Refusal)
    assert exchange.answers == (answer_type(named.command), "error")
    assert set(exchange.request.data) < set(get_args(CommandData))


def test_every_native_answer_is_listed() -> None:
    tree = nodes("protocol/native.py")
    spoken = said(tree, {"_answer", "_enclosed", "_signed"})
    commands = {answer for entry in NATIVE_EXCHANGES for answer in entry.answers}
    assert {"error", "pong", "conflated"} < spoken
    assert {frame.type for frame in NATIVE_ANSWERS} == spoken | commands
    assert commands | set(NATIVE_UNASKED) == {frame.key for frame in NATIVE_ANSWERS}


def test_every_foundation_request_is_listed() -> None:
    kinds = {kind.value for kind in FrameType}
    taken = {
        tuple(found)
        for node in nodes("protocol/foundation.py")
        if len(found := texts(node)) == 2 and found[0] in kinds
    }
    assert ("ai_alert", "authenticate") in taken
    assert ("ai_alert", "ping") in taken
    listed = [
        (exchange.request.type, *exchange.request.fixed.values())
        for exchange in FOUNDATION_EXCHANGES
    ]
    assert len(listed) == len(set(listed))
    assert set(listed) == taken


def test_every_foundation_answer_is_listed() -> None:
    spoken = {
        (key.value, value.value)
        for node in nodes("protocol/foundation.py")
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant)
        and key.value in {"action", "type"}
        and isinstance(value, ast.Constant)
    }
    assert ("action", "pong") in spoken
    listed = {member for frame in FOUNDATION_ANSWERS for member in frame.fixed.items()}
    assert listed == spoken
    answers = {answer for entry in FOUNDATION_EXCHANGES for answer in entry.answers}
    assert answers | set(FOUNDATION_UNASKED) == {frame.key for frame in FOUNDATION_ANSWERS}


def test_every_channel_is_listed() -> None:
    named = {
        publication.market_channel(Commodity.ORE).replace("ore", "{commodity}"),
        publication.port_channel(PortId("p0001")).replace("p0001", "{port_id}"),
        *(
            publication.public_name(private(PlayerId("pl_1")))
            for private in (
                publication.account_channel,
                publication.aria_channel,
                publication.signals_channel,
            )
        ),
        publication.PREDICTIONS_CHANNEL,
        publication.PULSE_CHANNEL,
        publication.TRADES_CHANNEL,
    }
    assert {stream.address for stream in STREAMS} == named
    # A new channel has a constant or a function of its own there.
    assert {name for name in vars(publication) if name.lower().endswith("_channel")} == {
        "ACCOUNT_CHANNEL",
        "ARIA_CHANNEL",
        "PREDICTIONS_CHANNEL",
        "PULSE_CHANNEL",
        "SIGNALS_CHANNEL",
        "TRADES_CHANNEL",
        "account_channel",
        "aria_channel",
        "market_channel",
        "port_channel",
        "private_channel",
        "signals_channel",
    }


def test_every_type_that_is_published_is_listed() -> None:
    published = {
        node.value.attr
        for path in (SOURCE / "application").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Publication"
        for node in [*call.keywords, *(ast.keyword(value=part) for part in call.args)]
        if isinstance(node.value, ast.Attribute)
        and isinstance(node.value.value, ast.Name)
        and node.value.value.id == "FrameType"
    }
    # A delta is how a frame is sent, and no publication's type.
    listed = {frame.type for stream in STREAMS for frame in stream.frames if frame is not DELTA}
    assert {FrameType[name].value for name in published} == listed


def test_a_refusal_has_no_member_that_its_shape_lacks() -> None:
    members = refusal_members(Refusal("unknown_port", Retry.LATER, "No.", 1, "limit=1", 0))
    assert {*members, "command_id"} == set(RefusalData.__struct_fields__)


def test_keys_name_frames_of_a_dialect_uniquely() -> None:
    tables: list[tuple[tuple[Exchange, ...], tuple[Frame, ...]]] = [
        (NATIVE_EXCHANGES, NATIVE_ANSWERS),
        (FOUNDATION_EXCHANGES, FOUNDATION_ANSWERS),
    ]
    for exchanges, answers in tables:
        keys = [*(exchange.request.key for exchange in exchanges), *(f.key for f in answers)]
        assert len(keys) == len(set(keys))
