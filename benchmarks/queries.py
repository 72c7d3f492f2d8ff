"""How long the answers take that are read from PostgreSQL, with a year of history behind them.

A young galaxy gets a game year of history: 525,600 candles of a minute and all longer ones, two
million trades with their events and receipts, 210,000 orders, a month of haulers' deals. Then what
the routes ask is asked, over and over and each time of another good, port or player; the goals are
10 ms for what reaches back a day and 100 ms for a year. One player has made a twentieth of all
trades: he stands for bots.

There is no peer to run beside it, so it reports no ratio.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import uvloop
from chronicle import BUSY_PLAYER, PLAYERS, TRADES_PER_TICK, YEAR_TICKS, trader, write_year
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from reporting import report, table

from sectorwars.application.galaxy.birth import UniversePlan
from sectorwars.application.galaxy.running import Galaxy
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.queries import CANDLES_MAX, Queries, ServerFacts
from sectorwars.application.rows import IndexInterval, ReceiptKey
from sectorwars.bootstrap.heap import settle_heap
from sectorwars.clock import SystemClock
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, Tick, UnixMicros
from sectorwars.persistence.postgres.cluster import EmbeddedCluster
from sectorwars.persistence.postgres.connection import Pool, open_pool
from sectorwars.persistence.postgres.event_store import PostgresEventStore
from sectorwars.persistence.postgres.market_archive import PostgresMarketArchive
from sectorwars.persistence.postgres.migration import migrate
from sectorwars.persistence.postgres.order_archive import PostgresOrderArchive
from sectorwars.protocol.signing import FrameSigner

PREHISTORY_TICKS: Final = 60
DAY_MS: Final = 10.0
YEAR_MS: Final = 100.0
PAGE: Final = 50
BUSY: Final = PlayerId(BUSY_PLAYER)

Ask = Callable[[int], Awaitable[object]]
"""Asks something; the number makes it another good, port or player each time."""


class History:
    """What the routes ask of a galaxy with a year behind it."""

    def __init__(self, pool: Pool, galaxy: Galaxy, offset: int, now: UnixMicros) -> None:
        self._store = galaxy.store
        self._archive = galaxy.archive
        self._orders = PostgresOrderArchive(pool)
        facts = ServerFacts("bench", 60)
        self._queries = Queries(galaxy.projection, galaxy.archive, SystemClock(), facts, lambda: 0)
        self._ports = galaxy.projection.world.ports_by_index
        self._long_ago = offset + YEAR_TICKS // 20
        self._day_ago = UnixMicros(now - 24 * 3_600 * MICROS_PER_SECOND)

    def questions(self) -> dict[str, tuple[float, Ask]]:
        """Return what is asked, and in how many milliseconds it is to be answered."""
        ask, archive = self._queries, self._archive
        return {
            "index: a day of 1m": (DAY_MS, lambda i: ask.candles(_good(i), "1m", None, 1_440)),
            "index: a year of 1d": (YEAR_MS, lambda i: ask.candles(_good(i), "1d", None, 365)),
            "index: 1,500 of 1h": (
                YEAR_MS,
                lambda i: ask.candles(_good(i), "1h", None, CANDLES_MAX),
            ),
            "port: a day of 1m": (DAY_MS, lambda i: self._port_candles(i, "1m", 1_440)),
            "port: a day of 1h": (DAY_MS, lambda i: self._port_candles(i, "1h", 24)),
            "port: a year of 1d": (YEAR_MS, lambda i: self._port_candles(i, "1d", 365)),
            "tape: newest": (DAY_MS, lambda _: ask.tape(None, None, None, PAGE)),
            "tape: a good at a port": (DAY_MS, self._tape_of_port),
            "trades: newest": (DAY_MS, lambda i: ask.trade_history(_player(i), None, PAGE)),
            "trades: newest of a bot": (DAY_MS, lambda _: ask.trade_history(BUSY, None, PAGE)),
            "trades: a year ago": (
                YEAR_MS,
                lambda i: ask.trade_history(_player(i), self._long_ago, PAGE),
            ),
            "orders: newest": (DAY_MS, lambda i: self._orders_page(_player(i), None)),
            "orders: newest of a bot": (DAY_MS, lambda _: self._orders_page(BUSY, None)),
            "orders: a year ago of a bot": (
                YEAR_MS,
                lambda _: self._orders_page(BUSY, self._long_ago),
            ),
            "receipt: of any time": (DAY_MS, self._receipt),
            "profit: a day": (DAY_MS, lambda i: archive.trade_results(_player(i), self._day_ago)),
            "profit: a year": (YEAR_MS, lambda i: archive.trade_results(_player(i), None)),
            "profit: a day of a bot": (
                DAY_MS,
                lambda _: archive.trade_results(BUSY, self._day_ago),
            ),
            "profit: a year of a bot": (YEAR_MS, lambda _: archive.trade_results(BUSY, None)),
        }

    async def _port_candles(self, i: int, interval: IndexInterval, limit: int) -> object:
        port = self._ports[i % len(self._ports)].spec
        good = port.goods[i % len(port.goods)].commodity
        return await self._queries.candles(good, interval, port.port_id, limit)

    async def _tape_of_port(self, i: int) -> object:
        port = self._ports[i % len(self._ports)].spec
        good = port.goods[i % len(port.goods)].commodity
        return await self._queries.tape(good, port.port_id, None, PAGE)

    async def _orders_page(self, player_id: PlayerId, before: int | None) -> object:
        return await self._orders.orders_page(player_id, before, PAGE, closed_only=True)

    async def _receipt(self, i: int) -> object:
        n = i * 99_991 % (YEAR_TICKS * TRADES_PER_TICK)
        key = ReceiptKey(PlayerId(trader(n)), CommandId(f"c-{n}"))
        found = await self._store.find_receipts([key])
        if key not in found:
            raise SystemExit(f"The receipt {key} is not there.")
        return found


def _good(i: int) -> Commodity:
    return COMMODITIES[i % len(COMMODITIES)]


def _player(i: int) -> PlayerId:
    return PlayerId(f"pl_{i * 61 % PLAYERS}")


async def timed(ask: Ask, times: int) -> tuple[float, float]:
    """Ask a few times to warm up, then `times`; return the median and the 99th percentile in ms."""
    for i in range(times // 10):
        await ask(times + i)
    took = []
    for i in range(times):
        begun = time.perf_counter()
        await ask(i)
        took.append(1_000 * (time.perf_counter() - begun))
    took.sort()
    return took[len(took) // 2], took[len(took) * 99 // 100]


async def measure(dsn: str, times: int) -> tuple[dict[str, float], dict[str, list[float | None]]]:
    """Make the history and ask; return figures, and the median, percentile and goal of each."""
    await migrate(dsn)
    pool = await open_pool(dsn, connections_max=4)
    clock = SystemClock()
    store = PostgresEventStore(pool)
    plan = UniversePlan(2102, prehistory_ticks=PREHISTORY_TICKS)
    signer = FrameSigner(Ed25519PrivateKey.generate(), "bench")
    archive = PostgresMarketArchive(pool)
    galaxy = Galaxy(store, archive, clock, plan, "bench", ForecastBoard(), signer)
    try:
        await galaxy.recover(lambda _: None, lambda _done, _all: None)
        offset, now, begun = galaxy.projection.offset, clock.now(), time.perf_counter()
        await write_year(dsn, offset, Tick(-PREHISTORY_TICKS), now)
        figures = {"trades": float(YEAR_TICKS * TRADES_PER_TICK)}
        figures["history_written_s"] = time.perf_counter() - begun
        settle_heap()
        rows: dict[str, list[float | None]] = {}
        for name, (goal, ask) in History(pool, galaxy, offset, now).questions().items():
            rows[name] = [*await timed(ask, times), goal]
        await store.release_lease(galaxy.lease)
        return figures, rows
    finally:
        pool.terminate()


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100, help="how often each question is asked")
    options = parser.parse_args()

    place = Path(tempfile.mkdtemp(prefix="sectorwars-queries-"))
    place.chmod(0o755)
    cluster = EmbeddedCluster(place)
    area = place / "postgres"
    try:
        figures, rows = uvloop.run(measure(cluster.start(), options.times))
    finally:
        cluster.stop()
        shutil.rmtree(area.resolve(), ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)
    table("milliseconds", ("median", "p99", "goal"), rows)
    for name, (median, p99, _) in rows.items():
        figures[f"{name}_p50_ms"], figures[f"{name}_p99_ms"] = median or 0.0, p99 or 0.0
    report("queries", figures, {})


if __name__ == "__main__":
    main()
