"""Slow and broken senders of HTTP on a real socket, and readers who stop."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.integration.gateway.serving import Served, serve
from tests.unit.gateway.doubles import surroundings
from tests.unit.gateway.sockets import client_frame
from websockets.asyncio.client import connect

from sectorwars.gateway.http_protocol import HttpPatience
from sectorwars.protocol.framing import Opcode

SHORT = HttpPatience(request_seconds=0.2, answer_seconds=0.2)
HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"
WEBSOCKET = (
    b"GET /ws/realtime HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@asynccontextmanager
async def opened(
    served: Served,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def problem(reader: asyncio.StreamReader) -> dict[str, Any]:
    """The refusal that is the last thing to come before the server hangs up."""
    top, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert b"\r\nContent-Type: application/problem+json" in top
    members: dict[str, Any] = json.loads(body)
    assert top.startswith(f"HTTP/1.1 {members['status']} ".encode())
    return members


@pytest.mark.parametrize("sent", [HEAD, WEBSOCKET, BODY], ids=["head", "ws", "body"])
async def test_request_that_does_not_come_whole_is_not_waited_for(sent: bytes) -> None:
    async with serve(surroundings(), patience=SHORT) as served, opened(served) as (reader, writer):
        writer.write(sent)
        refused = await problem(reader)
    assert (refused["status"], refused["code"], refused["retry"]) == (
        408,
        "request_timeout",
        "later",
    )
    assert refused["limit"] == "request_timeout=0.2"
    assert (refused["remaining"], refused["retry_after_ms"]) == (0, 1_000)
    assert served.surroundings.denials.seen == [(None, "request_timeout")]


async def test_connection_that_was_opened_ahead_of_need_is_closed_without_a_word() -> None:
    async with serve(surroundings(), patience=SHORT) as served, opened(served) as (reader, _):
        assert await reader.read() == b""
    assert served.surroundings.denials.seen == []


async def test_body_that_was_not_needed_is_not_waited_for_either() -> None:
    async def hasty(
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async with (
        serve(surroundings(), patience=SHORT, app=hasty) as served,
        opened(served) as (reader, writer),
    ):
        writer.write(BODY)
        assert (await reader.read()).count(b"HTTP/1.1 ") == 1


async def test_application_learns_that_a_body_will_never_come() -> None:
    heard: list[str] = []

    async def patient(
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        while (message := await receive())["type"] == "http.request":
            heard.append(message["type"])
        heard.append(message["type"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"too late"})

    async with (
        serve(surroundings(), patience=SHORT, app=patient) as served,
        opened(served) as (reader, writer),
    ):
        writer.write(BODY)
        assert (await problem(reader))["code"] == "request_timeout"
    assert heard == ["http.request", "http.disconnect"]


async def test_dripping_request_is_given_no_more_time_than_a_silent_one() -> None:
    async with serve(surroundings(), patience=SHORT) as served, opened(served) as (reader, writer):

        async def drip() -> None:
            while True:
                writer.write(b"X-Padding: 1\r\n")
                await asyncio.sleep(0.02)

        writer.write(HEAD)
        dripping = asyncio.create_task(drip())
        started = asyncio.get_running_loop().time()
        assert (await problem(reader))["code"] == "request_timeout"
        assert asyncio.get_running_loop().time() - started < 2
        dripping.cancel()


async def test_second_request_of_a_connection_has_its_own_time() -> None:
    async with serve(surroundings(), patience=SHORT) as served, opened(served) as (reader, writer):
        for _ in range(3):
            writer.write(HEAD + b"\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
            await asyncio.sleep(0.15)


async def test_websocket_is_not_hurried_once_it_is_open() -> None:
    async with serve(surroundings(), patience=SHORT) as served, connect(served.url) as socket:
        await asyncio.sleep(0.3)
        await (await socket.ping())


async def test_websocket_behind_an_answer_that_fills_the_socket_waits_for_its_reader() -> None:
    answered = asyncio.Event()

    async def long(
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        body = b"x" * (16 * 2**20)
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        answered.set()

    async with (
        serve(surroundings(), patience=SHORT, app=long) as served,
        opened(served) as (reader, writer),
    ):
        # The handshake waits behind a request whose answer more than fills the socket.
        writer.write(HEAD + b"\r\n" + WEBSOCKET + b"\r\n")
        await answered.wait()
        (connection,) = served.surroundings.gateway.registry.connections
        served.surroundings.clock.advance(1)
        # It knows that its reader is behind, and will not write on and on.
        assert connection.lag_seconds(served.surroundings.clock.monotonic()) == 1
        received = b""
        while b"HTTP/1.1 101 " not in received:
            received = received[-20:] + await reader.read(1 << 20)
        await asyncio.sleep(0.3)
        writer.write(client_frame(Opcode.PING, b"there?"))
        while b"there?" not in received:
            received = await asyncio.wait_for(reader.read(1 << 20), 5)
            assert received


async def test_who_has_kept_the_server_waiting_longest_makes_room() -> None:
    patience = HttpPatience(request_seconds=60, waited_for_max=2, evictable_seconds=0)
    async with serve(surroundings(), patience=patience) as served:
        sockets = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(4)]
        for reader, _ in sockets[:2]:
            assert await reader.read() == b""
        for reader, writer in sockets[2:]:
            writer.write(HEAD + b"\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
        for _, writer in sockets:
            writer.close()


async def test_newcomers_are_not_evicted_however_many_come_at_once() -> None:
    patience = HttpPatience(request_seconds=60, waited_for_max=2)
    async with serve(surroundings(), patience=patience) as served:
        sockets = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(20)]
        for reader, writer in sockets:
            writer.write(HEAD + b"\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
            writer.close()


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"A" * 70_000])
async def test_what_is_no_http_is_refused_with_a_code(sent: bytes) -> None:
    async with serve(surroundings()) as served, opened(served) as (reader, writer):
        writer.write(sent + b"\r\n\r\n")
        refused = await problem(reader)
    assert (refused["status"], refused["code"]) == (400, "bad_request")


async def test_other_upgrades_are_answered_in_http() -> None:
    async with serve(surroundings()) as served, opened(served) as (reader, writer):
        writer.write(HEAD + b"Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")


async def test_reader_who_takes_nothing_of_an_answer_is_cut_off() -> None:
    sending = asyncio.Event()
    gone = asyncio.Event()

    async def endless(
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        sending.set()
        piece = {"type": "http.response.body", "body": b"x" * 2**20, "more_body": True}
        for _ in range(100):
            await send(piece)
        assert (await receive())["type"] == "http.disconnect"
        gone.set()

    async with (
        serve(surroundings(), patience=SHORT, app=endless) as served,
        opened(served) as (_, writer),
    ):
        writer.write(HEAD + b"\r\n")
        await sending.wait()
        await asyncio.wait_for(gone.wait(), 5)


NASTY = {
    "chunk that is none": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "two lengths": b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "length that is none": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "null in a header": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    "bytes in the target": b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "folded header": b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n : y\r\n\r\n",
    "garbage after a request": HEAD + b"\r\nGARBAGE\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "websocket of HTTP/1.0": WEBSOCKET.replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n",
    "websocket with a body": WEBSOCKET + b"Content-Length: 5\r\n\r\nhello",
    "origin that is none": WEBSOCKET + b"Origin: http://[\r\n\r\n",
    "proxy's target": WEBSOCKET.replace(b"/ws/realtime", b"http://x/ws/realtime") + b"\r\n",
    "connect": b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "percent": b"GET /%ff%00%2e%2e/ HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("sent", NASTY.values(), ids=NASTY.keys())
async def test_nasty_request_breaks_nothing(sent: bytes) -> None:
    broken: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: broken.append(context))
    async with serve(surroundings(), patience=SHORT) as served:
        async with opened(served) as (reader, writer):
            writer.write(sent)
            assert (await reader.read(12)).startswith(b"HTTP/1.1 ")
        async with connect(served.url) as socket:
            await (await socket.ping())
    assert broken == []
