"""How guessing is slowed down."""

from sectorwars.application.accounts.sign_in_throttle import (
    FORGET_SECONDS,
    FREE_ATTEMPTS,
    WAIT_SECONDS_MAX,
    Counted,
    SignInThrottle,
)
from sectorwars.bus.memory.broker import MemoryBroker
from sectorwars.bus.memory.shared_window import MemorySharedWindow
from sectorwars.clock import SystemClock
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros

NOW = UnixMicros(1_800_000_000_000_000)


def after(seconds: float) -> UnixMicros:
    return UnixMicros(NOW + round(seconds * MICROS_PER_SECOND))


async def test_an_address_has_so_many_attempts_in_any_minute() -> None:
    throttle = SignInThrottle(2)
    assert await throttle.admit_address("10.0.0.1", NOW) is None
    assert await throttle.admit_address("10.0.0.1", after(30)) is None
    refusal = await throttle.admit_address("10.0.0.1", after(59))
    assert refusal is not None
    assert refusal.retry_after_ms == 1_000
    assert await throttle.admit_address("10.0.0.2", after(59)) is None
    assert await throttle.admit_address("10.0.0.1", after(60)) is None
    assert await throttle.admit_address("10.0.0.1", after(60)) is not None


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
    throttle.succeeded("alice", NOW)
    assert throttle.admit_name("alice", NOW) is None
    assert throttle.admit_name("bob", NOW) is not None
    for _ in range(FREE_ATTEMPTS):
        assert throttle.admit_name("bob", after(FORGET_SECONDS)) is None


async def test_what_one_process_counts_counts_at_the_other() -> None:
    other = SignInThrottle(2)
    one = SignInThrottle(2, other.note)
    for address in ("10.0.0.1", "10.0.0.1", "10.0.0.2"):
        assert await one.admit_address(address, NOW) is None
    assert await other.admit_address("10.0.0.1", NOW) is not None
    assert await other.admit_address("10.0.0.2", NOW) is None
    for _ in range(FREE_ATTEMPTS):
        assert one.admit_name("alice", NOW) is None
    assert other.admit_name("alice", NOW) is not None
    one.succeeded("alice", NOW)
    assert other.admit_name("alice", NOW) is None


async def test_what_was_refused_is_not_told() -> None:
    told: list[Counted] = []
    throttle = SignInThrottle(1, lambda counted, _key, _at: told.append(counted))
    await throttle.admit_address("10.0.0.1", NOW)
    await throttle.admit_address("10.0.0.1", NOW)
    for _ in range(FREE_ATTEMPTS + 1):
        throttle.admit_name("alice", NOW)
    assert told == [Counted.ADDRESS, *[Counted.NAME] * FREE_ATTEMPTS]


async def test_processes_that_hear_nothing_of_each_other_count_together() -> None:
    broker = MemoryBroker()
    one, other = (
        SignInThrottle(2, shared=MemorySharedWindow(broker, SystemClock(), "sign_in", 2, 60))
        for _ in range(2)
    )
    assert await one.admit_address("10.0.0.1", NOW) is None
    assert await other.admit_address("10.0.0.1", NOW) is None
    for throttle in (one, other):
        refusal = await throttle.admit_address("10.0.0.1", NOW)
        assert refusal is not None
        assert refusal.code == "auth_rate_limited"
    assert await one.admit_address("10.0.0.2", NOW) is None


async def test_while_they_cannot_each_goes_by_what_it_has_counted() -> None:
    broker = MemoryBroker()
    throttle = SignInThrottle(2, shared=MemorySharedWindow(broker, SystemClock(), "sign_in", 2, 60))
    assert await throttle.admit_address("10.0.0.1", NOW) is None
    broker.go_away()
    assert await throttle.admit_address("10.0.0.1", NOW) is None
    assert await throttle.admit_address("10.0.0.1", NOW) is not None
