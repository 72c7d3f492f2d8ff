"""A disk that runs full confirms nothing that it does not hold; with room again all goes on."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.integration.server.load import confirmed, judge, register_traders
from tests.integration.server.process import ROOMY, Server, run_command, running

from sectorwars.persistence.postgres.binaries import binaries_folder
from sectorwars.persistence.postgres.cluster import running_dsn, stop_orphan

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

DISK_BYTES = 400_000_000
TRADERS = 16
TRADES_EACH = 50


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own that holds not much more than a fresh universe."""
    mount_point = Path(tempfile.mkdtemp(prefix="sectorwars-disk-"))
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs"]
    if shutil.which("mount") is None or subprocess.run([*mounting, str(mount_point)]).returncode:
        mount_point.rmdir()
        pytest.skip("a disk cannot be filled here: mounting one takes root")
    try:
        yield mount_point
    finally:
        stop_orphan(mount_point)
        subprocess.run(["umount", "--lazy", str(mount_point)], check=True)
        mount_point.rmdir()


@pytest.fixture
def cramped_server(small_disk: Path) -> Iterator[Server]:
    """A server whose data directory is the small disk; its log lies beside it."""
    with running(small_disk, ROOMY) as server:
        yield server


def fill(disk: Path) -> Path:
    """Take all room that the disk has left; return the file that takes it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for piece in (bytes(1 << 20), bytes(1 << 12)):
            with contextlib.suppress(OSError):  # no space left, which is the point
                while file.write(piece):
                    pass
    return ballast


def nothing_more(server: Server) -> None:
    """Leave the write-ahead log the room that it has taken beforehand: tables cannot grow."""


def use_up_the_log(server: Server) -> None:
    """Use up what the write-ahead log has taken beforehand, which ends PostgreSQL altogether."""
    dsn = running_dsn(server.data_dir)
    assert dsn is not None
    switch = "SELECT pg_logical_emit_message(true, 'test', 'x'), pg_switch_wal()"
    command = [binaries_folder() / "psql", dsn, "-Atqc", switch]
    while subprocess.run(command, capture_output=True).returncode == 0:
        pass


@pytest.mark.parametrize("then", [nothing_more, use_up_the_log])
async def test_a_full_disk_loses_nothing_and_the_server_goes_on_when_there_is_room(
    cramped_server: Server, small_disk: Path, then: Callable[[Server], None]
) -> None:
    server = cramped_server
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as http:
        traders = await register_traders(http, TRADERS)
        confirmations = asyncio.Semaphore(0)
        trading = [
            asyncio.create_task(trader.trade_to_the_end(TRADES_EACH, confirmations))
            for trader in traders
        ]
        await confirmed(confirmations, 100)
        ballast = await asyncio.to_thread(fill, small_disk)
        await asyncio.to_thread(then, server)
        await asyncio.to_thread(server.wait_for_log, "writer_stopped")
        ballast.unlink()

        await asyncio.gather(*trading)
        await judge(traders)

    proven = await asyncio.to_thread(run_command, "verify", "--data-dir", str(server.data_dir))
    assert proven.returncode == 0, proven.stdout + proven.stderr
