import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.gateway.doubles import NOW, frame_signer
from tests.unit.gateway.sockets import server_frames

from sectorwars.domain.ids import PlayerId
from sectorwars.protocol.channel import Channel, PublishedFrame, SignedChannel
from sectorwars.protocol.deflate import Inflater
from sectorwars.protocol.delta import rebuilt
from sectorwars.protocol.framing import payload_of
from sectorwars.protocol.publication import FrameType, Publication

HISTORY = 4


def channel(frames: int = 0, *, conflatable: bool = True) -> Channel:
    made = SignedChannel("market.ore", "epoch-1", "stream-1", frame_signer(), HISTORY)
    for number in range(1, frames + 1):
        made.append(publication(number, conflatable=conflatable))
    return made


def publication(number: int, *, conflatable: bool = True) -> Publication:
    return Publication(
        "market.ore", FrameType.MARKET_UPDATE, {"number": number}, NOW, conflatable=conflatable
    )


def test_wire_is_made_once_and_carries_the_position() -> None:
    frame = channel().append(publication(1))
    assert frame.wire() is frame.wire()
    ((_, payload),) = server_frames(frame.wire())
    members = json.loads(payload)
    assert (members["channel"], members["epoch"], members["offset"]) == ("market.ore", "epoch-1", 1)
    assert members["session_id"] == "stream-1"
    assert members["timestamp"] == "2026-11-23T03:37:01.000000Z"
    assert "player_id" not in members


def test_frame_for_one_player_names_him() -> None:
    private = Publication("account.pl_1", FrameType.TRADING_SIGNAL, {}, NOW, PlayerId("pl_1"))
    ((_, payload),) = server_frames(channel().append(private).wire())
    assert json.loads(payload)["player_id"] == "pl_1"


@given(published=st.integers(0, 12), seen=st.integers(0, 12), conflatable=st.booleans())
def test_reader_gets_everything_he_missed_or_is_told_that_he_does_not(
    published: int, seen: int, conflatable: bool
) -> None:
    recovery = channel(published, conflatable=conflatable).recover("epoch-1", seen)
    missed = published - seen
    if 0 <= missed <= HISTORY:
        assert (recovery.outcome, recovery.missed) == ("replay", missed)
        assert [frame.offset for frame in recovery.frames] == list(range(seen + 1, published + 1))
    else:
        # A position from the future is of another epoch, whatever it says.
        assert recovery.missed == (missed if missed > 0 else published)
        assert recovery.outcome == ("snapshot" if conflatable or not published else "lost")
        assert not recovery.frames


def test_frame_that_does_not_follow_is_not_taken() -> None:
    stranger = PublishedFrame(3, publication(3), lambda _: b"")
    with pytest.raises(ValueError, match="frame 3 does not follow 1"):
        channel(1).take(stranger)


def test_unknown_epoch_continues_nothing() -> None:
    recovery = channel(3).recover("epoch-0", 3)
    assert (recovery.outcome, recovery.missed) == ("snapshot", 3)
    assert channel(3, conflatable=False).recover("epoch-0", 3).outcome == "lost"


def long_frames(count: int) -> list[PublishedFrame]:
    """Frames whose state is long and hardly changes."""
    made = SignedChannel("market.ore", "epoch-1", "stream-1", frame_signer(), HISTORY)
    state = {f"figure {number}": number * 7_919 % 1_000 for number in range(60)}
    return [
        made.append(Publication("market.ore", FrameType.MARKET_UPDATE, {**state, "n": number}, NOW))
        for number in range(count)
    ]


def payload(wire: bytes) -> Any:
    ((_, text),) = server_frames(wire)
    return json.loads(text)


def test_delta_is_made_once_from_the_frame_before() -> None:
    before, after = long_frames(2)
    assert not after.has_delta
    assert after.delta_wire() is after.delta_wire()
    assert after.has_delta
    assert len(after.delta_wire()) < len(after.wire()) / 2
    assert rebuilt(payload(before.wire()), payload(after.delta_wire())) == payload(after.wire())


def test_compressed_delta_is_the_same_delta_and_the_shortest_form() -> None:
    _, after = long_frames(2)
    compressed = after.compressed_delta_wire()
    assert compressed is after.compressed_delta_wire()
    assert len(compressed) < min(len(after.delta_wire()), len(after.compressed_wire()))
    inflated = Inflater().feed(payload_of(compressed), 65_536, final=True)
    assert json.loads(inflated) == payload(after.delta_wire())


def test_frame_goes_out_whole_where_there_is_none_before_or_no_gain() -> None:
    (first,) = long_frames(1)
    assert first.delta_wire() is first.wire()
    assert first.compressed_delta_wire() is first.compressed_wire()
    made = SignedChannel("market.ore", "epoch-1", "stream-1", frame_signer(), HISTORY)
    for number in (1, 2):
        data = {f"{number} {place}": number for place in range(20)}
        frame = made.append(Publication("market.ore", FrameType.MARKET_UPDATE, data, NOW))
    assert frame.base is not None
    assert frame.delta_wire() is frame.wire()
    assert frame.compressed_delta_wire() is frame.compressed_wire()
    assert not frame.has_delta


@given(published=st.integers(0, 12))
def test_only_the_newest_frame_keeps_the_one_before_it(published: int) -> None:
    made = SignedChannel("market.ore", "epoch-1", "stream-1", frame_signer(), HISTORY)
    frames = [made.append(publication(number)) for number in range(1, published + 1)]
    assert made.newest is (frames[-1] if frames else None)
    bases = [frame.base for frame in frames]
    assert bases[:-1] == [None] * len(bases[:-1])
    if published > 1:
        assert bases[-1] is frames[-2]
