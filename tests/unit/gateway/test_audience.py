"""Readers of the same frames get the same bytes, each once, whoever falls behind meanwhile."""

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from sectorwars.domain.values import UnixMicros
from sectorwars.gateway.audience import Audiences, Bundle, Group, Pipe, Subscriber
from sectorwars.protocol.channel import PublishedFrame
from sectorwars.protocol.publication import FrameType, Publication


class Reader:
    """Has bytes piped to him until he is `behind`, which he is once his socket is full."""

    def __init__(self, *, compressed: bool = False, buffer_bytes: int | None = None) -> None:
        self.bundles: list[Bundle] = []
        self.rests: list[bytes] = []
        self.group: Group | None = None
        self.behind = False
        self._compressed = compressed
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)
        if buffer_bytes is not None:
            self._near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer_bytes)

    @property
    def pipe(self) -> Pipe | None:
        if self.behind:
            return None
        return Pipe(self._near.fileno(), self._compressed, self._finish)

    @property
    def read(self) -> bytes:
        """What has come through the socket since the last time."""
        try:
            return self._far.recv(1 << 20)
        except BlockingIOError:
            return b""

    def deliver(self, bundle: Bundle) -> None:
        self.bundles.append(bundle)

    def hang_up(self) -> None:
        self._far.close()

    def close(self) -> None:
        self._near.close()
        self._far.close()

    def _finish(self, rest: bytes) -> None:
        self.rests.append(rest)
        self.behind = True
        if self.group is not None:
            self.group.changed(self)


@pytest.fixture
def make_reader() -> Iterator[Callable[..., Reader]]:
    readers: list[Reader] = []

    def make(**options: Any) -> Reader:
        readers.append(Reader(**options))
        return readers[-1]

    yield make
    for reader in readers:
        reader.close()


class Silent:
    """Somebody without a socket."""

    pipe = None

    def deliver(self, bundle: Bundle) -> None:
        raise AssertionError(bundle)


@dataclass(eq=False)
class Crowd:
    subscribers: dict[Subscriber, bool] = field(default_factory=dict)

    def add(self, *readers: Subscriber, deltas: bool = False) -> "Crowd":
        self.subscribers.update(dict.fromkeys(readers, deltas))
        return self


class Encoder:
    """Counts how often a frame is encoded."""

    def __init__(self, times: int = 1) -> None:
        self.encoded = 0
        self._times = times

    def frame(self, offset: int) -> PublishedFrame:
        publication = Publication("market.ore", FrameType.MARKET_UPDATE, None, UnixMicros(0))
        return PublishedFrame(offset, publication, self._encode)

    def _encode(self, frame: PublishedFrame) -> bytes:
        self.encoded += 1
        return f"frame {frame.offset}".encode() * self._times


class Statement(Encoder):
    """Encodes long frames that hardly differ."""

    def _encode(self, frame: PublishedFrame) -> bytes:
        text = super()._encode(frame).decode()
        members = {"channel": "c", "epoch": "e", "offset": frame.offset, "data": ["long"] * 200}
        return json.dumps({**members, "text": text}).encode()


MakeReader = Callable[..., Reader]


def test_bytes_are_made_once_for_all_and_hold_the_frames_in_order(make_reader: MakeReader) -> None:
    encoder = Encoder()
    group = Group((0, 1))
    readers = [make_reader(), make_reader()]
    for reader in readers:
        group.add(reader)
    group.deliver(Bundle([encoder.frame(1), encoder.frame(2)]))
    assert [reader.read for reader in readers] == [b"\x81\x07frame 1\x81\x07frame 2"] * 2
    assert encoder.encoded == 2


def test_who_agreed_on_compression_gets_the_same_frames_compressed(make_reader: MakeReader) -> None:
    encoder = Encoder(times=100)
    group = Group((0,))
    plain, pressed = make_reader(), make_reader(compressed=True)
    for reader in (plain, pressed):
        group.add(reader)
    bundle = Bundle([encoder.frame(1)])
    group.deliver(bundle)
    assert plain.read == bundle.wire()
    assert pressed.read == bundle.wire(compressed=True) != bundle.wire()
    assert (len(group), encoder.encoded) == (2, 1)


def follower(encoder: Encoder) -> PublishedFrame:
    """A frame with one before it."""
    before, frame = encoder.frame(1), encoder.frame(2)
    frame.base = before
    return frame


@pytest.mark.parametrize("compressed", [False, True])
def test_deltas_are_written_for_who_keeps_up_and_frames_kept_for_who_does_not(
    make_reader: MakeReader, *, compressed: bool
) -> None:
    encoder = Statement()
    group = Group((-2, 1), (-2,))
    quick, behind = make_reader(compressed=compressed), make_reader()
    behind.behind = True
    for reader in (quick, behind):
        group.add(reader)
    frame, other = follower(encoder), encoder.frame(1)
    group.deliver(Bundle([frame, other], {frame}))
    if compressed:
        assert quick.read == frame.compressed_delta_wire() + other.compressed_wire()
    else:
        assert quick.read == frame.delta_wire() + other.wire()
    assert frame.has_delta
    (kept,) = behind.bundles
    assert list(kept.frames) == [frame, other]


