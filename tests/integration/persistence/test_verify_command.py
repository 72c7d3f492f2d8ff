"""`sectorwars verify` as an operator runs it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import asyncpg
from click.testing import CliRunner, Result
from tests.integration.persistence.small_life import born

from sectorwars.cli.verify import verify
from sectorwars.persistence.postgres.cluster import EmbeddedCluster, running_dsn
from sectorwars.persistence.postgres.migration import migrate


async def bear_universe(dsn: str) -> None:
    await migrate(dsn)
    async with born(dsn, seed=5):
        pass


async def execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(verify, arguments)


def test_a_server_is_verified_while_it_runs_and_after_it_has_stopped(data_dir: Path) -> None:
    cluster = EmbeddedCluster(data_dir)
    dsn = cluster.start()
    try:
        asyncio.run(bear_universe(dsn))
        running = run("--data-dir", str(data_dir))
        by_url = run("--database-url", dsn, "--json")
    finally:
        cluster.stop()
    stopped = run("--data-dir", str(data_dir))

    assert (running.exit_code, by_url.exit_code, stopped.exit_code) == (0, 0, 0)
    assert running.stdout == stopped.stdout
    lines = running.stdout.splitlines()
    assert lines
    assert all(line.startswith("ok ") for line in lines)
    report = json.loads(by_url.stdout)
    assert report["good"]
    assert len(report["proofs"]) == len(lines)
    assert running_dsn(data_dir) is None


def test_a_finding_is_exit_code_1(database_url: str) -> None:
    asyncio.run(bear_universe(database_url))
    asyncio.run(execute(database_url, "UPDATE sectors SET name = 'Nowhere' WHERE x = x"))

    result = run("--database-url", database_url)
    as_json = run("--database-url", database_url, "--json")

    assert (result.exit_code, as_json.exit_code) == (1, 1)
    assert "FAULT  folding the log gives the tables" in result.stdout
    assert [
        proof["name"] for proof in json.loads(as_json.stdout)["proofs"] if not proof["holds"]
    ] == ["tables"]


def test_what_cannot_be_verified_is_exit_code_2_and_a_sentence(
    tmp_path: Path, empty_database_url: str
) -> None:
    nothing = run("--data-dir", str(tmp_path))
    not_migrated = run("--database-url", empty_database_url)
    away = run("--database-url", f"postgresql://nobody@/nothing?host={tmp_path}")

    for result in (nothing, not_migrated, away):
        assert result.exit_code == 2
        assert len(result.stderr.strip().splitlines()) == 1
    assert "No universe" in nothing.stderr
    assert "migrate" in not_migrated.stderr
    assert "cannot be reached" in away.stderr
