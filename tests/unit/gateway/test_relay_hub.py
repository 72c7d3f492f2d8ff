"""Frames of another process: in order, once, and never with a hole that nobody is told of."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from sectorwars.application.bus import ChannelPlace, RelayedFrame
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.gateway.audience import Bundle, Subscriber
from sectorwars.gateway.relay_hub import RelayHub
from sectorwars.protocol.channel import PublishedFrame
from sectorwars.protocol.publication import FrameType
from sectorwars.protocol.shapes.account import AccountUpdate

ORE = "market.ore"


class Reader:
    """Keeps the offsets he is given."""

    def __init__(self) -> None:
        self.frames: list[PublishedFrame] = []
        self.pieces = 0
        self.pipe = None

    def deliver(self, bundle: Bundle) -> None:
        self.frames.extend(bundle.frames)
        self.pieces += 1

    @property
    def offsets(self) -> list[int]:
        return [frame.offset for frame in self.frames]


class Engine:
    """What a hub asks for, and whom it interrupts."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []
        self.interrupted: list[Subscriber] = []
        self.answers = True
        self.now = 0.0
        self.hub = RelayHub(self._ask, self._interrupt, lambda: self.now, 3, 60.0)

    def _ask(self, channels: Sequence[str]) -> None:
        self.asked.append(tuple(channels))
        if self.answers:
            self.hub.place(ChannelPlace(name, name, "e1", 5) for name in channels)

    def _interrupt(self, subscribers: Collection[Subscriber]) -> None:
        self.interrupted.extend(subscribers)

    def reader(self, channel: str = ORE) -> Reader:
        reader = Reader()
        self.hub.subscribe(reader, channel, channel, self.now)
        return reader


@pytest.fixture
async def engine() -> Engine:
    engine = Engine()
    assert await engine.hub.open([ORE])
    return engine


def frame(offset: int, epoch: str = "e1", channel: str = ORE) -> RelayedFrame:
    place = ChannelPlace(channel, channel, epoch, offset)
    payload = b'{"offset":%d}' % offset
    return RelayedFrame(
        place, FrameType.MARKET_UPDATE, UnixMicros(1), None, conflatable=True, payload=payload
    )


async def test_a_channel_begins_where_the_engine_says(engine: Engine) -> None:
    channel = engine.hub.subscribe(Reader(), ORE, ORE, 0.0)
    assert (channel.epoch, channel.offset, channel.public_name) == ("e1", 5, ORE)
    asked = len(engine.asked)
    assert await engine.hub.open([ORE])
    assert len(engine.asked) == asked
    assert engine.hub.channels() == (ORE,)


async def test_frames_are_handed_on_byte_for_byte_once_and_together(engine: Engine) -> None:
    reader = engine.reader()
    engine.hub.relay([frame(6), frame(7)])
    engine.hub.relay([frame(7), frame(8)])
    assert reader.offsets == [6, 7, 8]
    assert reader.pieces == 2
    assert reader.frames[0].wire().endswith(b'{"offset":6}')
    assert engine.interrupted == []


async def test_a_returning_reader_gets_what_he_missed(engine: Engine) -> None:
    engine.hub.relay([frame(6), frame(7)])
    _, recovery = engine.hub.recover(ORE, ORE, "e1", 5, 0.0)
    assert recovery.outcome == "replay"
    assert [missed.offset for missed in recovery.frames] == [6, 7]
    # From before this process has heard of the channel.
    _, recovery = engine.hub.recover(ORE, ORE, "e1", 3, 0.0)
    assert (recovery.outcome, recovery.missed) == ("snapshot", 4)


async def test_before_its_first_frame_a_channel_cannot_make_up_for_anything(
    engine: Engine,
) -> None:
    _, recovery = engine.hub.recover(ORE, ORE, "e1", 4, 0.0)
    assert (recovery.outcome, recovery.missed) == ("lost", 1)
    _, recovery = engine.hub.recover(ORE, ORE, "e1", 5, 0.0)
    assert (recovery.outcome, recovery.missed) == ("replay", 0)


@pytest.mark.parametrize("later", [frame(7), frame(1, "e2")])
async def test_who_misses_a_frame_is_interrupted(engine: Engine, later: RelayedFrame) -> None:
    reader = engine.reader()
    engine.hub.relay([later])
    assert engine.interrupted == [reader]
    assert reader.offsets == []
    _, recovery = engine.hub.recover(ORE, ORE, later.place.epoch, later.place.offset, 0.0)
    assert recovery.outcome == "replay"


