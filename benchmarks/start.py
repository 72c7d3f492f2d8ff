"""How long a newcomer waits, and what an idle server costs.

A clean clone with empty caches is brought to a live page, then a second one with the caches
that the first has filled: the difference is download. The first clone is then started again,
several times, and its memory is read after a rest.

There is no peer to run beside it, so it reports no ratio.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
from reporting import report
from serving import running

ROOT = Path(__file__).parents[1]


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
        with running(["./dev", "run"], place / "first", environment, log) as cold:
            figures["clean_clone_s"] = cold.seconds
        with running(["./dev", "run"], place / "second", environment, log) as warm:
            figures["of_which_download_s"] = cold.seconds - warm.seconds
            figures["of_which_rest_s"] = warm.seconds

        later_s = []
        for _ in range(options.starts):
            with running(["./dev", "run"], place / "first", environment, log) as later:
                later_s.append(later.seconds)
        figures["later_start_s"] = statistics.median(later_s)
        figures["later_start_worst_s"] = max(later_s)

        with running(["./dev", "run"], place / "first", environment, log) as idle:
            time.sleep(options.rest)
            figures["idle_memory_mb"] = idle_memory_bytes(idle.process) / 1e6
    finally:
        shutil.rmtree(place, ignore_errors=True)
    report("start", figures, {})


if __name__ == "__main__":
    main()
