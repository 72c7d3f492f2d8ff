"""A channel's published frames: positions, a bounded history, and what a returning reader gets.

Source: the recovery rules follow Centrifugo's history and recovery: a reader is given everything
he missed or is told that he is not, never a part.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sectorwars.domain.values import rfc3339
from sectorwars.protocol.deflate import PRESSED_BYTES_MIN
from sectorwars.protocol.delta import delta_text
from sectorwars.protocol.framing import (
    Opcode,
    encode_compressed,
    encode_frame,
    encode_text,
    payload_of,
)
from sectorwars.protocol.publication import Publication
from sectorwars.protocol.signing import FrameSigner, signed_frame

Outcome = Literal["replay", "snapshot", "lost"]


class PublishedFrame:
    """A publication at its place in a channel; encoded and signed once, when first read.

    `base` is the frame before it, while this one is the newest of its channel: what a delta of it
    is made from, once for all who read deltas, when the first of them does.
    """

    __slots__ = (
        *("_compressed", "_compressed_delta", "_delta", "_encode", "_wire"),
        *("base", "offset", "publication"),
    )

    def __init__(
        self, offset: int, publication: Publication, encode: Callable[["PublishedFrame"], bytes]
    ) -> None:
        """Place `publication` at `offset`; `encode` returns the frame's signed JSON."""
        self._encode = encode
        self._wire: bytes | None = None
        self._compressed: bytes | None = None
        self._delta: bytes | None = None
        self._compressed_delta: bytes | None = None
        self.base: PublishedFrame | None = None
        self.offset = offset
        self.publication = publication

    def wire(self) -> bytes:
        """Return the WebSocket frame, the same bytes for every reader."""
        if self._wire is None:
            self._wire = encode_frame(Opcode.TEXT, self._encode(self))
        return self._wire

    def compressed_wire(self) -> bytes:
        """Return the same compressed, where that pays: the same bytes for every reader again."""
        if self._compressed is None:
            wire = self.wire()
            payload = payload_of(wire)
            self._compressed = (
                encode_compressed(payload) if len(payload) >= PRESSED_BYTES_MIN else wire
            )
        return self._compressed

    def delta_wire(self) -> bytes:
        """Return the frame as a delta to its `base`; whole where there is none, or no gain."""
        if self._delta is None:
            whole = self._delta = self.wire()
            if self.base is not None:
                delta = delta_text(payload_of(self.base.wire()), payload_of(whole))
                self._delta = min(whole, encode_text(delta), key=len)
        return self._delta

    def compressed_delta_wire(self) -> bytes:
        """Return the same compressed, which pays for deltas of any length."""
        if self._compressed_delta is None:
            delta = self.delta_wire()
            whole = self._compressed_delta = self.compressed_wire()
            if self.has_delta:
                self._compressed_delta = min(whole, encode_compressed(payload_of(delta)), key=len)
        return self._compressed_delta

    @property
    def has_delta(self) -> bool:
        """Tell whether a delta was made that is shorter than the whole frame."""
        return self._delta is not None and self._delta is not self._wire


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a returning reader gets.

    `frames` are the missed ones where the outcome is `replay`. `missed` counts the frames that
    he did not see; after a new epoch, those of this epoch, which are at least as many.
    """

    outcome: Outcome
    missed: int
    frames: Sequence[PublishedFrame] = ()


class Channel:
    """The frames of one channel in one epoch, newest last, at offsets from 1.

    `public_name` is what readers call the channel. An epoch that a reader does not know tells
    him that his position means nothing any more.
    """

    __slots__ = ("_history", "epoch", "offset", "public_name")

    def __init__(self, public_name: str, epoch: str, history_max: int, offset: int = 0) -> None:
        """Start at `offset` a channel that remembers its last `history_max` frames (at least 1)."""
        self.public_name = public_name
        self.epoch = epoch
        self.offset = offset
        self._history: deque[PublishedFrame] = deque(maxlen=history_max)

    def take(self, frame: PublishedFrame) -> None:
        """Remember the frame that follows the newest."""
        if frame.offset != self.offset + 1:
            raise ValueError(f"frame {frame.offset} does not follow {self.offset}")
        self.offset = frame.offset
        if self._history:
            # Whoever gets this one has that one, and nobody needs what was before it any more.
            frame.base = self._history[-1]
            frame.base.base = None
        self._history.append(frame)

    @property
    def newest(self) -> PublishedFrame | None:
        """Return the newest frame, if it is remembered."""
        return self._history[-1] if self._history else None

    def recover(self, epoch: str, offset: int) -> Recovery:
        """Decide what a reader gets whose last frame was at `offset` of `epoch`."""
        if epoch != self.epoch or offset > self.offset:
            return Recovery(self._fallback(), self.offset)
        missed = self.offset - offset
        if missed > len(self._history):
            return Recovery(self._fallback(), missed)
        return Recovery("replay", missed, list(self._history)[len(self._history) - missed :])

    def _fallback(self) -> Outcome:
        """State can be sent anew as a snapshot; single events that were not kept are lost."""
        if not self._history:
            return "lost" if self.offset else "snapshot"
        return "snapshot" if self._history[-1].publication.conflatable else "lost"


class SignedChannel(Channel):
    """A channel where it is published: it gives offsets and signatures."""

    __slots__ = ("_signer", "_stream_id")

    def __init__(
        self, public_name: str, epoch: str, stream_id: str, signer: FrameSigner, history_max: int
    ) -> None:
        """Start a channel that remembers its last `history_max` frames (at least 1)."""
        super().__init__(public_name, epoch, history_max)
        self._stream_id = stream_id
        self._signer = signer

    def append(self, publication: Publication) -> PublishedFrame:
        """Give a publication the next offset and remember it."""
        frame = PublishedFrame(self.offset + 1, publication, self.encode)
        self.take(frame)
        return frame

    def encode(self, frame: PublishedFrame) -> bytes:
        """Return a frame's signed JSON."""
        publication = frame.publication
        members: dict[str, object] = {
            "type": publication.type.value,
            "channel": self.public_name,
            "epoch": self.epoch,
            "offset": frame.offset,
            "data": publication.data,
            "timestamp": rfc3339(publication.at),
            "session_id": self._stream_id,
        }
        if publication.player_id is not None:
            members["player_id"] = publication.player_id
        return signed_frame(members, self._signer)
