"""The embedded PostgreSQL: a real server of our own, made, started and stopped by us.

It listens on a Unix socket only, in a folder that nobody but its owner (and root) can enter, so
that no password is needed and nothing can be reached over a network.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypedDict
from urllib.parse import quote

import psutil

from sectorwars.persistence.data_directory import (
    DataDirectoryError,
    DataDirectoryInUseError,
    DataDirectoryLock,
    reason,
)
from sectorwars.persistence.postgres.placement import Placement, find_area, prepare

__all__ = [
    "ClusterError",
    "DataDirectoryError",
    "DataDirectoryInUseError",
    "DataDirectoryLock",
    "EmbeddedCluster",
    "admin_dsn",
    "running_dsn",
    "stop_orphan",
]

_NAME = "sectorwars"  # of the role and of the database
_PORT = 5432  # only a part of the socket's file name
_SOCKET_FILE = f".s.PGSQL.{_PORT}"
# sun_path holds 108 bytes on Linux and 104 elsewhere, the closing zero included.
_SOCKET_PATH_BYTES_MAX = 107 if sys.platform == "linux" else 103
_START_SECONDS_MAX = 120.0  # crash recovery replays at most max_wal_size of log
_STOP_SECONDS_MAX = 30.0
_STOP_AT_ONCE_SECONDS_MAX = 10.0
_POLL_SECONDS = 0.01
_LOG_BYTES_MAX = 5_000_000
_PID_FILE_STATUS_LINE = 7
_PID_FILE_SOCKET_LINE = 4
_CAUSE = re.compile(r"(?:FATAL|PANIC|error):\s*")

_CONNECTIONS_MAX = 60

_WAL_SEGMENT_MEGABYTES = "4"
"""The commit that begins a segment waits until it is full of zeros: 50 ms for PostgreSQL's 16."""

# A small machine runs this beside the game itself. Durability is not up for saving: an
# acknowledged trade is on the disk. They are given at every start, so that a new release's
# settings reach old clusters; who wants others runs a PostgreSQL of his own.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "1",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "jit": "off",
    "idle_in_transaction_session_timeout": "60s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


class ClusterError(Exception):
    """The embedded PostgreSQL cannot do its work; the text is one sentence for the operator."""


def admin_dsn(dsn: str) -> str:
    """Return the DSN of the maintenance database on the server that `dsn` names."""
    return dsn.replace(f"/{_NAME}?", "/postgres?", 1)


def running_dsn(data_dir: Path) -> str | None:
    """Return the DSN of the cluster of a data directory while it takes connections, else None.

    It changes nothing and takes no lock, so it can be asked beside a running server.
    """
    pid_file = _PidFile.read(find_area(data_dir) / "cluster")
    if pid_file is None or not pid_file.ready or not _works_in(pid_file.pid, pid_file.cluster):
        return None
    return _dsn(pid_file.socket_dir)


def stop_orphan(data_dir: Path) -> None:
    """Stop a PostgreSQL that a killed server left running on its data directory.

    The caller holds the directory's lock or knows that no server lives there.

    Raises:
        ClusterError: it does not stop.
    """
    _end_leftovers(find_area(data_dir) / "cluster")


