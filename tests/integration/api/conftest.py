"""The real application over a memory store and over PostgreSQL, without a network."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.api.stack import Stack, Stores, memory_stores, running_stack

from sectorwars.persistence.postgres.account_store import PostgresAccountStore
from sectorwars.persistence.postgres.alert_store import PostgresAlertStore
from sectorwars.persistence.postgres.audit_trail import PostgresAuditTrail
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.persistence.postgres.conversation_store import PostgresConversationStore
from sectorwars.persistence.postgres.event_archive import PostgresEventArchive
from sectorwars.persistence.postgres.event_store import PostgresEventStore
from sectorwars.persistence.postgres.forecast_store import PostgresForecastStore
from sectorwars.persistence.postgres.market_archive import PostgresMarketArchive
from sectorwars.persistence.postgres.order_archive import PostgresOrderArchive
from sectorwars.persistence.postgres.profile_store import PostgresProfileStore
from sectorwars.persistence.postgres.rule_trace_archive import PostgresRuleTraceArchive


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
        yield Stores(
            PostgresEventStore(pool),
            PostgresMarketArchive(pool),
            PostgresAccountStore(pool),
            PostgresConversationStore(pool),
            PostgresAlertStore(pool),
            PostgresProfileStore(pool),
            PostgresForecastStore(pool),
            PostgresRuleTraceArchive(pool),
            PostgresAuditTrail(pool),
            PostgresEventArchive(pool),
            PostgresOrderArchive(pool),
        )
        await pool.close()


@pytest.fixture
async def stack(stores: Stores, static_directory: Path) -> AsyncIterator[Stack]:
    """The application over the stores."""
    async with running_stack(stores, static_directory) as running:
        yield running
