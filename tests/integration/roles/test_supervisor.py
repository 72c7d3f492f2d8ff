"""`serve --gateways 2 --redis-url …`: one command, an engine and two gateways on one port."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from tests.integration.roles.installation import serve_at, unused_ports
from tests.integration.server.process import (
    ROOMY,
    START_SECONDS_MAX,
    Server,
    free_port,
    run_command,
)
from tests.redis_server import RedisServer

from sectorwars.persistence.data_directory import RESTORE_MARK

pytestmark = [pytest.mark.redis, pytest.mark.timeout(300)]

GATEWAYS = 2


class Supervised(Server):
    """A server with gateways of its own; each process has a port after the shared one."""

    def __init__(self, data_dir: Path, redis_url: str) -> None:
        options = ("--gateways", str(GATEWAYS), "--redis-url", redis_url)
        super().__init__(data_dir, ROOMY, options)
        serve_at(self, unused_ports(2 + GATEWAYS))

    @property
    def engines(self) -> list[psutil.Process]:
        return self._children("engine")

    @property
    def gateways(self) -> list[psutil.Process]:
        return self._children("gateway")

    def own_ports_ready(self) -> bool:
        """Tell whether the engine and each gateway say on their own ports that they work."""
        try:
            answers = [
                httpx.get(f"http://127.0.0.1:{self.port + place}/readyz", timeout=5)
                for place in range(1, 2 + GATEWAYS)
            ]
        except httpx.TransportError:
            return False
        return all(answer.status_code == 200 for answer in answers)

    def _children(self, role: str) -> list[psutil.Process]:
        found = []
        for child in self.alive.children():
            # One that was killed is there until it has been waited for.
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.cmdline()[-2:] == ["--role", role]:
                    found.append(child)
        return found


def until(holds: Callable[[], bool]) -> None:
    """Ask again and again until it holds."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < START_SECONDS_MAX
        time.sleep(0.05)


@pytest.fixture
def server(data_dir: Path) -> Iterator[Supervised]:
    with RedisServer() as redis:
        server = Supervised(data_dir, redis.url)
        server.start()
        until(server.own_ports_ready)
        yield server
        if server.process is not None and server.process.poll() is None:
            server.stop()
        server.log.unlink()


def test_it_starts_again_what_is_killed_and_stops_all_that_it_started(server: Supervised) -> None:
    killed = server.gateways[0]
    killed.kill()
    # The other one has the port to itself meanwhile.
    assert server.is_ready()
    until(lambda: len(server.gateways) == GATEWAYS and killed not in server.gateways)
    until(server.own_ports_ready)
    (killed,) = server.engines
    killed.kill()
    until(lambda: not server.own_ports_ready())
    until(server.own_ports_ready)
    assert len(server.engines) == 1
    # Both gateways listen on the shared port.
    listening = [
        gateway
        for gateway in server.gateways
        for connection in gateway.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == server.port
    ]
    assert len(listening) == GATEWAYS
    assert server.stop() == 0
    assert server.processes() == []
    assert "Traceback" not in server.log.read_text()


def test_what_it_started_ends_with_it_however_it_ends(server: Supervised) -> None:
    children = [*server.engines, *server.gateways]
    server.kill()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []
    server.start()
    assert server.stop(signal.SIGINT) == 0
    assert server.processes() == []


def refused(*options: str) -> str:
    """Start a server that cannot start; return its one sentence."""
    ended = run_command("serve", "--port", str(free_port()), *options)
    assert ended.returncode == 2, ended.stderr
    (sentence,) = ended.stderr.splitlines()
    return sentence


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--gateways", "2"), "--redis-url"),
        (("--role", "engine", "--redis-url", "redis://127.0.0.1"), "--database-url"),
        (("--role", "gateway", "--database-url", "postgresql://127.0.0.1/x"), "--redis-url"),
        (("--gateways", "5", "--redis-url", "redis://127.0.0.1"), "--database-url"),
        (("--role", "captain"), "role"),
    ],
)
def test_what_is_missing_is_said(data_dir: Path, options: tuple[str, ...], said: str) -> None:
    assert said in refused("--data-dir", str(data_dir), *options)
    assert not (data_dir / "postgres").exists()


def test_a_gateway_without_the_engine_s_keys_says_where_to_get_them(data_dir: Path) -> None:
    options = ("--database-url", "postgresql://127.0.0.1/x", "--redis-url", "redis://127.0.0.1")
    sentence = refused("--data-dir", str(data_dir), "--role", "gateway", *options)
    assert "copy it from the engine's data directory" in sentence
    assert list(data_dir.iterdir()) == []


@pytest.mark.parametrize("role", ["engine", "gateway"])
def test_what_an_interrupted_restore_has_left_is_no_galaxy(data_dir: Path, role: str) -> None:
    (data_dir / RESTORE_MARK).touch()
    options = ("--database-url", "postgresql://127.0.0.1/x", "--redis-url", "redis://127.0.0.1")
    assert "was interrupted" in refused("--data-dir", str(data_dir), "--role", role, *options)
    assert [path.name for path in data_dir.iterdir()] == [RESTORE_MARK]
