"""Plans are drawn from the seed alone, and any part of one can be taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sectorwars.simulation.plan import (
    ClockJump,
    Move,
    NetworkFault,
    ServerFault,
    StoreFault,
    draw_plan,
    parse_numbers,
    spell_numbers,
)


def test_a_plan_is_drawn_from_its_seed() -> None:
    assert draw_plan(4, 50) == draw_plan(4, 50)
    assert draw_plan(4, 50) != draw_plan(5, 50)


def test_a_plan_has_so_many_moves_and_every_kind_of_fault() -> None:
    actions = draw_plan(4, 600).actions
    assert sum(isinstance(action, Move) for action in actions.values()) == 600
    assert {type(action) for action in actions.values()} == {
        Move,
        NetworkFault,
        StoreFault,
        ServerFault,
        ClockJump,
    }
    assert list(actions) == list(range(1, len(actions) + 1))
    times = [action.at_ms for action in actions.values()]
    assert times == sorted(times)


def test_a_part_keeps_its_actions_as_they_are() -> None:
    plan = draw_plan(4, 50)
    part = plan.only({3, 9})
    assert part.actions == {3: plan.actions[3], 9: plan.actions[9]}
    assert part.length_ms == plan.actions[9].at_ms
    assert plan.only(()).length_ms == 0


@given(st.sets(st.integers(1, 500)))
def test_numbers_are_read_as_they_were_spelt(numbers: set[int]) -> None:
    assert not numbers or parse_numbers(spell_numbers(numbers)) == numbers


@pytest.mark.parametrize("text", ["", "x", "0", "5-3", "1,,2", "1-2-3", "1-100000001"])
def test_what_names_no_actions_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"action numbers|invalid literal"):
        parse_numbers(text)
