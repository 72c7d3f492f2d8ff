"""Exact limits per key."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sectorwars.application.sliding_window import SlidingWindow
from sectorwars.application.writing.trade_limit import TradeLimit
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 5), st.integers(1, 40))
def test_no_window_ever_holds_more_than_the_limit(
    gaps: list[int], limit: int, window_micros: int
) -> None:
    window = SlidingWindow(limit, window_micros, keys_max=1)
    admitted: list[int] = []
    now = 0
    for gap in gaps:
        now += gap
        recent = [at for at in admitted if at > now - window_micros]
        wait_micros = window.wait_micros("key", UnixMicros(now))
        assert (wait_micros == 0) == (len(recent) < limit)
        if wait_micros == 0:
            window.record("key", UnixMicros(now))
            admitted.append(now)
        else:
            # Looking ahead forgets what will be over then, so it is done on a copy.
            ahead = deepcopy(window)
            assert ahead.wait_micros("key", UnixMicros(now + wait_micros - 1)) > 0
            assert ahead.wait_micros("key", UnixMicros(now + wait_micros)) == 0


def test_the_key_longest_untouched_is_forgotten_first() -> None:
    window = SlidingWindow(limit=1, window_micros=100, keys_max=2)
    for key in ("a", "b"):
        window.record(key, UnixMicros(0))
    window.record("a", UnixMicros(1))
    window.record("c", UnixMicros(2))
    assert window.wait_micros("a", UnixMicros(3)) > 0
    assert window.wait_micros("b", UnixMicros(3)) == 0


@pytest.mark.parametrize("arguments", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_window_without_room_is_refused(arguments: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        SlidingWindow(*arguments)


def test_the_trade_limit_counts_what_was_recorded() -> None:
    limit = TradeLimit(per_minute=2)
    alice, now = PlayerId("alice"), UnixMicros(1_800_000_000_000_000)
    for _ in range(5):
        assert limit.check(alice, now) is None
    limit.record(alice, now)
    limit.record(alice, UnixMicros(now + 20 * MICROS_PER_SECOND))
    refusal = limit.check(alice, UnixMicros(now + 50 * MICROS_PER_SECOND))
    assert refusal is not None
    assert (refusal.code, refusal.retry_after_ms) == ("trade_rate_limited", 10_000)
    assert limit.check(PlayerId("bob"), now) is None
    assert limit.check(alice, UnixMicros(now + 60 * MICROS_PER_SECOND)) is None
