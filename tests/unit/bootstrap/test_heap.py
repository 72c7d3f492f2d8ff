"""What is there when a server begins its work is not gone through again and again."""

import gc
from collections.abc import Iterator

import pytest

from sectorwars.bootstrap.heap import grow_heap, settle_heap


@pytest.fixture
def collector() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("collector")
def test_what_exists_is_permanent_and_later_cycles_are_still_found() -> None:
    before = gc.get_freeze_count()
    settle_heap()
    assert gc.get_freeze_count() > before + 1_000
    cycle: list[object] = []
    cycle.append(cycle)
    assert gc.is_tracked(cycle)
    del cycle
    assert gc.collect() >= 1


def _collections(objects: int) -> list[int]:
    """Return how often each generation was gone through while so many objects were made."""
    before = [generation["collections"] for generation in gc.get_stats()]
    kept = [[i] for i in range(objects)]
    after = [generation["collections"] for generation in gc.get_stats()]
    assert len(kept) == objects
    return [late - early for early, late in zip(before, after, strict=True)]


@pytest.mark.usefixtures("collector")
def test_what_is_loaded_is_gone_through_once() -> None:
    grow_heap()
    assert _collections(1_000_000) == [pytest.approx(5, abs=1), 0, 0]
    settle_heap()
    assert _collections(100_000)[0] == pytest.approx(10, abs=2)
