"""The engine's side of the command bus: it reads the Redis Stream and deletes what it answered."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

import msgspec
import structlog
from redis.asyncio import Redis

from sectorwars.application.bus import Answer
from sectorwars.application.ports import Clock
from sectorwars.application.writing.command_writer import CommandWriter
from sectorwars.bus.codec import Request, decode_request, encode_answer
from sectorwars.bus.limits import FINISH_SECONDS_MAX
from sectorwars.bus.redis.command_bus import (
    ANSWER_PURPOSE,
    COMMAND_PURPOSE,
    FIELD,
    answer_channel,
    stream_name,
)
from sectorwars.bus.redis.connection import (
    RECONNECT_SECONDS,
    UNAVAILABLE_ERRORS,
    heed_cancellation,
)
from sectorwars.bus.seal import BrokenSealError, Seal
from sectorwars.domain.command import CommandEnvelope
from sectorwars.domain.values import MICROS_PER_SECOND

_READ_MAX: Final = 512
_BLOCK_MS: Final = 1_000
_MICROS_PER_MS: Final = 1_000

_LOG = structlog.get_logger(__name__)


class RedisCommandQueue:
    """Reads the stream as its only reader, which the writer's lease makes sure of.

    What stands in the stream has not been answered. So a new engine, or one whose Redis was away,
    reads it from its beginning; what has been decided before is answered by its receipt.
    """

    def __init__(self, redis: Redis, seal: Seal, clock: Clock) -> None:
        """Read over `redis`."""
        self._redis = redis
        self._seal = seal
        self._clock = clock
        self._stream = stream_name(seal)
        self._taken: set[bytes] = set()
        self._answered: list[tuple[bytes, Request, Answer]] = []
        self._answers = asyncio.Event()
        self._answers_lost = False
        self._finishing = False
        self._settled = asyncio.Event()

    async def serve(self, writer: CommandWriter, offset: Callable[[], int]) -> None:
        """Hand commands to `writer` in their order and its answers back, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send_answers())
            while not self._finishing:
                try:
                    await self._read(tasks, writer, offset)
                except UNAVAILABLE_ERRORS as error:
                    _LOG.warning("commands_interrupted", reason=str(error))
                heed_cancellation()
                await asyncio.sleep(RECONNECT_SECONDS)

    async def finish(self) -> None:
        """Take no more commands, and wait, a bounded time, until those taken have been answered.

        What is left in the queue is the next engine's.
        """
        self._finishing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH_SECONDS_MAX):
                while self._taken:
                    self._settled.clear()
                    await self._settled.wait()

    async def _read(
        self, tasks: asyncio.TaskGroup, writer: CommandWriter, offset: Callable[[], int]
    ) -> None:
        last: bytes = b"0"
        while True:
            heed_cancellation()
            if self._answers_lost:
                self._answers_lost = False
                last = b"0"
            streams: Any = await self._redis.xread(
                {self._stream: last}, count=_READ_MAX, block=_BLOCK_MS
            )
            if self._finishing:
                return
            if not streams:
                continue
            seconds, micros = await self._redis.time()
            for entry_id, fields in _entries(streams):
                last = entry_id
                if entry_id in self._taken:
                    continue
                request = self._open(entry_id, fields)
                if request is None:
                    await self._redis.xdel(self._stream, entry_id)
                    continue
                added_ms = int(entry_id.partition(b"-")[0])
                queued = seconds * MICROS_PER_SECOND + micros - added_ms * _MICROS_PER_MS
                age_seconds = (max(0, queued) + request.waited_micros) / MICROS_PER_SECOND
                received = self._clock.monotonic() - age_seconds
                self._taken.add(entry_id)
                tasks.create_task(self._answer(writer, offset, entry_id, request, received))

    def _open(self, entry_id: bytes, fields: dict[bytes, bytes]) -> Request | None:
        try:
            sealed = fields[FIELD.encode()]
            return decode_request(self._seal.open(COMMAND_PURPOSE, sealed))
        except (KeyError, BrokenSealError, msgspec.DecodeError) as error:
            _LOG.warning("command_ignored", entry=entry_id.decode(), reason=repr(error))
            return None

    async def _answer(
        self,
        writer: CommandWriter,
        offset: Callable[[], int],
        entry_id: bytes,
        request: Request,
        received_monotonic: float,
    ) -> None:
        if isinstance(request.body, CommandEnvelope):
            answer = Answer(await writer.submit(request.body, received_monotonic), offset())
        else:
            answer = Answer(await writer.fate(request.body), offset())
        self._answered.append((entry_id, request, answer))
        self._answers.set()

    async def _send_answers(self) -> None:
        while True:
            heed_cancellation()
            await self._answers.wait()
            self._answers.clear()
            answered, self._answered = self._answered, []
            try:
                async with self._redis.pipeline(transaction=True) as pipeline:
                    for _, request, answer in answered:
                        encoded = encode_answer(request.request_id, answer)
                        pipeline.publish(
                            answer_channel(self._seal, request.gateway),
                            self._seal.close(ANSWER_PURPOSE, encoded),
                        )
                    pipeline.xdel(self._stream, *(entry_id for entry_id, _, _ in answered))
                    await pipeline.execute()
            except UNAVAILABLE_ERRORS as error:
                # What still stands in the stream is read, and answered, once more.
                _LOG.warning("answers_lost", count=len(answered), reason=str(error))
                self._answers_lost = True
            finally:
                self._taken.difference_update(entry_id for entry_id, _, _ in answered)
                self._settled.set()


def _entries(streams: Any) -> list[tuple[bytes, dict[bytes, bytes]]]:
    """Return the entries of the one stream that was read, as RESP2 or RESP3 gives them."""
    ((_, entries),) = streams.items() if isinstance(streams, dict) else streams
    if isinstance(streams, dict):
        (entries,) = entries
    return list(entries)
