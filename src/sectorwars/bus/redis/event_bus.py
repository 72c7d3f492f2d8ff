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

from sectorwars.application.bus import BusMessage, GatewayMessage
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
    """A channel for what the engine says and one for what gateways say; all of it is sealed."""

    def __init__(self, redis: Redis, seal: Seal, limits: BusLimits) -> None:
        """Send over `redis`; `run` must run for messages to leave."""
        self._redis = redis
        self._seal = seal
        self._limits = limits
        self._engine_channel = f"sectorwars:{seal.namespace}:engine"
        self._gateway_channel = f"sectorwars:{seal.namespace}:gateways"
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._published = asyncio.Event()

    def publish(self, message: BusMessage) -> None:
        """Send a message without waiting; while the bus is away it is dropped."""
        if len(self._waiting) >= self._limits.messages_max:
            # Who misses them notices by an offset.
            _LOG.warning("bus_messages_dropped", count=len(self._waiting), reason="too many")
            self._waiting.clear()
        by_gateway = isinstance(message, GatewayMessage)
        channel = self._gateway_channel if by_gateway else self._engine_channel
        self._waiting.append((channel, self._seal.close(_PURPOSE, encode_message(message))))
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
                    for channel, message in sending:
                        pipeline.publish(channel, message)
                    await pipeline.execute()
            except UNAVAILABLE_ERRORS as error:
                _LOG.warning("bus_messages_dropped", count=len(sending), reason=str(error))
                await asyncio.sleep(RECONNECT_SECONDS)

    @contextlib.asynccontextmanager
    async def listen(
        self, *, to_gateways_only: bool = False
    ) -> AsyncIterator[AsyncIterator[BusMessage]]:
        """Listen from now on, to gateways and engine; the iterator ends with BusUnavailableError.

        Raises:
            BusUnavailableError: the bus cannot be reached.
        """
        channels = [self._gateway_channel]
        if not to_gateways_only:
            channels.append(self._engine_channel)
        subscription = self._redis.pubsub()
        try:
            try:
                await subscribe(subscription, *channels)
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


async def subscribe(subscription: PubSub, *channels: str) -> None:
    """Subscribe and wait until Redis has confirmed it, so that nothing after it is missed."""
    await subscription.subscribe(*channels)
    confirmed = 0
    while confirmed < len(channels):
        message = await subscription.get_message(ignore_subscribe_messages=False, timeout=None)
        if message is not None and message["type"] == "subscribe":
            confirmed += 1


async def payloads(subscription: PubSub) -> AsyncIterator[bytes]:
    """Yield what is published.

    Raises:
        BusUnavailableError: the connection broke.
    """
    while True:
        heed_cancellation()
        try:
            message = await subscription.get_message(ignore_subscribe_messages=True, timeout=None)
        except UNAVAILABLE_ERRORS as error:
            heed_cancellation()
            raise unavailable(error) from error
        if message is not None:
            yield message["data"]


async def close(subscription: PubSub) -> None:
    """End a subscription, whatever its connection is worth."""
    with contextlib.suppress(*UNAVAILABLE_ERRORS):
        await subscription.aclose()  # type: ignore[no-untyped-call]
