"""`sectorwars doctor`: is this machine fit to run the server, and where is what?"""

from __future__ import annotations

import errno
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from sectorwars.cli.database import data_dir_option, database_url_option
from sectorwars.cli.options import json_option
from sectorwars.persistence.data_directory import holder, reason, restore_is_unfinished
from sectorwars.persistence.postgres.binaries import binaries_folder
from sectorwars.persistence.postgres.cluster import running_dsn
from sectorwars.persistence.postgres.placement import abandoned_areas, find_area
from sectorwars.settings import PREFIX, Settings

_PYTHON_MIN = (3, 11)
_FREE_BYTES_MIN = 500_000_000
_SYNCS_PER_SECOND_MIN = 20
_CONNECT_SECONDS_MAX = 10
_REDIS_SECONDS_MAX = 2
_PROBE_SECONDS = 0.25
_PROBE_BYTES = 8192  # a page of PostgreSQL


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: its name, whether it is as it should be, and what was seen."""

    name: str
    good: bool
    detail: str


@click.command()
@data_dir_option
@click.option(
    "--host",
    envvar=f"{PREFIX}HOST",
    default=Settings.model_fields["host"].default,
    show_default=True,
)
@click.option(
    "--port",
    type=int,
    envvar=f"{PREFIX}PORT",
    default=Settings.model_fields["port"].default,
    show_default=True,
)
@database_url_option
@click.option(
    "--redis-url", envvar=f"{PREFIX}REDIS_URL", help="The Redis of more than one process."
)
@json_option
def doctor(
    data_dir: Path,
    host: str,
    port: int,
    database_url: str | None,
    redis_url: str | None,
    as_json: bool,
) -> None:
    """Check this machine and the data directory; exit with 1 when something is wrong."""
    checks = [
        check_python(),
        check_binaries(),
        check_data_dir(data_dir),
        check_server(data_dir),
        check_cluster(data_dir) if database_url is None else check_database(database_url),
        check_port(host, port, server_runs=holder(data_dir) is not None),
        check_disk_space(data_dir),
        check_disk_speed(data_dir),
    ]
    if redis_url is not None:
        checks.append(check_redis(redis_url))
    good = all(check.good for check in checks)
    if as_json:
        report = {
            "good": good,
            "checks": [
                {"name": check.name, "good": check.good, "detail": check.detail} for check in checks
            ],
            "data_dir": str(data_dir.resolve()),
            "cluster_dir": str(find_area(data_dir)),
            "database_url": database_url or running_dsn(data_dir),
            "psql": str(binaries_folder() / "psql"),
            "pgbench": str(binaries_folder() / "pgbench"),
        }
        click.echo(json.dumps(report))
    else:
        for check in checks:
            click.echo(f"{'ok   ' if check.good else 'FAULT'}  {check.name:<11}  {check.detail}")
    sys.exit(0 if good else 1)


def check_python() -> Check:
    """Check that Python is new enough."""
    return Check("python", sys.version_info >= _PYTHON_MIN, platform.python_version())


def check_binaries() -> Check:
    """Check that the PostgreSQL of the package runs on this machine."""
    program = binaries_folder() / "postgres"
    try:
        done = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False, timeout=10
        )
    except OSError as error:
        return Check("binaries", False, f"{program}: {reason(error)}")
    said = (done.stdout or done.stderr).strip().splitlines() or ["it said nothing"]
    return Check("binaries", done.returncode == 0, f"{said[0]}, in {program.parent}")


def check_data_dir(data_dir: Path) -> Check:
    """Check that the data directory can be written, or made where it is missing."""
    place = _nearest_existing(data_dir)
    good = os.access(place, os.W_OK | os.X_OK)
    if not good:
        return Check("data dir", False, f"{data_dir}: this account may not write to {place}")
    if restore_is_unfinished(data_dir):
        return Check("data dir", False, f"{data_dir}: a restore into it is not finished")
    return Check("data dir", True, f"{data_dir.resolve()}{'' if place == data_dir else ', new'}")


def check_server(data_dir: Path) -> Check:
    """Tell whether a server lives in the data directory."""
    try:
        process = holder(data_dir)
    except OSError as error:
        return Check("server", False, f"its lock cannot be read: {reason(error)}")
    return Check("server", True, "stopped" if process is None else f"runs as process {process}")


def check_cluster(data_dir: Path) -> Check:
    """Tell where the embedded cluster lies and whether it runs as it should."""
    area = find_area(data_dir)
    try:
        exists = (area / "cluster").exists()
    except OSError as error:
        return Check("cluster", False, f"{area}: {reason(error)}")
    if (data_dir / "postgres").is_symlink() and not exists:
        return Check("cluster", False, f"the data directory points to {area}, where none is")
    detail = f"in {area}" if exists else "none yet"
    if not area.is_relative_to(data_dir.resolve()):
        detail += ", where PostgreSQL's account can go and the data directory points"
    abandoned = [str(path) for path in abandoned_areas()]
    if abandoned:
        detail += f"; no data directory points any more to {', '.join(abandoned)}"
    if running_dsn(data_dir) is None:
        return Check("cluster", True, f"{detail}, stopped" if exists else detail)
    if holder(data_dir) is None:
        detail += ", left running by a killed server; the next start ends it"
        return Check("cluster", False, detail)
    return Check("cluster", True, f"{detail}, running")


def check_database(database_url: str) -> Check:
    """Check that a database of the operator's own answers."""
    environment = {**os.environ, "PGCONNECT_TIMEOUT": str(_CONNECT_SECONDS_MAX)}
    done = subprocess.run(
        [binaries_folder() / "psql", database_url, "-Atqc", "SHOW server_version"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if done.returncode != 0:
        return Check("database", False, (done.stderr.strip().splitlines() or ["no answer"])[-1])
    return Check("database", True, f"PostgreSQL {done.stdout.strip()}")


def check_redis(redis_url: str) -> Check:
    """Check that the Redis answers and can do what the bus asks of it."""
    try:
        with Redis.from_url(
            redis_url,
            socket_connect_timeout=_REDIS_SECONDS_MAX,
            socket_timeout=_REDIS_SECONDS_MAX,
            retry=Retry(NoBackoff(), 0),
        ) as client:
            # The bus adds commands by a script and reads a stream, which Redis has had since 5.
            client.eval("return redis.call('XLEN', KEYS[1])", 1, "sectorwars:doctor")
            version = client.info("server")["redis_version"]
    except (ValueError, OSError, RedisError) as error:
        return Check("redis", False, str(error))
    return Check("redis", True, f"Redis {version}")


def check_port(host: str, port: int, *, server_runs: bool) -> Check:
    """Check that the port is free, unless the server runs and has it."""
    name = f"{host}:{port}"
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and server_runs:
            return Check("port", True, f"{name} is the running server's")
        return Check("port", False, f"{name}: {reason(error)}")
    return Check("port", True, f"{name} is free")


def check_disk_space(data_dir: Path) -> Check:
    """Check that the disk of the data directory has room for a galaxy to grow."""
    free_bytes = shutil.disk_usage(_nearest_existing(data_dir)).free
    return Check("disk space", free_bytes >= _FREE_BYTES_MIN, f"{free_bytes / 1e9:.1f} GB free")


def check_disk_speed(data_dir: Path) -> Check:
    """Measure how many times a second the disk confirms a page: each commit waits for one."""
    count = 0
    try:
        with tempfile.TemporaryFile(dir=_nearest_existing(data_dir)) as file:
            sync = getattr(os, "fdatasync", os.fsync)  # macOS has fsync only
            begun = time.monotonic()
            while (elapsed := time.monotonic() - begun) < _PROBE_SECONDS:
                os.pwrite(file.fileno(), bytes(_PROBE_BYTES), 0)
                sync(file.fileno())
                count += 1
    except OSError as error:
        return Check("disk speed", False, f"it cannot be measured: {reason(error)}")
    per_second = count / elapsed
    good = per_second >= _SYNCS_PER_SECOND_MIN
    return Check("disk speed", good, f"{per_second:.0f} confirmed writes a second")


def _nearest_existing(path: Path) -> Path:
    """Return the folder itself or the nearest one above it that is there."""
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())
