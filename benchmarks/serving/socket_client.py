"""A native client that costs little: it shares two cores with the server it measures."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import msgspec
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from serving.native import Requests


class Answer(msgspec.Struct, frozen=True):
    """An answer, its data still undecoded."""

    type: str
    data: msgspec.Raw
    id: str | None = None


_ANSWERS = msgspec.json.Decoder(Answer)


class NativeClient(asyncio.Protocol):
    """Asks over a WebSocket, one request at a time or many; what is no answer is passed over."""

    def __init__(self, url: str, requests: Requests) -> None:
        self._protocol = ClientProtocol(parse_uri(url))
        self._requests = requests
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked: dict[str, asyncio.Future[Answer]] = {}

    @classmethod
    async def open(cls, host: str, port: int, session_id: str) -> NativeClient:
        """Connect, and return when frames may be sent."""
        url = f"ws://{host}:{port}/ws/realtime"
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(lambda: cls(url, Requests(session_id)), host, port)
        await client._opened
        return client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._protocol.send_request(self._protocol.connect())
        self._write()

    def data_received(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._take(event)
            elif isinstance(event, Response):
                self._opened.set_result(None)
        self._write()

    def connection_lost(self, error: Exception | None) -> None:
        lost = ConnectionError(f"The server closed the connection: {self._protocol.close_reason}")
        for waiting in (self._opened, *self._asked.values()):
            if not waiting.done():
                waiting.set_exception(lost)

    async def authenticate(self, token: str) -> None:
        """Sign in; further requests are signed."""
        answer = await self.ask("authenticate", {"token": token})
        if answer.type != "auth_success":
            raise SystemExit(f"A client was not let in: {bytes(answer.data)!r}")
        self._requests.take_key({"data": msgspec.json.decode(answer.data)})

    def ask(self, kind: str, data: dict[str, Any]) -> asyncio.Future[Answer]:
        """Send a request; the future gives its answer."""
        frame_id, wire = self._requests.make(kind, data)
        answer = self._asked[frame_id] = asyncio.get_running_loop().create_future()
        self._protocol.send_text(wire)
        self._write()
        return answer

    def close(self) -> None:
        """End the connection."""
        self._protocol.send_close()
        self._write()
        self._transport.close()

    def _take(self, frame: Frame) -> None:
        if frame.opcode is Opcode.TEXT:
            answer = _ANSWERS.decode(frame.data)
            asked = None if answer.id is None else self._asked.pop(answer.id, None)
            if asked is not None:
                asked.set_result(answer)

    def _write(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()
