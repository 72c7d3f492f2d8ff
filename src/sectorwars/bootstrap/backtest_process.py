"""Has backtests run in processes of their own, which end with them."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable
from typing import Final

import msgspec

from sectorwars.application.backtest.findings import Findings
from sectorwars.application.backtest.task import BacktestTask
from sectorwars.bootstrap.backtest_lines import WorkerLine, WorkerTask
from sectorwars.protocol.shapes.backtest import BacktestFailure

_LINE_BYTES_MAX: Final = 1 << 24
# Named and not imported: a module that its package imports cannot be run without a warning.
_COMMAND: Final = (sys.executable, "-m", "sectorwars.bootstrap.backtest_worker")


class BacktestProcessError(Exception):
    """A backtest's process ended without saying what it came to."""


class BacktestProcesses:
    """Starts a process for each backtest."""

    def __init__(self, dsn: str) -> None:
        """Let them read the database of `dsn`."""
        self._dsn = dsn

    async def run(
        self, task: BacktestTask, on_progress: Callable[[int], None]
    ) -> Findings | BacktestFailure:
        """Run a backtest; cancelled, its process is killed.

        Raises:
            BacktestProcessError: it came to nothing; its own words are on the standard error.
        """
        process = await asyncio.create_subprocess_exec(
            *_COMMAND,
            stdin=PIPE,
            stdout=PIPE,
            limit=_LINE_BYTES_MAX,
            # Ctrl-C in a terminal is this process's to hear.
            start_new_session=True,
        )
        try:
            return await self._outcome(process, task, on_progress)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _outcome(
        self,
        process: asyncio.subprocess.Process,
        task: BacktestTask,
        on_progress: Callable[[int], None],
    ) -> Findings | BacktestFailure:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process was started without pipes")
        process.stdin.write(msgspec.json.encode(WorkerTask(self._dsn, task)) + b"\n")
        # Where it has ended before its input, its output ends too.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await process.stdin.drain()
        async for text in process.stdout:
            line = msgspec.json.decode(text, type=WorkerLine)
            outcome = line.findings or line.failure
            if outcome is not None:
                return outcome
            if line.progress is not None:
                on_progress(line.progress)
        raise BacktestProcessError(f"It ended with {await process.wait()}.")
