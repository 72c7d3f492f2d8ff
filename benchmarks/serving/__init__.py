"""A real server as a process of its own, and when it is ready."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_POLL_SECONDS = 0.02
_START_SECONDS_MAX = 900.0
_STOP_SECONDS_MAX = 40.0


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that is ready, where it listens, and how long that took."""

    process: psutil.Process
    address: str
    seconds: float


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path
) -> Iterator[Serving]:
    """Run a server until it is ready and its page is there; stop it at the end."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    begun = time.monotonic()
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--port", str(port)], cwd=cwd, env=environment, stdout=output, stderr=output
        )
    try:
        while not (_answers(f"{address}/readyz") and _answers(f"{address}/")):
            if server.poll() is not None or time.monotonic() - begun > _START_SECONDS_MAX:
                sys.exit(f"The server did not come up: see {log}.\n{log.read_text()[-2000:]}")
            time.sleep(_POLL_SECONDS)
        yield Serving(psutil.Process(server.pid), address, time.monotonic() - begun)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=_STOP_SECONDS_MAX)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
