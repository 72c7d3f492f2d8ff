"""What waits for a reader who is slower than the stream."""

from collections.abc import Callable, Mapping

from sectorwars.gateway.audience import Bundle
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
        *("_last", "_last_times", "_wire"),
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
        self._last: Bundle | None = None
        self._last_times = 0

    def __len__(self) -> int:
        """Return how many frames wait."""
        self._sort_in_last()
        return len(self._kept) + len(self._newest)

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many frames of each channel were left out."""
        self._sort_in_last()
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

    def add(self, bundle: Bundle) -> None:
        """Add published frames, in place of older ones of their channels where that loses nothing.

        Raises:
            OutboxFullError: too many frames that must not be dropped are kept already.
        """
        states = bundle.states()
        if self._last is not None and states != self._last.states():
            self._sort_in_last()
        if states:
            # Who is behind misses the same channels again and again, and must cost next to nothing.
            self._last = bundle
            self._last_times += 1
            return
        for frame in bundle.frames:
            if frame.publication.conflatable:
                self._replace(frame)
            else:
                self.keep(self._wire(frame))

    def take(self) -> tuple[list[bytes], tuple[ConflatedChannel, ...]]:
        """Empty the outbox: its frames in the order to send them, and what was left out."""
        self._sort_in_last()
        frames = self._kept + [self._wire(frame) for frame in self._newest.values()]
        skipped = tuple(
            ConflatedChannel(channel, count) for channel, count in self._skipped.items()
        )
        self._kept = []
        self._bytes_left = self._bytes_max
        self._newest = {}
        self._skipped = {}
        return frames, skipped

    def _sort_in_last(self) -> None:
        if self._last is None:
            return
        for frame in self._last.frames:
            self._replace(frame, self._last_times)
        self._last, self._last_times = None, 0

    def _replace(self, frame: PublishedFrame, times: int = 1) -> None:
        """Keep a frame, the last of so many of its channel."""
        channel = frame.publication.channel
        skipped = times - 1 + (channel in self._newest)
        if skipped:
            self._skipped[channel] = self._skipped.get(channel, 0) + skipped
        self._newest[channel] = frame
