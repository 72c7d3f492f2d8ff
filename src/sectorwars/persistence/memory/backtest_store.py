"""Backtests in memory."""

from collections.abc import Sequence
from dataclasses import replace

from sectorwars.application.backtest.store import (
    INTERRUPTED,
    SILENT_MICROS_MAX,
    BacktestId,
    Status,
    StoredBacktest,
)
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.shapes.backtest import BacktestFailure, BacktestHeadline, BacktestResult


class MemoryBacktestStore:
    """Keeps backtests as long as the process lives."""

    def __init__(self) -> None:
        """Start without backtests."""
        self._backtests: dict[BacktestId, StoredBacktest] = {}
        self._results: dict[BacktestId, BacktestResult] = {}

    async def add(self, backtest: StoredBacktest, keep: int) -> bool:
        """Keep a queued backtest, and the latest `keep` of its player; False if one is in hand.

        One in hand that is silent, as of `touched_at`, is failed as interrupted first.
        """
        own = await self.of_player(backtest.player_id)
        for other in own:
            if self._in_hand(other.backtest_id):
                if other.touched_at >= backtest.touched_at - SILENT_MICROS_MAX:
                    return False
                await self.fail(other.backtest_id, INTERRUPTED)
        for oldest in own[keep - 1 :]:
            await self.delete(oldest.player_id, oldest.backtest_id)
        self._backtests[backtest.backtest_id] = backtest
        return True

    async def touch(
        self, backtest_id: BacktestId, status: Status, percent: int, now: UnixMicros
    ) -> bool:
        """Say how far a backtest in hand is; False if it is not in hand, or was deleted."""
        return self._change(backtest_id, status=status, progress_percent=percent, touched_at=now)

    async def finish(
        self, backtest_id: BacktestId, headline: BacktestHeadline, result: BacktestResult
    ) -> None:
        """Keep what a backtest in hand came to."""
        if self._change(backtest_id, status="done", progress_percent=100, headline=headline):
            self._results[backtest_id] = result

    async def fail(self, backtest_id: BacktestId, failure: BacktestFailure) -> None:
        """Keep why a backtest in hand came to nothing."""
        self._change(backtest_id, status="failed", failure=failure)

    async def fail_in_hand(self, failure: BacktestFailure) -> int:
        """Keep for all that are in hand why they came to nothing; return how many those are."""
        in_hand = [one for one in self._backtests if self._in_hand(one)]
        for backtest_id in in_hand:
            await self.fail(backtest_id, failure)
        return len(in_hand)

    async def of_player(self, player_id: PlayerId) -> Sequence[StoredBacktest]:
        """Return a player's backtests, newest first."""
        return [
            backtest
            for backtest in reversed(self._backtests.values())
            if backtest.player_id == player_id
        ]

    async def find(
        self, player_id: PlayerId, backtest_id: BacktestId
    ) -> tuple[StoredBacktest, BacktestResult | None] | None:
        """Return a player's backtest and its result; None where he has none of that id."""
        backtest = self._backtests.get(backtest_id)
        if backtest is None or backtest.player_id != player_id:
            return None
        return backtest, self._results.get(backtest_id)

    async def delete(self, player_id: PlayerId, backtest_id: BacktestId) -> bool:
        """Forget a player's backtest; False where he has none of that id."""
        if await self.find(player_id, backtest_id) is None:
            return False
        del self._backtests[backtest_id]
        self._results.pop(backtest_id, None)
        return True

    def _in_hand(self, backtest_id: BacktestId) -> bool:
        backtest = self._backtests.get(backtest_id)
        return backtest is not None and backtest.status in {"queued", "running"}

    def _change(self, backtest_id: BacktestId, **changes: object) -> bool:
        in_hand = self._in_hand(backtest_id)
        if in_hand:
            self._backtests[backtest_id] = replace(self._backtests[backtest_id], **changes)  # type: ignore[arg-type]  # the callers' are fields
        return in_hand
