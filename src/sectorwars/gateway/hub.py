"""Channels and who listens to them: encoded once, signed once, the same bytes to everybody."""

from collections.abc import Sequence
from typing import Protocol

from sectorwars.observability.metrics import FRAMES_PUBLISHED
from sectorwars.protocol.channel import Channel, PublishedFrame, Recovery
from sectorwars.protocol.publication import Publication
from sectorwars.protocol.signing import FrameSigner


class Subscriber(Protocol):
    """Somebody who listens to channels; he is never waited for."""

    def deliver(self, frame: PublishedFrame) -> bool:
        """Take a frame; return True if `flush` is to be called after the last of this batch."""
        ...

    def flush(self) -> None:
        """Send what was delivered."""
        ...


class _Topic:
    """A channel with its subscribers, and since when it has had none."""

    __slots__ = ("channel", "deserted_at", "subscribers")

    def __init__(self, channel: Channel, now: float) -> None:
        self.channel = channel
        self.subscribers: dict[Subscriber, None] = {}
        self.deserted_at = now


class Hub:
    """The channels that somebody listens to, or left so lately that he may come back.

    A channel that is forgotten begins again in a new epoch, so nobody can mistake what he missed
    for nothing.
    """

    def __init__(
        self, stream_id: str, signer: FrameSigner, history_frames_max: int, linger_seconds: float
    ) -> None:
        """Publish under `stream_id`, which is unique to this run, signed by `signer`."""
        self._stream_id = stream_id
        self._signer = signer
        self._history_frames_max = history_frames_max
        self._linger_seconds = linger_seconds
        self._topics: dict[str, _Topic] = {}
        self._epochs = 0

    def wants(self, channel: str) -> bool:
        """Tell whether anybody listens to the channel, or may come back to it shortly."""
        return channel in self._topics

    def publish(self, publications: Sequence[Publication]) -> None:
        """Give each publication its place in its channel and hand it to the subscribers."""
        touched: dict[Subscriber, None] = {}
        for publication in publications:
            topic = self._topics.get(publication.channel)
            if topic is None:
                continue
            frame = topic.channel.append(publication)
            FRAMES_PUBLISHED.inc(len(topic.subscribers))
            # A copy: a subscriber who overflows is closed and leaves while we walk.
            for subscriber in tuple(topic.subscribers):
                if subscriber.deliver(frame):
                    touched[subscriber] = None
        for subscriber in touched:
            subscriber.flush()

    def subscribe(self, subscriber: Subscriber, name: str, public_name: str, now: float) -> Channel:
        """Subscribe to the channel `name`, which the subscriber himself calls `public_name`."""
        topic = self._topic(name, public_name, now)
        topic.subscribers[subscriber] = None
        return topic.channel

    def unsubscribe(self, subscriber: Subscriber, name: str, now: float) -> None:
        """End a subscription, if there is one."""
        topic = self._topics.get(name)
        if topic is not None and subscriber in topic.subscribers:
            del topic.subscribers[subscriber]
            topic.deserted_at = now

    def recover(
        self, name: str, public_name: str, epoch: str, offset: int, now: float
    ) -> tuple[Channel, Recovery]:
        """Decide how a channel goes on for a reader who was at `offset` of `epoch`."""
        channel = self._topic(name, public_name, now).channel
        return channel, channel.recover(epoch, offset)

    def forget_deserted(self, now: float) -> None:
        """Forget the channels that nobody has listened to for the lingering time."""
        for name, topic in list(self._topics.items()):
            if not topic.subscribers and now - topic.deserted_at >= self._linger_seconds:
                del self._topics[name]

    def _topic(self, name: str, public_name: str, now: float) -> _Topic:
        topic = self._topics.get(name)
        if topic is None:
            self._epochs += 1
            epoch = f"{self._stream_id}.{self._epochs}"
            channel = Channel(
                public_name, epoch, self._stream_id, self._signer, self._history_frames_max
            )
            topic = self._topics[name] = _Topic(channel, now)
        return topic
