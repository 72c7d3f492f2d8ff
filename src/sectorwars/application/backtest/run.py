"""A backtest from its task to its findings, over what the stores have."""

from collections.abc import Callable
from typing import Final

from sectorwars.application.backtest.findings import Findings, findings
from sectorwars.application.backtest.known_forecasts import KnownForecasts
from sectorwars.application.backtest.past import Past, read_past
from sectorwars.application.backtest.task import BacktestTask
from sectorwars.application.backtest.trial import run_trial
from sectorwars.application.galaxy.catch_up import LogGapError
from sectorwars.application.ports import ForecastStore, MarketRecord
from sectorwars.domain.values import Tick
from sectorwars.protocol.shapes.backtest import BacktestFailure

NO_PAST: Final = BacktestFailure(
    "no_recorded_past", "Nothing of that time is recorded, or not any more."
)


async def run_backtest(
    task: BacktestTask,
    record: MarketRecord,
    forecasts: ForecastStore,
    on_progress: Callable[[int], None],
) -> Findings | BacktestFailure:
    """Run a backtest, all in this process; `on_progress` is told per cents.

    Raises:
        StoreUnavailableError: the store cannot be reached.
    """
    past = await _past(record, task)
    if past is None:
        return NO_PAST
    published = await forecasts.published(
        Tick(past.tick - task.forecasts_shown_ticks - 1), task.tick
    )
    known = KnownForecasts(published, task.forecasts_shown_ticks)
    trial = run_trial(task, past, known, on_progress)
    return NO_PAST if trial is None else findings(task, trial)


async def _past(record: MarketRecord, task: BacktestTask) -> Past | None:
    try:
        return await read_past(record, task)
    except LogGapError:
        # The oldest ticks were forgotten while they were read, as happens every ten minutes.
        return await read_past(record, task)
