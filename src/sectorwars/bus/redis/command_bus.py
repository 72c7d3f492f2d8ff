"""A gateway's way to the writer: requests by a Redis Stream, answers by Pub/Sub."""

import asyncio
import uuid
from collections import deque
from typing import Final

import msgspec
import structlog
from redis.asyncio import Redis

from sectorwars.application.bus import Answer, BusUnavailableError
from sectorwars.application.ports import Clock
from sectorwars.application.rows import ReceiptKey
from sectorwars.application.writing import refusals
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

# Adds the messages that there is room for and returns how many. Not XADD with MAXLEN, which would
# make room by dropping what waits longest.
_ADD: Final = f"""
local room = tonumber(ARGV[1]) - redis.call('XLEN', KEYS[1])
local added = math.max(0, math.min(room, #ARGV - 1))
for i = 2, added + 1 do redis.call('XADD', KEYS[1], '*', '{FIELD}', ARGV[i]) end
return added
"""
_SEND_MAX: Final = 256

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
        self._outgoing: deque[tuple[bytes, asyncio.Future[Answer]]] = deque()
        self._asked = asyncio.Event()

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
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send_requests())
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
                _settle(waiting, Answer(refusals.OUTCOME_UNKNOWN, 0))
            await close(subscription)

    def _take(self, sealed: bytes) -> None:
        try:
            request_id, answer = decode_answer(self._seal.open(ANSWER_PURPOSE, sealed))
        except (BrokenSealError, msgspec.DecodeError) as error:
            _LOG.warning("answer_ignored", reason=repr(error))
            return
        waiting = self._pending.get(request_id)
        if waiting is not None:
            _settle(waiting, answer)

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
        sealed = self._seal.close(COMMAND_PURPOSE, encode_request(request))
        self._outgoing.append((sealed, waiting))
        self._asked.set()
        try:
            async with asyncio.timeout(self._limits.answer_ms_max / 1_000):
                return await waiting
        except TimeoutError:
            return Answer(refusals.OUTCOME_UNKNOWN, 0)
        finally:
            del self._pending[request_id]

    async def _send_requests(self) -> None:
        """Send what has been asked in its order, all that is waiting in one round trip."""
        while True:
            heed_cancellation()
            if not self._outgoing:
                self._asked.clear()
                await self._asked.wait()
            count = min(len(self._outgoing), _SEND_MAX)
            taken = [self._outgoing.popleft() for _ in range(count)]
            # Whose caller has gone, or was told during an outage that nobody knows, stays here.
            sending = [(sealed, waiting) for sealed, waiting in taken if not waiting.done()]
            try:
                added = await self._add(
                    keys=[stream_name(self._seal)],
                    args=[self._limits.commands_max, *(sealed for sealed, _ in sending)],
                )
            except UNAVAILABLE_ERRORS:
                # They may have come through.
                for _, waiting in sending:
                    _settle(waiting, Answer(refusals.OUTCOME_UNKNOWN, 0))
            else:
                for _, waiting in sending[added:]:
                    _settle(waiting, Answer(refusals.busy(self._limits.commands_max), 0))


def _settle(waiting: asyncio.Future[Answer], answer: Answer) -> None:
    """Answer a caller, unless he has been answered or has gone."""
    if not waiting.done():
        waiting.set_result(answer)
