"""permessage-deflate on a real socket: for who offers it, within limits, and for nobody else."""

import json
import zlib

import pytest
from tests.integration.gateway.raw_socket import RawSocket, raw_socket
from tests.integration.gateway.serving import serve
from tests.unit.gateway.doubles import NOW, surroundings
from tests.unit.gateway.native_client import NativeClient
from tests.unit.gateway.sockets import client_frame
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from sectorwars.gateway.server import UpgradePolicy
from sectorwars.protocol import channel, framing
from sectorwars.protocol.deflate import press
from sectorwars.protocol.framing import Opcode
from sectorwars.protocol.publication import FrameType, Publication

OFFER = b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
COMPRESSED = 0x40
NEWS = Publication("market.ore", FrameType.MARKET_UPDATE, {"text": "up " * 400}, NOW)


async def follow_ore(socket: RawSocket, client: NativeClient) -> None:
    socket.send_text(client.frame("authenticate", {"token": "good"}))
    _, payload = await next_frame(socket)
    client.take_key(json.loads(payload))
    socket.send_text(client.frame("subscribe", {"channels": ["market.ore"]}))
    _, payload = await next_frame(socket)
    assert json.loads(payload)["type"] == "subscribed"


async def next_frame(socket: RawSocket) -> tuple[bool, bytes]:
    """Whether the next frame is compressed, and its text."""
    first, length = await socket.reader.readexactly(2)
    if length == 126:
        length = int.from_bytes(await socket.reader.readexactly(2))
    elif length == 127:
        length = int.from_bytes(await socket.reader.readexactly(8))
    payload = await socket.reader.readexactly(length)
    if not first & COMPRESSED:
        return False, payload
    # Nothing is taken over, and the window is the one agreed on.
    inflater = zlib.decompressobj(-12)
    return True, inflater.decompress(payload + b"\x00\x00\xff\xff")


async def test_broadcast_is_pressed_once_for_all_who_agreed_and_plain_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pressed: list[bytes] = []

    def counted(payload: bytes) -> bytes:
        pressed.append(payload)
        return framing.encode_compressed(payload)

    monkeypatch.setattr(channel, "encode_compressed", counted)
    around = surroundings()
    async with (
        serve(around) as served,
        raw_socket(served.port, OFFER) as one,
        raw_socket(served.port, OFFER) as two,
        raw_socket(served.port) as plain,
    ):
        for number, socket in enumerate((one, two, plain)):
            agreed = b"permessage-deflate; server_no_context_takeover; " in socket.head
            assert agreed is (socket is not plain)
            await follow_ore(socket, NativeClient(f"session-{number}"))
        for _ in range(3):
            around.hub.publish([NEWS])
            frames = [await next_frame(socket) for socket in (one, two, plain)]
            assert [compressed for compressed, _ in frames] == [True, True, False]
            assert len({text for _, text in frames}) == 1
            assert json.loads(frames[0][1])["data"] == NEWS.data
    assert len(pressed) == 3


async def test_short_messages_are_sent_as_they_are() -> None:
    async with serve(surroundings()) as served, raw_socket(served.port, OFFER) as socket:
        socket.send_text(b"{")
        compressed, text = await next_frame(socket)
    assert not compressed
    assert json.loads(text)["data"]["code"] == "malformed_frame"


async def test_compressed_requests_of_a_common_library_are_understood() -> None:
    client = NativeClient()
    async with serve(surroundings()) as served, connect(served.url) as socket:
        assert socket.protocol.extensions
        await socket.send(client.frame("authenticate", {"token": "good"}), text=True)
        client.take_key(json.loads(await socket.recv()))
        channels = [f"market.{good}" for good in ("ore", "fuel", "energy", "luxury")]
        await socket.send(client.frame("subscribe", {"channels": channels}), text=True)
        answer = json.loads(await socket.recv())
    assert client.is_ours(answer)
    assert len(answer["data"]["channels"]) == 4


async def test_bomb_ends_its_connection_alone() -> None:
    bomb = bytearray(client_frame(Opcode.TEXT, press(b"a" * (50 * 2**20))))
    bomb[0] |= COMPRESSED
    assert len(bomb) < 65_536
    async with serve(surroundings()) as served, connect(served.url) as other:
        async with raw_socket(served.port, OFFER) as socket:
            assert (await socket.close_of(bytes(bomb)))[1] == 1009
        await (await other.ping())


async def test_compression_that_was_not_agreed_on_breaks_the_protocol() -> None:
    frame = bytearray(client_frame(Opcode.TEXT, press(b"{}")))
    frame[0] |= COMPRESSED
    async with serve(surroundings()) as served, raw_socket(served.port) as socket:
        assert (await socket.close_of(bytes(frame)))[1] == 1002


async def test_setting_switches_it_off() -> None:
    policy = UpgradePolicy(compression=False)
    async with serve(surroundings(), policy) as served, raw_socket(served.port, OFFER) as socket:
        assert b"Sec-WebSocket-Extensions" not in socket.head


async def test_offer_that_cannot_be_kept_is_declined_and_one_that_is_none_refused() -> None:
    async with serve(surroundings()) as served:
        for offer in (b"permessage-deflate; server_max_window_bits=9", b"x-unknown; a=1"):
            header = b"Sec-WebSocket-Extensions: " + offer + b"\r\n"
            async with raw_socket(served.port, header) as socket:
                assert b"Sec-WebSocket-Extensions" not in socket.head
        headers = {"Sec-WebSocket-Extensions": "a; b=,"}
        with pytest.raises(InvalidStatus) as caught:
            await connect(served.url, compression=None, additional_headers=headers)
    response = caught.value.response
    assert (response.status_code, json.loads(response.body)["code"]) == (400, "invalid_upgrade")


async def test_slow_reader_gets_what_waited_for_him_compressed_too() -> None:
    around = surroundings()
    async with serve(around) as served, raw_socket(served.port, OFFER) as socket:
        await follow_ore(socket, NativeClient())
        (connection,) = around.gateway.registry.connections
        connection.pause_writing()
        around.hub.publish([NEWS])
        connection.resume_writing()
        compressed, text = await next_frame(socket)
    assert compressed
    assert json.loads(text)["data"] == NEWS.data
