"""A signal to stop ends a command's work in good order, within a loop and outside of one."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from sectorwars.cli.stopping import failing_when_stopped, run_to_end


def stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def test_work_that_is_let_alone_gives_its_result() -> None:
    async def work() -> int:
        return 7

    with failing_when_stopped("stopped"):
        assert run_to_end(work()) == 7


def test_work_in_a_loop_is_cancelled_and_cleans_up(capsys: pytest.CaptureFixture[str]) -> None:
    cleaned = []

    async def work() -> None:
        try:
            stop()
            await asyncio.Event().wait()
        finally:
            cleaned.append(True)

    with pytest.raises(SystemExit) as ended, failing_when_stopped("It was stopped."):
        run_to_end(work())
    assert ended.value.code == 2
    assert capsys.readouterr().err == "sectorwars: It was stopped.\n"
    assert cleaned


def test_work_outside_of_a_loop_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended, failing_when_stopped("It was stopped."):
        stop()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "sectorwars: It was stopped.\n"
    assert signal.getsignal(signal.SIGTERM) == before
