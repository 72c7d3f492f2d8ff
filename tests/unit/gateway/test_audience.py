"""Readers of the same frames get the same bytes, each once, whoever falls behind meanwhile."""

from dataclasses import dataclass, field

from sectorwars.domain.values import UnixMicros
from sectorwars.gateway.audience import Audiences, Bundle, Group, Pipe
from sectorwars.protocol.channel import PublishedFrame
from sectorwars.protocol.publication import FrameType, Publication


class Reader:
    """Has bytes piped to him until he is `behind`."""

    def __init__(self, behind_after: int | None = None) -> None:
        self.piped: list[bytes] = []
        self.bundles: list[Bundle] = []
        self.group: Group | None = None
        self.behind = False
        self._behind_after = behind_after

    @property
    def pipe(self) -> Pipe | None:
        return None if self.behind else self._take

    def deliver(self, bundle: Bundle) -> None:
        self.bundles.append(bundle)

    def _take(self, data: bytes) -> None:
        self.piped.append(data)
        if len(self.piped) == self._behind_after and self.group is not None:
            self.behind = True
            self.group.changed(self)


@dataclass(eq=False)
class Crowd:
    subscribers: list[Reader] = field(default_factory=list)


class Encoder:
    """Counts how often a frame is encoded."""

    def __init__(self) -> None:
        self.encoded = 0

    def frame(self, offset: int) -> PublishedFrame:
        publication = Publication("market.ore", FrameType.MARKET_UPDATE, None, UnixMicros(0))
        return PublishedFrame(offset, publication, self._encode)

    def _encode(self, frame: PublishedFrame) -> bytes:
        self.encoded += 1
        return f"frame {frame.offset}".encode()


def test_bytes_are_made_once_for_all_and_hold_the_frames_in_order() -> None:
    encoder = Encoder()
    group = Group((0, 1))
    readers = [Reader(), Reader()]
    for reader in readers:
        group.add(reader)
    group.deliver(Bundle([encoder.frame(1), encoder.frame(2)]))
    assert readers[0].piped == [b"\x81\x07frame 1\x81\x07frame 2"]
    assert readers[1].piped[0] is readers[0].piped[0]
    assert encoder.encoded == 2


def test_nothing_is_encoded_where_nobody_reads_bytes() -> None:
    encoder = Encoder()
    group = Group((0,))
    reader = Reader()
    reader.behind = True
    group.add(reader)
    bundle = Bundle([encoder.frame(1)])
    group.deliver(bundle)
    assert (reader.piped, reader.bundles, encoder.encoded) == ([], [bundle], 0)


def test_who_falls_behind_by_a_bundle_gets_it_once_and_the_next_otherwise() -> None:
    encoder = Encoder()
    group = Group((0,))
    slow, quick = Reader(behind_after=1), Reader()
    for reader in (slow, quick):
        reader.group = group
        group.add(reader)
    bundles = [Bundle([encoder.frame(offset)]) for offset in (1, 2)]
    for bundle in bundles:
        group.deliver(bundle)
    assert (len(slow.piped), slow.bundles) == (1, bundles[1:])
    assert (len(quick.piped), quick.bundles) == (2, [])
    assert len(group) == 2


def test_who_takes_bytes_again_is_piped_to_again() -> None:
    audiences = Audiences()
    crowd, reader = Crowd(), Reader()
    crowd.subscribers.append(reader)
    reader.behind = True
    (group,) = audiences.groups((crowd,))
    reader.behind = False
    audiences.changed(reader)
    audiences.changed(Reader())
    group.deliver(Bundle([Encoder().frame(1)]))
    assert (len(reader.piped), reader.bundles, len(group)) == (1, [], 1)


def test_readers_are_grouped_by_what_they_get() -> None:
    audiences = Audiences()
    ore, fuel = Crowd(), Crowd()
    of_ore, of_both, of_fuel = Reader(), Reader(), Reader()
    ore.subscribers += [of_ore, of_both]
    fuel.subscribers += [of_both, of_fuel]
    crowds = (ore, fuel, ore)
    assert {tuple(group.places): len(group) for group in audiences.groups(crowds)} == {
        (0, 2): 1,
        (0, 1, 2): 1,
        (1,): 1,
    }


def test_groups_are_remembered_until_somebody_moves() -> None:
    audiences = Audiences()
    crowd = Crowd()
    crowd.subscribers.append(Reader())
    remembered = audiences.groups((crowd,))
    assert audiences.groups((crowd,)) is remembered
    crowd.subscribers.append(Reader())
    audiences.moved()
    assert [len(group) for group in audiences.groups((crowd,))] == [2]


def test_no_more_than_so_many_readers_are_remembered() -> None:
    audiences = Audiences()
    crowds = [Crowd([Reader() for _ in range(1_000)]) for _ in range(100)]
    remembered = audiences.groups((crowds[0],))
    for crowd in crowds:
        audiences.groups((crowd,))
    assert audiences.groups((crowds[0],)) is remembered
    audiences.groups((Crowd([Reader()]),))
    assert audiences.groups((crowds[0],)) is not remembered


def test_who_changes_is_looked_at_in_each_of_his_groups_alone() -> None:
    audiences = Audiences()
    ore, fuel, others = Crowd(), Crowd(), Crowd([Reader()])
    reader = Reader()
    for crowd in (ore, fuel):
        crowd.subscribers.append(reader)
    groups = [audiences.groups((crowd,))[0] for crowd in (ore, fuel, others)]
    reader.behind = True
    audiences.changed(reader)
    for group in groups:
        group.deliver(Bundle([Encoder().frame(1)]))
    assert (len(reader.piped), len(reader.bundles)) == (0, 2)
    assert [len(group) for group in groups] == [1, 1, 1]
