"""A reader of deltas on a real socket who stops reading: the newest whole, then deltas again."""

import hashlib
import json
from typing import Any

import pytest
from tests.integration.gateway.raw_socket import RawSocket, raw_socket
from tests.integration.gateway.serving import serve
from tests.integration.gateway.test_compression import OFFER, next_frame
from tests.unit.gateway.doubles import NOW, surroundings
from tests.unit.gateway.native_client import NativeClient
from websockets.asyncio.client import connect

from sectorwars.protocol.delta import rebuilt, whole_text
from sectorwars.protocol.publication import FrameType, Publication

ORE = "market.ore"
WANTED = {"channels": [ORE], "deltas": True}
MEMBERS = 2_000
FRAMES_MAX = 600


def news(number: int) -> Publication:
    """A large state that hardly shrinks; one half of it or the other is new each time."""
    versions = {place: b"%d %d" % (place, (number + place % 2) // 2) for place in range(MEMBERS)}
    data = {f"{place}": hashlib.sha256(text).hexdigest() for place, text in versions.items()}
    return Publication(ORE, FrameType.MARKET_UPDATE, data, NOW, conflatable=True)


async def sign_in(socket: RawSocket, client: NativeClient) -> None:
    socket.send_text(client.frame("authenticate", {"token": "good"}))
    _, payload = await next_frame(socket)
    client.take_key(json.loads(payload))
    socket.send_text(client.frame("subscribe", WANTED))
    _, payload = await next_frame(socket)
    assert json.loads(payload)["type"] == "subscribed"


@pytest.mark.parametrize("headers", [b"", OFFER])
async def test_who_stops_reading_gets_the_newest_whole_and_goes_on_with_deltas(
    headers: bytes,
) -> None:
    around = surroundings()
    async with (
        serve(around) as running,
        connect(running.url) as quick,
        raw_socket(running.port, headers) as slow,
    ):
        quick_client = NativeClient("quick")
        await quick.send(quick_client.frame("authenticate", {"token": "other"}), text=True)
        quick_client.take_key(json.loads(await quick.recv()))
        await quick.send(quick_client.frame("subscribe", {"channels": [ORE]}), text=True)
        await quick.recv()
        await sign_in(slow, NativeClient("slow"))
        connections = around.gateway.registry.connections
        (connection,) = [each for each in connections if around.hub.reads_deltas(each, ORE)]
        slow.writer.transport.pause_reading()
        sent: list[str] = []
        while len(sent) < FRAMES_MAX and connection.skipped < 3:
            around.hub.publish([news(len(sent))])
            sent.append(await quick.recv(decode=True))
        assert connection.skipped == 3, "he fell behind"
        slow.writer.transport.resume_reading()
        whole: dict[str, Any] = {}
        forms: list[str] = []
        had: list[str] = []
        while not had or had[-1] != sent[-1] or forms[-1] != "delta":
            frame = json.loads((await next_frame(slow))[1])
            if frame["type"] == "conflated":
                assert frame["data"]["channels"] == [{"channel": ORE, "skipped": 3}]
                around.hub.publish([news(len(sent))])
                sent.append(await quick.recv(decode=True))
                continue
            forms.append("delta" if frame["type"] == "delta" else "whole")
            whole = rebuilt(whole, frame) if frame["type"] == "delta" else frame
            had.append(whole_text(whole).decode())
    assert had == [*sent[: len(had) - 2], *sent[-2:]]
    assert forms == ["whole", *["delta"] * (len(had) - 3), "whole", "delta"]
