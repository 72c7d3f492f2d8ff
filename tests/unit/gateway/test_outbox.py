"""What waits for a slow reader: every frame of his own, of states the newest, and the count."""

import pytest

from sectorwars.domain.values import UnixMicros
from sectorwars.gateway.audience import Bundle
from sectorwars.gateway.outbox import Outbox, OutboxFullError
from sectorwars.protocol.channel import PublishedFrame
from sectorwars.protocol.messages import ConflatedChannel
from sectorwars.protocol.publication import FrameType, Publication


def outbox(frames_max: int = 10) -> Outbox:
    return Outbox(
        frames_max, 1_000, lambda frame: f"{frame.publication.channel}{frame.offset}".encode()
    )


def frame(channel: str, offset: int, *, conflatable: bool = True) -> PublishedFrame:
    publication = Publication(
        channel, FrameType.MARKET_UPDATE, None, UnixMicros(0), conflatable=conflatable
    )
    return PublishedFrame(offset, publication, lambda _: b"")


def states(offset: int, *channels: str) -> Bundle:
    return Bundle([frame(channel, offset) for channel in channels])


def test_of_states_that_come_again_and_again_only_the_newest_is_kept() -> None:
    waiting = outbox()
    for offset in (1, 2, 3):
        waiting.add(states(offset, "ore", "fuel"))
    assert (len(waiting), dict(waiting.skipped)) == (2, {"ore": 2, "fuel": 2})
    waiting.add(states(4, "ore", "fuel"))
    assert waiting.take() == (
        [b"ore4", b"fuel4"],
        (ConflatedChannel("ore", 3), ConflatedChannel("fuel", 3)),
    )
    assert waiting.take() == ([], ())


def test_states_of_other_channels_take_the_place_of_those_that_they_share() -> None:
    waiting = outbox()
    waiting.add(states(1, "ore", "fuel"))
    waiting.add(states(2, "fuel", "food"))
    waiting.add(Bundle([frame("food", 3), frame("food", 4)]))
    assert waiting.take() == (
        [b"ore1", b"fuel2", b"food4"],
        (ConflatedChannel("fuel", 1), ConflatedChannel("food", 2)),
    )


def test_frames_that_must_not_be_dropped_come_first_and_whole() -> None:
    waiting = outbox()
    waiting.add(states(1, "ore"))
    for offset in (1, 2):
        waiting.add(Bundle([frame("account", offset, conflatable=False), frame("ore", 1 + offset)]))
    assert waiting.take() == (
        [b"account1", b"account2", b"ore3"],
        (ConflatedChannel("ore", 2),),
    )


def test_more_of_those_than_may_wait_are_an_error() -> None:
    waiting = outbox(frames_max=1)
    waiting.keep(b"an answer")
    with pytest.raises(OutboxFullError):
        waiting.add(Bundle([frame("account", 1, conflatable=False)]))
