"""The cases of conformance.py on real sockets of one server, and beside them an undisturbed one."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.integration.gateway.conformance import CASES, Case, close, ping
from tests.integration.gateway.raw_socket import RawSocket, raw_socket
from tests.integration.gateway.serving import Served, serve
from tests.unit.gateway.doubles import surroundings
from tests.unit.gateway.sockets import server_frames
from websockets.asyncio.client import ClientConnection, connect

from sectorwars.protocol.framing import Opcode

OFFER = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
LAST = b"are you there"
NO_CODE = 1005


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Served]:
    async with serve(surroundings()) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bystander(served: Served) -> AsyncIterator[ClientConnection]:
    """Somebody who is connected all the time."""
    async with connect(served.url, ping_interval=None) as socket:
        yield socket


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("case", CASES, ids=str)
async def test_case(served: Served, bystander: ClientConnection, case: Case) -> None:
    async with raw_socket(served.port, OFFER if case.compression else b"") as socket:
        answers, code = await answers_to(socket, case)
    assert (answers, code) == (case.answers, case.code)
    await asyncio.wait_for(await bystander.ping(), 5)


async def answers_to(socket: RawSocket, case: Case) -> tuple[tuple[str, ...], int | None]:
    """What comes back, up to the close frame or to the pong that shows that there is none."""
    for piece in case.sent:
        socket.writer.write(piece)
        if len(case.sent) > 1:
            await asyncio.sleep(0)
    if case.code is None:
        socket.writer.write(ping(LAST))
    received = b""
    while not (frames := server_frames(received)) or not is_last(*frames[-1]):
        more = await socket.reader.read(65_536)
        assert more, frames
        received += more
    *before, (opcode, payload) = frames
    answers = tuple(name_of(*frame) for frame in before)
    if opcode is Opcode.PONG:
        return answers, None
    socket.writer.write(close(payload[:2]))
    assert await socket.reader.read() == b"", "the server hangs up once both have closed"
    return answers, int.from_bytes(payload[:2]) or NO_CODE


def is_last(opcode: Opcode, payload: bytes) -> bool:
    return opcode is Opcode.CLOSE or (opcode is Opcode.PONG and payload == LAST)


def name_of(opcode: Opcode, payload: bytes) -> str:
    if opcode is Opcode.PONG:
        return payload.decode()
    answer = json.loads(payload)
    name: str = answer.get("id", answer["data"]["code"])
    return name


def test_every_section_has_its_cases() -> None:
    sections = {case.section for case in CASES}
    assert sections == {"1", "2", "3", "4", "5", "6", "7", "9", "12"}
    assert len({str(case) for case in CASES}) > 110
