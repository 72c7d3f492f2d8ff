"""The Redis of a galaxy: what is no address is refused, what others could read is said."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from sectorwars.bootstrap.bus_side import bus_side
from sectorwars.bootstrap.start_error import StartError
from sectorwars.bus.seal import KEY_BYTES

KEY = bytes(KEY_BYTES)


@pytest.mark.parametrize(
    ("url", "protected"),
    [
        ("unix:///run/redis.sock", True),
        ("redis://127.0.0.1:6379/0", True),
        ("redis://localhost", True),
        ("redis://[::1]:6379", True),
        ("rediss://:secret@redis.example:6379", True),
        ("rediss://redis.example:6379", False),
        ("redis://:secret@redis.example:6379", False),
        ("redis://10.0.0.7", False),
    ],
)
async def test_a_redis_that_others_could_reach_is_said(url: str, protected: bool) -> None:
    with capture_logs() as logs:
        async with bus_side(url, KEY):
            pass
    assert [entry["event"] for entry in logs] == ([] if protected else ["redis_is_not_protected"])


async def test_what_is_no_redis_is_refused_without_its_password() -> None:
    with pytest.raises(StartError) as refused:
        async with bus_side("http://me:secret@redis.example", KEY):
            pass
    assert "http://redis.example" in str(refused.value)
    assert "secret" not in str(refused.value)
