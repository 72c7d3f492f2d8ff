"""Migrations on a real database."""

from __future__ import annotations

import asyncio
import shutil
from importlib import resources
from pathlib import Path

import asyncpg
import pytest

from sectorwars.application.ports import StoreUnavailableError
from sectorwars.persistence.postgres.migration import (
    MIGRATIONS,
    MigrationFailedError,
    SchemaTooNewError,
    SchemaTooOldError,
    code_revision,
    database_revision,
    migrate,
    require_schema,
)


async def revision(dsn: str) -> str | None:
    connection = await asyncpg.connect(dsn)
    try:
        return await database_revision(connection)
    finally:
        await connection.close()


async def fetch(dsn: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


def later_release(folder: Path, *statements: str) -> Path:
    """Copy the migrations to `folder` and add one more that executes `statements`."""
    with resources.as_file(MIGRATIONS) as present:
        shutil.copytree(present, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9998_later.py").write_text(
        "from alembic import op\n"
        "revision = '9998'\n"
        f"down_revision = {code_revision()!r}\n"
        "def upgrade():\n"
        f"    for statement in {statements!r}:\n"
        "        op.execute(statement)\n"
    )
    return folder


async def test_an_empty_database_gets_the_schema_once(empty_database_url: str) -> None:
    assert await revision(empty_database_url) is None
    with pytest.raises(SchemaTooOldError):
        await require_schema(empty_database_url)

    await migrate(empty_database_url)
    await migrate(empty_database_url)

    assert await revision(empty_database_url) == code_revision()
    await require_schema(empty_database_url)


async def test_servers_that_start_together_migrate_once(empty_database_url: str) -> None:
    await asyncio.gather(*(migrate(empty_database_url) for _ in range(3)))

    assert await revision(empty_database_url) == code_revision()


async def test_an_older_database_is_upgraded_and_keeps_what_it_holds(
    database_url: str, tmp_path: Path
) -> None:
    await fetch(database_url, "INSERT INTO universe (seed) VALUES (7)")
    later = later_release(tmp_path / "later", "ALTER TABLE universe ADD COLUMN name text")

    await asyncio.gather(*(migrate(database_url, later) for _ in range(2)))

    assert await revision(database_url) == code_revision(later) == "9998"
    ((seed, name),) = await fetch(database_url, "SELECT seed, name FROM universe")
    assert (seed, name) == (7, None)
    with pytest.raises(SchemaTooNewError, match=f"schema 9998, this one knows {code_revision()}"):
        await migrate(database_url)


async def test_an_upgrade_that_fails_changes_nothing(database_url: str, tmp_path: Path) -> None:
    later = later_release(
        tmp_path / "later", "ALTER TABLE universe ADD COLUMN name text", "DROP TABLE nowhere"
    )

    with pytest.raises(MigrationFailedError, match="nowhere"):
        await migrate(database_url, later)

    assert await revision(database_url) == code_revision()
    with pytest.raises(asyncpg.UndefinedColumnError):
        await fetch(database_url, "SELECT name FROM universe")


async def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()

    for refuse in (migrate, require_schema):
        with pytest.raises(SchemaTooNewError, match="later release"):
            await refuse(database_url)

    assert await revision(database_url) == "9999"


async def test_a_database_that_is_not_there_is_named_in_a_sentence(cluster_dsn: str) -> None:
    with pytest.raises(StoreUnavailableError, match="no_such_database"):
        await migrate(cluster_dsn.replace("/postgres?", "/no_such_database?"))


async def test_the_tables_of_the_design_document_have_its_columns(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    columns = await connection.fetch(
        "SELECT table_name, column_name, data_type, numeric_precision, numeric_scale, "
        "column_default FROM information_schema.columns WHERE table_schema = 'public'"
    )
    await connection.close()
    by_name = {(row["table_name"], row["column_name"]): row for row in columns}
    tables = {table for table, _ in by_name}

    assert tables >= {"sectors", "ports", "player_trading_profiles", "audit_log"}
    price = by_name["market_transactions", "real_time_price"]
    assert (price["numeric_precision"], price["numeric_scale"]) == (10, 2)
    volume = by_name["market_transactions", "volume_24h"]
    assert (volume["data_type"], volume["column_default"]) == ("integer", "0")
    confidence = by_name["ai_market_predictions", "real_time_confidence"]
    assert (confidence["numeric_precision"], confidence["numeric_scale"]) == (3, 2)
    assert by_name["ai_market_predictions", "websocket_broadcast"]["column_default"] == "true"
