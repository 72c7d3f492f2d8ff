"""Who has asked for deltas gets them while he keeps up, and always from a frame that he has."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.gateway.doubles import (
    ACTIVE,
    NOW,
    OTHER,
    PLAYER,
    Surroundings,
    surroundings,
)
from tests.unit.gateway.native_line import Line, live
from tests.unit.gateway.test_explanation import counted, explained

from sectorwars.application.bus import ChannelPlace, RelayedFrame
from sectorwars.domain.commodity import BASE_PRICES
from sectorwars.domain.ids import PortId
from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.gateway.relay_hub import RelayHub
from sectorwars.protocol.channel import SignedChannel
from sectorwars.protocol.delta import rebuilt, whole_text
from sectorwars.protocol.dialect import SessionLimits
from sectorwars.protocol.publication import FrameType, Publication, account_channel
from sectorwars.protocol.shapes.market import PortGoodQuote, PortMarket

PORT = "port.p0001"
WANTED = {"channels": [PORT], "deltas": True}


def quotes(version: int) -> Publication:
    """A port's prices, of which one is another with each version."""
    goods = [
        PortGoodQuote("ore", 100 + place, 200, price, price + version * (place == 3), True, True)
        for place, price in enumerate(BASE_PRICES)
    ]
    market = PortMarket(PortId("p0001"), "Haven", "s0001", version, rfc3339(NOW), goods, [], ACTIVE)
    return Publication(PORT, FrameType.PORT_NETWORK, market, NOW, conflatable=True)


