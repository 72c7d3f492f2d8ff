"""What is said between a server and the process of a backtest, each a line of JSON."""

import msgspec

from sectorwars.application.backtest.findings import Findings
from sectorwars.application.backtest.task import BacktestTask
from sectorwars.protocol.shapes.backtest import BacktestFailure


class WorkerTask(msgspec.Struct, frozen=True):
    """What to run, and where the database is, which is in no argument for others to see."""

    dsn: str
    task: BacktestTask


class WorkerLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far it is in per cent, or what it came to."""

    progress: int | None = None
    findings: Findings | None = None
    failure: BacktestFailure | None = None
