"""The process of one backtest: it reads its task, works, says how far it is, and ends.

A process of its own leaves the server's loop and memory alone, and gives way to it. On its
standard input comes one `WorkerTask` as a line of JSON; whatever comes after, the end too, tells it
to stop. It answers with lines of JSON, each a `WorkerLine`.
"""

import asyncio
import contextlib
import os
import sys
from typing import Final

import msgspec

from sectorwars.application.backtest.findings import Findings
from sectorwars.application.backtest.run import run_backtest
from sectorwars.bootstrap.backtest_lines import WorkerLine, WorkerTask
from sectorwars.bootstrap.stop_signals import on_stop
from sectorwars.observability.logging import configure_logging
from sectorwars.persistence.postgres.connection import pool_of
from sectorwars.persistence.postgres.forecast_store import PostgresForecastStore
from sectorwars.persistence.postgres.market_record import PostgresMarketRecord

_NICENESS: Final = 10


def main() -> None:
    """Run the backtest of the standard input."""
    os.nice(_NICENESS)
    # To the standard error, which is the server's; the standard output is for the lines above.
    configure_logging("warning", json_lines=True)
    given = msgspec.json.decode(sys.stdin.buffer.readline(), type=WorkerTask)
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_work(given))


async def _work(given: WorkerTask) -> None:
    working = asyncio.current_task()
    if working is None:
        raise RuntimeError("a backtest is run by a task")
    on_stop(working.cancel, with_stdin=True)
    async with pool_of(given.dsn, connections_max=1) as pool:
        found = await run_backtest(
            given.task,
            PostgresMarketRecord(pool),
            PostgresForecastStore(pool),
            lambda percent: _say(WorkerLine(progress=percent)),
        )
    if isinstance(found, Findings):
        _say(WorkerLine(findings=found))
    else:
        _say(WorkerLine(failure=found))


def _say(line: WorkerLine) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