class Reader:
    """Rebuilds whole frames, as a client does."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.forms: list[str] = []
        self.whole: dict[str, Any] | None = None

    def take(self) -> list[bytes]:
        """The texts of the whole frames that have come since the last time."""
        return self.read(self.line.take())

    def read(self, frames: list[dict[str, Any]]) -> list[bytes]:
        texts = []
        for frame in frames:
            if "offset" not in frame:
                continue
            self.forms.append("delta" if frame["type"] == "delta" else "whole")
            if frame["type"] == "delta":
                assert self.whole is not None
                self.whole = rebuilt(self.whole, frame)
            else:
                self.whole = frame
            texts.append(whole_text(self.whole))
        return texts


async def reader(around: Surroundings, data: dict[str, Any] | None = None) -> Reader:
    """Subscribe; the answer is passed over."""
    line = await live(around)
    await line.socket.send(line.client.frame("subscribe", data or WANTED))
    return Reader(line)


def published(around: Surroundings, *versions: int) -> None:
    for version in versions:
        around.hub.publish([quotes(version)])


async def test_whole_and_delta_readers_have_the_same_frames_byte_for_byte() -> None:
    around = surroundings()
    by_deltas = await reader(around)
    in_whole = await reader(around, {"channels": [PORT]})
    before = counted("deltas_published_total")
    published(around, *range(1, 6))
    texts = by_deltas.take()
    assert texts == in_whole.take()
    assert len(texts) == 5
    assert by_deltas.forms == ["whole", *["delta"] * 4]
    assert in_whole.forms == ["whole"] * 5
    assert counted("deltas_published_total") - before == 4


async def test_the_answer_says_which_channels_come_as_deltas() -> None:
    line = await live()
    names = ["market.ore", PORT, "account", "pulse", "trades"]
    for deltas in (True, False):
        answer = await line.ask("subscribe", {"channels": names, "deltas": deltas})
        assert {entry["channel"]: entry["deltas"] for entry in answer["data"]["channels"]} == {
            "market.ore": deltas,
            PORT: deltas,
            "account": False,
            "pulse": deltas,
            "trades": False,
        }


@pytest.mark.parametrize("deltas", ["yes", 1, None, []])
async def test_deltas_are_wanted_or_not(deltas: object) -> None:
    line = await live()
    answer = await line.ask("subscribe", {"channels": [PORT], "deltas": deltas})
    assert answer["data"]["code"] == "invalid_request"
    fresh = Line(line.around)
    answer = await fresh.ask("resume", {"token": "good", "positions": [], "deltas": deltas})
    assert answer["data"]["code"] == "invalid_request"


async def test_who_comes_later_is_given_the_newest_frame_first() -> None:
    around = surroundings()
    first = await reader(around)
    published(around, 1, 2)
    late = await reader(around)
    assert late.take() == first.take()[-1:]
    published(around, 3)
    assert late.take() == first.take()
    assert late.forms == ["whole", "delta"]


async def test_slow_reader_gets_the_newest_whole_and_goes_on_with_deltas() -> None:
    around = surroundings()
    slow, quick = await reader(around), await reader(around)
    published(around, 1, 2)
    slow.take()
    slow.line.socket.connection.pause_writing()
    published(around, 3, 4, 5)
    assert slow.take() == []
    slow.line.socket.connection.resume_writing()
    published(around, 6)
    texts = quick.take()
    assert slow.take() == texts[-2:]
    assert slow.forms == ["whole", "delta", "whole", "delta"]


async def test_slow_reader_who_subscribes_meanwhile_gets_the_newest_whole_once() -> None:
    around = surroundings()
    quick, slow = await reader(around), await live(around)
    published(around, 1)
    slow.socket.connection.pause_writing()
    await slow.socket.send(slow.client.frame("subscribe", WANTED))
    published(around, 2)
    slow.socket.connection.resume_writing()
    published(around, 3)
    behind = Reader(slow)
    assert behind.take() == quick.take()[-2:]
    assert behind.forms == ["whole", "delta"]


async def test_who_subscribes_again_is_given_the_frame_again_and_each_next_one_once() -> None:
    around = surroundings()
    line = await reader(around)
    published(around, 1, 2)
    texts = line.take()
    await line.line.socket.send(line.line.client.frame("subscribe", WANTED))
    assert line.take() == texts[-1:]
    published(around, 3)
    assert len(line.take()) == 1
    assert line.forms == ["whole", "delta", "whole", "delta"]


async def test_who_subscribes_again_without_deltas_gets_whole_frames_from_then_on() -> None:
    around = surroundings()
    line = await reader(around)
    published(around, 1, 2)
    await line.line.socket.send(line.line.client.frame("subscribe", {"channels": [PORT]}))
    published(around, 3)
    line.take()
    assert line.forms == ["whole", "delta", "whole"]


async def test_channel_that_comes_twice_in_a_batch_loses_nothing() -> None:
    around = surroundings()
    by_deltas, in_whole = await reader(around), await reader(around, {"channels": [PORT]})
    published(around, 1)
    around.hub.publish([quotes(2), quotes(3)])
    assert by_deltas.take() == in_whole.take()


async def test_account_comes_whole_whatever_was_asked_for() -> None:
    around = surroundings()
    line = await reader(around, {"channels": ["account"], "deltas": True})
    for number in range(3):
        data = {"type": "account_update", "long": ["state"] * 100, "number": number}
        name = account_channel(PLAYER)
        around.hub.publish([Publication(name, FrameType.TRADING_SIGNAL, data, NOW, PLAYER)])
    assert len(line.take()) == 3
    assert line.forms == ["whole"] * 3


STEPS = st.sampled_from(["publish", "publish", "twice", "pause", "go on", "subscribe", "lose"])


@given(steps=st.lists(STEPS, max_size=40))
async def test_whatever_happens_a_delta_is_for_the_frame_that_its_reader_has(
    steps: list[str],
) -> None:
    around = surroundings(
        GatewayLimits(session=SessionLimits(messages_per_second=1_000), history_frames_max=2)
    )
    in_whole, by_deltas = await reader(around, {"channels": [PORT]}), await reader(around)
    version = 0
    had: list[bytes] = []
    for step in [*steps, "go on", "publish"]:
        match step:
            case "publish" | "twice":
                count = 1 if step == "publish" else 2
                around.hub.publish([quotes(version + 1 + more) for more in range(count)])
                version += count
            case "pause":
                by_deltas.line.socket.connection.pause_writing()
            case "go on":
                by_deltas.line.socket.connection.resume_writing()
            case "subscribe":
                line = by_deltas.line
                await line.socket.send(line.client.frame("subscribe", WANTED))
            case _:
                by_deltas.line.socket.lose()
                offset = 0 if by_deltas.whole is None else by_deltas.whole["offset"]
                by_deltas = await resumed(around, offset)
                answer, *missed = by_deltas.line.take()
                by_deltas.line.client.take_key(answer)
                had += by_deltas.read(missed)
                if answer["data"]["channels"][0]["outcome"] != "replay":
                    line = by_deltas.line
                    await line.socket.send(line.client.frame("subscribe", WANTED))
        # It is rebuilt from what this reader has, or this raises.
        had += by_deltas.take()
    offsets = [json.loads(text)["offset"] for text in had]
    assert offsets == sorted(offsets)
    assert had[-1:] == in_whole.take()[-1:]
    assert version == offsets[-1]


async def resumed(around: Surroundings, offset: int, *, deltas: bool = True) -> Reader:
    """Come back to the port where a reader was at `offset`."""
    line = Line(around)
    channel = around.gateway.hub.channel(PORT)
    positions = [{"channel": PORT, "epoch": channel.epoch, "offset": offset}]
    data = {"token": "good", "positions": positions, "deltas": deltas}
    await line.socket.send(line.client.frame("resume", data))
    return Reader(line)


@pytest.mark.parametrize(("seen", "first"), [(1, 2), (4, 5), (5, 5)])
async def test_who_comes_back_gets_what_he_missed_whole_and_then_deltas(
    seen: int, first: int
) -> None:
    around = surroundings()
    in_whole = await reader(around, {"channels": [PORT]})
    published(around, *range(1, 6))
    back = await resumed(around, seen)
    published(around, 6)
    assert back.take() == in_whole.take()[first - 1 :]
    assert back.forms == [*["whole"] * (6 - first), "delta"]


async def test_who_comes_back_without_deltas_gets_whole_frames_and_none_twice() -> None:
    around = surroundings()
    await reader(around)
    published(around, 1, 2)
    back = await resumed(around, 2, deltas=False)
    published(around, 3)
    assert len(back.take()) == 1
    assert back.forms == ["whole"]


@pytest.mark.parametrize(("deltas", "answer"), [(True, "error"), (False, "pong")])
async def test_frames_for_deltas_count_as_snapshots_do(*, deltas: bool, answer: str) -> None:
    around = surroundings(GatewayLimits(session=SessionLimits(messages_per_second=5)))
    wanted = {"channels": [PORT], "deltas": deltas}
    line = (await reader(around, wanted)).line
    published(around, 1)
    # Three messages with a quarter for each snapshot, and another for each frame that there was.
    for _ in range(2):
        await line.socket.send(line.client.frame("subscribe", wanted))
    line.take()
    assert (await line.ask("ping", {}))["type"] == answer


async def test_channel_keeps_its_subscription_when_a_request_that_names_it_is_refused() -> None:
    around = surroundings()
    line = await reader(around)
    line.take()
    data = {"channels": [PORT, "port.nowhere"], "deltas": True}
    answer = await line.line.ask("subscribe", data)
    assert answer["data"]["code"] == "unknown_channel"
    published(around, 1)
    assert len(line.take()) == 1
    answer = await line.line.ask("unsubscribe", {"channels": [PORT]})
    assert answer["data"]["channels"] == [PORT]
    published(around, 2)
    assert line.take() == []


async def test_operators_see_who_reads_deltas() -> None:
    around = surroundings()
    await reader(around, {"channels": [PORT, "account"], "deltas": True})
    whole = explained(around)
    assert [(each.channel, each.deltas) for each in whole.followed] == [
        ("account", False),
        (PORT, True),
    ]


class Relayed:
    """The engine's frames as a gateway of its own gets them."""

    def __init__(self) -> None:
        limits = GatewayLimits()
        self.interrupted: list[object] = []
        self.hub = RelayHub(
            lambda names: self.hub.place(self._place(name) for name in names),
            self.interrupted.extend,
            lambda: 0.0,
            limits.history_frames_max,
            limits.linger_seconds,
        )
        self.around = surroundings(limits, relay=self.hub)
        self.begin("e.1")

    def begin(self, epoch: str) -> None:
        """Be an engine that has just started."""
        # Only the signatures matter here, so the signer may be the gateway's.
        signer = self.around.gateway.parts.signer
        self.channel = SignedChannel(PORT, epoch, "engine", signer, 1)

    def publish(self, version: int) -> str:
        frame = self.channel.append(quotes(version))
        text = self.channel.encode(frame)
        relayed = RelayedFrame(
            self._place(PORT), FrameType.PORT_NETWORK, UnixMicros(NOW), None, True, text
        )
        self.hub.relay([relayed])
        return text.decode()

    def _place(self, name: str) -> ChannelPlace:
        return ChannelPlace(name, name, self.channel.epoch, self.channel.offset)


