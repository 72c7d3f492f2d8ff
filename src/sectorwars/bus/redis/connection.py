"""Connections to Redis, and what of its errors means that it is away."""

import asyncio
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from sectorwars.application.bus import BusUnavailableError

CONNECT_SECONDS_MAX: Final = 2.0
COMMAND_SECONDS_MAX: Final = 5.0
RECONNECT_SECONDS: Final = 0.2

UNAVAILABLE_ERRORS: Final = (RedisConnectionError, RedisTimeoutError, ResponseError, OSError)
"""A Redis that answers with an error, as while it loads or is full, is as good as away."""


def open_redis(url: str) -> Redis:
    """Return a client of the Redis at `url` (redis://, rediss:// or unix://); it connects later.

    It never repeats a command by itself: whether one came through is for the caller to find out.

    Raises:
        ValueError: the URL is none of Redis.
    """
    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS_MAX,
        socket_timeout=COMMAND_SECONDS_MAX,
        retry=Retry(NoBackoff(), 0),
    )


def unavailable(error: BaseException) -> BusUnavailableError:
    """Say that Redis is away, and why."""
    return BusUnavailableError(f"Redis cannot be reached: {error}")


def heed_cancellation() -> None:
    """Raise the cancellation that redis-py swallowed, as it may when an answer arrives with it.

    To be called after each use of the client in a loop, which would go on for ever otherwise.

    Raises:
        asyncio.CancelledError: the current task is to end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
