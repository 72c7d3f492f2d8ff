"""Messages to all who listen, by Redis Pub/Sub."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

import msgspec
import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from sectorwars.application.bus import BusMessage
from sectorwars.bus.codec import decode_message, encode_message
from sectorwars.bus.limits import BusLimits
from sectorwars.bus.redis.connection import (
    RECONNECT_SECONDS,
    UNAVAILABLE_ERRORS,
    heed_cancellation,
    unavailable,
)
from sectorwars.bus.seal import BrokenSealError, Seal

_PURPOSE: Final = b"message"

_LOG = structlog.get_logger(__name__)


class RedisEventBus:
    """One channel for all messages; each is sealed."""

    def __init__(self, redis: Redis, seal: Seal, limits: BusLimits) -> None:
        """Send over `redis`; `run` must run for messages to leave."""
        self._redis = redis
        self._seal = seal
        self._limits = limits
        self._channel = f"sectorwars:{seal.namespace}:messages"
        self._waiting: deque[bytes] = deque()
        self._published = asyncio.Event()

    def publish(self, message: BusMessage) -> None:
        """Send a message without waiting; while the bus is away it is dropped."""
        if len(self._waiting) >= self._limits.messages_max:
            # Who misses them notices by an offset.
            _LOG.warning("bus_messages_dropped", count=len(self._waiting), reason="too many")
            self._waiting.clear()
        self._waiting.append(self._seal.close(_PURPOSE, encode_message(message)))
        self._published.set()

    async def run(self) -> None:
        """Send what was published until cancelled."""
        while True:
            heed_cancellation()
            await self._published.wait()
            self._published.clear()
            sending, self._waiting = self._waiting, deque()
            try:
                async with self._redis.pipeline(transaction=False) as pipeline:
                    for message in sending:
                        pipeline.publish(self._channel, message)
                    await pipeline.execute()
            except UNAVAILABLE_ERRORS as error:
                _LOG.warning("bus_messages_dropped", count=len(sending), reason=str(error))
                await asyncio.sleep(RECONNECT_SECONDS)

    @contextlib.asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncIterator[BusMessage]]:
        """Listen from now on; the iterator ends with BusUnavailableError.

        Raises:
            BusUnavailableError: the bus cannot be reached.
        """
        subscription = self._redis.pubsub(ignore_subscribe_messages=True)
        try:
            try:
                await subscribe(subscription, self._channel)
            except UNAVAILABLE_ERRORS as error:
                raise unavailable(error) from error
            yield self._messages(subscription)
        finally:
            await close(subscription)

    async def _messages(self, subscription: PubSub) -> AsyncIterator[BusMessage]:
        async for sealed in payloads(subscription):
            try:
                message = decode_message(self._seal.open(_PURPOSE, sealed))
            except (BrokenSealError, msgspec.DecodeError) as error:
                _LOG.warning("bus_message_ignored", reason=repr(error))
            else:
                yield message


async def subscribe(subscription: PubSub, channel: str) -> None:
    """Subscribe and wait until Redis has confirmed it, so that nothing after it is missed."""
    subscription.ignore_subscribe_messages = False
    await subscription.subscribe(channel)
    message = None
    while message is None or message["type"] != "subscribe":
        message = await subscription.get_message(timeout=None)
    subscription.ignore_subscribe_messages = True


async def payloads(subscription: PubSub) -> AsyncIterator[bytes]:
    """Yield what is published.

    Raises:
        BusUnavailableError: the connection broke.
    """
    while True:
        try:
            message = await subscription.get_message(ignore_subscribe_messages=True, timeout=None)
        except UNAVAILABLE_ERRORS as error:
            heed_cancellation()
            raise unavailable(error) from error
        heed_cancellation()
        if message is not None:
            yield message["data"]


async def close(subscription: PubSub) -> None:
    """End a subscription, whatever its connection is worth."""
    with contextlib.suppress(*UNAVAILABLE_ERRORS):
        await subscription.aclose()  # type: ignore[no-untyped-call]
