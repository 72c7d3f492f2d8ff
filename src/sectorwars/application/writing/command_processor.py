"""The single writer's shell: one inbox, one order, one transaction for all that is waiting.

Nothing is acknowledged or shown before it is durable. While one batch is being committed the
next is decided. A failed or ambiguous commit stops the writer, which rebuilds its world from the
store; every caller whose command was in doubt is told to ask for its fate.
"""

import asyncio
import contextlib
from collections import Counter, OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import structlog

from sectorwars.application.ports import (
    Clock,
    CommitFailedError,
    EventStore,
    StoreUnavailableError,
)
from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import (
    Batch,
    Lease,
    Receipt,
    ReceiptKey,
)
from sectorwars.application.writing import receipts, refusals
from sectorwars.application.writing.commit_pace import CommitPace
from sectorwars.application.writing.reserved_ids import is_reserved
from sectorwars.application.writing.trade_limit import TradeLimit
from sectorwars.application.writing.writer import Writer
from sectorwars.domain.command import CommandEnvelope, SystemCommand, Trade
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.observability.metrics import BATCH_COMMANDS, COMMIT_SECONDS, DECISIONS
from sectorwars.protocol.shapes.command import CommandFate

_RECOVERY_DELAY_SECONDS_MIN: Final = 0.1
_RECOVERY_DELAY_SECONDS_MAX: Final = 1.0
_DECIDED_AT_ONCE_MAX: Final = 32
"""How many commands are decided before others get their turn."""
_ANSWER_SECONDS: Final = 0.005
"""How long an answer takes, once it is known, to leave the process."""

_LOG = structlog.get_logger(__name__)

Outcome = Receipt | Refusal
Fate = Receipt | CommandFate


@dataclass(frozen=True, slots=True)
class ProcessorLimits:
    """Bounds of the writer; times in milliseconds.

    A transaction makes at most `batch_max` commands durable. For more to come, commands are left
    undecided and a transaction is put off for at most `commit_latency_ms` each.
    """

    inbox_max: int = 10_000
    batch_max: int = 256
    commit_latency_ms: int = 5
    undurable_max: int = 1_024
    receipts_cached_max: int = 100_000
    trading_timeout_ms: int = 10_000
    commit_timeout_ms: int = 15_000
    ticks_behind_max: int = 10

    def __post_init__(self) -> None:
        """Check that a batch can fill and a receipt is remembered until it is looked up.

        Raises:
            ValueError: too little may be undurable, or too few receipts are to be remembered.
        """
        if self.undurable_max < self.batch_max:
            raise ValueError("undurable_max is less than batch_max")
        if self.receipts_cached_max < self.batch_max + self.undurable_max:
            raise ValueError("receipts_cached_max is less than batch_max + undurable_max")


@dataclass(slots=True)
class _Submission:
    """A command on its way to the writer."""

    envelope: CommandEnvelope
    key: ReceiptKey
    digest: bytes
    received_monotonic: float
    answer: asyncio.Future[Outcome]


@dataclass(slots=True)
class _Inquiry:
    """The question what became of a command, at its place in the order."""

    key: ReceiptKey
    received_monotonic: float
    answer: asyncio.Future[Outcome | None]


