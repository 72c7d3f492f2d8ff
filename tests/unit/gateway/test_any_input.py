"""Whatever comes, in whichever state: an answer or a close code, never an exception."""

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.foundation.page import Page
from tests.unit.gateway.doubles import Ledgerless, surroundings
from tests.unit.gateway.native_line import Line, live
from tests.unit.gateway.sockets import PlayerSocket, server_frames

from sectorwars.api.frames import FOUNDATION_EXCHANGES, NATIVE_EXCHANGES
from sectorwars.application.rows import Receipt
from sectorwars.application.writing.refusals import busy
from sectorwars.domain.command import CommandEnvelope, SwitchAutomation, Trade
from sectorwars.domain.rejection import Refusal
from sectorwars.protocol.canonical import NotCanonicalError
from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.framing import Opcode

REQUESTS = [exchange.request.key for exchange in NATIVE_EXCHANGES]
ACTIONS = [exchange.request.key for exchange in FOUNDATION_EXCHANGES] + ["subscribe"]
TYPES = sorted({exchange.request.type for exchange in FOUNDATION_EXCHANGES})
MEMBERS = [
    *("token", "channels", "positions", "commands", "command_id", "side", "commodity", "quantity"),
    *("order_id", "port_id", "message", "conversation_id", "active", "command", "action", "type"),
    "deltas",
    *("commodities", "timeframe", "session_id", "limit_price", "max_price"),
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["good", "other", "market.ore", "account", "ore", "buy", "1h", "subscribe"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4) | st.sampled_from(MEMBERS), inner, max_size=3)
    ),
    max_leaves=8,
)
DATA = st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=5)


class Reluctant(Ledgerless):
    """Decides trades and the switch, and nothing else."""

    async def submit(
        self, envelope: CommandEnvelope, received_monotonic: float
    ) -> Receipt | Refusal:
        if isinstance(envelope.command, Trade | SwitchAutomation):
            return await super().submit(envelope, received_monotonic)
        return busy(1)


@given(st.lists(st.binary(max_size=40), max_size=6))
@settings(max_examples=100)
async def test_any_bytes_end_in_a_close_code_or_in_nothing(pieces: list[bytes]) -> None:
    socket = PlayerSocket(surroundings())
    for piece in pieces:
        socket.connection.feed(piece)
    written = server_frames(bytes(socket.transport.written))
    closes = [payload for opcode, payload in written if opcode is Opcode.CLOSE]
    assert len(closes) <= 1
    assert bool(closes) is socket.connection.closing
    for payload in closes:
        assert int.from_bytes(payload[:2]) != CloseCode.INTERNAL_ERROR


@settings(max_examples=50)
@given(st.one_of(st.binary(max_size=60), VALUES.map(lambda value: json.dumps(value).encode())))
async def test_any_message_of_a_stranger_has_one_answer(payload: bytes) -> None:
    line = Line()
    with contextlib.suppress(UnicodeDecodeError):
        payload.decode()
        await line.socket.send(payload)
        (answer,) = line.take()
        assert answer["type"] == "error"
        assert (await line.sign_in())["type"] == "auth_success"


@given(kind=st.sampled_from(REQUESTS) | st.text(max_size=8), data=VALUES | DATA)
@settings(max_examples=100)
async def test_any_native_request_has_one_answer(kind: str, data: Any) -> None:
    line = await live(surroundings(commands=Reluctant()))
    try:
        frame = line.client.frame(kind, data)
    except NotCanonicalError:
        frame = line.client.frame(kind, data, signature="")
    await line.socket.send(frame)
    (answer,) = line.take()
    assert answer.get("id") in {None, str(line.client.counter)}
    assert (await line.ask("ping", {}))["type"] == "pong"


@given(
    kind=st.sampled_from(TYPES) | st.text(max_size=8),
    action=st.sampled_from(ACTIONS) | VALUES,
    data=DATA,
)
@settings(max_examples=100)
async def test_any_foundation_request_leaves_its_connection_alive(
    kind: str, action: Any, data: dict[str, Any]
) -> None:
    page = Page()
    await page.sign_in()
    await page.say(kind, {"action": action, "token": "forged", **data})
    (pong,) = await page.say("ai_alert", {"action": "ping"})
    assert pong["data"] == {"action": "pong"}
    assert page.socket.close_code is None


@settings(max_examples=50)
@given(first=st.sampled_from(["authenticate", "resume"]), data=VALUES | DATA)
async def test_any_first_request_is_answered_and_lets_nobody_in(first: str, data: Any) -> None:
    around = surroundings()
    around.tokens.principals.clear()
    line = Line(around)
    await line.socket.send(line.client.frame(first, data))
    (answer,) = line.take()
    assert answer["type"] in {"auth_failed", "error"}
    assert around.gateway.players_online == 0
