"""What waits for a reader who is slower than the stream."""

from collections.abc import Callable, Mapping

from sectorwars.protocol.channel import PublishedFrame
from sectorwars.protocol.messages import ConflatedChannel


class OutboxFullError(Exception):
    """More frames that must not be dropped are waiting than may."""


class Outbox:
    """Frames for a connection whose socket takes nothing just now.

    Answers and a player's own events are kept in order. Of a channel that carries whole state
    only the newest frame is kept, and how many were left out.
    """

    __slots__ = (
        *("_bytes_left", "_bytes_max", "_frames_max", "_kept", "_newest", "_skipped"),
        "_wire",
    )

    def __init__(
        self, frames_max: int, bytes_max: int, wire: Callable[[PublishedFrame], bytes]
    ) -> None:
        """Keep so many frames that must not be dropped, and bytes; `wire` gives frames' bytes."""
        self._frames_max = frames_max
        self._bytes_max = self._bytes_left = bytes_max
        self._wire = wire
        self._kept: list[bytes] = []
        self._newest: dict[str, PublishedFrame] = {}
        self._skipped: dict[str, int] = {}

    def __len__(self) -> int:
        """Return how many frames wait."""
        return len(self._kept) + len(self._newest)

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many frames of each channel were left out."""
        return self._skipped

    def keep(self, wire: bytes) -> None:
        """Keep a frame that must not be dropped.

        Raises:
            OutboxFullError: too many are kept already.
        """
        self._bytes_left -= len(wire)
        if len(self._kept) >= self._frames_max or self._bytes_left < 0:
            raise OutboxFullError
        self._kept.append(wire)

    def add(self, frame: PublishedFrame) -> None:
        """Add a published frame, in place of an older one of its channel where that loses nothing.

        Raises:
            OutboxFullError: too many frames that must not be dropped are kept already.
        """
        if not frame.publication.conflatable:
            self.keep(self._wire(frame))
            return
        channel = frame.publication.channel
        if channel in self._newest:
            self._skipped[channel] = self._skipped.get(channel, 0) + 1
        self._newest[channel] = frame

    def take(self) -> tuple[list[bytes], tuple[ConflatedChannel, ...]]:
        """Empty the outbox: its frames in the order to send them, and what was left out."""
        frames = self._kept + [self._wire(frame) for frame in self._newest.values()]
        skipped = tuple(
            ConflatedChannel(channel, count) for channel, count in self._skipped.items()
        )
        self._kept = []
        self._bytes_left = self._bytes_max
        self._newest = {}
        self._skipped = {}
        return frames, skipped