class EmbeddedCluster:
    """The PostgreSQL cluster of one data directory.

    The caller holds the directory's DataDirectoryLock while it starts, uses and stops it.
    All methods block; none needs an event loop.
    """

    def __init__(self, data_dir: Path, connections_max: int = _CONNECTIONS_MAX) -> None:
        """Work in `data_dir`; `connections_max` bounds the connections at once."""
        self._data_dir = data_dir
        self._settings = _SETTINGS | {"max_connections": str(connections_max)}
        self._server: psutil.Popen | None = None
        self._dsn = ""

    def start(self) -> str:
        """Start the server, making the cluster at the first start; return its DSN.

        A server that a killed process left on this cluster is stopped first, so that its
        settings are ours and no transaction of the dead process is still under way.

        Returns:
            A libpq URL over the Unix socket, for asyncpg and psql alike.

        Raises:
            ClusterError: initdb or the server failed.
            DataDirectoryError: the place for the cluster cannot be made.
        """
        if self._server is not None:
            return self._dsn
        placement = prepare(self._data_dir)
        cluster = placement.area / "cluster"
        try:
            if not cluster.exists():
                _create(placement, cluster)
            _end_leftovers(cluster)
            socket_dir = _make_socket_dir(placement)
            with _open_log(placement) as log:
                log_start = log.seek(0, os.SEEK_END)
                self._server = server = _spawn(placement, cluster, socket_dir, log, self._settings)
                self._wait_until_ready(server, cluster, log, log_start)
        except OSError as error:
            raise ClusterError(
                f"PostgreSQL cannot be started in {placement.area}: {reason(error)}."
            ) from error
        self._dsn = _dsn(socket_dir)
        return self._dsn

    def restart_if_ended(self) -> bool:
        """Start the server again if it has ended by itself or been killed; tell whether it had.

        To be called between `start` and `stop`, and again after a failure.

        Raises:
            ClusterError: it does not start again.
            DataDirectoryError: the place for the cluster is gone.
        """
        if self._server is not None and self._server.poll() is None:
            return False
        self._server = None
        self.start()
        return True

    def stop(self) -> None:
        """Stop the server: end its sessions, write everything out, wait; harmless when stopped.

        After 30 s it is told to stop at once, which costs the next start a recovery, no data.
        """
        if self._server is None:
            return
        server, self._server = self._server, None
        _shut_down(server)

    def _wait_until_ready(
        self, server: psutil.Popen, cluster: Path, log: BinaryIO, log_start: int
    ) -> None:
        deadline = time.monotonic() + _START_SECONDS_MAX
        try:
            while not _is_ready(server, cluster):
                if server.poll() is not None:
                    log.seek(log_start)
                    output = log.read().decode("utf-8", "replace")
                    raise ClusterError(program_failure("server", output))
                if time.monotonic() > deadline:
                    raise ClusterError(
                        f"PostgreSQL was not ready within {_START_SECONDS_MAX:.0f} s; "
                        f"its log lies beside {cluster}."
                    )
                time.sleep(_POLL_SECONDS)
        except BaseException:
            self.stop()
            raise


@dataclass(frozen=True, slots=True)
class _PidFile:
    """What PostgreSQL tells of itself in postmaster.pid."""

    cluster: Path
    pid: int
    socket_dir: Path
    ready: bool

    @classmethod
    def read(cls, cluster: Path) -> _PidFile | None:
        """Return the file's content, or None while there is none or it is not yet complete."""
        try:
            lines = (cluster / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError):
            return None
        if len(lines) <= _PID_FILE_SOCKET_LINE or not lines[0].strip().isdigit():
            return None
        status = lines[_PID_FILE_STATUS_LINE] if len(lines) > _PID_FILE_STATUS_LINE else ""
        return cls(
            cluster=cluster,
            pid=int(lines[0]),
            socket_dir=Path(lines[_PID_FILE_SOCKET_LINE]),
            ready=status.strip() == "ready",
        )


def _dsn(socket_dir: Path) -> str:
    return f"postgresql://{_NAME}@/{_NAME}?host={quote(str(socket_dir), safe='/')}"


class _Execution(TypedDict):
    """How a program is run: the arguments of subprocess that all our calls share."""

    cwd: str
    env: dict[str, str]
    user: int | None
    group: int | None
    extra_groups: list[int] | None


def _execution(placement: Placement) -> _Execution:
    """Run as the placement's account, where it can be, untouched by the caller's PG settings."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))
    }
    account = placement.account
    return _Execution(
        cwd="/",
        env=environment | {"LC_ALL": "C"},
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _run(placement: Placement, *command: str, stdin: str = "") -> None:
    """Run one of PostgreSQL's programs to its end.

    Raises:
        ClusterError: it failed; the sentence names the last cause that it wrote.
    """
    done = subprocess.run(
        [str(placement.binaries / command[0]), *command[1:]],
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        **_execution(placement),
    )
    if done.returncode != 0:
        raise ClusterError(program_failure(command[0], done.stdout + done.stderr))


def program_failure(program: str, output: str) -> str:
    """Make one sentence of what a program of PostgreSQL's wrote: the cause, not what came of it."""
    if "No space left on device" in output:
        return f"PostgreSQL cannot work: the disk is full ({program})."
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    causes = [_CAUSE.split(line)[-1] for line in lines if _CAUSE.search(line)]
    cause = (causes or lines or ["it said nothing"])[-1].rstrip(".")
    return f"PostgreSQL's {program} failed: {cause}."


def _create(placement: Placement, cluster: Path) -> None:
    """Make the cluster and its database under another name first, so that it is whole or absent."""
    draft = placement.area / "cluster.new"
    if draft.exists():
        shutil.rmtree(draft)
    _run(
        placement, "initdb", "--pgdata", str(draft), "--username", _NAME,
        "--encoding", "UTF8", "--locale", "C", "--auth-local", "trust", "--auth-host", "reject",
        "--wal-segsize", _WAL_SEGMENT_MEGABYTES, "--data-checksums", "--no-instructions",
    )  # fmt: skip
    _run(
        placement, "postgres", "--single", "-D", str(draft), "postgres",
        stdin=f"CREATE DATABASE {_NAME}\n",
    )  # fmt: skip
    draft.rename(cluster)