def test_nothing_is_encoded_where_nobody_reads_bytes(make_reader: MakeReader) -> None:
    encoder = Encoder()
    group = Group((0,))
    reader = make_reader()
    reader.behind = True
    group.add(reader)
    bundle = Bundle([encoder.frame(1)])
    group.deliver(bundle)
    assert (reader.read, reader.bundles, encoder.encoded) == (b"", [bundle], 0)


def test_who_falls_behind_by_a_bundle_gets_it_once_and_the_next_otherwise(
    make_reader: MakeReader,
) -> None:
    encoder = Encoder(times=10_000)
    group = Group((0,))
    slow, quick = make_reader(buffer_bytes=1), make_reader()
    for reader in (slow, quick):
        reader.group = group
        group.add(reader)
    bundles = [Bundle([encoder.frame(offset)]) for offset in (1, 2)]
    for bundle in bundles:
        group.deliver(bundle)
    (rest,) = slow.rests
    assert slow.read + rest == bundles[0].wire()
    assert slow.bundles == bundles[1:]
    assert quick.read == b"".join(bundle.wire() for bundle in bundles)
    assert quick.bundles == []
    assert len(group) == 2


def test_socket_that_takes_nothing_leaves_all_to_be_finished(make_reader: MakeReader) -> None:
    group = Group((0,))
    gone, there = make_reader(), make_reader()
    for reader in (gone, there):
        group.add(reader)
    gone.hang_up()
    bundle = Bundle([Encoder().frame(1)])
    group.deliver(bundle)
    assert gone.rests == [bundle.wire()]
    assert (there.rests, there.read) == ([], bundle.wire())


def test_who_takes_bytes_again_is_piped_to_again(make_reader: MakeReader) -> None:
    audiences = Audiences()
    crowd, reader = Crowd(), make_reader()
    crowd.add(reader)
    reader.behind = True
    (group,) = audiences.groups((crowd,))
    reader.behind = False
    audiences.changed(reader)
    audiences.changed(make_reader())
    bundle = Bundle([Encoder().frame(1)])
    group.deliver(bundle)
    assert (reader.read, reader.bundles, len(group)) == (bundle.wire(), [], 1)


def test_readers_are_grouped_by_what_they_get(make_reader: MakeReader) -> None:
    audiences = Audiences()
    ore, fuel = Crowd(), Crowd()
    of_ore, of_both, of_fuel = make_reader(), make_reader(), make_reader()
    ore.add(of_ore, of_both)
    fuel.add(of_both, of_fuel)
    crowds = (ore, fuel, ore)
    assert {tuple(group.places): len(group) for group in audiences.groups(crowds)} == {
        (0, 2): 1,
        (0, 1, 2): 1,
        (1,): 1,
    }


def test_who_reads_deltas_of_a_channel_is_grouped_apart(make_reader: MakeReader) -> None:
    audiences = Audiences()
    both, of_ore, whole = make_reader(), make_reader(), make_reader()
    ore = Crowd().add(both, of_ore, deltas=True).add(whole)
    fuel = Crowd().add(both, deltas=True).add(of_ore, whole)
    groups = audiences.groups((ore, fuel))
    assert {tuple(group.places): tuple(group.deltas) for group in groups} == {
        (-2, -1): (-2, -1),
        (-2, 1): (-2,),
        (0, 1): (),
    }
    assert ["ore", "fuel"][-2] == "ore", "counted from the end, the place is the same"


def test_groups_are_remembered_until_somebody_moves(make_reader: MakeReader) -> None:
    audiences = Audiences()
    crowd = Crowd()
    crowd.add(make_reader())
    remembered = audiences.groups((crowd,))
    assert audiences.groups((crowd,)) is remembered
    crowd.add(make_reader())
    audiences.moved()
    assert [len(group) for group in audiences.groups((crowd,))] == [2]


def test_no_more_than_so_many_readers_are_remembered() -> None:
    audiences = Audiences()
    crowds = [Crowd().add(*(Silent() for _ in range(1_000))) for _ in range(100)]
    remembered = audiences.groups((crowds[0],))
    for crowd in crowds:
        audiences.groups((crowd,))
    assert audiences.groups((crowds[0],)) is remembered
    audiences.groups((Crowd().add(Silent()),))
    assert audiences.groups((crowds[0],)) is not remembered


def test_who_changes_is_looked_at_in_each_of_his_groups_alone(make_reader: MakeReader) -> None:
    audiences = Audiences()
    ore, fuel, others = Crowd(), Crowd(), Crowd().add(make_reader())
    reader = make_reader()
    for crowd in (ore, fuel):
        crowd.add(reader)
    groups = [audiences.groups((crowd,))[0] for crowd in (ore, fuel, others)]
    reader.behind = True
    audiences.changed(reader)
    for group in groups:
        group.deliver(Bundle([Encoder().frame(1)]))
    assert (reader.read, len(reader.bundles)) == (b"", 2)
    assert [len(group) for group in groups] == [1, 1, 1]
