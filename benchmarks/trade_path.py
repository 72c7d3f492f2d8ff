"""How many durable trades a second, beside what others do on the same PostgreSQL.

Ours is the single writer with group commit, called directly with 64 and 1,000 traders and over
WebSocket frames from 64 connections to a real server process. Beside it: pgbench's TPC-B-like
transaction with 64 clients, and a SQLAlchemy ORM transaction per trade with 64 traders. All run
on one embedded PostgreSQL with fsync and synchronous_commit on, in turn, several times; medians
are reported. Four in five traders trade at five ports. `pgbench_64` has a branch for each client,
so that they seldom wait for each other; in `pgbench_hot_64` they share ten, about as the traders
share the ports, and wait while the holder of their branch waits for the disk. `writer_half` is a
steady load of half of what 64 traders reached; `decision_us` is `execute` and `apply` of a trade,
without anything else.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from pathlib import Path

import uvloop
from reporting import report
from trading.group_commit import open_exchange
from trading.load import Run, run_load, run_paced
from trading.orm import open_orm_traders
from trading.sockets import open_socket_traders

from sectorwars.persistence.postgres.binaries import binaries_folder
from sectorwars.persistence.postgres.cluster import EmbeddedCluster, admin_dsn

TRADERS = 64
HOT_BRANCHES = 10
MANY_TRADERS = 1_000
DECISIONS = 20_000
CONNECTIONS_MAX = 200
BLOCK_BYTES = 8_192
_TPS = re.compile(r"tps = ([0-9.]+)")
_LATENCY = re.compile(r"latency average = ([0-9.]+) ms")


def sync_rate(folder: Path, seconds: float) -> float:
    """Return how many blocks a second reach the disk, written and synced one after another."""
    descriptor = os.open(folder / "sync", os.O_WRONLY | os.O_CREAT, 0o600)
    block = os.urandom(BLOCK_BYTES)
    syncs, begun = 0, time.perf_counter()
    try:
        while time.perf_counter() - begun < seconds:
            os.pwrite(descriptor, block, 0)
            os.fdatasync(descriptor)
            syncs += 1
        return syncs / (time.perf_counter() - begun)
    finally:
        os.close(descriptor)
        (folder / "sync").unlink()


def program(name: str, dsn: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs on a database; return what it printed."""
    command = [str(binaries_folder() / name), *arguments, dsn]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make_database(dsn: str, name: str) -> str:
    """Make an empty database beside the cluster's own; return its DSN."""
    program("psql", admin_dsn(dsn), "-qc", f"CREATE DATABASE {name}")
    return admin_dsn(dsn).replace("/postgres?", f"/{name}?", 1)


def make_tpcb(dsn: str, name: str, branches: int) -> str:
    """Make pgbench's database with so many branches; return its DSN."""
    tpcb = make_database(dsn, name)
    program("pgbench", tpcb, "-i", "-q", "-I", "dtGp", "-s", str(branches))
    return tpcb


def pgbench(dsn: str, seconds: float) -> Run:
    """Run the TPC-B-like transaction; pgbench tells the mean latency, given as the median."""
    arguments = ("-n", "-c", str(TRADERS), "-j", "2", "-M", "prepared", "-T", str(round(seconds)))
    output = program("pgbench", dsn, *arguments)
    tps, latency = _TPS.search(output), _LATENCY.search(output)
    if tps is None or latency is None:
        raise SystemExit(f"pgbench said something else:\n{output}")
    return Run(float(tps[1]), float(latency[1]), float("nan"))


async def measure(
    dsn: str, place: Path, options: argparse.Namespace, figures: dict[str, float]
) -> dict[str, list[Run]]:
    """Run every way in turn, `options.repetitions` times; note what a decision takes."""
    peers = {
        "pgbench_64": make_tpcb(dsn, "tpcb", options.scale),
        "pgbench_hot_64": make_tpcb(dsn, "tpcb_hot", HOT_BRANCHES),
    }
    runs: dict[str, list[Run]] = defaultdict(list)
    async with AsyncExitStack() as stack:
        exchange = await stack.enter_async_context(open_exchange(dsn))
        orm = await stack.enter_async_context(open_orm_traders(make_database(dsn, "orm"), TRADERS))
        sockets = await stack.enter_async_context(
            open_socket_traders(place / "server", make_database(dsn, "server"), TRADERS)
        )
        few, many = exchange.traders(TRADERS), exchange.traders(MANY_TRADERS)
        for _ in range(options.repetitions):
            for name, peer in peers.items():
                runs[name].append(await asyncio.to_thread(pgbench, peer, options.seconds))
            for name, traders in (
                ("writer_64", few),
                ("writer_1000", many),
                ("orm_64", orm),
                ("ws_64", sockets),
            ):
                runs[name].append(await run_load(traders, options.seconds))
            half = runs["writer_64"][-1].per_second / 2
            runs["writer_half"].append(await run_paced(few, half, options.seconds))
        figures["decision_us"] = exchange.decision_micros(DECISIONS)
    return runs


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=3, help="how often each way is run")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each run lasts")
    parser.add_argument("--scale", type=int, default=TRADERS, help="branches of pgbench_64")
    options = parser.parse_args()

    place = Path(tempfile.mkdtemp(prefix="sectorwars-trade-"))
    place.chmod(0o755)
    cluster = EmbeddedCluster(place, CONNECTIONS_MAX)
    area = place / "postgres"
    try:
        figures = {"fdatasync_per_s": sync_rate(place, 2.0)}
        runs = uvloop.run(measure(cluster.start(), place, options, figures))
    finally:
        cluster.stop()
        shutil.rmtree(area.resolve(), ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)
    medians = {
        name: statistics.median(run.per_second for run in of_one) for name, of_one in runs.items()
    }
    for name, of_one in runs.items():
        figures[f"{name}_per_s"] = medians[name]
        figures[f"{name}_p50_ms"] = statistics.median(run.p50_ms for run in of_one)
        if not name.startswith("pgbench"):
            figures[f"{name}_p99_ms"] = statistics.median(run.p99_ms for run in of_one)
    ratios = {"orm_64": medians["writer_64"] / medians["orm_64"]}
    for peer in ("pgbench", "pgbench_hot"):
        of_peer = medians[f"{peer}_64"]
        ratios[f"{peer}_64"] = medians["writer_64"] / of_peer
        ratios[f"{peer}_1000"] = medians["writer_1000"] / of_peer
        ratios[f"ws_{peer}_64"] = medians["ws_64"] / of_peer
    report("trade_path", figures, ratios)


if __name__ == "__main__":
    main()
