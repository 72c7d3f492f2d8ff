"""Runs backtests one after the other, and keeps those that wait."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import structlog

from sectorwars.application.backtest import refusals
from sectorwars.application.backtest.findings import Findings
from sectorwars.application.backtest.store import (
    INTERRUPTED,
    KEPT_MAX,
    SILENT_MICROS_MAX,
    BacktestId,
    BacktestStore,
    StoredBacktest,
)
from sectorwars.application.backtest.task import BacktestTask
from sectorwars.application.ports import Clock, StoreUnavailableError
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import MICROS_PER_SECOND, div_ceil
from sectorwars.observability.metrics import BACKTEST_SECONDS, BACKTESTS, BACKTESTS_WAITING
from sectorwars.protocol.shapes.backtest import BacktestFailure

_TOUCH_SECONDS: Final = 1.0
_HEARD_MICROS_MAX: Final = 3 * MICROS_PER_SECOND
"""Whoever has a backtest in hand says so more often than this."""
_MICROS_PER_MS: Final = 1_000
_RUN_SECONDS_MAX: Final = 600.0
_TOO_LONG: Final = BacktestFailure("backtest_too_long", "It took longer than a backtest may.")
_FAILED: Final = BacktestFailure("internal_error", "The backtest failed; that has been recorded.")

_LOG = structlog.get_logger(__name__)

RunBacktest = Callable[[BacktestTask, Callable[[int], None]], Awaitable[Findings | BacktestFailure]]
"""Runs a backtest somewhere, and tells how far it is in per cent; cancelled, it stops."""


class _Queued(NamedTuple):
    backtest_id: BacktestId
    task: BacktestTask


class BacktestRunner:
    """Has one backtest at work; up to `waiting_max` others wait for it."""

    def __init__(
        self, store: BacktestStore, clock: Clock, waiting_max: int, run: RunBacktest
    ) -> None:
        """Have each run by `run`, and keep in `store` what it comes to."""
        self._waiting_max = waiting_max
        self._store = store
        self._clock = clock
        self._run = run
        self._waiting: tuple[_Queued, ...] = ()
        self._came = asyncio.Event()
        self._adding = 0

    async def take(self, backtest: StoredBacktest, task: BacktestTask) -> Refusal | None:
        """Store a backtest and run it in its turn, or say why not.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        if self._full():
            await self._touch_waiting()
        if self._full():
            return refusals.queue_full(self._waiting_max)
        # Those on their way to the store count, so that no number at once gets past the limit.
        self._adding += 1
        try:
            added = await self._store.add(backtest, KEPT_MAX)
        finally:
            self._adding -= 1
        if not added:
            return refusals.in_hand(await self._wait_ms(backtest.player_id))
        self._keep_waiting(*self._waiting, _Queued(backtest.backtest_id, task))
        self._came.set()
        return None

    def drop(self, backtest_id: str) -> None:
        """Let one that waits make room; one that runs ends once the store knows it no more."""
        self._keep_waiting(*(one for one in self._waiting if one.backtest_id != backtest_id))

    async def work(self) -> None:
        """Run backtests as they come, until cancelled."""
        while True:
            await self._came.wait()
            while self._waiting:
                first, *others = self._waiting
                self._keep_waiting(*others)
                await self._carry_out(first)
            self._came.clear()

    async def recover(self) -> None:
        """Fail what an earlier process left in hand, where no other one runs any beside this.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        left = await self._store.fail_in_hand(INTERRUPTED)
        if left:
            _LOG.info("backtests_interrupted", backtests=left)

    async def close(self) -> None:
        """Tell those who wait that their backtests will not be run.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        waiting = self._waiting
        self._keep_waiting()
        for queued in waiting:
            await self._store.fail(queued.backtest_id, INTERRUPTED)

    async def _carry_out(self, queued: _Queued) -> None:
        """Run a backtest; nothing that happens to it keeps the next one from its turn."""
        begun = self._clock.monotonic()
        outcome: str = INTERRUPTED.code
        ticks: int | None = None
        try:
            found = await self._found(queued)
            if found is None:
                outcome = "deleted"
            elif isinstance(found, Findings):
                await self._store.finish(queued.backtest_id, found.headline, found.result)
                outcome, ticks = "done", found.headline.span.ticks
            else:
                await self._store.fail(queued.backtest_id, found)
                outcome = found.code
        except StoreUnavailableError as reason:
            # It is found to be silent, and shown as interrupted.
            outcome = "lost"
            _LOG.warning("backtest_lost", backtest_id=queued.backtest_id, reason=str(reason))
        except Exception:
            outcome = _FAILED.code
            _LOG.exception("backtest_failed", backtest_id=queued.backtest_id)
            await self._fail(queued.backtest_id, _FAILED)
        except asyncio.CancelledError:
            await self._fail(queued.backtest_id, INTERRUPTED)
            raise
        finally:
            seconds = self._clock.monotonic() - begun
            BACKTESTS.labels(outcome).inc()
            BACKTEST_SECONDS.observe(seconds)
            _LOG.info(
                "backtest_ended",
                backtest_id=queued.backtest_id,
                outcome=outcome,
                seconds=round(seconds, 3),
                ticks=ticks,
            )

    async def _found(self, queued: _Queued) -> Findings | BacktestFailure | None:
        """Return what a backtest comes to, None once it is not wanted any more."""
        percent = 0

        def note(per_cent: int) -> None:
            nonlocal percent
            percent = per_cent

        if not await self._touch(queued, percent):
            return None
        running = asyncio.ensure_future(self._findings(queued, note))
        try:
            while not (await asyncio.wait({running}, timeout=_TOUCH_SECONDS))[0]:
                if not await self._touch(queued, percent):
                    return None
            return running.result()
        finally:
            running.cancel()
            await asyncio.wait({running})

    async def _findings(
        self, queued: _Queued, note: Callable[[int], None]
    ) -> Findings | BacktestFailure:
        try:
            async with asyncio.timeout(_RUN_SECONDS_MAX):
                return await self._run(queued.task, note)
        except TimeoutError:
            return _TOO_LONG
        except Exception:
            _LOG.exception("backtest_failed", backtest_id=queued.backtest_id)
            return _FAILED

    async def _touch(self, queued: _Queued, percent: int) -> bool:
        """Say that this process has what it has; return whether that is still wanted."""
        await self._touch_waiting()
        return await self._store.touch(queued.backtest_id, "running", percent, self._clock.now())

    async def _touch_waiting(self) -> None:
        """Say that those that wait are waiting, and drop what was deleted at another process."""
        now = self._clock.now()
        for one in self._waiting:
            # Meanwhile its turn may have come.
            if one in self._waiting and not await self._store.touch(
                one.backtest_id, "queued", 0, now
            ):
                self.drop(one.backtest_id)

    async def _fail(self, backtest_id: BacktestId, failure: BacktestFailure) -> None:
        """Store a failure if that can be done; otherwise its silence will tell."""
        with contextlib.suppress(Exception):
            await self._store.fail(backtest_id, failure)

    async def _wait_ms(self, player_id: PlayerId) -> int:
        """Return when to ask again: one whose process is gone is in the way until it is failed."""
        in_hand = [
            one
            for one in await self._store.of_player(player_id)
            if one.status in {"queued", "running"}
        ]
        silent = max((self._clock.now() - one.touched_at for one in in_hand), default=0)
        if silent <= _HEARD_MICROS_MAX:
            return refusals.POLL_MS
        return max(1, div_ceil(SILENT_MICROS_MAX + 1 - silent, _MICROS_PER_MS))

    def _full(self) -> bool:
        return len(self._waiting) + self._adding >= self._waiting_max

    def _keep_waiting(self, *waiting: _Queued) -> None:
        self._waiting = waiting
        BACKTESTS_WAITING.set(len(waiting))