@pytest.mark.parametrize(
    ("epoch", "offset", "interrupted"), [("e1", 5, 0), ("e1", 6, 1), ("e2", 0, 1)]
)
async def test_an_announced_place_that_was_not_reached_is_a_hole(
    engine: Engine, epoch: str, offset: int, interrupted: int
) -> None:
    engine.reader()
    engine.hub.place([ChannelPlace(ORE, ORE, epoch, offset)])
    assert len(engine.interrupted) == interrupted


async def test_a_channel_that_another_gateway_asked_for_can_be_recovered_here(
    engine: Engine,
) -> None:
    engine.hub.relay([frame(9, channel="market.fuel")])
    _, recovery = engine.hub.recover("market.fuel", "market.fuel", "e1", 8, 0.0)
    assert (recovery.outcome, recovery.missed) == ("replay", 1)
    # It is not asked for until somebody here listens to it.
    assert engine.hub.channels() == (ORE,)
    assert await engine.hub.open(["market.fuel"])
    assert set(engine.hub.channels()) == {ORE, "market.fuel"}
    assert engine.asked[-1] == ("market.fuel",)
    engine.hub.forget_deserted(60.0)
    assert not engine.hub.wants("market.fuel")
    assert engine.hub.channels() == ()


async def test_what_others_listen_to_is_followed_on_though_nobody_here_does(
    engine: Engine,
) -> None:
    engine.hub.relay([frame(6)])
    engine.now = 59.0
    engine.hub.place([ChannelPlace(ORE, ORE, "e1", 6)])
    engine.now = 61.0
    engine.hub.forget_deserted(engine.now)
    # The engine speaks of it because another process asks; this one has ceased to.
    assert engine.hub.channels() == ()
    _, recovery = engine.hub.recover(ORE, ORE, "e1", 5, engine.now)
    assert (recovery.outcome, recovery.missed) == ("replay", 1)
    engine.hub.forget_deserted(119.0)
    assert not engine.hub.wants(ORE)


async def test_a_channel_with_readers_stays_however_silent_it_is(engine: Engine) -> None:
    reader = engine.reader()
    engine.hub.forget_deserted(1_000.0)
    assert engine.hub.channels() == (ORE,)
    engine.hub.unsubscribe(reader, ORE, 1_000.0)
    engine.hub.forget_deserted(1_060.0)
    assert not engine.hub.wants(ORE)


async def test_a_private_frame_shows_its_data_to_who_follows_the_account(engine: Engine) -> None:
    channel = "account.pl_1"
    reader = Reader()
    engine.hub.place([ChannelPlace(channel, "account", "e1", 0)])
    engine.hub.subscribe(reader, channel, "account", 0.0)
    state = (
        b'{"player_id":"pl_1","credits":1,"turns":2,"turns_max":500,"sector_id":"s1",'
        b'"docked_port_id":null,"in_transit":null,"ship":{"ship_id":"x","class":"light_freighter",'
        b'"cargo_capacity":150,"cargo":{}},"average_cost":{},"realised_profit_credits":0,'
        b'"trading_state":{"state":"active","scope":null,"reason":null}}'
    )
    data = b'{"type":"account_update","state":%s,"trade":null,"command_id":"c1"}' % state
    engine.hub.relay(
        [
            RelayedFrame(
                ChannelPlace(channel, "account", "e1", 1),
                FrameType.TRADING_SIGNAL,
                UnixMicros(1),
                PlayerId("pl_1"),
                conflatable=False,
                payload=b'{"type":"trading_signal","data":%s}' % data,
            )
        ]
    )
    (told,) = reader.frames
    assert isinstance(told.publication.data, AccountUpdate)
    assert told.publication.data.command_id == "c1"
    assert told.publication.data.state.credits == 1


@pytest.mark.parametrize("name", ["signals", "aria"])
async def test_private_frames_that_nobody_reads_here_are_handed_on_unread(name: str) -> None:
    engine = Engine()
    channel = f"{name}.pl_1"
    engine.hub.place([ChannelPlace(channel, name, "e1", 0)])
    reader = engine.reader(channel)
    place = ChannelPlace(channel, name, "e1", 1)
    payload = b'{"data":{"type":"of a later release"}}'
    engine.hub.relay(
        [
            RelayedFrame(
                place,
                FrameType.AI_ALERT,
                UnixMicros(1),
                PlayerId("pl_1"),
                conflatable=False,
                payload=payload,
            )
        ]
    )
    (told,) = reader.frames
    assert told.wire().endswith(payload)
    assert (told.publication.player_id, told.publication.conflatable) == ("pl_1", False)


async def test_without_the_engine_s_answer_nothing_is_opened() -> None:
    engine = Engine()
    engine.answers = False
    assert not await engine.hub.open([ORE])
    assert set(engine.asked) == {(ORE,)}
    assert len(engine.asked) > 1
