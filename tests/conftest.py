"""Fixtures that all kinds of tests share: a real PostgreSQL, a real Redis, a data directory.

One embedded cluster serves a whole pytest run. Whichever worker needs it first starts it; the
process that started the run stops it, so that it goes away even when a worker crashes.
"""

from __future__ import annotations

import asyncio
import fcntl
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

from sectorwars.persistence.postgres.binaries import binaries_folder
from sectorwars.persistence.postgres.cluster import (
    EmbeddedCluster,
    admin_dsn,
    running_dsn,
    stop_orphan,
)
from sectorwars.persistence.postgres.migration import migrate

_RUN_DIR = pytest.StashKey[Path]()
_CLUSTER = pytest.StashKey[EmbeddedCluster]()
_TEMPLATE = "sectorwars_template"
_REDIS_START_SECONDS_MAX = 10.0


# A machine that is busy with other things is no reason to fail a property.
hypothesis.settings.register_profile("sectorwars", deadline=None)
hypothesis.settings.load_profile("sectorwars")


def pytest_configure(config: pytest.Config) -> None:
    worker_input = getattr(config, "workerinput", None)
    if worker_input is None:
        config.stash[_RUN_DIR] = _make_enterable_dir("run")
    else:
        config.stash[_RUN_DIR] = Path(worker_input["run_dir"])


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell an xdist worker where the run's cluster is."""
    node.workerinput["run_dir"] = str(node.config.stash[_RUN_DIR])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and _RUN_DIR in config.stash:
        run_dir = config.stash[_RUN_DIR]
        if _CLUSTER in config.stash:
            config.stash[_CLUSTER].stop()
        stop_orphan(run_dir)
        _remove_data_dir(run_dir)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests by what they need, so that no mark can be forgotten."""
    for item in items:
        fixtures: list[str] = getattr(item, "fixturenames", [])
        for fixture, mark in (("cluster_dsn", "postgres"), ("redis_url", "redis")):
            if fixture in fixtures:
                item.add_marker(mark)


def _make_enterable_dir(purpose: str) -> Path:
    """Make a temporary folder that PostgreSQL's account may pass through when root runs tests."""
    path = Path(tempfile.mkdtemp(prefix=f"sectorwars-{purpose}-"))
    path.chmod(0o755)
    return path


def _remove_data_dir(data_dir: Path) -> None:
    area = (data_dir / "postgres").resolve()
    shutil.rmtree(data_dir)
    shutil.rmtree(area, ignore_errors=not area.exists())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sql(dsn: str, statement: str) -> str:
    done = subprocess.run(
        [str(binaries_folder() / "psql"), dsn, "-v", "ON_ERROR_STOP=1", "-Atqc", statement],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="session")
def cluster_dsn(pytestconfig: pytest.Config) -> str:
    """The maintenance database of the run's embedded cluster, where databases are made."""
    run_dir = pytestconfig.stash[_RUN_DIR]
    with _locked(run_dir / "start.lock"):
        dsn = running_dsn(run_dir)
        if dsn is None:
            cluster = pytestconfig.stash[_CLUSTER] = EmbeddedCluster(run_dir)
            dsn = cluster.start()
    return admin_dsn(dsn)


@pytest.fixture(scope="session")
def _template(pytestconfig: pytest.Config, cluster_dsn: str) -> str:
    """The name of a database with every migration applied, from which others are copied."""
    run_dir = pytestconfig.stash[_RUN_DIR]
    done = run_dir / "template.done"
    with _locked(run_dir / "template.lock"):
        if not done.exists():
            _sql(cluster_dsn, f"CREATE DATABASE {_TEMPLATE}")
            # In a thread of its own, because pytest-asyncio has set a loop for this one.
            with ThreadPoolExecutor(1) as thread:
                thread.submit(asyncio.run, migrate(_dsn(cluster_dsn, _TEMPLATE))).result()
            done.touch()
    return _TEMPLATE


@pytest.fixture
def empty_database_url(cluster_dsn: str) -> Iterator[str]:
    """A fresh database without tables, gone after the test."""
    yield from _database(cluster_dsn, "template1")


@pytest.fixture
def database_url(cluster_dsn: str, _template: str) -> Iterator[str]:
    """A fresh database with every migration applied, gone after the test."""
    yield from _database(cluster_dsn, _template)


@pytest.fixture(scope="module")
def module_database_url(cluster_dsn: str, _template: str) -> Iterator[str]:
    """A fresh database with every migration applied, for all tests of a module."""
    yield from _database(cluster_dsn, _template)


def _dsn(cluster_dsn: str, database: str) -> str:
    return cluster_dsn.replace("/postgres?", f"/{database}?", 1)


def _database(cluster_dsn: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    _sql(cluster_dsn, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _dsn(cluster_dsn, name)
    _sql(cluster_dsn, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """An empty data directory for a server of the test's own.

    A PostgreSQL that a killed server left there is stopped after the test.
    """
    path = _make_enterable_dir("data")
    yield path
    stop_orphan(path)
    _remove_data_dir(path)


@pytest.fixture(scope="session")
def _redis_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("redis-server is missing: install it, or leave these out with -m 'not redis'")
    with tempfile.TemporaryDirectory(prefix="sectorwars-redis-") as folder:
        socket = Path(folder) / "redis.sock"
        server = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        try:
            _await_redis(server, socket)
            yield socket
        finally:
            server.terminate()
            server.wait(timeout=10)


def _await_redis(server: subprocess.Popen[bytes], socket: Path) -> None:
    deadline = time.monotonic() + _REDIS_START_SECONDS_MAX
    while not _redis_answers(socket):
        assert server.poll() is None, "redis-server ended at its start"
        assert time.monotonic() < deadline, "redis-server does not answer"
        time.sleep(0.01)


def _redis_answers(socket: Path) -> bool:
    return _redis_command(socket, "PING") == "PONG"


def _redis_command(socket: Path, command: str) -> str:
    done = subprocess.run(
        ["redis-cli", "-s", str(socket), command], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


@pytest.fixture
def redis_url(_redis_socket: Path) -> str:
    """A real Redis, emptied before each test."""
    assert _redis_command(_redis_socket, "FLUSHALL") == "OK"
    return f"unix://{_redis_socket}"
