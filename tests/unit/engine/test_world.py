"""The timetable of arrivals and the tape of volumes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import TICKS_PER_GAME_DAY, Tick, UnixMicros
from sectorwars.engine.world import Deadline, DeadlineKind, VolumeTape, World

A, B, C = PlayerId("a"), PlayerId("b"), PlayerId("c")


def _arrival(at: int, player: PlayerId) -> Deadline:
    return Deadline(UnixMicros(at), DeadlineKind.ARRIVAL, player)


def _due(world: World, now: int) -> list[PlayerId]:
    return [deadline.player_id for deadline in world.due(UnixMicros(now))]


def _timetable() -> World:
    world = World(1, Tick(0))
    for at, player in ((30, B), (10, C), (20, A)):
        world.set_deadline(_arrival(at, player))
    return world


def test_arrivals_come_in_their_order() -> None:
    world = _timetable()
    assert world.next_deadline() == 10
    assert _due(world, 9) == []
    assert _due(world, 20) == [C, A]
    assert _due(world, 99) == [C, A, B]


@pytest.mark.parametrize(
    ("dropped", "rest"), [((10, C), [A, B]), ((20, A), [C, B]), ((30, B), [C, A])]
)
def test_any_arrival_can_be_taken_off(dropped: tuple[int, PlayerId], rest: list[PlayerId]) -> None:
    world = _timetable()
    world.drop_deadline(_arrival(*dropped))
    assert _due(world, 99) == rest


def test_an_empty_timetable_has_no_next_arrival() -> None:
    world = World(1, Tick(0))
    assert world.next_deadline() is None
    with pytest.raises(KeyError):
        world.drop_deadline(_arrival(1, A))


def test_volumes_leave_the_tape_after_a_game_day() -> None:
    tape = VolumeTape(Tick(0))
    tape.add(Tick(0), 2, 5)
    tape.advance(Tick(1))
    tape.add(Tick(1), 2, 7)
    tape.add(Tick(1), 2, 1)
    assert (tape.totals[2], tape.at(Tick(1))) == (13, [0, 0, 8] + [0] * 7)
    tape.advance(Tick(TICKS_PER_GAME_DAY - 1))
    assert tape.totals[2] == 13
    tape.advance(Tick(TICKS_PER_GAME_DAY))
    assert (tape.totals[2], tape.at(Tick(0))) == (8, None)
    tape.advance(Tick(5 * TICKS_PER_GAME_DAY))
    assert (tape.totals, list(tape.slots())) == ([0] * len(COMMODITIES), [])


def test_a_leap_of_the_tape_costs_what_it_holds_not_what_it_passes() -> None:
    tape = VolumeTape(Tick(0))
    tape.add(Tick(0), 2, 5)
    tape.advance(Tick(10**15))
    tape.add(Tick(10**15), 1, 3)
    assert (tape.totals[1], tape.totals[2]) == (3, 0)
    assert [tick for tick, _ in tape.slots()] == [10**15]


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 9), st.integers(1, 50)), max_size=30))
def test_the_tape_sums_the_last_day(trades: list[tuple[int, int, int]]) -> None:
    tape = VolumeTape(Tick(-10))
    seen: list[tuple[int, int, int]] = []
    now = -10
    for step, good, quantity in trades:
        now += step
        tape.advance(Tick(now))
        tape.add(Tick(now), good, quantity)
        seen.append((now, good, quantity))
        for i in range(len(COMMODITIES)):
            window = (u for at, g, u in seen if g == i and at > now - TICKS_PER_GAME_DAY)
            assert tape.totals[i] == sum(window)
