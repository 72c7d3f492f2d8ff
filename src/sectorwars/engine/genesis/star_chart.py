"""Where the sectors lie and which warps join them.

Sectors are scattered over a disc no closer than SPACING_MIN (dart throwing). Warps are the edges
of their Gabriel graph: two sectors are joined when no third lies within the circle that has both
at its ends. That graph is planar and contains a minimum spanning tree, so warps do not cross and
lead everywhere; a sector's surplus warps are then taken away, the longest first.

Source: Gabriel, Sokal, "A New Statistical Approach to Geographic Variation Analysis",
Systematic Zoology 18 (1969).
"""

from collections import defaultdict
from collections.abc import Iterator
from math import isqrt
from typing import Final, NamedTuple

from sectorwars.domain.prng import Stream

SPACING_MIN: Final = 34
"""The least distance between two sectors, in map units: a warp of three seconds."""
AREA_PER_SECTOR: Final = 2_900
"""Square map units a sector; most warps then take four to eight seconds."""
WARPS_MIN: Final = 2
WARPS_MAX: Final = 6

_BUCKET: Final = 110
"""Edge of a search bucket: hardly any Gabriel edge of such a scatter is longer."""
_PI_PERMILLE: Final = 3_142


class Place(NamedTuple):
    """A place on the map, in map units."""

    x: int
    y: int


Links = list[set[int]]


def scatter(seed: int, count: int) -> list[Place]:
    """Scatter `count` places over a disc whose bounding square starts at (0, 0)."""
    radius = isqrt(count * AREA_PER_SECTOR * 1_000 // _PI_PERMILLE)
    draws = Stream(seed, "star chart")
    places: list[Place] = []
    buckets: dict[tuple[int, int], list[Place]] = defaultdict(list)
    while len(places) < count:
        place = Place(draws.between(0, 2 * radius), draws.between(0, 2 * radius))
        if square_distance(place, Place(radius, radius)) > radius * radius:
            continue
        column, row = place.x // SPACING_MIN, place.y // SPACING_MIN
        near = (
            other
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for other in buckets.get((column + dx, row + dy), ())
        )
        if all(square_distance(place, other) >= SPACING_MIN * SPACING_MIN for other in near):
            places.append(place)
            buckets[column, row].append(place)
    return places


def link(places: list[Place]) -> Links:
    """Return for each place the places one warp away; symmetric and one connected graph."""
    buckets: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, place in enumerate(places):
        buckets[place.x // _BUCKET, place.y // _BUCKET].append(i)
    links: Links = [set() for _ in places]
    for i, place in enumerate(places):
        near = [j for j in _around(place, buckets) if j != i]
        for j in near:
            if i < j and _is_gabriel(place, places[j], [places[k] for k in near if k != j]):
                _join(links, i, j)
    _connect(places, links)
    _fill(places, links)
    _thin(places, links)
    return links


def square_distance(a: Place, b: Place) -> int:
    """Return the square of the distance between two places."""
    return (a.x - b.x) ** 2 + (a.y - b.y) ** 2


def _around(place: Place, buckets: dict[tuple[int, int], list[int]]) -> Iterator[int]:
    column, row = place.x // _BUCKET, place.y // _BUCKET
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            yield from buckets.get((column + dx, row + dy), ())


def _is_gabriel(a: Place, b: Place, others: list[Place]) -> bool:
    square = square_distance(a, b)
    return all(square_distance(a, other) + square_distance(b, other) > square for other in others)


def _join(links: Links, i: int, j: int) -> None:
    links[i].add(j)
    links[j].add(i)


def _connect(places: list[Place], links: Links) -> None:
    """Join whatever the bounded search left apart, each part by its shortest way to the rest."""
    while len(first := _reachable(links, 0)) < len(places):
        rest = set(range(len(places))) - first
        _join(
            links, *min(((i, j) for i in first for j in rest), key=lambda e: (_span(places, e), e))
        )


def _span(places: list[Place], edge: tuple[int, int]) -> int:
    return square_distance(places[edge[0]], places[edge[1]])


def _reachable(links: Links, start: int) -> set[int]:
    found = {start}
    waiting = [start]
    while waiting:
        for j in links[waiting.pop()] - found:
            found.add(j)
            waiting.append(j)
    return found


def _fill(places: list[Place], links: Links) -> None:
    """Join every sector that has fewer than WARPS_MIN warps to its nearest unjoined sectors."""
    for i, place in enumerate(places):
        while len(links[i]) < WARPS_MIN:
            rest = (
                j for j in range(len(places)) if j != i and i not in links[j] and _is_open(links, j)
            )
            _join(links, i, min(rest, key=lambda j: (square_distance(place, places[j]), j)))


def _is_open(links: Links, i: int) -> bool:
    return len(links[i]) < WARPS_MAX


def _thin(places: list[Place], links: Links) -> None:
    """Take the longest warps from every sector that has more than WARPS_MAX."""
    for i in range(len(places)):
        for j in sorted(links[i], key=lambda j: (-square_distance(places[i], places[j]), j)):
            if len(links[i]) > WARPS_MAX and len(links[j]) > WARPS_MIN:
                links[i].remove(j)
                links[j].remove(i)
                if j not in _reachable(links, i):
                    _join(links, i, j)
