"""A gateway's way to the writer: requests by a Redis Stream, answers by Pub/Sub."""

import asyncio
import uuid
from typing import Any, Final

import msgspec
import structlog
from redis.asyncio import Redis

from sectorwars.application import refusals
from sectorwars.application.bus import Answer, BusUnavailableError
from sectorwars.application.ports import Clock, ReceiptKey
from sectorwars.bus.codec import Request, decode_answer, encode_request
from sectorwars.bus.limits import BusLimits
from sectorwars.bus.redis.connection import (
    RECONNECT_SECONDS,
    UNAVAILABLE_ERRORS,
    heed_cancellation,
    unavailable,
)
from sectorwars.bus.redis.event_bus import close, payloads, subscribe
from sectorwars.bus.seal import BrokenSealError, Seal
from sectorwars.domain.command import CommandEnvelope
from sectorwars.domain.values import MICROS_PER_SECOND

COMMAND_PURPOSE: Final = b"command"
ANSWER_PURPOSE: Final = b"answer"
FIELD: Final = "m"

# Not XADD with MAXLEN, which would make room by dropping what waits longest.
_ADD: Final = f"""
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return false end
return redis.call('XADD', KEYS[1], '*', '{FIELD}', ARGV[2])
"""

_LOG = structlog.get_logger(__name__)


def stream_name(seal: Seal) -> str:
    """Return the key of the stream of requests."""
    return f"sectorwars:{seal.namespace}:commands"


def answer_channel(seal: Seal, gateway: str) -> str:
    """Return the channel on which a gateway gets its answers."""
    return f"sectorwars:{seal.namespace}:answers:{gateway}"


class RedisCommandBus:
    """Sends sealed requests and matches answers to them by their ids."""

    def __init__(
        self, redis: Redis, seal: Seal, clock: Clock, gateway: str, limits: BusLimits
    ) -> None:
        """Send over `redis` as `gateway`, a name unique to this run; `run` must run beside it."""
        self._redis = redis
        self._seal = seal
        self._clock = clock
        self._gateway = gateway
        self._limits = limits
        self._add = redis.register_script(_ADD)
        self._listening = False
        self._pending: dict[str, asyncio.Future[Answer]] = {}

    async def submit(self, envelope: CommandEnvelope, received_monotonic: float) -> Answer:
        """Have a command decided; it was received at `received_monotonic` seconds.

        Raises:
            BusUnavailableError: the command was not sent.
        """
        return await self._ask(envelope, received_monotonic)

    async def fate(self, key: ReceiptKey) -> Answer:
        """Ask what became of a command, at its place in the order.

        Raises:
            BusUnavailableError: the question was not sent.
        """
        return await self._ask(key, self._clock.monotonic())

    async def run(self) -> None:
        """Take answers until cancelled, coming back by itself when Redis was away."""
        while True:
            try:
                await self._take_answers()
            except BusUnavailableError as error:
                _LOG.warning("answers_interrupted", reason=str(error))
            heed_cancellation()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _take_answers(self) -> None:
        subscription = self._redis.pubsub()
        try:
            try:
                await subscribe(subscription, answer_channel(self._seal, self._gateway))
            except UNAVAILABLE_ERRORS as error:
                raise unavailable(error) from error
            self._listening = True
            async for sealed in payloads(subscription):
                self._take(sealed)
        finally:
            self._listening = False
            for waiting in self._pending.values():
                if not waiting.done():
                    waiting.set_result(Answer(refusals.OUTCOME_UNKNOWN, 0))
            await close(subscription)

    def _take(self, sealed: bytes) -> None:
        try:
            request_id, answer = decode_answer(self._seal.open(ANSWER_PURPOSE, sealed))
        except (BrokenSealError, msgspec.DecodeError) as error:
            _LOG.warning("answer_ignored", reason=repr(error))
            return
        waiting = self._pending.get(request_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    async def _ask(self, body: CommandEnvelope | ReceiptKey, received_monotonic: float) -> Answer:
        if not self._listening:
            raise BusUnavailableError("Redis cannot be reached")
        request_id = uuid.uuid4().hex
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._pending[request_id] = waiting
        waited = self._clock.monotonic() - received_monotonic
        request = Request(
            self._gateway, request_id, max(0, round(waited * MICROS_PER_SECOND)), body
        )
        try:
            async with asyncio.timeout(self._limits.answer_ms_max / 1_000):
                if await self._send(request) is None:
                    return Answer(refusals.busy(self._limits.commands_max), 0)
                heed_cancellation()
                return await waiting
        except (TimeoutError, *UNAVAILABLE_ERRORS):
            # The request may have come through.
            return Answer(refusals.OUTCOME_UNKNOWN, 0)
        finally:
            del self._pending[request_id]

    async def _send(self, request: Request) -> Any:
        sealed = self._seal.close(COMMAND_PURPOSE, encode_request(request))
        return await self._add(
            keys=[stream_name(self._seal)], args=[self._limits.commands_max, sealed]
        )
