"""The real application over a memory store and over PostgreSQL, without a network."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.api.stack import Stack, Stores, memory_stores, running_stack

from sectorwars.bootstrap.stores import Stores as PostgresStores
from sectorwars.persistence.postgres.connection import open_pool


@pytest.fixture
def static_directory(tmp_path: Path) -> Path:
    """A built page, or what stands for one."""
    directory = tmp_path / "static"
    (directory / "assets").mkdir(parents=True)
    (directory / "index.html").write_text("<!doctype html><title>page</title>" + " " * 2_000)
    (directory / "assets" / "index-1a2b3c.js").write_text("export {};")
    (tmp_path / "secret.txt").write_text("outside")
    return directory


@pytest.fixture(params=["memory", "postgres"])
async def stores(request: pytest.FixtureRequest) -> AsyncIterator[Stores]:
    """Stores of both kinds."""
    if request.param == "memory":
        yield memory_stores()
    else:
        pool = await open_pool(request.getfixturevalue("database_url"), connections_max=8)
        own = PostgresStores.over(pool)
        yield Stores(
            own.log,
            own.archive,
            own.accounts,
            own.conversations,
            own.alerts,
            own.profiles,
            own.forecasts,
            own.rule_traces,
            own.audit,
            own.events,
            own.orders,
            own.market_record,
            own.backtests,
        )
        await pool.close()


@pytest.fixture
async def stack(stores: Stores, static_directory: Path) -> AsyncIterator[Stack]:
    """The application over the stores."""
    async with running_stack(stores, static_directory) as running:
        yield running
