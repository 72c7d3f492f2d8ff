"""What a failure needs is found, and nothing else is left."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sectorwars.simulation.shrinking import shortest


@given(st.integers(1, 60).flatmap(
    lambda size: st.tuples(st.just(size), st.sets(st.integers(0, size - 1), max_size=5))
))  # fmt: skip
def test_exactly_what_is_needed_is_left(case: tuple[int, set[int]]) -> None:
    size, needed = case
    left = shortest(range(size), lambda items: needed <= set(items), tries_max=10_000)
    assert list(left) == sorted(needed)


def test_as_many_are_left_as_it_takes_whichever_they_are() -> None:
    def fails(items: Sequence[int]) -> bool:
        return 7 in items and len(items) >= 4

    left = shortest(range(31), fails, tries_max=10_000)
    assert 7 in left
    assert len(left) == 4


def test_it_gives_up_after_so_many_tries_with_what_it_has() -> None:
    tried: list[int] = []

    def fails(items: Sequence[int]) -> bool:
        tried.append(len(items))
        return 3 in items

    left = shortest(range(1_000), fails, tries_max=5)
    assert len(tried) == 5
    assert 3 in left
    assert len(left) < 1_000
