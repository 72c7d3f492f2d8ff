"""How long a great galaxy takes to load, how much memory, and how soon somebody can trade.

A galaxy of 5,000 sectors and 100,000 players is made on an embedded PostgreSQL by the real engine
and store: everybody arrives and trades, some leave open orders, rules and the port, and as many
ticks pass as can lie between a checkpoint of the stock and a start. Then the real server starts on
it, several times, in a process of its own, and a newcomer trades. `ready_cpu_s` is what the start
took of the processor: on a busy machine it says more than `ready_s`. `verify_s` is
`sectorwars verify` over all of it.

There is no peer to run beside it, so it reports no ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import httpx
import psutil
from peopling import people
from reporting import report
from serving import running

from sectorwars.persistence.postgres.cluster import EmbeddedCluster

SECTORS = 5_000
PLAYERS = 100_000
ORDER_SECONDS = 0.05
PROGRAM = str(Path(sys.executable).with_name("sectorwars"))


def build(place: Path, sectors: int, players: int) -> dict[str, float]:
    """Make the galaxy in a data directory; return what it holds and how long it took."""
    cluster = EmbeddedCluster(place)
    begun = time.perf_counter()
    try:
        peopled = asyncio.run(people(cluster.start(), sectors, players))
    finally:
        cluster.stop()
    return {**asdict(peopled), "build_s": time.perf_counter() - begun}


def peak_memory_bytes(server: psutil.Process) -> int:
    """Return the most memory that the server's own process has had resident at once."""
    for line in Path(f"/proc/{server.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1_024
    raise SystemExit("The kernel does not tell a process's peak of memory.")


def trade(address: str, name: str, seconds: float) -> dict[str, float]:
    """Let a newcomer register, trade, and go on trading; return how long he waited each time.

    An order falls due every 50 ms, so that some meet a tick and most do not.
    """
    with httpx.Client(base_url=f"{address}/api/v1", timeout=30) as http:
        begun = time.perf_counter()
        body = {"username": name, "password": "a long phrase is better"}
        grant = http.post("/auth/register", json=body).raise_for_status().json()
        registered = time.perf_counter()
        http.headers["Authorization"] = f"Bearer {grant['access_token']}"
        port_id = http.get("/player/state").raise_for_status().json()["docked_port_id"]
        market = http.get(f"/trading/market/{port_id}").raise_for_status().json()
        both = (good["commodity"] for good in market["goods"] if good["sells"] and good["buys"])
        order = {"commodity": next(both), "quantity": 1}
        due = time.perf_counter()
        end = due + seconds
        waits: list[float] = []
        while due < end or not waits:
            time.sleep(max(0.0, due - time.perf_counter()))
            side = "sell" if len(waits) % 2 else "buy"
            http.post(f"/trading/{side}", json=order).raise_for_status()
            waits.append(1_000 * (time.perf_counter() - due))
            due += ORDER_SECONDS
    first, later = waits[0], sorted(waits)
    return {
        "registration_ms": 1_000 * (registered - begun),
        "first_trade_ms": first,
        "trade_p50_ms": later[len(later) // 2],
        "trade_p99_ms": later[len(later) * 99 // 100],
    }


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sectors", type=int, default=SECTORS)
    parser.add_argument("--players", type=int, default=PLAYERS)
    parser.add_argument("--starts", type=int, default=3, help="how often the server is started")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long somebody trades")
    options = parser.parse_args()

    place = Path(tempfile.mkdtemp(prefix="sectorwars-world-"))
    place.chmod(0o755)
    area = place / "postgres"
    try:
        figures = build(place, options.sectors, options.players)
        environment = {**os.environ, "SECTORWARS_TRADE_RATE_LIMIT": "1000000"}
        starts: list[dict[str, float]] = []
        for number in range(options.starts):
            command = [PROGRAM, "serve", "--data-dir", str(place)]
            with running(command, place, environment, place / "log") as server:
                used = server.process.cpu_times()
                start = {"ready_s": server.seconds, "ready_cpu_s": used.user + used.system}
                start |= trade(server.address, f"newcomer_{number}", options.seconds)
                start["peak_memory_mb"] = peak_memory_bytes(server.process) / 1e6
                starts.append(start)
        for name in starts[0]:
            figures[name] = statistics.median(start[name] for start in starts)
        begun = time.perf_counter()
        subprocess.run([PROGRAM, "verify", "--data-dir", str(place)], check=True)
        figures["verify_s"] = time.perf_counter() - begun
    finally:
        shutil.rmtree(area.resolve(), ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)
    report("world", figures, {})


if __name__ == "__main__":
    main()
