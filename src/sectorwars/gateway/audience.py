"""Who gets which frames of a batch, so that readers of the same frames share one piece of bytes."""

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from sectorwars.gateway.descriptor import write_to_all
from sectorwars.protocol.channel import PublishedFrame

_REMEMBERED_MAX: Final = 100_000
"""Readers in remembered groups, of whom each takes some hundred bytes."""


class Pipe(NamedTuple):
    """A socket that frames are written to, compressed or not; `finish` sends what it left."""

    descriptor: int
    compressed: bool
    finish: Callable[[bytes], object]


class Bundle:
    """Frames that reach the same readers together, as one piece that is made once for all."""

    __slots__ = ("_compressed", "_states", "_wire", "deltas", "frames")

    def __init__(
        self, frames: Sequence[PublishedFrame], deltas: Collection[PublishedFrame] = ()
    ) -> None:
        """Bundle at least one frame; those that are among `deltas` are written as such.

        Whoever is written to has had the frame before. Who is behind keeps `frames` instead, and
        is given the newest of them whole.
        """
        self.frames = frames
        self.deltas = deltas
        self._wire: bytes | None = None
        self._compressed: bytes | None = None
        self._states: frozenset[str] | None = None

    def wire(self, *, compressed: bool = False) -> bytes:
        """Return the frames' bytes, one frame after the other, compressed where that pays."""
        if compressed:
            if self._compressed is None:
                self._compressed = b"".join(
                    [
                        frame.compressed_delta_wire()
                        if frame in self.deltas
                        else frame.compressed_wire()
                        for frame in self.frames
                    ]
                )
            return self._compressed
        if self._wire is None:
            self._wire = b"".join(
                [
                    frame.delta_wire() if frame in self.deltas else frame.wire()
                    for frame in self.frames
                ]
            )
        return self._wire

    def states(self) -> frozenset[str]:
        """Return the channels whose whole state this is; none if a frame must not be dropped."""
        if self._states is None:
            publications = [frame.publication for frame in self.frames]
            channels = frozenset([each.channel for each in publications if each.conflatable])
            self._states = channels if len(channels) == len(publications) else frozenset()
        return self._states


class Subscriber(Protocol):
    """Somebody who listens to channels; he is never waited for."""

    @property
    def pipe(self) -> Pipe | None:
        """His socket, while no bytes wait for it; None where `deliver` must be asked."""
        ...

    def deliver(self, bundle: Bundle) -> None:
        """Take all that a batch has for him."""
        ...


class Crowd(Protocol):
    """What has subscribers, each of them once."""

    @property
    def subscribers(self) -> Mapping[Subscriber, bool]:
        """Those who listen, and whether they read deltas."""
        ...


class _Piped:
    """Those who are written to directly, all of them the same bytes."""

    __slots__ = ("_pipes", "_walk")

    def __init__(self) -> None:
        self._pipes: dict[Subscriber, Pipe] = {}
        self._walk: tuple[tuple[Pipe, ...], array[int]] | None = None

    def __len__(self) -> int:
        return len(self._pipes)

    def add(self, subscriber: Subscriber, pipe: Pipe) -> None:
        self._pipes[subscriber] = pipe
        self._walk = None

    def discard(self, subscriber: Subscriber) -> None:
        if self._pipes.pop(subscriber, None) is not None:
            self._walk = None

    def write(self, wire: bytes) -> None:
        # As it was at the start: who falls behind by these bytes must not get them twice.
        if self._walk is None:
            pipes = tuple(self._pipes.values())
            # Numbers side by side: a thousand objects would come from cold memory each time.
            self._walk = pipes, array("i", [pipe.descriptor for pipe in pipes])
        pipes, descriptors = self._walk
        for place, written in write_to_all(descriptors, wire):
            pipes[place].finish(wire[written:])


class Group:
    """Those who get the same frames of a batch, in the same forms."""

    __slots__ = ("_compressed", "_others", "_plain", "deltas", "places")

    def __init__(self, places: Sequence[int], deltas: Sequence[int] = ()) -> None:
        """Gather those who get the frames at these places of a batch, some of them as `deltas`."""
        self.places = places
        self.deltas = deltas
        self._plain = _Piped()
        self._compressed = _Piped()
        self._others: dict[Subscriber, None] = {}

    def __len__(self) -> int:
        """Return how many they are."""
        return len(self._plain) + len(self._compressed) + len(self._others)

    def add(self, subscriber: Subscriber) -> None:
        """Take somebody in."""
        pipe = subscriber.pipe
        if pipe is None:
            self._others[subscriber] = None
        else:
            (self._compressed if pipe.compressed else self._plain).add(subscriber, pipe)

    def changed(self, subscriber: Subscriber) -> None:
        """Look again whether bytes can be piped to one of these."""
        self._plain.discard(subscriber)
        self._compressed.discard(subscriber)
        self._others.pop(subscriber, None)
        self.add(subscriber)

    def deliver(self, bundle: Bundle) -> None:
        """Hand a bundle to each of them."""
        others = tuple(self._others)
        if self._plain:
            self._plain.write(bundle.wire())
        if self._compressed:
            self._compressed.write(bundle.wire(compressed=True))
        for subscriber in others:
            subscriber.deliver(bundle)


class Audiences:
    """Groups the subscribers of batches; what was found is remembered while nobody moves.

    To walk all channels of a batch for each reader costs as much as to write to him, and the
    same channels are published together again and again.
    """

    def __init__(self) -> None:
        """Know nobody."""
        self._known: dict[tuple[Crowd, ...], list[Group]] = {}
        self._groups_of: dict[Subscriber, list[Group]] = {}
        self._remembered = 0

    def moved(self) -> None:
        """Forget all groups: somebody came or went."""
        self._known.clear()
        self._groups_of.clear()
        self._remembered = 0

    def changed(self, subscriber: Subscriber) -> None:
        """Look again whether bytes can be piped to a subscriber."""
        for group in self._groups_of.get(subscriber, ()):
            group.changed(subscriber)

    def groups(self, crowds: tuple[Crowd, ...]) -> list[Group]:
        """Return who gets which frames of a batch whose frames are for these crowds."""
        groups = self._known.get(crowds)
        if groups is None:
            if self._remembered >= _REMEMBERED_MAX:
                self.moved()
            groups = self._known[crowds] = self._grouped(crowds)
        return groups

    def _grouped(self, crowds: Sequence[Crowd]) -> list[Group]:
        places: dict[Subscriber, list[int]] = {}
        for place, crowd in enumerate(crowds):
            # What one reads as a delta counts from the end, so that one number tells both.
            delta = place - len(crowds)
            for subscriber, reads_deltas in crowd.subscribers.items():
                places.setdefault(subscriber, []).append(delta if reads_deltas else place)
        groups: dict[tuple[int, ...], Group] = {}
        for subscriber, of_his in places.items():
            key = tuple(of_his)
            group = groups.get(key)
            if group is None:
                deltas = [place for place in key if place < 0]
                group = groups[key] = Group(key, deltas)
            group.add(subscriber)
            self._groups_of.setdefault(subscriber, []).append(group)
        self._remembered += len(places)
        return list(groups.values())
