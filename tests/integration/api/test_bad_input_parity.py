"""A fault in a native command is refused by the code that REST gives it, and nothing is done."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.integration.api.faults import FaultySchema
from tests.integration.api.stack import Player, Stack

from sectorwars.domain.command import CommandEnvelope, Origin
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import NUMBERS, Refusal
from sectorwars.protocol.codec import MalformedJsonError, decode_json
from sectorwars.protocol.native_commands import COMMAND_REQUESTS, read_command
from sectorwars.simulation.digest import world_digest

TWINS = {
    "execute_trade": "/trading/buy",
    "request_quote": "/trading/quotes",
    "place_order": "/trading/orders",
    "automation_toggle": "/trading/automation/toggle",
    "set_disconnect_pause": "/trading/automation/disconnect-pause",
}
BY_PATH_ONLY = {"cancel_order", "cancel_orders"}
"""Commands whose REST twins have no body."""


def test_every_native_command_is_tried_here() -> None:
    assert {*TWINS, *BY_PATH_ONLY} == COMMAND_REQUESTS


async def native_refusal(stack: Stack, player: Player, kind: str, data: dict[str, Any]) -> Any:
    """Return the code and number that a native command with this data is refused with."""
    try:
        members = decode_json(json.dumps(data).encode())
    except MalformedJsonError:
        return ("malformed_json", None)
    named = read_command(kind, members)
    if isinstance(named, Refusal):
        return (named.code, named.number)
    player_id = PlayerId(player.grant["player_id"])
    envelope = CommandEnvelope(named.command_id, player_id, Origin.WEBSOCKET, named.command)
    outcome = await stack.processor.submit(envelope, stack.clock.monotonic())
    if isinstance(outcome, Refusal):
        return (outcome.code, outcome.number)
    fate = msgspec.json.decode(outcome.body)
    assert fate["status"] == "rejected", (kind, data, fate)
    return (fate["code"], fate["number"])


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
@pytest.mark.parametrize("kind", sorted(TWINS))
async def test_one_fault_has_one_code(stack: Stack, kind: str) -> None:
    player = await stack.register()
    document = (await stack.http.get("/openapi.json")).json()
    described = document["paths"][f"/api/v1{TWINS[kind]}"]["post"]["requestBody"]
    schema = described["content"]["application/json"]["schema"]
    faults = FaultySchema(
        schema, document["components"]["schemas"], "#/components/schemas/"
    ).faults()
    assert len(faults) > 50
    before = world_digest(stack.world())
    headers = {**player.headers, "Content-Type": "application/json"}
    for number, fault in enumerate(faults):
        content = json.dumps(fault.body)
        answer = await stack.http.post(f"/api/v1{TWINS[kind]}", content=content, headers=headers)
        problem = answer.json()
        side = {"side": "buy"} if kind == "execute_trade" else {}
        data = {"command_id": f"c-{number}", **side, **fault.body}
        refused = await native_refusal(stack, player, kind, data)
        assert refused == (problem["code"], NUMBERS.get(problem["code"])), f"{kind} {fault}"
    assert world_digest(stack.world()) == before


@pytest.mark.parametrize(
    "data",
    [
        {"order_id": "another's"},
        {"order_id": ""},
        {"order_id": "a\x00b"},
        {"order_id": 5},
        {"port_id": "a\nb"},
        {"port_id": ""},
        {"port_id": [], "order_id": []},
        {"quantity": 5},
    ],
)
@pytest.mark.parametrize("stores", ["memory"], indirect=True)
@pytest.mark.parametrize("kind", sorted(BY_PATH_ONLY))
async def test_a_cancel_of_what_is_not_there_is_refused(
    stack: Stack, kind: str, data: dict[str, Any]
) -> None:
    player = await stack.register()
    code, _ = await native_refusal(stack, player, kind, {"command_id": "c", **data})
    assert code in {"invalid_request", "unknown_order"}
