"""What `sectorwars doctor` finds on a fit machine and on others."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from sectorwars.cli import doctor as doctor_module
from sectorwars.cli.doctor import check_port, check_server, doctor
from sectorwars.persistence.data_directory import RESTORE_MARK, DataDirectoryLock


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def examine(data_dir: Path, port: int, *more: str) -> tuple[int, dict[str, object]]:
    arguments = ["--data-dir", str(data_dir), "--port", str(port), "--json", *more]
    result = CliRunner().invoke(doctor, arguments)
    report: dict[str, object] = json.loads(result.stdout)
    return result.exit_code, report


def verdicts(report: dict[str, object]) -> dict[str, bool]:
    checks = report["checks"]
    assert isinstance(checks, list)
    return {check["name"]: check["good"] for check in checks}


def test_a_fit_machine_passes_and_is_left_as_it_was(tmp_path: Path, free_port: int) -> None:
    exit_code, report = examine(tmp_path / "data", free_port)
    assert exit_code == 0
    assert report["good"] is True
    assert all(verdicts(report).values())
    assert report["database_url"] is None
    assert list(tmp_path.iterdir()) == []


def test_the_paths_of_the_programs_are_real(tmp_path: Path, free_port: int) -> None:
    _, report = examine(tmp_path, free_port)
    assert os.access(str(report["psql"]), os.X_OK)
    assert os.access(str(report["pgbench"]), os.X_OK)


def test_for_people_it_prints_a_line_per_check(tmp_path: Path, free_port: int) -> None:
    result = CliRunner().invoke(doctor, ["--data-dir", str(tmp_path), "--port", str(free_port)])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["ok"] * 8


def test_an_unfinished_restore_is_a_finding(tmp_path: Path, free_port: int) -> None:
    (tmp_path / RESTORE_MARK).touch()
    exit_code, report = examine(tmp_path, free_port)
    assert exit_code == 1
    assert [name for name, good in verdicts(report).items() if not good] == ["data dir"]


def test_a_taken_port_is_a_finding(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        exit_code, report = examine(tmp_path, port)
        assert exit_code == 1
        assert [name for name, good in verdicts(report).items() if not good] == ["port"]
        assert check_port("127.0.0.1", port, server_runs=True).good


def test_a_running_server_is_named(tmp_path: Path) -> None:
    assert check_server(tmp_path).detail == "stopped"
    with DataDirectoryLock(tmp_path):
        assert check_server(tmp_path).detail == f"runs as process {os.getpid()}"
    assert check_server(tmp_path).detail == "stopped"


def test_a_full_disk_is_a_finding(
    tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_module, "_FREE_BYTES_MIN", 10**18)
    exit_code, report = examine(tmp_path, free_port)
    assert exit_code == 1
    assert not verdicts(report)["disk space"]


def test_a_database_that_does_not_answer_is_a_finding(tmp_path: Path, free_port: int) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port}/nothing"
    exit_code, report = examine(tmp_path, free_port, "--database-url", url)
    assert exit_code == 1
    assert report["database_url"] == url
    assert not verdicts(report)["database"]


def test_a_link_to_a_vanished_cluster_is_a_finding(tmp_path: Path, free_port: int) -> None:
    (tmp_path / "postgres").symlink_to(tmp_path / "gone")
    exit_code, report = examine(tmp_path, free_port)
    assert exit_code == 1
    assert not verdicts(report)["cluster"]


def test_a_database_that_answers_is_named(
    database_url: str, tmp_path: Path, free_port: int
) -> None:
    exit_code, report = examine(tmp_path, free_port, "--database-url", database_url)
    assert exit_code == 0
    assert report["database_url"] == database_url
    assert verdicts(report)["database"]


def test_a_redis_that_answers_is_named(redis_url: str, tmp_path: Path, free_port: int) -> None:
    exit_code, report = examine(tmp_path, free_port, "--redis-url", redis_url)
    assert exit_code == 0
    assert verdicts(report)["redis"]


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1", "http://127.0.0.1", "unix:///nowhere"])
def test_a_redis_that_does_not_answer_is_a_finding(
    tmp_path: Path, free_port: int, url: str
) -> None:
    exit_code, report = examine(tmp_path, free_port, "--redis-url", url)
    assert exit_code == 1
    assert [name for name, good in verdicts(report).items() if not good] == ["redis"]
