"""Channels that this process publishes: encoded once, signed once, the same bytes to everybody."""

from collections.abc import Callable, Iterator, Sequence

from sectorwars.gateway.topics import Topic, Topics
from sectorwars.protocol.channel import PublishedFrame, SignedChannel
from sectorwars.protocol.publication import Publication
from sectorwars.protocol.signing import FrameSigner


class Hub(Topics[SignedChannel]):
    """Gives publications their place and hands them to the subscribers.

    A channel that is forgotten begins again in a new epoch, so nobody can mistake what he missed
    for nothing.
    """

    def __init__(
        self,
        stream_id: str,
        signer: FrameSigner,
        history_frames_max: int,
        linger_seconds: float,
        monotonic: Callable[[], float],
    ) -> None:
        """Publish under `stream_id`, which is unique to this run, signed by `signer`."""
        super().__init__(linger_seconds, monotonic)
        self._stream_id = stream_id
        self._signer = signer
        self._history_frames_max = history_frames_max
        self._epochs = 0

    def publish(self, publications: Sequence[Publication]) -> None:
        """Give each publication its place in its channel and hand it to the subscribers."""
        self._deliver(self._placed(publications))

    def _placed(
        self, publications: Sequence[Publication]
    ) -> Iterator[tuple[Topic[SignedChannel], PublishedFrame]]:
        for publication in publications:
            topic = self._topics.get(publication.channel)
            if topic is not None:
                yield topic, topic.channel.append(publication)

    def _topic(self, name: str, public_name: str, now: float) -> Topic[SignedChannel]:
        topic = self._topics.get(name)
        if topic is None:
            self._epochs += 1
            epoch = f"{self._stream_id}.{self._epochs}"
            channel = SignedChannel(
                public_name, epoch, self._stream_id, self._signer, self._history_frames_max
            )
            topic = self._topics[name] = Topic(channel, now)
        return topic
