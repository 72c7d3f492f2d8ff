"""Backtests as they are stored, and the store that keeps them."""

from collections.abc import Sequence
from typing import Final, Literal, NewType, Protocol

from sectorwars.domain.ids import PlayerId
from sectorwars.domain.record import record
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.protocol.shapes.automation import RuleView
from sectorwars.protocol.shapes.backtest import (
    BacktestFailure,
    BacktestHeadline,
    BacktestResult,
    Hold,
)

BacktestId = NewType("BacktestId", str)
Status = Literal["queued", "running", "done", "failed"]

KEPT_MAX: Final = 20
"""Backtests that are kept of a player."""
SILENT_MICROS_MAX: Final = 30 * MICROS_PER_SECOND
"""A backtest in hand of which nothing was heard for so long has lost its process."""

INTERRUPTED: Final = BacktestFailure(
    "backtest_interrupted", "The server stopped while it was at work; start it again."
)


@record
class BacktestSubject:
    """What is tested."""

    port_id: str
    rules: list[RuleView]
    credits: int
    hold: Hold


@record
class StoredBacktest:
    """A backtest but for its result; `touched_at` is when its process last said it had it."""

    backtest_id: BacktestId
    player_id: PlayerId
    created_at: UnixMicros
    subject: BacktestSubject
    status: Status
    progress_percent: int
    touched_at: UnixMicros
    headline: BacktestHeadline | None = None
    failure: BacktestFailure | None = None


class BacktestStore(Protocol):
    """Keeps backtests; a player has one in hand (queued or running) at most.

    Every method raises StoreUnavailableError where the store cannot be reached.
    """

    async def add(self, backtest: StoredBacktest, keep: int) -> bool:
        """Keep a queued backtest, and the latest `keep` of its player; False if one is in hand.

        One in hand that is silent, as of `touched_at`, is failed as interrupted first.
        """
        ...

    async def touch(
        self, backtest_id: BacktestId, status: Status, percent: int, now: UnixMicros
    ) -> bool:
        """Say how far a backtest in hand is; False if it is not in hand, or was deleted."""
        ...

    async def finish(
        self, backtest_id: BacktestId, headline: BacktestHeadline, result: BacktestResult
    ) -> None:
        """Keep what a backtest in hand came to."""
        ...

    async def fail(self, backtest_id: BacktestId, failure: BacktestFailure) -> None:
        """Keep why a backtest in hand came to nothing."""
        ...

    async def fail_in_hand(self, failure: BacktestFailure) -> int:
        """Keep for all that are in hand why they came to nothing; return how many those are."""
        ...

    async def of_player(self, player_id: PlayerId) -> Sequence[StoredBacktest]:
        """Return a player's backtests, newest first."""
        ...

    async def find(
        self, player_id: PlayerId, backtest_id: BacktestId
    ) -> tuple[StoredBacktest, BacktestResult | None] | None:
        """Return a player's backtest and its result; None where he has none of that id."""
        ...

    async def delete(self, player_id: PlayerId, backtest_id: BacktestId) -> bool:
        """Forget a player's backtest; False where he has none of that id."""
        ...
