"""Channels and who listens to them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from sectorwars.gateway.answers import Answers
from sectorwars.gateway.audience import Audiences, Bundle, Subscriber
from sectorwars.observability.metrics import (
    DELIVERY_SECONDS,
    DELTAS_PUBLISHED,
    FRAMES_PUBLISHED,
)
from sectorwars.protocol.channel import Channel, PublishedFrame, Recovery

AnyChannel = TypeVar("AnyChannel", bound=Channel)


class Topic(Generic[AnyChannel]):
    """A channel, its subscribers and whether each reads deltas, and since when it has had none."""

    __slots__ = ("channel", "deserted_at", "subscribers")

    def __init__(self, channel: AnyChannel, now: float) -> None:
        """Begin without subscribers."""
        self.channel = channel
        self.subscribers: dict[Subscriber, bool] = {}
        self.deserted_at = now


class Topics(ABC, Generic[AnyChannel]):
    """The channels that somebody listens to, or left so lately that he may come back."""

    def __init__(self, linger_seconds: float, monotonic: Callable[[], float]) -> None:
        """Keep a channel for `linger_seconds` after its last subscriber has left.

        Subscribers' `answers` are written before any frame.
        """
        self._linger_seconds = linger_seconds
        self._monotonic = monotonic
        self._topics: dict[str, Topic[AnyChannel]] = {}
        self._audiences = Audiences()
        self.answers = Answers()

    def wants(self, channel: str) -> bool:
        """Tell whether anybody listens to the channel, or may come back to it shortly."""
        return channel in self._topics

    def is_open(self, names: Sequence[str]) -> bool:
        """Tell whether the channels can be subscribed to; what is not open is to be opened."""
        return True

    async def open(self, names: Sequence[str]) -> bool:
        """Have the channels opened where that is somebody else's; return False if it failed."""
        return True

    def channel(self, name: str) -> AnyChannel | None:
        """Return a channel that is kept."""
        topic = self._topics.get(name)
        return None if topic is None else topic.channel

    def unsubscribe(self, subscriber: Subscriber, name: str, now: float) -> None:
        """End a subscription, if there is one."""
        topic = self._topics.get(name)
        if topic is not None and subscriber in topic.subscribers:
            del topic.subscribers[subscriber]
            topic.deserted_at = now
            self._audiences.moved()

    def reads_deltas(self, subscriber: Subscriber, name: str) -> bool:
        """Tell whether somebody has subscribed to the deltas of a channel."""
        topic = self._topics.get(name)
        return topic is not None and topic.subscribers.get(subscriber, False)

    def subscribe(
        self,
        subscriber: Subscriber,
        name: str,
        public_name: str,
        now: float,
        *,
        deltas: bool = False,
    ) -> AnyChannel:
        """Subscribe to the channel `name`, which the subscriber himself calls `public_name`.

        With `deltas` he has to be handed the channel's newest frame, if it is remembered: what is
        published is made from it. Who subscribes again gets what he asks for now.
        """
        topic = self._topic(name, public_name, now)
        topic.subscribers[subscriber] = deltas
        self._audiences.moved()
        return topic.channel

    def changed(self, subscriber: Subscriber) -> None:
        """Take note that a subscriber's `pipe` is another."""
        self._audiences.changed(subscriber)

    def recover(
        self, name: str, public_name: str, epoch: str, offset: int, now: float
    ) -> tuple[AnyChannel, Recovery]:
        """Decide how a channel goes on for a reader who was at `offset` of `epoch`."""
        channel = self._topic(name, public_name, now).channel
        return channel, channel.recover(epoch, offset)

    def forget_deserted(self, now: float) -> None:
        """Forget the channels that nobody has listened to for the lingering time."""
        for name, topic in list(self._topics.items()):
            if not topic.subscribers and now - topic.deserted_at >= self._linger_seconds:
                del self._topics[name]

    def _deliver(self, placed: Iterable[tuple[Topic[AnyChannel], PublishedFrame]]) -> None:
        """Hand frames to the subscribers of their channels, to each all of his at once."""
        started = self._monotonic()
        # Answers that are under way tell from where the frames continue.
        self.answers.flush()
        batch = [(topic, frame) for topic, frame in placed if topic.subscribers]
        for group in self._audiences.groups(tuple(topic for topic, _ in batch)):
            readers = len(group)
            FRAMES_PUBLISHED.inc(len(group.places) * readers)
            bundle = Bundle(
                [batch[place][1] for place in group.places],
                {batch[place][1] for place in group.deltas},
            )
            group.deliver(bundle)
            if bundle.deltas:
                DELTAS_PUBLISHED.inc(readers * sum(frame.has_delta for frame in bundle.deltas))
            DELIVERY_SECONDS.observe(self._monotonic() - started, readers)

    @abstractmethod
    def _topic(self, name: str, public_name: str, now: float) -> Topic[AnyChannel]:
        """Return the topic, beginning it where it can be begun here."""
