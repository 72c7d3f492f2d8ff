"""A limit that the processes of a galaxy count together in Redis, on Redis's own clock."""

import asyncio
import hmac
from typing import Final

from redis.asyncio import Redis

from sectorwars.bus.redis.connection import UNAVAILABLE_ERRORS, heed_cancellation, unavailable
from sectorwars.bus.seal import Seal

ANSWER_SECONDS_MAX: Final = 0.25
"""How long who is to be counted waits for Redis."""

_PURPOSE: Final = b"shared windows"
# Keeps the times of what was counted in the last while, oldest first, in microseconds. As text,
# because a number of Lua would lose its last digits on its way.
_COUNT: Final = """
local time = redis.call('TIME')
local now, window = time[1] * 1000000 + time[2], ARGV[2] * 1000000
local oldest = redis.call('LINDEX', KEYS[1], 0)
while oldest and tonumber(oldest) <= now - window do
  redis.call('LPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], 0)
end
if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[1]) then return tonumber(oldest) + window - now end
redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 0
"""


class RedisSharedWindow:
    """Counts by keys that Redis sees as digests under a key of the galaxy's own."""

    def __init__(self, redis: Redis, seal: Seal, what: str, limit: int, seconds: int) -> None:
        """Allow `limit` per key in any `seconds`; `what` is the same in all processes."""
        self._count = redis.register_script(_COUNT)
        self._name = f"sectorwars:{seal.namespace}:window:{what}"
        self._key = seal.derive(_PURPOSE)
        self._limit = limit
        self._seconds = seconds

    async def admit(self, key: str) -> int:
        """Count one and return 0; where it is one too many, return the microseconds to wait.

        Raises:
            BusUnavailableError: Redis cannot be reached, or takes too long.
        """
        digest = hmac.digest(self._key, key.encode(), "sha256").hex()
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                wait_micros = await self._count(
                    keys=[f"{self._name}:{digest}"], args=[self._limit, self._seconds]
                )
        except (TimeoutError, *UNAVAILABLE_ERRORS) as error:
            raise unavailable(error) from error
        heed_cancellation()
        return int(wait_micros)
