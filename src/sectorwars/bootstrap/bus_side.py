"""A process's way to the others of its galaxy."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import structlog
from redis.asyncio import Redis

from sectorwars.bootstrap.server import Part
from sectorwars.bootstrap.start_error import StartError
from sectorwars.bus.limits import BusLimits
from sectorwars.bus.redis.connection import open_redis
from sectorwars.bus.redis.event_bus import RedisEventBus
from sectorwars.bus.seal import Seal

PSEUDONYMS: Final = b"pseudonyms"
"""What the key is for with which the pulse names players: every process the same."""
LIMITS: Final = BusLimits()

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BusSide:
    """The Redis of a galaxy, the seal of its messages, and the bus that carries them."""

    redis: Redis
    seal: Seal
    events: RedisEventBus

    def parts(self) -> Sequence[Part]:
        """Return what runs for messages to leave."""
        return (Part("event bus", self.events.run),)


@contextlib.asynccontextmanager
async def bus_side(url: str, key: bytes) -> AsyncIterator[BusSide]:
    """Meet the others at the Redis at `url`; it may be away for now.

    Raises:
        StartError: the URL is none of Redis.
    """
    try:
        redis = open_redis(url)
    except ValueError as error:
        raise StartError(f"The Redis cannot be {_without_password(url)!r}: {error}.") from error
    if _is_open_to_others(url):
        _LOG.warning("redis_is_not_protected", mend="use rediss:// with a password")
    seal = Seal(key)
    try:
        yield BusSide(redis, seal, RedisEventBus(redis, seal, LIMITS))
    finally:
        await redis.aclose()


def _is_open_to_others(url: str) -> bool:
    """Tell whether a Redis is reached over a network without a password or without TLS."""
    parts = urlsplit(url)
    if parts.scheme == "unix" or parts.hostname in {None, "localhost"}:
        return False
    with contextlib.suppress(ValueError):
        if ip_address(parts.hostname or "").is_loopback:
            return False
    return parts.scheme != "rediss" or not parts.password


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return scheme + separator + rest.rpartition("@")[2]