async def test_relayed_frames_are_rebuilt_to_the_bytes_that_the_engine_signed() -> None:
    engine = Relayed()
    # Of what was published before anybody here listened, a gateway knows the place only.
    engine.channel.append(quotes(1))
    line = await reader(engine.around)
    assert line.take() == []
    sent = [engine.publish(version) for version in (2, 3, 4)]
    assert [text.decode() for text in line.take()] == sent
    assert line.forms == ["whole", "delta", "delta"]


async def test_another_engine_begins_with_a_whole_frame() -> None:
    engine = Relayed()
    line = await reader(engine.around)
    engine.publish(1)
    engine.publish(2)
    engine.begin("e.2")
    sent = engine.publish(3)
    # Whoever was there missed something, and is interrupted; who comes now has not.
    assert len(engine.interrupted) == 1
    late = await reader(engine.around)
    assert [text.decode() for text in late.take()] == [sent]
    engine.publish(4)
    late.take()
    assert late.forms == ["whole", "delta"]
    assert json.loads(line.line.socket.take()[-1])["epoch"] == "e.1"


async def test_others_deltas_are_not_for_other_players() -> None:
    around = surroundings()
    mine = await reader(around, {"channels": ["account"], "deltas": True})
    other = await live(around, "other")
    await other.ask("subscribe", {"channels": ["account"], "deltas": True})
    name = account_channel(OTHER)
    around.hub.publish([Publication(name, FrameType.TRADING_SIGNAL, {"n": 1}, NOW, OTHER)])
    assert mine.take() == []
    assert len(other.take()) == 1
