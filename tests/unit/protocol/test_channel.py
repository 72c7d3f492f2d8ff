import json

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.gateway.doubles import NOW, frame_signer
from tests.unit.gateway.sockets import server_frames

from sectorwars.domain.ids import PlayerId
from sectorwars.protocol.channel import Channel, SignedChannel
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


def test_unknown_epoch_continues_nothing() -> None:
    recovery = channel(3).recover("epoch-0", 3)
    assert (recovery.outcome, recovery.missed) == ("snapshot", 3)
    assert channel(3, conflatable=False).recover("epoch-0", 3).outcome == "lost"
