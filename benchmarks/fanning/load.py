"""Runs of the load generator, a process of its own, against a server process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from fanning.building import compile_program
from fanning.sockets import WebSocket

_WARM_UP_SECONDS = 0.7


@dataclass(frozen=True, slots=True)
class Load:
    """What came in while it was counted."""

    per_second: float
    frames_per_read: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    silent: int
    closed: int


class Generator:
    """The program, and the processes of the server whose time is counted."""

    def __init__(self, server: Sequence[psutil.Process], seconds: float) -> None:
        """Count for `seconds` in each run."""
        self._server = server
        self._seconds = seconds
        self._program = compile_program("load")

    def listen(self, sockets: Sequence[WebSocket]) -> Load:
        """Count what the server sends by itself."""
        return self._run(sockets, "listen")

    def ask(self, sockets: Sequence[WebSocket], scripts: Path) -> Load:
        """Send each next frame of the scripts as soon as the last was answered."""
        return self._run(sockets, "ask", str(scripts))

    def _run(self, sockets: Sequence[WebSocket], mode: str, *scripts: str) -> Load:
        descriptors = [socket.raw.fileno() for socket in sockets]
        program = subprocess.Popen(
            [self._program, mode, str(self._seconds), str(_WARM_UP_SECONDS), *scripts],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=descriptors,
        )
        with program as running:
            if running.stdin is None or running.stdout is None:
                raise RuntimeError("the load generator was started without its pipes")
            running.stdin.write(" ".join(map(str, descriptors)) + "\n")
            running.stdin.close()
            _expect(running.stdout.readline(), "ready")
            _expect(running.stdout.readline(), "begin")
            before = _cpu_seconds(self._server)
            said = running.stdout.read()
            cpu_seconds = _cpu_seconds(self._server) - before
        if not said:
            raise SystemExit("The load generator failed.")
        counted = json.loads(said)
        if counted["exhausted"]:
            raise SystemExit("The load generator ran out of requests.")
        frames = counted["frames"]
        return Load(
            per_second=frames / counted["seconds"],
            frames_per_read=frames / max(counted["reads"], 1),
            p50_ms=counted["p50_us"] / 1_000,
            p99_ms=counted["p99_us"] / 1_000,
            cpu_us=1e6 * cpu_seconds / max(frames, 1),
            silent=counted["silent"],
            closed=counted["closed"],
        )


def _cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes]
    return sum(float(each.user + each.system) for each in times)


def _expect(line: str, word: str) -> None:
    if line.strip() != word:
        raise SystemExit(f"The load generator said {line!r}, not {word!r}.")


def allow_descriptors() -> int:
    """Let this process and its children open as many files as the system allows; return that."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
