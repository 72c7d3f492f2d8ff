"""What is there when a server begins its work is not gone through again and again."""

import gc
from collections.abc import Iterator

import pytest

from sectorwars.bootstrap.heap import grow_heap, settle_heap


@pytest.fixture
def collector() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.enable()
    gc.unfreeze()
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("collector")
def test_what_exists_is_permanent_and_later_cycles_are_still_found() -> None:
    before = gc.get_freeze_count()
    grow_heap()
    assert not gc.isenabled()
    settle_heap()
    assert gc.isenabled()
    assert gc.get_freeze_count() > before + 1_000
    cycle: list[object] = []
    cycle.append(cycle)
    assert gc.is_tracked(cycle)
    del cycle
    assert gc.collect() >= 1
