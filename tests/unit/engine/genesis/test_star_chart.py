"""The map: sectors apart, warps that do not cross and lead everywhere."""

from itertools import combinations

import pytest

from sectorwars.engine.genesis.star_chart import (
    SPACING_MIN,
    WARPS_MAX,
    WARPS_MIN,
    Links,
    Place,
    link,
    scatter,
    square_distance,
)


def is_connected(links: Links) -> bool:
    found, waiting = {0}, [0]
    while waiting:
        fresh = links[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    return len(found) == len(links)


def crossings(places: list[Place], links: Links) -> int:
    def side(a: Place, b: Place, c: Place) -> int:
        return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)

    def cross(a: Place, b: Place, c: Place, d: Place) -> bool:
        return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0

    warps = [(places[i], places[j]) for i, near in enumerate(links) for j in near if i < j]
    return sum(cross(*one, *two) for one, two in combinations(warps, 2))


def test_sectors_lie_apart_within_a_disc() -> None:
    places = scatter(1, 300)
    assert len(places) == 300
    assert all(
        square_distance(a, b) >= SPACING_MIN * SPACING_MIN for a, b in combinations(places, 2)
    )
    across = max(max(place) for place in places)
    assert min(min(place) for place in places) >= 0
    centre = Place(across // 2, across // 2)
    assert all(square_distance(place, centre) <= (across // 2 + 20) ** 2 for place in places)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("count", [20, 100])
def test_warps_lead_everywhere_both_ways_and_hardly_cross(seed: int, count: int) -> None:
    places = scatter(seed, count)
    links = link(places)
    assert is_connected(links)
    assert all(i in links[j] for i, near in enumerate(links) for j in near)
    assert all(i not in near for i, near in enumerate(links))
    assert all(WARPS_MIN <= len(near) <= WARPS_MAX for near in links)
    assert crossings(places, links) <= 1


def test_no_third_sector_lies_between_two_that_are_joined() -> None:
    places = [Place(0, 0), Place(50, 5), Place(100, 0), Place(50, 80)]
    assert 2 not in link(places)[0]


def test_distant_groups_are_joined_by_the_shortest_way() -> None:
    west = [Place(0, 0), Place(40, 0), Place(20, 40)]
    east = [Place(1_000, 0), Place(1_040, 0), Place(1_020, 40)]
    links = link(west + east)
    assert is_connected(links)
    assert [(i, j) for i in range(3) for j in sorted(links[i]) if j >= 3] == [(1, 3)]


def test_a_lone_end_gets_a_second_warp_to_the_nearest_sector() -> None:
    links = link([Place(0, 0), Place(60, 0), Place(120, 0), Place(180, 0)])
    assert links == [{1, 2}, {0, 2, 3}, {0, 1, 3}, {1, 2}]


def test_a_crowded_sector_loses_its_longest_warps() -> None:
    hub = Place(200, 200)
    ring = [(100, 0), (70, 70), (0, 96), (-70, 70), (-100, 0), (-70, -70), (0, -94), (70, -70)]
    links = link([hub, *(Place(hub.x + dx, hub.y + dy) for dx, dy in ring)])
    assert len(links[0]) == WARPS_MAX
    assert {1, 5}.isdisjoint(links[0])
    assert is_connected(links)


def test_a_crowded_sector_keeps_the_only_way_to_a_far_group() -> None:
    hub = Place(200, 200)
    ring = [(-1, 60), (-31, 51), (-52, 30), (-60, 0), (-52, -30), (-31, -51), (-1, -60)]
    far = [Place(308, 200), Place(345, 170), Place(345, 230)]
    links = link([hub, *(Place(hub.x + dx, hub.y + dy) for dx, dy in ring), *far])
    assert 8 in links[0]
    assert len(links[0]) == WARPS_MAX
    assert is_connected(links)


def test_a_crowded_sector_never_leaves_another_with_one_warp() -> None:
    hub = Place(200, 200)
    arc = [(-1, 66), (-31, 51), (-52, 30), (-60, 0), (-52, -30), (-31, -51), (-1, -66)]
    links = link([hub, *(Place(hub.x + dx, hub.y + dy) for dx, dy in arc)])
    assert len(links[0]) == WARPS_MAX
    # The ends of the arc are the farthest, but have only one other neighbour.
    assert links[1] == {0, 2}
    assert links[7] == {0, 6}
