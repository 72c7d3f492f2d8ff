"""A Redis of a test's own, which can be killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from redis import Redis
from redis.exceptions import RedisError

_START_SECONDS_MAX = 10.0


class RedisServer:
    """A `redis-server` on a Unix socket that keeps nothing over a restart."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="sectorwars-redis-")
        self._socket = Path(self._folder.name) / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = shutil.which("redis-server")
        assert program is not None, "redis-server is missing: leave these out with -m 'not redis'"
        command = [program, "--port", "0", "--unixsocket", str(self._socket), "--save", ""]
        self._process = subprocess.Popen(
            [*command, "--dir", self._folder.name], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + _START_SECONDS_MAX
        while not self._answers():
            assert self._process.poll() is None, "redis-server ended at its start"
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.01)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=_START_SECONDS_MAX)
            self._process = None

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let it answer nothing until the block ends."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    async def restart(self) -> None:
        """Kill it and start it anew, empty."""
        self.kill()
        await asyncio.to_thread(self.start)

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        self._folder.cleanup()

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url) as client:
                return bool(client.ping())
        except RedisError:
            return False
