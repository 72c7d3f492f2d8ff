"""Role `all` with a Redis: an engine and gateways on one machine, each a process of its own.

This process starts them, starts those again that end, and stops them all. It has the data
directory and its PostgreSQL, and takes no part in what they do.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog

from sectorwars.application.keys import KEYS_DIRECTORY
from sectorwars.bootstrap.keys import Keys
from sectorwars.bootstrap.listener import reserve
from sectorwars.bootstrap.server import keep_running
from sectorwars.bootstrap.start_error import StartError
from sectorwars.bootstrap.stop_signals import ToldToStop, ignore_stop_signals
from sectorwars.persistence.data_directory import DataDirectoryLock
from sectorwars.persistence.postgres.cluster import EmbeddedCluster
from sectorwars.settings import PREFIX, Settings
from sectorwars.version import VERSION

EXIT_USAGE: Final = 2
"""What a process ends with that cannot start for a reason which starting again would not mend."""
EMBEDDED_GATEWAYS_MAX: Final = 4
"""More would need more connections than the embedded PostgreSQL has."""

_LOOK_SECONDS: Final = 0.1
_CLUSTER_WATCH_SECONDS: Final = 1.0
_PAUSE_SECONDS_MIN: Final = 0.2
_PAUSE_SECONDS_MAX: Final = 30.0
_STEADY_SECONDS: Final = 30.0
"""A process that has lived for so long is started again at once."""
_STOP_SECONDS_MAX: Final = 15.0

_LOG = structlog.get_logger(__name__)


class Child:
    """A process that is started again whenever it ends, after a pause that grows."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Name the process in the log; its settings are in `environment`."""
        self.name = name
        self._command = command
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self._started_at = 0.0
        self._starts_at = 0.0
        self._pause_seconds = _PAUSE_SECONDS_MIN

    @property
    def running(self) -> bool:
        """Whether it runs, as far as has been looked."""
        return self._process is not None

    def look_after(self, now: float) -> None:
        """Start it again if it has ended and its pause is over.

        Raises:
            StartError: it says that it cannot start, and it is its first time.
        """
        if self._process is None:
            if now >= self._starts_at:
                self._start(now)
            return
        code = self._process.poll()
        if code is None:
            return
        self._forget()
        if now - self._started_at >= _STEADY_SECONDS:
            self._pause_seconds = _PAUSE_SECONDS_MIN
        elif code == EXIT_USAGE and self._starts == 1:
            raise StartError(f"The {self.name} could not start; what it said stands above.")
        _LOG.error(
            "process_ended", process=self.name, code=code, again_in_seconds=self._pause_seconds
        )
        self._starts_at = now + self._pause_seconds
        self._pause_seconds = min(2 * self._pause_seconds, _PAUSE_SECONDS_MAX)

    def tell_to_stop(self) -> None:
        """Send it SIGTERM."""
        if self._process is not None:
            self._process.terminate()

    def wait_until_stopped(self, deadline: float) -> None:
        """Wait for its end, and kill it at the deadline."""
        process = self._process
        if process is None:
            return
        try:
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _LOG.error("process_killed", process=self.name)
            process.kill()
            process.wait()
        self._forget()

    def _forget(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()

    def _start(self, now: float) -> None:
        # It stops when this process ends, however that happens: its standard input ends then.
        self._starts += 1
        self._started_at = now
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.PIPE,
            # Ctrl-C in a terminal is this process's to pass on, in the right order.
            start_new_session=True,
        )
        _LOG.info("process_started", process=self.name, pid=self._process.pid)


def supervise(settings: Settings, stack: contextlib.ExitStack) -> int:
    """Run an engine and gateways until told to stop; return the exit code.

    Raises:
        StartError: something that the operator can mend is in the way.
    """
    if settings.database_url is None and settings.gateways > EMBEDDED_GATEWAYS_MAX:
        raise StartError(
            f"More than {EMBEDDED_GATEWAYS_MAX} gateways need a PostgreSQL of your own: say where "
            "it is with --database-url."
        )
    address = stack.enter_context(reserve(settings.host, settings.port))
    host, port = address.getsockname()[:2]
    lock = stack.enter_context(DataDirectoryLock(settings.data_dir))
    lock.note_address(host, port)
    Keys.load(settings.data_dir / KEYS_DIRECTORY)
    dsn, cluster = settings.database_url, None
    if dsn is None:
        cluster = EmbeddedCluster(settings.data_dir)
        stack.callback(cluster.stop)
        stack.callback(ignore_stop_signals)
        dsn = cluster.start()
    engine, gateways = _children(settings, dsn, port)
    # Entered last, so that they are stopped before their PostgreSQL is.
    stack.callback(_stop, engine, gateways)
    _LOG.info("supervising", address=(host, port), gateways=len(gateways), version=VERSION)
    with contextlib.suppress(ToldToStop):
        _look_after([engine, *gateways], cluster)
    return 0


def _children(settings: Settings, dsn: str, port: int) -> tuple[Child, list[Child]]:
    """Return the engine and the gateways; each has a port of its own after the shared one."""

    def child(name: str, role: str, **own: Any) -> Child:
        command = (sys.executable, "-m", "sectorwars.cli", "serve", "--role", role)
        return Child(name, command, child_environment(settings, {"database_url": dsn, **own}))

    def own_port(place: int) -> int:
        return port + place if settings.port else 0

    engine = child("engine", "engine", host="127.0.0.1", port=own_port(1))
    gateways = [
        child(
            f"gateway {number}",
            "gateway",
            port=port,
            share_port=True,
            own_port=own_port(1 + number),
        )
        for number in range(1, settings.gateways + 1)
    ]
    return engine, gateways


def child_environment(settings: Settings, own: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment of a process with these settings and some of its `own`."""
    values = {
        **settings.model_dump(mode="json", exclude_none=True),
        "gateways": 1,
        "stop_with_stdin": True,
        **own,
    }
    named = {
        PREFIX + name.upper(): value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
    }
    return {**os.environ, **named}


def _look_after(children: Sequence[Child], cluster: EmbeddedCluster | None) -> None:
    cluster_due = 0.0
    while True:
        now = time.monotonic()
        for child in children:
            child.look_after(now)
        if cluster is not None and now >= cluster_due:
            cluster_due = now + _CLUSTER_WATCH_SECONDS
            keep_running(cluster)
        time.sleep(_LOOK_SECONDS)


def _stop(engine: Child, gateways: Sequence[Child]) -> None:
    """Stop the gateways, which take leave of their players, then the engine."""
    ignore_stop_signals()
    _LOG.info("stopping")
    for group in (gateways, [engine]):
        for child in group:
            child.tell_to_stop()
        deadline = time.monotonic() + _STOP_SECONDS_MAX
        for child in group:
            child.wait_until_stopped(deadline)
    _LOG.info("stopped")
