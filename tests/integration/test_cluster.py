"""The embedded PostgreSQL as it really runs: started, stopped, killed, left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sectorwars.persistence.data_directory import DataDirectoryError
from sectorwars.persistence.postgres import binaries, placement
from sectorwars.persistence.postgres.binaries import (
    binaries_folder,
    binaries_in_copy,
    copy_binaries,
)
from sectorwars.persistence.postgres.cluster import (
    ClusterError,
    EmbeddedCluster,
    running_dsn,
    stop_orphan,
)

pytestmark = pytest.mark.postgres
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="concerns root only")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")

_LATER_START_SECONDS_MAX = 1.5


def ask(dsn: str, query: str) -> str:
    return subprocess.run(
        [binaries_folder() / "psql", dsn, "-Atqc", query],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def postmaster(data_dir: Path) -> psutil.Process:
    pid_file = (data_dir / "postgres").resolve() / "cluster" / "postmaster.pid"
    return psutil.Process(int(pid_file.read_text().splitlines()[0]))


@contextlib.contextmanager
def started(data_dir: Path) -> Iterator[str]:
    cluster = EmbeddedCluster(data_dir)
    try:
        yield cluster.start()
    finally:
        cluster.stop()


def start_in_a_process_and_kill_it(data_dir: Path) -> psutil.Process:
    """Leave an orphaned PostgreSQL on the data directory, as kill -9 of the server does."""
    code = (
        "import sys, pathlib;"
        "from sectorwars.persistence.postgres.cluster import EmbeddedCluster;"
        f"EmbeddedCluster(pathlib.Path({str(data_dir)!r})).start();"
        "print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "ready\n"
        orphan = postmaster(data_dir)
        owner.kill()
    assert orphan.is_running()
    return orphan


def test_it_starts_durable_private_and_with_its_database(data_dir: Path) -> None:
    with started(data_dir) as dsn:
        assert ask(dsn, "SELECT current_user, current_database()") == "sectorwars|sectorwars"
        settings = {
            name: ask(dsn, f"SHOW {name}")
            for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
        }
        assert set(settings.values()) == {"on"}
        assert ask(dsn, "SHOW server_encoding") == "UTF8"
        assert ask(dsn, "SHOW timezone") == "UTC"
        assert ask(dsn, "SHOW wal_segment_size") == "4MB"
        assert postmaster(data_dir).net_connections("tcp") == []
        socket_dir = Path(ask(dsn, "SHOW unix_socket_directories"))
        assert socket_dir.stat().st_mode & 0o777 == 0o700


def test_what_was_written_is_there_after_a_restart(data_dir: Path) -> None:
    with started(data_dir) as dsn:
        ask(dsn, "CREATE TABLE ship AS SELECT 7 AS holds")
    assert running_dsn(data_dir) is None
    begun = time.monotonic()
    with started(data_dir) as dsn:
        assert time.monotonic() - begun < _LATER_START_SECONDS_MAX
        assert ask(dsn, "TABLE ship") == "7"


def test_start_and_stop_can_be_repeated(data_dir: Path) -> None:
    cluster = EmbeddedCluster(data_dir)
    assert cluster.start() == cluster.start() == running_dsn(data_dir)
    server = postmaster(data_dir)
    cluster.stop()
    cluster.stop()
    assert not server.is_running()


def test_stopping_does_not_wait_for_open_sessions(data_dir: Path) -> None:
    with started(data_dir) as dsn:
        session = subprocess.Popen(
            [binaries_folder() / "psql", dsn, "-Atq"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert session.stdin is not None
        assert session.stdout is not None
        session.stdin.write("BEGIN; SELECT 'in a transaction';\n")
        session.stdin.flush()
        assert session.stdout.readline() == "in a transaction\n"
        begun = time.monotonic()
    assert time.monotonic() - begun < 10
    session.communicate()


def test_ctrl_c_in_a_terminal_does_not_reach_the_database(data_dir: Path) -> None:
    with started(data_dir):
        server = postmaster(data_dir)
        assert os.getsid(server.pid) == server.pid != os.getsid(0)


def test_the_orphan_of_a_killed_server_is_replaced_and_loses_nothing(data_dir: Path) -> None:
    with started(data_dir) as dsn:
        ask(dsn, "CREATE TABLE ship (holds integer)")
    orphan = start_in_a_process_and_kill_it(data_dir)
    dsn_of_orphan = running_dsn(data_dir)
    assert dsn_of_orphan is not None
    ask(dsn_of_orphan, "INSERT INTO ship VALUES (9)")
    with started(data_dir) as dsn:
        assert not orphan.is_running()
        assert ask(dsn, "TABLE ship") == "9"


def test_an_orphan_can_be_stopped_without_a_new_start(data_dir: Path) -> None:
    orphan = start_in_a_process_and_kill_it(data_dir)
    stop_orphan(data_dir)
    assert not orphan.is_running()
    assert running_dsn(data_dir) is None


def test_a_killed_postgres_recovers_at_the_next_start(data_dir: Path) -> None:
    cluster = EmbeddedCluster(data_dir)
    dsn = cluster.start()
    ask(dsn, "CREATE TABLE ship AS SELECT 5 AS holds")
    postmaster(data_dir).kill()
    cluster.stop()
    assert running_dsn(data_dir) is None
    with started(data_dir) as dsn:
        assert ask(dsn, "TABLE ship") == "5"


def test_a_pid_file_whose_number_belongs_to_another_process_blocks_nothing(
    data_dir: Path,
) -> None:
    with started(data_dir):
        pid_file = (data_dir / "postgres").resolve() / "cluster" / "postmaster.pid"
        content = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *content[1:]]) + "\n")
    with started(data_dir) as dsn:
        assert ask(dsn, "SELECT 1") == "1"


def test_a_half_made_cluster_is_made_anew(data_dir: Path) -> None:
    with started(data_dir):
        area = (data_dir / "postgres").resolve()
    # As an initdb leaves it that was killed half way.
    (area / "cluster").rename(area / "cluster.new")
    (area / "cluster.new" / "PG_VERSION").unlink()
    with started(data_dir) as dsn:
        assert ask(dsn, "SELECT 1") == "1"
    assert not (area / "cluster.new").exists()


def test_a_long_path_gets_its_socket_elsewhere(data_dir: Path) -> None:
    deep = data_dir / ("long" * 20) / ("path" * 10)
    deep.mkdir(parents=True)
    socket_dir = None
    try:
        with started(deep) as dsn:
            assert ask(dsn, "SELECT 1") == "1"
            socket_dir = Path(ask(dsn, "SHOW unix_socket_directories"))
            assert socket_dir.parent == Path(tempfile.gettempdir())
            assert socket_dir.stat().st_mode & 0o777 == 0o700
            assert running_dsn(deep) == dsn
    finally:
        if socket_dir is not None:
            shutil.rmtree(socket_dir)


def test_a_cluster_of_another_major_version_is_one_sentence(data_dir: Path) -> None:
    with started(data_dir):
        cluster = (data_dir / "postgres").resolve() / "cluster"
    (cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(ClusterError) as caught:
        EmbeddedCluster(data_dir).start()
    assert "incompatible" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert running_dsn(data_dir) is None


@as_user
def test_an_unwritable_place_is_one_sentence(data_dir: Path) -> None:
    data_dir.chmod(0o500)
    with pytest.raises(DataDirectoryError, match="this account may not write there"):
        EmbeddedCluster(data_dir).start()
    data_dir.chmod(0o700)


@as_root
def test_root_runs_it_as_the_system_user(data_dir: Path) -> None:
    with started(data_dir):
        server = postmaster(data_dir)
        assert server.username() == placement.SYSTEM_USER
        assert server.gids().real != 0


@as_root
class TestWhereTheSystemUserCannotGo:
    """A data directory below a folder of root's own, as in a checkout in root's home."""

    @pytest.fixture
    def closed_dir(self, data_dir: Path) -> Path:
        closed = data_dir / "closed"
        closed.mkdir(mode=0o700)
        return closed

    @pytest.fixture(autouse=True)
    def system_root(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        root = data_dir / "var"
        real = placement.prepare
        monkeypatch.setattr(
            "sectorwars.persistence.postgres.cluster.prepare", lambda path: real(path, root)
        )
        return root

    def test_the_cluster_lies_below_the_system_root(
        self, closed_dir: Path, system_root: Path
    ) -> None:
        with started(closed_dir) as dsn:
            assert ask(dsn, "SELECT 1") == "1"
            assert (closed_dir / "postgres").is_symlink()
            assert (closed_dir / "postgres").resolve().parent == system_root
            assert running_dsn(closed_dir) == dsn
        assert placement.abandoned_areas(system_root) == []

    def test_a_deleted_data_directory_does_not_come_back(
        self, closed_dir: Path, system_root: Path
    ) -> None:
        with started(closed_dir) as dsn:
            ask(dsn, "CREATE TABLE ship ()")
        (closed_dir / "postgres").unlink()
        assert len(placement.abandoned_areas(system_root)) == 1
        with started(closed_dir) as dsn:
            assert ask(dsn, "SELECT to_regclass('ship') IS NULL") == "t"
        assert len(placement.abandoned_areas(system_root)) == 1

    def test_a_vanished_cluster_is_reported_and_not_replaced(self, closed_dir: Path) -> None:
        with started(closed_dir):
            area = (closed_dir / "postgres").resolve()
        shutil.rmtree(area)
        with pytest.raises(DataDirectoryError, match="which is gone"):
            EmbeddedCluster(closed_dir).start()

    def test_programs_that_it_cannot_run_are_copied_once(
        self, data_dir: Path, system_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed_packages = data_dir / "packages"
        copy_binaries(closed_packages)
        closed_packages.chmod(0o700)
        programs = binaries_in_copy(closed_packages)
        monkeypatch.setattr(placement, "binaries_folder", lambda: programs)
        monkeypatch.setattr(binaries, "binaries_folder", lambda: programs)
        for _ in range(2):
            with started(data_dir):
                assert Path(postmaster(data_dir).exe()).is_relative_to(system_root)
        assert len(list(system_root.glob("postgresql-*"))) == 1


def test_a_full_disk_is_named(data_dir: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("a small disk can be mounted by root only")
    small = data_dir / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m,mode=0755", "tmpfs", str(small)], check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount")
    try:
        with pytest.raises(ClusterError, match="the disk is full"):
            EmbeddedCluster(small).start()
    finally:
        subprocess.run(["umount", str(small)], check=True)
