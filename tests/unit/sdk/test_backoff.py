"""Waits between attempts."""

from __future__ import annotations

from sectorwars.sdk.backoff import Backoff


def test_bounds_double_up_to_the_cap_and_begin_anew_after_a_success() -> None:
    backoff = Backoff(lambda: 1.0, first_seconds=1.0, cap_seconds=5.0)
    assert [backoff.next_seconds() for _ in range(5)] == [1.0, 2.0, 4.0, 5.0, 5.0]
    backoff.reset()
    assert backoff.next_seconds() == 1.0


def test_the_wait_is_drawn_from_the_whole_bound_and_never_below_what_was_asked_for() -> None:
    assert Backoff(lambda: 0.0).next_seconds() == 0.0
    assert Backoff(lambda: 0.0).next_seconds(1_500) == 1.5


def test_many_attempts_do_not_overflow() -> None:
    backoff = Backoff(lambda: 1.0)
    assert [backoff.next_seconds() for _ in range(5_000)][-1] == 30.0
