import pytest
from hypothesis import given
from hypothesis import strategies as st

from sectorwars.protocol.rate_limit import RefusalWindow, TokenBucket


def test_burst_then_the_rate() -> None:
    bucket = TokenBucket(100, 0.0)
    assert [bucket.take(0.0) for _ in range(100)] == [0.0] * 100
    assert bucket.take(0.0) == 0.01
    assert bucket.take(0.01) == 0.0
    assert bucket.take(0.01) > 0.0


@given(st.lists(st.floats(0.0, 0.5), min_size=1, max_size=300))
def test_no_second_lets_more_than_twice_the_rate_through(pauses: list[float]) -> None:
    bucket = TokenBucket(5, 0.0)
    now, passed = 0.0, []
    for pause in pauses:
        now += pause
        if bucket.take(now) == 0.0:
            passed.append(now)
    for start in passed:
        assert sum(start <= at < start + 1.0 for at in passed) <= 10


def test_waiting_as_long_as_told_is_enough() -> None:
    bucket = TokenBucket(3, 0.0)
    for _ in range(3):
        bucket.take(0.0)
    wait = bucket.take(0.0)
    assert bucket.take(wait + 1e-9) == 0.0


def test_full_bucket_is_idle() -> None:
    bucket = TokenBucket(2, 0.0)
    assert bucket.idle(0.0)
    bucket.take(0.0)
    assert not bucket.idle(0.4)
    assert bucket.idle(0.5)


def test_refusals_beyond_the_limit_are_counted_for_the_summary() -> None:
    window = RefusalWindow(2, 0.0)
    assert [window.admit() for _ in range(5)] == [True, True, False, False, False]
    assert window.roll(59.9) == 0
    assert window.roll(60.0) == 3
    assert window.admit()
    assert window.roll(120.0) == 0


def test_work_may_cost_more_than_there_is() -> None:
    bucket = TokenBucket(10, 0.0)
    bucket.charge(14.0)
    assert bucket.take(0.0) == pytest.approx(0.5)
    assert bucket.take(0.5) == 0.0
    assert not bucket.idle(1.0)
