"""Every native command, with every fault its schema knows and with what chance makes of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.api.faults import ODDITIES, FaultySchema
from tests.integration.server.players import NativePlayer, RestPlayer
from tests.integration.server.process import Server
from websockets.asyncio.client import ClientConnection, connect

from sectorwars.domain.rejection import RejectionCode
from sectorwars.protocol.canonical import NotCanonicalError
from sectorwars.protocol.native_commands import COMMAND_REQUESTS
from sectorwars.protocol.refusal import CODE_BY_FIELD

pytestmark = pytest.mark.postgres

MALFORMED = "malformed_frame"
OF_FIELDS = {"invalid_request", *CODE_BY_FIELD.values()}
OF_COMMANDS = {
    *(code.value for code in RejectionCode),
    "command_id_conflict",
    "command_id_reserved",
}


@pytest.fixture
async def schemas(http: httpx.AsyncClient) -> dict[str, FaultySchema]:
    """The schemas of all commands' data, as AsyncAPI says them."""
    document = (await http.get("/asyncapi.json")).json()
    messages = document["channels"]["native"]["messages"]
    definitions = document["components"]["schemas"]
    return {
        kind: FaultySchema(
            messages[kind]["payload"]["properties"]["data"], definitions, "#/components/schemas/"
        )
        for kind in COMMAND_REQUESTS
    }


@pytest.fixture
async def socket(server: Server) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as client:
        yield client


@pytest.fixture
async def native(socket: ClientConnection, player: RestPlayer) -> NativePlayer:
    return await NativePlayer.authenticate(socket, player.token)


async def answer_to(native: NativePlayer, kind: str, data: Any) -> dict[str, Any]:
    """Send a command, unsigned if it cannot be signed, and return the one answer to it."""
    try:
        text = native.frame(kind, data)
    except (NotCanonicalError, ValueError):
        text = native.frame(kind, data, signature="")
    await native.socket.send(text)
    answer = await native.receive()
    assert answer.get("id", json.loads(text)["id"]) == json.loads(text)["id"]
    return answer


async def has_done_nothing(player: RestPlayer) -> bool:
    orders = (await player.read("/trading/orders"))["items"]
    quotes = (await player.read("/trading/quotes"))["quotes"]
    return orders == [] and quotes == []


@pytest.mark.parametrize("kind", sorted(COMMAND_REQUESTS))
async def test_every_fault_has_its_code_and_does_nothing(
    native: NativePlayer, player: RestPlayer, schemas: dict[str, FaultySchema], kind: str
) -> None:
    before = await player.state()
    faults = schemas[kind].faults()
    assert len(faults) > 30
    for fault in faults:
        answer = await answer_to(native, kind, fault.body)
        own = CODE_BY_FIELD.get(fault.field, "invalid_request")
        assert answer["type"] == "error", f"{fault}: {answer}"
        assert answer["data"]["code"] in {own, MALFORMED}, f"{fault}: {answer}"
        assert (answer["data"]["retry"], bool(answer["data"]["reason"])) == ("never", True)
    for body in (None, [], "x", 1):
        assert (await answer_to(native, kind, body))["data"]["code"] == "invalid_request"
    assert (await native.ask("ping", {}))["type"] == "pong"
    assert await player.state() == before
    assert await has_done_nothing(player)


ODD_VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(["buy", "sell", "ore", "energy", "all", "partial", 1, 2, 100, True, False]),
    # Of numbers like 1.0, JSON Schema says that they are whole.
    st.sampled_from([value for value in ODDITIES if not isinstance(value, float)]),
    st.integers(),
    st.text(max_size=30),
    st.none(),
)


@given(data=st.data())
@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_whatever_comes_is_answered_for_by_the_schema_or_the_engine(
    native: NativePlayer, schemas: dict[str, FaultySchema], data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(sorted(COMMAND_REQUESTS)))
    names = data.draw(st.lists(st.sampled_from(schemas[kind].fields), unique=True))
    body = schemas[kind].example() | {name: data.draw(ODD_VALUES, label=name) for name in names}
    answer = await answer_to(native, kind, body)
    code = answer["data"]["code"] if answer["type"] == "error" else None
    if schemas[kind].admits(body):
        assert code is None or code in OF_COMMANDS
    else:
        assert code in {*OF_FIELDS, MALFORMED}
    assert (await native.ask("ping", {}))["type"] == "pong"
