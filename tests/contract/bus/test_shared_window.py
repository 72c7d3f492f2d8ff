"""What all processes count together is exact, whoever counts and however many at once."""

import asyncio

import pytest
from tests.contract.bus.conftest import Meeting, RedisMeeting

from sectorwars.application.bus import BusUnavailableError
from sectorwars.bus.redis import shared_window
from sectorwars.domain.values import MICROS_PER_SECOND

SECONDS = 60


async def test_so_many_are_admitted_whoever_asks(meeting: Meeting) -> None:
    one, other = (meeting.shared_window("sign_in", 10, SECONDS) for _ in range(2))
    waits = await asyncio.gather(
        *(window.admit("10.0.0.1") for _ in range(20) for window in (one, other))
    )
    assert waits.count(0) == 10
    assert all(0 < wait <= SECONDS * MICROS_PER_SECOND for wait in waits if wait)


async def test_keys_and_limits_are_counted_apart(meeting: Meeting) -> None:
    sign_in = meeting.shared_window("sign_in", 1, SECONDS)
    registration = meeting.shared_window("registration", 1, SECONDS)
    assert await sign_in.admit("10.0.0.1") == 0
    assert await sign_in.admit("10.0.0.1") > 0
    assert await sign_in.admit("10.0.0.2") == 0
    assert await registration.admit("10.0.0.1") == 0


async def test_after_the_wait_one_more_is_admitted(meeting: Meeting) -> None:
    window = meeting.shared_window("sign_in", 2, 1)
    assert await window.admit("10.0.0.1") == 0
    await asyncio.sleep(0.4)
    assert await window.admit("10.0.0.1") == 0
    wait_micros = await window.admit("10.0.0.1")
    assert 0 < wait_micros <= 600_000
    await asyncio.sleep(wait_micros / MICROS_PER_SECOND + 0.01)
    assert await window.admit("10.0.0.1") == 0
    assert await window.admit("10.0.0.1") > 0


async def test_while_nobody_can_count_it_says_so(meeting: Meeting) -> None:
    window = meeting.shared_window("sign_in", 1, SECONDS)
    assert await window.admit("10.0.0.1") == 0
    await meeting.go_away()
    with pytest.raises(BusUnavailableError):
        await window.admit("10.0.0.1")


@pytest.mark.redis
async def test_a_silent_redis_is_not_waited_for(redis_meeting: RedisMeeting) -> None:
    window = redis_meeting.shared_window("sign_in", 1, SECONDS)
    with redis_meeting.server.paused():
        begun = asyncio.get_running_loop().time()
        with pytest.raises(BusUnavailableError):
            await window.admit("10.0.0.1")
        waited = asyncio.get_running_loop().time() - begun
    assert waited < 2 * shared_window.ANSWER_SECONDS_MAX + 0.5


@pytest.mark.redis
async def test_redis_sees_no_address_and_forgets(redis_meeting: RedisMeeting) -> None:
    await redis_meeting.shared_window("sign_in", 1, SECONDS).admit("10.0.0.1")
    redis = redis_meeting.clients[0]
    (key,) = await redis.keys("*:window:*")
    assert b"10.0.0.1" not in key
    assert 0 < await redis.ttl(key) <= SECONDS
