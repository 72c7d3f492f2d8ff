"""Channels that another process publishes: its frames are handed on, byte for byte."""

import asyncio
import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from sectorwars.application.bus import ChannelPlace, RelayedFrame
from sectorwars.gateway.audience import Subscriber
from sectorwars.gateway.topics import Topic, Topics
from sectorwars.protocol.channel import Channel, PublishedFrame
from sectorwars.protocol.publication import ACCOUNT_CHANNEL, Publication
from sectorwars.protocol.shapes.account import AccountUpdate
from sectorwars.protocol.shapes.advice import AlertSignal

_ANSWER_SECONDS_MAX: Final = 0.5
_OPEN_ATTEMPTS: Final = 6


_ACCOUNT_DATA: Final[dict[str, type[Any]]] = {
    "account_update": AccountUpdate,
    "ai_alert": AlertSignal,
}
"""The shapes on the channel of the account, by the `type` of their data."""


class _Kind(msgspec.Struct, frozen=True):
    type: str


class _Frame(msgspec.Struct, frozen=True):
    data: msgspec.Raw


class RelayHub(Topics[Channel]):
    """Follows the channels of the engine as its frames and announcements arrive.

    Readers whose channel has a hole, because something was lost on the way or another engine has
    begun a new epoch, are interrupted: they come back and say where they were.
    """

    def __init__(
        self,
        ask: Callable[[Sequence[str]], None],
        interrupt: Callable[[Collection[Subscriber]], None],
        monotonic: Callable[[], float],
        history_frames_max: int,
        linger_seconds: float,
    ) -> None:
        """Have the engine open channels by `ask`; it answers by `place`."""
        super().__init__(linger_seconds, monotonic)
        self._ask = ask
        self._interrupt = interrupt
        self._history_frames_max = history_frames_max
        self._placed = asyncio.Event()
        self._opened: set[str] = set()
        # When the engine last spoke of a channel, which it does while some process asks for it.
        self._heard_at: dict[str, float] = {}
        self._interrupted: dict[Subscriber, None] = {}

    def channels(self) -> tuple[str, ...]:
        """Return the channels that are to be relayed for the readers of this process.

        Those that other processes asked for are followed too, but not asked for: else two
        processes would keep a channel alive for each other.
        """
        return tuple(self._opened)

    def is_open(self, names: Sequence[str]) -> bool:
        """Tell whether the channels are followed for the readers of this process."""
        return self._opened.issuperset(names)

    async def open(self, names: Sequence[str]) -> bool:
        """Have the channels opened; return False if the engine did not answer in time."""
        for _ in range(_OPEN_ATTEMPTS):
            unsure = [name for name in names if name not in self._opened]
            if not unsure:
                return True
            # A channel that is followed for others already needs no answer, only a say.
            self._ask(unsure)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_ANSWER_SECONDS_MAX):
                    while self._missing(unsure):
                        self._placed.clear()
                        await self._placed.wait()
            if not self._missing(unsure):
                self._opened.update(unsure)
        return self.is_open(names)

    def forget_deserted(self, now: float) -> None:
        """Cease to ask for what nobody listens to here, forget what the engine is silent about.

        A channel that others listen to is followed on: their readers may have to come here.
        """
        for name, topic in list(self._topics.items()):
            if topic.subscribers or now - topic.deserted_at < self._linger_seconds:
                continue
            self._opened.discard(name)
            if now - self._heard_at[name] >= self._linger_seconds:
                del self._topics[name]
                del self._heard_at[name]

    def place(self, places: Iterable[ChannelPlace]) -> None:
        """Take the engine's word where channels are."""
        now = self._monotonic()
        for place in places:
            self._heard_at[place.channel] = now
            topic = self._topics.get(place.channel)
            if (
                topic is None
                or topic.channel.epoch != place.epoch
                or topic.channel.offset < place.offset
            ):
                self._begin(place, place.offset)
        self._placed.set()
        self._tell_interrupted()

    def relay(self, frames: Iterable[RelayedFrame]) -> None:
        """Hand the engine's frames on; those that were seen before are left out."""
        self._deliver(self._new(frames))
        self._tell_interrupted()

    def _missing(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name not in self._topics]

    def _new(
        self, frames: Iterable[RelayedFrame]
    ) -> Iterator[tuple[Topic[Channel], PublishedFrame]]:
        now = self._monotonic()
        for frame in frames:
            place = frame.place
            self._heard_at[place.channel] = now
            topic = self._topics.get(place.channel)
            if topic is None or topic.channel.epoch != place.epoch:
                topic = self._begin(place, place.offset - 1)
            elif place.offset <= topic.channel.offset:
                continue
            elif place.offset > topic.channel.offset + 1:
                topic = self._begin(place, place.offset - 1)
            published = _published(frame)
            topic.channel.take(published)
            yield topic, published

    def _begin(self, place: ChannelPlace, offset: int) -> Topic[Channel]:
        """Begin a channel in the middle; who listened to it before has missed something."""
        before = self._topics.get(place.channel)
        channel = Channel(place.public_name, place.epoch, self._history_frames_max, offset)
        topic = self._topics[place.channel] = Topic(channel, self._monotonic())
        if before is not None:
            self._interrupted.update(dict.fromkeys(before.subscribers))
        return topic

    def _tell_interrupted(self) -> None:
        """Interrupt readers all at once, so that their coming back can be spread."""
        interrupted, self._interrupted = self._interrupted, {}
        if interrupted:
            self._interrupt(tuple(interrupted))

    def _topic(self, name: str, public_name: str, now: float) -> Topic[Channel]:
        # `open` comes before: where a channel is, only the engine can say.
        return self._topics[name]


def _published(frame: RelayedFrame) -> PublishedFrame:
    # Foundation sessions read the account; of all else nobody here needs more than the bytes.
    data = _account_data(frame.payload) if frame.place.public_name == ACCOUNT_CHANNEL else None
    publication = Publication(
        frame.place.channel, frame.type, data, frame.at, frame.player_id, frame.conflatable
    )
    return PublishedFrame(frame.place.offset, publication, lambda _: frame.payload)


def _account_data(payload: bytes) -> Any:
    data = msgspec.json.decode(payload, type=_Frame).data
    kind = msgspec.json.decode(data, type=_Kind).type
    return msgspec.json.decode(data, type=_ACCOUNT_DATA[kind])
