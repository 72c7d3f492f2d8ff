"""How guessing is slowed down."""

from sectorwars.application.sign_in_throttle import (
    FORGET_SECONDS,
    FREE_ATTEMPTS,
    WAIT_SECONDS_MAX,
    SignInThrottle,
)
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros

NOW = UnixMicros(1_800_000_000_000_000)


def after(seconds: float) -> UnixMicros:
    return UnixMicros(NOW + round(seconds * MICROS_PER_SECOND))


def test_an_address_has_so_many_attempts_in_any_minute() -> None:
    throttle = SignInThrottle(2)
    assert throttle.admit_address("10.0.0.1", NOW) is None
    assert throttle.admit_address("10.0.0.1", after(30)) is None
    refusal = throttle.admit_address("10.0.0.1", after(59))
    assert refusal is not None
    assert refusal.retry_after_ms == 1_000
    assert throttle.admit_address("10.0.0.2", after(59)) is None
    assert throttle.admit_address("10.0.0.1", after(60)) is None
    assert throttle.admit_address("10.0.0.1", after(60)) is not None


def test_a_name_is_delayed_longer_and_longer_up_to_a_bound() -> None:
    throttle = SignInThrottle(10)
    for _ in range(FREE_ATTEMPTS):
        assert throttle.admit_name("alice", NOW) is None
    at, waits = 0.0, []
    for _ in range(9):
        refusal = throttle.admit_name("alice", after(at))
        assert refusal is not None
        assert refusal.retry_after_ms is not None
        waits.append(refusal.retry_after_ms // 1_000)
        at += refusal.retry_after_ms / 1_000
        assert throttle.admit_name("alice", after(at)) is None
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, WAIT_SECONDS_MAX]
    assert throttle.admit_name("bob", after(at)) is None


def test_an_hour_of_guessing_a_name_stays_below_a_hundred_attempts() -> None:
    throttle = SignInThrottle(10)
    admitted = sum(throttle.admit_name("alice", after(second)) is None for second in range(3_600))
    assert admitted < 100


def test_success_and_time_forgive() -> None:
    throttle = SignInThrottle(10)
    for _ in range(FREE_ATTEMPTS):
        throttle.admit_name("alice", NOW)
        throttle.admit_name("bob", NOW)
    throttle.succeeded("alice")
    assert throttle.admit_name("alice", NOW) is None
    assert throttle.admit_name("bob", NOW) is not None
    for _ in range(FREE_ATTEMPTS):
        assert throttle.admit_name("bob", after(FORGET_SECONDS)) is None