@dataclass(slots=True)
class _Decided:
    """A receipt that is not durable yet, and who waits for it."""

    receipt: Receipt
    answers: list[asyncio.Future[Outcome] | asyncio.Future[Outcome | None]] = field(
        default_factory=list
    )

    def answer(self, outcome: Outcome) -> None:
        for waiting in self.answers:
            _settle(waiting, outcome)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the processor goes on with after a recovery; the latest stored event was at `latest`."""

    writer: Writer
    lease: Lease
    latest: UnixMicros


class CommandProcessor:
    """Takes commands from every door, in one order, to the writer and the store."""

    def __init__(
        self,
        store: EventStore,
        clock: Clock,
        recover: Callable[[], Awaitable[Recovered]],
        on_committed: Callable[[Committed], None],
        trade_limit: TradeLimit,
        limits: ProcessorLimits,
    ) -> None:
        """Write through `store`; `recover` takes the lease and rebuilds writer and projection."""
        self._store = store
        self._clock = clock
        self._recover = recover
        self._on_committed = on_committed
        self._trade_limit = trade_limit
        self._limits = limits
        self._inbox: deque[_Submission | _Inquiry] = deque()
        self._in_flight: dict[ReceiptKey, _Decided] = {}
        self._pace = CommitPace(
            self._inbox, self._in_flight, limits.batch_max, limits.commit_latency_ms
        )
        self._ticks_due = 0
        self._tick_seconds = 0.0
        self._all_decided = False
        self._recent: OrderedDict[ReceiptKey, Receipt] = OrderedDict()
        self._stopping = False
        self._writer: Writer | None = None
        self._latest = UnixMicros(0)
        self._recovery_delay_seconds = 0.0

    @property
    def writing(self) -> bool:
        """Return whether commands are being decided and committed just now."""
        return self._writer is not None

    @property
    def inbox_depth(self) -> int:
        """Return how many commands are waiting."""
        return len(self._inbox)

    def submit(
        self, envelope: CommandEnvelope, received_monotonic: float
    ) -> asyncio.Future[Outcome]:
        """Have a player's command decided and made durable; `received_monotonic` in seconds.

        The future gives the receipt, of this or an earlier execution under the same id, or a
        refusal. A command goes its way whether or not its future is cancelled.
        """
        command, player_id = envelope.command, envelope.player_id
        if player_id is None or isinstance(command, SystemCommand):
            raise ValueError("only players' commands are submitted")
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if self._stopping:
            answer.set_result(refusals.STOPPING)
        elif len(self._inbox) >= self._limits.inbox_max:
            answer.set_result(refusals.busy(self._limits.inbox_max))
        else:
            self._inbox.append(
                _Submission(
                    envelope,
                    ReceiptKey(player_id, envelope.command_id),
                    receipts.payload_hash(command),
                    received_monotonic,
                    answer,
                )
            )
            self._pace.arrived()
        return answer

    async def fate(self, key: ReceiptKey) -> Fate:
        """Return what became of a command: its receipt, `pending` or `never_seen`."""
        if self._stopping or len(self._inbox) >= self._limits.inbox_max:
            return receipts.pending_fate(key)
        answer: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._inbox.append(_Inquiry(key, self._clock.monotonic(), answer))
        self._pace.arrived()
        outcome = await answer
        if outcome is None:
            return CommandFate(
                command_id=key.command_id,
                status="never_seen",
                retry="same_id",
                detail="No command with this id has been seen; send it under this id.",
            )
        return receipts.pending_fate(key) if isinstance(outcome, Refusal) else outcome

    def tick(self) -> None:
        """Let the economy move by one tick with the next batch."""
        if self._ticks_due >= self._limits.ticks_behind_max:
            _LOG.warning("tick_skipped", ticks_behind=self._ticks_due)
            return
        self._ticks_due += 1
        self._pace.hurry()

    def prepare(self, part: int, parts: int) -> None:
        """Do one of `parts` of the next tick's work beforehand."""
        if self._writer is not None and not self._ticks_due:
            self._writer.prepare_tick(part, parts)

    def stop(self) -> None:
        """Decide what is waiting, make it durable, then let `run` return."""
        self._stopping = True
        self._pace.hurry()

    async def run(self, recovered: Recovered) -> None:
        """Write until stopped, beginning with what a first recovery has given.

        Raises:
            LeaseLostError: another writer has taken over.
        """
        try:
            while not await self._write_until_failure(recovered):
                self._doubt_undurable()
                recovered = await self._recovered()
        finally:
            self._stopping = True
            self._doubt_undurable()
            self._refuse_waiting(refusals.STOPPING, lambda _: True)

    async def _recovered(self) -> Recovered:
        """Recover, waiting the longer the more recoveries no commit has come of."""
        while True:
            if self._recovery_delay_seconds:
                await asyncio.sleep(self._recovery_delay_seconds)
                self._refuse_waiting(refusals.STORE_UNAVAILABLE, self._is_late)
            self._recovery_delay_seconds = min(
                max(2 * self._recovery_delay_seconds, _RECOVERY_DELAY_SECONDS_MIN),
                _RECOVERY_DELAY_SECONDS_MAX,
            )
            try:
                return await self._recover()
            except StoreUnavailableError as reason:
                if self._stopping:
                    raise
                _LOG.warning("store_unavailable", reason=str(reason))

    async def _write_until_failure(self, recovered: Recovered) -> bool:
        """Return True once stopped, False when the writer must recover."""
        self._writer = recovered.writer
        self._latest = max(self._latest, recovered.latest)
        writing = asyncio.create_task(self._decide_forever(recovered.writer))
        committing = asyncio.create_task(self._commit_forever(recovered.writer, recovered.lease))
        try:
            await asyncio.wait({writing, committing}, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            self._writer = None
            for task in (writing, committing):
                task.cancel()
            results = await asyncio.gather(writing, committing, return_exceptions=True)
        failures = [result for result in results if isinstance(result, Exception)]
        for failure in failures:
            if not isinstance(failure, CommitFailedError | StoreUnavailableError):
                raise failure
            _LOG.error("writer_stopped", reason=str(failure))
        return not failures

    async def _decide_forever(self, writer: Writer) -> None:
        while True:
            await self._wait_for_work(writer)
            await self._decide_waiting(writer)
            if self._ticks_due:
                await self._let_answers_leave()
                self._advance_tick(writer)
            if self._stopping and not self._inbox:
                self._all_decided = True
                self._pace.decided()
                return
            while (
                len(self._in_flight) >= self._limits.undurable_max
                or writer.receipts_pending >= self._limits.batch_max
            ):
                await self._pace.commit_done()

    async def _decide_waiting(self, writer: Writer) -> None:
        """Decide what is due, then what waits."""
        count = min(len(self._inbox), self._limits.batch_max - writer.receipts_pending)
        # What is not decided yet stays in the inbox, should a failure end this in between.
        stored = await self._stored_receipts(list(islice(self._inbox, count)))
        now = self._now()
        writer.meet_deadlines(now)
        self._pace.decided()
        for decided in range(1, count + 1):
            item = self._inbox.popleft()
            if isinstance(item, _Submission):
                self._decide(writer, item, stored, now)
            else:
                self._inquire(item, stored)
            if decided % _DECIDED_AT_ONCE_MAX == 0 or decided == count:
                self._pace.decided()
                # The next commit may begin, and what was committed may be answered.
                await asyncio.sleep(0)

    async def _let_answers_leave(self) -> None:
        """Put a tick off until those have their answers whom it would have wait.

        That is for no longer than they would wait for the tick, so that ticks never starve.
        """
        if self._tick_seconds < _ANSWER_SECONDS:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._tick_seconds):
                while self._in_flight:
                    await self._pace.commit_done()
                await asyncio.sleep(_ANSWER_SECONDS)

    def _advance_tick(self, writer: Writer) -> None:
        begun = self._clock.monotonic()
        now = self._now()
        writer.meet_deadlines(now)
        self._ticks_due -= 1
        writer.advance_tick(now)
        self._pace.decided()
        self._tick_seconds = self._clock.monotonic() - begun

    async def _wait_for_work(self, writer: Writer) -> None:
        while not self._inbox and not self._is_urgent():
            due = writer.world.next_deadline()
            seconds = None if due is None else (due - self._now()) / MICROS_PER_SECOND
            if seconds is not None and seconds <= 0:
                return
            await self._pace.rest(seconds)
        await self._pace.let_more_come(self._is_urgent)

    def _is_urgent(self) -> bool:
        return self._ticks_due > 0 or self._stopping

    async def _stored_receipts(
        self, items: list[_Submission | _Inquiry]
    ) -> dict[ReceiptKey, Receipt]:
        # What is cached now may have been displaced by the time the store has answered.
        cached = {item.key: self._recent[item.key] for item in items if item.key in self._recent}
        unknown = {
            item.key for item in items if item.key not in self._in_flight and item.key not in cached
        }
        return cached | (await self._store.find_receipts(tuple(unknown)) if unknown else {})

    def _decide(
        self,
        writer: Writer,
        item: _Submission,
        stored: dict[ReceiptKey, Receipt],
        now: UnixMicros,
    ) -> None:
        known = self._known(item.key, stored)
        if known is not None:
            receipt = known.receipt if isinstance(known, _Decided) else known
            if receipt.payload_hash != item.digest:
                _settle(item.answer, refusals.COMMAND_ID_CONFLICT)
            elif isinstance(known, _Decided):
                known.answers.append(item.answer)
            else:
                _settle(item.answer, receipt)
            return
        is_trade = isinstance(item.envelope.command, Trade)
        refusal = self._refusal(item, is_trade, now)
        if refusal is not None:
            _settle(item.answer, refusal)
            return
        receipt = writer.decide(item.envelope, item.key, item.digest, now)
        if is_trade and receipt.status == "executed":
            self._trade_limit.record(item.key.player_id, now)
        self._in_flight[item.key] = _Decided(receipt, [item.answer])

    def _refusal(self, item: _Submission, is_trade: bool, now: UnixMicros) -> Refusal | None:
        if is_reserved(item.key.command_id, item.envelope.origin):
            return refusals.COMMAND_ID_RESERVED
        if self._is_late(item):
            return refusals.too_late(self._limits.trading_timeout_ms)
        return self._trade_limit.check(item.key.player_id, now) if is_trade else None

    def _inquire(self, item: _Inquiry, stored: dict[ReceiptKey, Receipt]) -> None:
        known = self._known(item.key, stored)
        if isinstance(known, _Decided):
            known.answers.append(item.answer)
        else:
            _settle(item.answer, known)

    def _known(
        self, key: ReceiptKey, stored: dict[ReceiptKey, Receipt]
    ) -> _Decided | Receipt | None:
        return self._in_flight.get(key) or self._recent.get(key) or stored.get(key)

    async def _commit_forever(self, writer: Writer, lease: Lease) -> None:
        while True:
            await self._pace.gather()
            batch = writer.cut()
            if batch.events or batch.receipts:
                started = self._clock.monotonic()
                with self._pace.committing():
                    await self._append(lease, batch)
                self._recovery_delay_seconds = 0.0
                COMMIT_SECONDS.observe(self._clock.monotonic() - started)
                BATCH_COMMANDS.observe(len(batch.receipts))
                index_prices = tuple(prices.market for prices in batch.tick_prices)
                self._on_committed(Committed(batch.events, index_prices))
                self._acknowledge(batch)
            self._pace.committed()
            if self._all_decided and not self._pace.has_decided:
                return

    async def _append(self, lease: Lease, batch: Batch) -> None:
        try:
            async with asyncio.timeout(self._limits.commit_timeout_ms / 1_000):
                await self._store.append(lease, batch)
        except TimeoutError as reason:
            raise CommitFailedError("the store did not answer in time") from reason

    def _acknowledge(self, batch: Batch) -> None:
        for receipt in batch.receipts:
            decided = self._in_flight.pop(receipt.key)
            self._recent[receipt.key] = receipt
            decided.answer(receipt)
        while len(self._recent) > self._limits.receipts_cached_max:
            self._recent.popitem(last=False)
        kinds = Counter((receipt.status, receipt.code or "ok") for receipt in batch.receipts)
        for labels, count in kinds.items():
            DECISIONS.labels(*labels).inc(count)

    def _doubt_undurable(self) -> None:
        """Tell the callers of what was decided but not confirmed durable to ask again."""
        for decided in self._in_flight.values():
            decided.answer(refusals.OUTCOME_UNKNOWN)
        self._in_flight.clear()
        self._recent.clear()
        self._pace.forget()
        self._all_decided = False

    def _refuse_waiting(
        self, refusal: Refusal, concerns: Callable[[_Submission | _Inquiry], bool]
    ) -> None:
        for _ in range(len(self._inbox)):
            item = self._inbox.popleft()
            if concerns(item):
                _settle(item.answer, refusal)
            else:
                self._inbox.append(item)

    def _is_late(self, item: _Submission | _Inquiry) -> bool:
        age_seconds = self._clock.monotonic() - item.received_monotonic
        return age_seconds * 1_000 > self._limits.trading_timeout_ms

    def _now(self) -> UnixMicros:
        """Return real time, never earlier than an earlier answer."""
        self._latest = max(self._latest, self._clock.now())
        return self._latest


def _settle(answer: asyncio.Future[Any], outcome: Outcome | None) -> None:
    """Answer a caller, unless he has gone."""
    if not answer.done():
        answer.set_result(outcome)
