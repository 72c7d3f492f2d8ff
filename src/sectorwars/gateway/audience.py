"""Who gets which frames of a batch, so that readers of the same frames share one piece of bytes."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from sectorwars.protocol.channel import PublishedFrame

_REMEMBERED_MAX: Final = 100_000
"""Readers in remembered groups, of whom each takes some hundred bytes."""

Pipe = Callable[[bytes], object]


class Bundle:
    """Frames that reach the same readers together, as one piece that is made once for all."""

    __slots__ = ("_compressed", "_wire", "frames")

    def __init__(self, frames: Sequence[PublishedFrame]) -> None:
        """Bundle at least one frame."""
        self.frames = frames
        self._wire: bytes | None = None
        self._compressed: bytes | None = None

    def wire(self) -> bytes:
        """Return the frames' bytes, one frame after the other."""
        if self._wire is None:
            self._wire = b"".join([frame.wire() for frame in self.frames])
        return self._wire

    def compressed_wire(self) -> bytes:
        """Return the same, compressed where that pays."""
        if self._compressed is None:
            self._compressed = b"".join([frame.compressed_wire() for frame in self.frames])
        return self._compressed


class Subscriber(Protocol):
    """Somebody who listens to channels; he is never waited for."""

    @property
    def pipe(self) -> Pipe | None:
        """What takes the plain bytes for him just now; None where `deliver` must be asked."""
        ...

    def deliver(self, bundle: Bundle) -> None:
        """Take all that a batch has for him."""
        ...


class Crowd(Protocol):
    """What has subscribers, each of them once."""

    @property
    def subscribers(self) -> Iterable[Subscriber]:
        """Those who listen."""
        ...


class Group:
    """Those who get the same frames of a batch."""

    __slots__ = ("_others", "_pipes", "_walk", "places")

    def __init__(self, places: Sequence[int]) -> None:
        """Gather those who get the frames at these places of a batch."""
        self.places = places
        self._pipes: dict[Subscriber, Pipe] = {}
        self._others: dict[Subscriber, None] = {}
        self._walk: tuple[tuple[Pipe, ...], tuple[Subscriber, ...]] | None = None

    def __len__(self) -> int:
        """Return how many they are."""
        return len(self._pipes) + len(self._others)

    def add(self, subscriber: Subscriber) -> None:
        """Take somebody in."""
        self._walk = None
        pipe = subscriber.pipe
        if pipe is None:
            self._others[subscriber] = None
        else:
            self._pipes[subscriber] = pipe

    def changed(self, subscriber: Subscriber) -> None:
        """Look again whether bytes can be piped to one of these."""
        self._pipes.pop(subscriber, None)
        self._others.pop(subscriber, None)
        self.add(subscriber)

    def deliver(self, bundle: Bundle) -> None:
        """Hand a bundle to each of them."""
        # As it was at the start: who falls behind by these bytes must not get them twice.
        if self._walk is None:
            self._walk = tuple(self._pipes.values()), tuple(self._others)
        pipes, others = self._walk
        if pipes:
            wire = bundle.wire()
            # A call each, past the connections, which would come from cold memory every time.
            for pipe in pipes:
                pipe(wire)
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
            for subscriber in crowd.subscribers:
                places.setdefault(subscriber, []).append(place)
        groups: dict[tuple[int, ...], Group] = {}
        for subscriber, of_his in places.items():
            key = tuple(of_his)
            group = groups.get(key)
            if group is None:
                group = groups[key] = Group(key)
            group.add(subscriber)
            self._groups_of.setdefault(subscriber, []).append(group)
        self._remembered += len(places)
        return list(groups.values())
