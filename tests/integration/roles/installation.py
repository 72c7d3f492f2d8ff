"""An engine and gateways as their operator runs them: real commands, a real Redis and database."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.integration.server.process import ROOMY, START_SECONDS_MAX, Server, free_port

from sectorwars.application.keys import (
    BUS_KEY_FILE,
    GATEWAY_KEY_FILE,
    KEYS_DIRECTORY,
    TOKEN_KEY_FILE,
)

MESSAGE_RATE = 200
_SETTINGS = {**ROOMY, "SECTORWARS_MESSAGE_RATE_LIMIT": str(MESSAGE_RATE)}
_FIRST_PORT, _PORTS = 15_000, 15_000
_SHARED_KEYS = (BUS_KEY_FILE, GATEWAY_KEY_FILE, TOKEN_KEY_FILE)


class Installation:
    """Processes of one galaxy, each with a data directory of its own, as on machines of their own.

    A gateway's has the three keys that it needs, and not those that sign what is published.
    """

    def __init__(
        self,
        folder: Path,
        database_url: str,
        redis_url: str,
        settings: Mapping[str, str],
    ) -> None:
        self._folder = folder
        self._settings = {**_SETTINGS, **settings}
        self.database = ("--database-url", database_url)
        self._options = (*self.database, "--redis-url", redis_url)
        self._processes: list[Server] = []
        self.engine = self._process("engine", "engine")
        self.gateways: list[Server] = []

    def start(self) -> None:
        """Start the engine and two gateways."""
        self.engine.start()
        self.gateways = [self._gateway("a"), self._gateway("b")]
        for gateway in self.gateways:
            gateway.begin()
        for gateway in self.gateways:
            gateway.wait_until_ready()

    def waiting_engine(self) -> Server:
        """Start another engine, which waits, loaded; it has the keys of the one at work."""
        engine = self._process(f"engine-{len(self._processes)}", "engine")
        shutil.copytree(self.engine.data_dir / KEYS_DIRECTORY, engine.data_dir / KEYS_DIRECTORY)
        engine.begin()
        engine.wait_for_log("standby_loaded")
        return engine

    def options_of_a_server_by_itself(self) -> tuple[str, ...]:
        """Return how a server of role `all` would be started on the same database."""
        folder = self._folder / "by-itself"
        return ("--data-dir", str(folder), "--port", str(free_port()), *self.database)

    def until_ready(self, *processes: Server) -> float:
        """Wait until all of them do their work; return how many seconds it took."""
        begun = time.monotonic()
        while not all(process.is_ready() for process in processes):
            assert time.monotonic() - begun < START_SECONDS_MAX, self.logs()
            time.sleep(0.02)
        return time.monotonic() - begun

    def logs(self) -> str:
        """Return the end of what every process has logged."""
        return "\n".join(process.log.read_text()[-2_000:] for process in self._processes)

    def stop(self) -> None:
        """Stop what still runs, gateways first."""
        for process in reversed(self._processes):
            if process.process is not None and process.process.poll() is None:
                process.stop()

    def _gateway(self, name: str) -> Server:
        gateway = self._process(name, "gateway")
        (gateway.data_dir / KEYS_DIRECTORY).mkdir(mode=0o700, parents=True)
        for key in _SHARED_KEYS:
            shutil.copy2(
                self.engine.data_dir / KEYS_DIRECTORY / key,
                gateway.data_dir / KEYS_DIRECTORY / key,
            )
        return gateway

    def _process(self, name: str, role: str) -> Server:
        process = Server(self._folder / name, self._settings, ("--role", role, *self._options))
        serve_at(process, unused_ports(1))
        self._processes.append(process)
        return process


@contextlib.contextmanager
def installed(
    database_url: str, redis_url: str, settings: Mapping[str, str] | None = None
) -> Iterator[Installation]:
    """Run an engine and two gateways, with more `settings`, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="sectorwars-roles-"))
    place = Installation(folder, database_url, redis_url, settings or {})
    try:
        place.start()
        yield place
    finally:
        place.stop()
        shutil.rmtree(folder)


def serve_at(server: Server, port: int) -> None:
    """Give a server a port that it gets again after it was killed."""
    server.port = port
    server.url = f"http://127.0.0.1:{port}"


def unused_ports(count: int) -> int:
    """Return the first of so many ports in a row that are free, and that no client is given."""
    while True:
        first = _FIRST_PORT + secrets.randbelow(_PORTS)
        if all(_is_free(first + place) for place in range(count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True
