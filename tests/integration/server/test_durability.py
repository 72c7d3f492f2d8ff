"""What was confirmed outlives whatever is killed."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable

import httpx
import psutil
import pytest
from tests.integration.server.load import confirmed, judge, register_traders
from tests.integration.server.players import RestPlayer
from tests.integration.server.process import Server, run_command

from sectorwars.persistence.postgres.binaries import binaries_folder
from sectorwars.persistence.postgres.cluster import running_dsn

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

TRADERS = 64
CONFIRMED_BEFORE_KILL = 400


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=TRADERS)
    async with httpx.AsyncClient(base_url=server.url, timeout=60, limits=limits) as client:
        yield client


def verify(server: Server) -> None:
    proven = run_command("verify", "--data-dir", str(server.data_dir))
    assert proven.returncode == 0, proven.stdout + proven.stderr


async def test_kill_in_the_middle_of_load_loses_and_repeats_nothing(
    server: Server, http: httpx.AsyncClient
) -> None:
    traders = await register_traders(http, TRADERS)
    confirmations = asyncio.Semaphore(0)
    trading = [asyncio.create_task(t.trade_until_cut_off(confirmations)) for t in traders]
    await confirmed(confirmations, CONFIRMED_BEFORE_KILL)
    server.kill()
    await asyncio.gather(*trading)
    assert any(trader.doubtful for trader in traders)
    await asyncio.to_thread(verify, server)
    await asyncio.to_thread(server.start)
    await asyncio.to_thread(verify, server)
    await judge(traders)


def writers_backend(server: Server) -> int:
    """Return the process id of the PostgreSQL backend that the writer uses."""
    dsn = running_dsn(server.data_dir)
    assert dsn is not None
    query = "SELECT backend_pid FROM writer_lease"
    answer = subprocess.run(
        [binaries_folder() / "psql", dsn, "-Atqc", query],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(answer.stdout)


def end_session(backend: psutil.Process) -> None:
    """End the writer's session alone."""
    backend.terminate()


def crash_session(backend: psutil.Process) -> None:
    """Crash the writer's session, at which PostgreSQL drops all of them and recovers."""
    backend.kill()


def kill_postgres(backend: psutil.Process) -> None:
    """Kill PostgreSQL's first process; the server has to start another."""
    postmaster = backend.parent()
    assert postmaster is not None
    postmaster.kill()


@pytest.mark.parametrize("strike", [end_session, crash_session, kill_postgres])
async def test_writer_recovers_when_its_database_is_struck_under_load(
    server: Server, http: httpx.AsyncClient, strike: Callable[[psutil.Process], None]
) -> None:
    traders = await register_traders(http, 16)
    confirmations = asyncio.Semaphore(0)
    trading = [asyncio.create_task(t.trade_to_the_end(30, confirmations)) for t in traders]
    for _ in range(3):
        await confirmed(confirmations, 100)
        strike(psutil.Process(await asyncio.to_thread(writers_backend, server)))
    await asyncio.gather(*trading)
    await judge(traders)
    await asyncio.to_thread(verify, server)


async def test_restart_changes_nothing_and_flights_go_on(
    server: Server, http: httpx.AsyncClient
) -> None:
    trader, traveller = [await RestPlayer.register(http) for _ in range(2)]
    order = {"commodity": await trader.cheapest_good(), "quantity": 10}
    await trader.perform("/trading/buy", order)
    await traveller.perform("/trading/buy", order)
    await traveller.perform("/trading/undock")
    moves = (await traveller.read("/player/available-moves"))["moves"]
    destination = max(moves, key=lambda move: move["travel_seconds"])["sector_id"]
    journey = (await traveller.perform(f"/player/move/{destination}"))["journey"]
    before = await trader.state()
    at_departure = await traveller.state()
    assert at_departure["in_transit"]["to_sector_id"] == destination
    assert await asyncio.to_thread(server.stop) == 0
    await asyncio.to_thread(server.start)
    assert await trader.state() == before
    while (after := await traveller.state())["in_transit"] is not None:
        assert after == at_departure
        await asyncio.sleep(0.2)
    assert after == {**at_departure, "in_transit": None, "sector_id": destination}
    assert journey["to_sector_id"] == destination
    await asyncio.to_thread(verify, server)