def _make_socket_dir(placement: Placement) -> Path:
    """Return a folder of mode 0700 for the socket whose path is short enough for the kernel.

    Raises:
        ClusterError: every place has too long a name, or somebody else owns it.
    """
    inside = placement.area / "socket"
    name = hashlib.sha256(os.fsencode(placement.area)).hexdigest()[:16]
    outside = Path(tempfile.gettempdir()) / f"sectorwars-{name}"
    fits = [
        folder
        for folder in (inside, outside)
        if len(os.fsencode(folder / _SOCKET_FILE)) <= _SOCKET_PATH_BYTES_MAX
    ]
    if not fits:
        raise ClusterError(
            f"The path {placement.area} is too long for a socket: choose a shorter --data-dir."
        )
    folder = fits[0]
    uid = os.geteuid() if placement.account is None else placement.account.uid
    if not os.path.lexists(folder):
        folder.mkdir(mode=0o700)
        if placement.account is not None:
            os.chown(folder, placement.account.uid, placement.account.gid)
    # In a folder that all may write to, somebody could have made this one for us.
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != uid:
        raise ClusterError(f"The folder {folder} belongs to somebody else: remove it.")
    folder.chmod(0o700)
    return folder


def _open_log(placement: Placement) -> BinaryIO:
    """Open the server's log for appending, setting a big one aside."""
    path = placement.area / "log"
    if path.exists() and path.stat().st_size > _LOG_BYTES_MAX:
        path.replace(path.with_name("log.1"))
    # Root writes in a folder of another account here: it follows no link laid there.
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    log = os.fdopen(os.open(path, flags, 0o600), "a+b")
    if placement.account is not None:
        os.fchown(log.fileno(), placement.account.uid, placement.account.gid)
    return log


def _spawn(
    placement: Placement, cluster: Path, socket_dir: Path, log: BinaryIO, own: dict[str, str]
) -> psutil.Popen:
    settings = own | {"unix_socket_directories": str(socket_dir), "port": str(_PORT)}
    arguments = [argument for item in settings.items() for argument in ("-c", "=".join(item))]
    return psutil.Popen(
        [str(placement.binaries / "postgres"), "-D", str(cluster), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        # Ctrl-C in a terminal reaches a whole process group: the database must outlive the
        # server's own way down.
        start_new_session=True,
        **_execution(placement),
    )


def _is_ready(server: psutil.Popen, cluster: Path) -> bool:
    pid_file = _PidFile.read(cluster)
    return pid_file is not None and pid_file.pid == server.pid and pid_file.ready


def _shut_down(server: psutil.Process) -> None:
    """Have PostgreSQL end its sessions and stop; after a while, have it drop everything.

    Raises:
        ClusterError: it is still there after both.
    """
    # PostgreSQL's names for the two signals: fast and immediate shutdown.
    for step, seconds in (
        (signal.SIGINT, _STOP_SECONDS_MAX),
        (signal.SIGQUIT, _STOP_AT_ONCE_SECONDS_MAX),
    ):
        try:
            server.send_signal(step)
            server.wait(timeout=seconds)
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            continue
        return
    raise ClusterError(f"PostgreSQL (process {server.pid}) does not stop.")


def _end_leftovers(cluster: Path) -> None:
    """End what a killed server left running on the cluster, and its stale pid file.

    Only a process that works in the cluster's own folder counts, so a pid file whose number
    has gone to somebody else's process since harms nobody and blocks nothing.
    """
    path = cluster / "postmaster.pid"
    if not path.exists():
        return
    pid_file = _PidFile.read(cluster)
    leftovers = [process for process in psutil.process_iter() if _works_in(process.pid, cluster)]
    for process in leftovers:
        if pid_file is not None and process.pid == pid_file.pid:
            _shut_down(process)
    # Sessions of a postmaster that was killed itself notice by themselves, unless they hang.
    _, alive = psutil.wait_procs(leftovers, timeout=_STOP_SECONDS_MAX)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, timeout=_STOP_AT_ONCE_SECONDS_MAX)
    path.unlink(missing_ok=True)


def _works_in(pid: int, cluster: Path) -> bool:
    """Tell whether a process is PostgreSQL on this cluster: all of them work in its folder."""
    try:
        process = psutil.Process(pid)
        return process.name() == "postgres" and Path(process.cwd()) == cluster
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
