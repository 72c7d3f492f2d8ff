"""A server as an operator runs it: the real command in a process of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import psutil

from sectorwars.persistence.postgres.cluster import stop_orphan

START_SECONDS_MAX = 90.0
STOP_SECONDS_MAX = 40.0
_POLL_SECONDS = 0.05
_COMMAND = Path(sys.executable).with_name("sectorwars")

ROOMY = {
    "SECTORWARS_AUTH_RATE_LIMIT": "10000",
    "SECTORWARS_TRADE_RATE_LIMIT": "100000",
    "SECTORWARS_CONNECTIONS_PER_ADDRESS": "500",
    "SECTORWARS_MESSAGE_RATE_LIMIT": "10000",
    "SECTORWARS_DISCONNECT_GRACE": "2",
}
"""Limits that are no concern of a test which puts load on the server."""


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_command(
    *arguments: str, environment: Mapping[str, str] | None = None, by: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run `sectorwars ARGUMENTS` to its end, by another program where `by` names one."""
    return subprocess.run(
        [*by, str(_COMMAND), *arguments],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=START_SECONDS_MAX,
        check=False,
    )


class Server:
    """A server on a free port; it can be stopped, killed and started again."""

    def __init__(
        self,
        data_dir: Path,
        environment: Mapping[str, str] | None = None,
        options: tuple[str, ...] = (),
    ) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data_dir.parent / f"{data_dir.name}.log"
        self._environment = {**os.environ, **(environment or {})}
        self._options = options
        self.process: psutil.Popen | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.begin()
        self.wait_until_ready()

    def begin(self) -> None:
        """Start it and do not wait."""
        with self.log.open("ab") as log:
            self.process = psutil.Popen(
                [
                    str(_COMMAND),
                    "serve",
                    "--data-dir",
                    str(self.data_dir),
                    "--port",
                    str(self.port),
                    "--universe-sectors",
                    "20",
                    *self._options,
                ],
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def wait_until_ready(self) -> None:
        """Wait until it takes commands."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self.is_ready():
            assert self.alive.poll() is None, self.log.read_text()[-3_000:]
            assert time.monotonic() < deadline, self.log.read_text()[-3_000:]
            time.sleep(_POLL_SECONDS)

    def wait_for_log(self, text: str) -> None:
        """Wait until it has logged something."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while text not in self.log.read_text():
            assert self.alive.poll() is None, self.log.read_text()[-3_000:]
            assert time.monotonic() < deadline, self.log.read_text()[-3_000:]
            time.sleep(_POLL_SECONDS)

    def is_ready(self) -> bool:
        """Tell whether it says that it takes commands."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    @property
    def alive(self) -> psutil.Popen:
        """The process, which must have been started."""
        assert self.process is not None
        return self.process

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to stop; return its exit code."""
        process, self.process = self.alive, None
        process.send_signal(number)
        code = process.wait(timeout=STOP_SECONDS_MAX)
        assert isinstance(code, int)
        return code

    def kill(self) -> None:
        """End it as a power cut would; its PostgreSQL is left alone."""
        process, self.process = self.alive, None
        process.kill()
        process.wait()

    @contextlib.contextmanager
    def paused_database(self) -> Iterator[None]:
        """Let PostgreSQL answer nothing until the block ends."""
        paused = [process for process in self.processes() if process.name() == "postgres"]
        assert paused
        try:
            for process in paused:
                process.suspend()
            yield
        finally:
            for process in paused:
                process.resume()

    def sockets(self) -> set[str]:
        """Return the paths of the Unix sockets that processes of this data directory hold."""
        return {
            str(connection.laddr)
            for connection in psutil.net_connections("unix")
            if str(self.data_dir) in connection.laddr
        }

    def processes(self) -> list[psutil.Process]:
        """Return every process that works for this data directory, PostgreSQL's included."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                words = process.cmdline()
                if any(str(self.data_dir) in word for word in (*words, process.cwd())):
                    found.append(process)
        return found


@contextlib.contextmanager
def running(
    data_dir: Path,
    environment: Mapping[str, str] | None = None,
    options: tuple[str, ...] = (),
) -> Iterator[Server]:
    """Run a server until the block ends."""
    server = Server(data_dir, environment, options)
    try:
        server.start()
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()
        server.log.unlink(missing_ok=True)


@contextlib.contextmanager
def running_for_a_while(settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a server in a data directory of its own, for several tests that share it.

    Its limits are too high to be met, unless `settings` say otherwise; a test that stops it starts
    it again.
    """
    data_dir = Path(tempfile.mkdtemp(prefix="sectorwars-data-"))
    data_dir.chmod(0o755)
    try:
        with running(data_dir, {**ROOMY, **(settings or {})}) as server:
            yield server
    finally:
        stop_orphan(data_dir)
        area = (data_dir / "postgres").resolve()
        shutil.rmtree(data_dir)
        shutil.rmtree(area, ignore_errors=not area.exists())
