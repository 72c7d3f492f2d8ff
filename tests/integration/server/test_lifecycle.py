"""Starts and stops: what they leave behind, and what they say when they cannot be done."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import psutil
import pytest
from tests.integration.server.process import Server, free_port, run_command, running

from sectorwars.persistence.data_directory import holder
from sectorwars.persistence.postgres.binaries import binaries_folder
from sectorwars.persistence.postgres.cluster import stop_orphan

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(600)]

RESTARTS = int(os.environ.get("RESTARTS", "20"))
"""200 for a soak."""
KILLED_EVERY = 5


def shared_memory(processes: list[psutil.Process]) -> set[str]:
    """Return the names of the POSIX shared memory that the processes have mapped."""
    mapped = {area.path for process in processes for area in process.memory_maps()}
    return {path for path in mapped if path.startswith("/dev/shm/")}  # noqa: S108 - not a file


def system_v_segments(processes: list[psutil.Process]) -> int:
    """Count the System V segments that one of the processes made."""
    makers = {process.pid for process in processes}
    rows = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return sum(int(row.split()[4]) in makers for row in rows)


def test_restarts_leave_nothing_behind(data_dir: Path) -> None:
    server = Server(data_dir)
    for serial in range(1, RESTARTS + 1):
        server.start()
        processes = server.processes()
        memory = shared_memory(processes)
        sockets = server.sockets()
        assert sockets
        assert memory
        assert system_v_segments(processes) == 1
        assert holder(data_dir) == server.alive.pid
        if serial % KILLED_EVERY == 0:
            # Its PostgreSQL stays, and must not be in the way of the next start.
            server.kill()
            assert server.processes()
            continue
        assert server.stop() == 0
        assert server.processes() == []
        assert server.sockets() == set()
        assert holder(data_dir) is None
        assert [path for path in memory if Path(path).exists()] == []
        assert system_v_segments(processes) == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port))
    stop_orphan(data_dir)
    assert server.processes() == []
    server.log.unlink()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_well(data_dir: Path, number: signal.Signals) -> None:
    with running(data_dir) as server:
        assert server.stop(number) == 0
        assert server.processes() == []
        assert "Traceback" not in server.log.read_text()


def test_stops_well_while_it_is_still_starting(data_dir: Path) -> None:
    server = Server(data_dir)
    server.begin()
    server.wait_for_log("prehistory")
    assert server.stop() == 0
    assert server.processes() == []
    server.start()
    assert server.stop() == 0
    server.log.unlink()


def refused(
    *options: str, environment: dict[str, str] | None = None, by: tuple[str, ...] = ()
) -> str:
    """Start a server that cannot start; return its one sentence."""
    arguments = ("serve", "--port", str(free_port()), *options)
    ended = run_command(*arguments, environment=environment, by=by)
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    (sentence,) = ended.stderr.splitlines()
    assert sentence.startswith("sectorwars: ")
    assert sentence.endswith(".")
    return sentence


def test_port_in_use_is_said(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        sentence = refused("--data-dir", str(data_dir), "--port", str(port))
    assert f"Port {port}" in sentence
    assert list(data_dir.iterdir()) == []


def test_unwritable_data_directory_is_said(data_dir: Path) -> None:
    data_dir.chmod(0o555)
    # Root may write everywhere, unless it gives up that privilege.
    by = ("setpriv", "--bounding-set", "-dac_override") if os.geteuid() == 0 else ()
    sentence = refused("--data-dir", str(data_dir / "new"), by=by)
    data_dir.chmod(0o755)
    assert f"The data directory {data_dir / 'new'} cannot be used" in sentence


def test_database_that_is_not_there_is_said(data_dir: Path) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nowhere"
    sentence = refused("--data-dir", str(data_dir), "--database-url", url)
    assert "database cannot be reached" in sentence


def test_database_of_a_newer_release_is_said(data_dir: Path, database_url: str) -> None:
    statement = "UPDATE alembic_version SET version_num = '9999'"
    subprocess.run([binaries_folder() / "psql", database_url, "-qc", statement], check=True)
    sentence = refused("--data-dir", str(data_dir), "--database-url", database_url)
    assert "schema 9999" in sentence


def test_second_server_on_a_data_directory_is_said(server: Server) -> None:
    sentence = refused("--data-dir", str(server.data_dir))
    assert f"process {server.alive.pid}" in sentence
    assert server.is_ready()


def test_second_server_on_a_database_is_said(data_dir: Path, database_url: str) -> None:
    with running(data_dir / "first", options=("--database-url", database_url)) as first:
        sentence = refused("--data-dir", str(data_dir / "second"), "--database-url", database_url)
        assert first.is_ready()
    assert "Another server" in sentence


def test_unknown_setting_is_said_with_the_nearest(data_dir: Path) -> None:
    sentence = refused("--data-dir", str(data_dir), environment={"SECTORWARS_PROT": "1"})
    assert "SECTORWARS_PROT" in sentence
    assert "the nearest is SECTORWARS_PORT" in sentence


def test_setting_out_of_range_is_said(data_dir: Path) -> None:
    sentence = refused("--data-dir", str(data_dir), environment={"SECTORWARS_TIME_SCALE": "0"})
    assert "time_scale" in sentence


@pytest.mark.parametrize(("seconds", "shown"), [("0", False), ("300", True)])
def test_forecasts_are_shown_as_long_as_the_setting_says(
    data_dir: Path, seconds: str, shown: bool
) -> None:
    with running(data_dir, {"SECTORWARS_AI_PREDICTION_CACHE": seconds}) as server:
        figures = httpx.get(f"{server.url}/api/v1/market/realtime/ore").json()
        forecasts = httpx.get(f"{server.url}/api/v1/ai/predictions").json()["forecasts"]
    assert (figures["prediction"] is not None, forecasts != []) == (shown, shown)
