"""Warps and turns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sectorwars.domain.ids import SectorId
from sectorwars.domain.navigation import (
    DISTANCE_PER_SECOND,
    TURN_REGAIN_SECONDS,
    TURNS_MAX,
    Sector,
    Turns,
    warp_seconds,
)
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros

REGAIN_MICROS = TURN_REGAIN_SECONDS * MICROS_PER_SECOND


def _sector(x: int, y: int) -> Sector:
    return Sector(SectorId("s"), "S", x, y, (), ())


@pytest.mark.parametrize(
    ("distance", "seconds"),
    [(0, 3), (36, 3), (37, 4), (48, 4), (49, 5), (108, 9), (109, 10), (120, 10), (5_000, 10)],
)
def test_a_warp_takes_three_to_ten_seconds_by_distance(distance: int, seconds: int) -> None:
    assert DISTANCE_PER_SECOND == 12
    assert warp_seconds(_sector(0, 0), _sector(distance, 0)) == seconds
    assert warp_seconds(_sector(0, distance), _sector(0, 0)) == seconds


def test_a_warp_goes_by_straight_distance() -> None:
    assert warp_seconds(_sector(0, 0), _sector(30, 40)) == 5


def test_turns_come_back_one_each_ten_seconds() -> None:
    turns = Turns(10, UnixMicros(0))
    assert turns.at(UnixMicros(REGAIN_MICROS - 1)).count == 10
    assert turns.at(UnixMicros(REGAIN_MICROS)).count == 11
    assert turns.at(UnixMicros(25 * REGAIN_MICROS)).count == 35


def test_the_remainder_toward_the_next_turn_is_kept() -> None:
    after = Turns(10, UnixMicros(0)).at(UnixMicros(REGAIN_MICROS + 9_000_000))
    assert after == Turns(11, UnixMicros(REGAIN_MICROS))
    assert after.at(UnixMicros(2 * REGAIN_MICROS)).count == 12


def test_turns_stop_at_their_maximum_and_save_up_nothing() -> None:
    full = Turns(TURNS_MAX - 1, UnixMicros(0)).at(UnixMicros(REGAIN_MICROS + 5))
    assert full == Turns(TURNS_MAX, UnixMicros(REGAIN_MICROS + 5))
    assert full.at(UnixMicros(99)) == Turns(TURNS_MAX, UnixMicros(99))


def test_a_clock_that_goes_back_takes_no_turns() -> None:
    assert Turns(10, UnixMicros(REGAIN_MICROS)).at(UnixMicros(0)) == Turns(
        10, UnixMicros(REGAIN_MICROS)
    )


@given(st.integers(0, TURNS_MAX), st.lists(st.integers(0, 10**9), max_size=6))
def test_looking_often_changes_nothing(count: int, steps: list[int]) -> None:
    looked = start = Turns(count, UnixMicros(0))
    now = 0
    for step in steps:
        now += step
        looked = looked.at(UnixMicros(now))
    assert looked.count == start.at(UnixMicros(now)).count
