"""How long a newcomer waits, and what an idle server costs.

A clean clone with empty caches is brought to a live page, then a second one with the caches
that the first has filled: the difference is download. The first clone is then started again,
several times, and its memory is read after a rest.

There is no peer to run beside it, so it reports no ratio.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
from reporting import report

ROOT = Path(__file__).parents[1]
POLL_SECONDS = 0.02
SETUP_SECONDS_MAX = 900.0
STOP_SECONDS_MAX = 40.0


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Tell whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextlib.contextmanager
def running(
    command: list[str], cwd: Path, environment: dict[str, str], log: Path
) -> Iterator[tuple[psutil.Process, float]]:
    """Run a server until it is ready and its page is there; yield it and the seconds taken."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    begun = time.monotonic()
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--port", str(port)], cwd=cwd, env=environment, stdout=output, stderr=output
        )
    try:
        while not (answers(f"{address}/readyz") and answers(f"{address}/")):
            if server.poll() is not None or time.monotonic() - begun > SETUP_SECONDS_MAX:
                sys.exit(f"The server did not come up: see {log}.\n{log.read_text()[-2000:]}")
            time.sleep(POLL_SECONDS)
        yield psutil.Process(server.pid), time.monotonic() - begun
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=STOP_SECONDS_MAX)


def idle_memory_bytes(server: psutil.Process) -> int:
    """Return the proportional memory of the server's processes, PostgreSQL left out."""
    total = 0
    for process in [server, *server.children(recursive=True)]:
        # The tree below PostgreSQL's first process is all PostgreSQL's.
        lineage = [process, *process.parents()]
        if not any(member.name() == "postgres" for member in lineage):
            total += process.memory_full_info().pss
    return total


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5, help="how many later starts to time")
    parser.add_argument("--rest", type=float, default=60.0, help="seconds before memory is read")
    options = parser.parse_args()

    place = Path(tempfile.mkdtemp(prefix="sectorwars-start-"))
    place.chmod(0o755)
    log = place / "log"
    environment = {
        **os.environ,
        "HOME": str(place / "home"),
        "UV_CACHE_DIR": str(place / "cache" / "uv"),
        "PIP_CACHE_DIR": str(place / "cache" / "pip"),
        "npm_config_cache": str(place / "cache" / "npm"),
    }
    (place / "home").mkdir()
    figures: dict[str, float] = {}
    try:
        for name in ("first", "second"):
            subprocess.run(["git", "clone", "-q", str(ROOT), str(place / name)], check=True)
        with running(["./dev", "run"], place / "first", environment, log) as (_, cold_s):
            figures["clean_clone_s"] = cold_s
        with running(["./dev", "run"], place / "second", environment, log) as (_, warm_s):
            figures["of_which_download_s"] = cold_s - warm_s
            figures["of_which_rest_s"] = warm_s

        later_s = []
        for _ in range(options.starts):
            with running(["./dev", "run"], place / "first", environment, log) as (_, start_s):
                later_s.append(start_s)
        figures["later_start_s"] = statistics.median(later_s)
        figures["later_start_worst_s"] = max(later_s)

        with running(["./dev", "run"], place / "first", environment, log) as (server, _):
            time.sleep(options.rest)
            figures["idle_memory_mb"] = idle_memory_bytes(server) / 1e6
    finally:
        shutil.rmtree(place, ignore_errors=True)
    report("start", figures, {})


if __name__ == "__main__":
    main()
