"""`sectorwars backup` and `sectorwars restore` between databases, as an operator runs them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.integration.persistence.small_life import live_a_while

from sectorwars.application.rows import ReceiptKey
from sectorwars.application.state.recovery import restore as restored_world
from sectorwars.bootstrap.keys import Keys
from sectorwars.cli.backup import backup
from sectorwars.cli.restore import restore
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.backup_file import (
    DATABASE_PART,
    FILES_PREFIX,
    GalaxyState,
    draft_backup,
    open_backup,
)
from sectorwars.persistence.data_directory import (
    RESTORE_MARK,
    DataDirectoryError,
    DataDirectoryLock,
)
from sectorwars.persistence.postgres.connection import connected, open_pool
from sectorwars.persistence.postgres.event_store import PostgresEventStore
from sectorwars.persistence.postgres.store_snapshot import open_snapshot
from sectorwars.simulation.digest import world_digest

TRADE = ReceiptKey(PlayerId("ann"), CommandId("ann-Trade-3"))


async def execute(dsn: str, statement: str) -> None:
    async with connected(dsn) as connection:
        await connection.execute(statement)


async def what_counts(dsn: str) -> tuple[str, int, object]:
    """Return a store's state in one value, where its log ends, and the receipt of a trade."""
    async with open_snapshot(dsn) as snapshot:
        state = await snapshot.load()
        assert state is not None
        receipts = await snapshot.find_receipts([TRADE])
    return world_digest(restored_world(state)), state.last_offset, receipts[TRADE]


async def lease_version(dsn: str) -> int:
    async with connected(dsn) as connection:
        version: int = await connection.fetchval("SELECT version FROM writer_lease")
    return version


async def lease_taken(dsn: str) -> int:
    pool = await open_pool(dsn, connections_max=1)
    store = PostgresEventStore(pool)
    lease = await store.acquire_lease("heir")
    await store.release_lease(lease)
    await pool.close()
    return lease.version


def run_backup(*arguments: str | Path) -> Result:
    return CliRunner().invoke(backup, [str(argument) for argument in arguments])


def run_restore(*arguments: str | Path) -> Result:
    return CliRunner().invoke(restore, [str(argument) for argument in arguments])


def refusal(result: Result) -> str:
    """Return the one sentence of a command that could not be done."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (sentence,) = result.stderr.splitlines()
    return sentence


@pytest.fixture(scope="module")
def galaxy_dsn(module_database_url: str) -> str:
    """A database with a galaxy whose writer was killed."""
    asyncio.run(live_a_while(module_database_url))
    left = "UPDATE writer_lease SET holder = 'old', backend_pid = 1"
    asyncio.run(execute(module_database_url, left))
    return module_database_url


@pytest.fixture(scope="module")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the keys of a galaxy."""
    data_dir = tmp_path_factory.mktemp("keys")
    Keys.load(data_dir / "keys")
    (data_dir / "bots.json").write_text("{}")
    return data_dir


@pytest.fixture(scope="module")
def file(galaxy_dsn: str, keys_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the galaxy."""
    path = tmp_path_factory.mktemp("backups") / "galaxy.backup"
    done = run_backup(path, "--database-url", galaxy_dsn, "--data-dir", keys_dir, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    with open_backup(path) as made:
        galaxy = made.manifest.galaxy
    assert report["last_offset"] == galaxy.last_offset
    assert report["bytes"] == path.stat().st_size
    assert (report["universe_seed"], galaxy.universe_seed) == (3, 3)
    return path


@pytest.fixture
def made_up(tmp_path: Path) -> Path:
    """A whole backup of no galaxy."""
    path = tmp_path / "made_up.backup"
    write_made_up(path, "0001", "keys/frame.pem")
    return path


def write_made_up(path: Path, schema: str, name: str) -> None:
    with draft_backup(path, UnixMicros(0), replace=True) as draft:
        for part in (f"{FILES_PREFIX}{name}", DATABASE_PART):
            with draft.part(part) as write:
                write(b"nothing")
        draft.finish("0.1.0", GalaxyState(schema, 7, 1, "", "", 0, ""))


def test_a_galaxy_comes_back_as_it_was_with_its_keys(
    galaxy_dsn: str, keys_dir: Path, file: Path, empty_database_url: str, tmp_path: Path
) -> None:
    data_dir = tmp_path / "new"

    done = run_restore(file, "--data-dir", data_dir, "--database-url", empty_database_url)

    assert done.exit_code == 0, done.output
    *proofs, summary = done.stdout.splitlines()
    assert proofs
    assert all(line.startswith("ok ") for line in proofs)
    assert "seed 3" in summary
    assert asyncio.run(what_counts(empty_database_url)) == asyncio.run(what_counts(galaxy_dsn))
    assert asyncio.run(lease_taken(empty_database_url)) > asyncio.run(lease_version(galaxy_dsn))
    restored, kept = Keys.load(data_dir / "keys"), Keys.load(keys_dir / "keys")
    assert restored.engine.frame.kid == kept.engine.frame.kid
    assert restored.bus == kept.bus
    assert (data_dir / "bots.json").read_text() == "{}"
    assert not (data_dir / RESTORE_MARK).exists()
    with DataDirectoryLock(data_dir):
        pass


def test_a_database_or_directory_in_use_is_left_alone(
    galaxy_dsn: str, keys_dir: Path, file: Path, empty_database_url: str, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    by_database = run_restore(file, "--data-dir", new, "--database-url", galaxy_dsn)
    by_folder = run_restore(file, "--data-dir", keys_dir, "--database-url", empty_database_url)
    assert "database is not empty" in refusal(by_database)
    assert "is not empty" in refusal(by_folder)
    assert not new.exists()


def test_what_an_interrupted_restore_left_is_no_galaxy_and_is_replaced(
    file: Path, empty_database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "keys").mkdir()
    for name in (RESTORE_MARK, "keys/frame.pem"):
        (tmp_path / name).touch()
    with pytest.raises(DataDirectoryError, match="sectorwars restore"):
        DataDirectoryLock(tmp_path).acquire()

    again = run_restore(
        file, "--data-dir", tmp_path, "--database-url", empty_database_url, "--json"
    )

    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["good"]
    Keys.load(tmp_path / "keys")


def test_a_restore_that_fails_leaves_nothing(
    made_up: Path, empty_database_url: str, tmp_path: Path
) -> None:
    data_dir = tmp_path / "new"
    failed = run_restore(made_up, "--data-dir", data_dir, "--database-url", empty_database_url)
    assert "pg_restore failed" in refusal(failed)
    assert [path.name for path in data_dir.iterdir()] == ["server.lock"]


def test_a_file_that_will_not_do_changes_nothing(
    file: Path, made_up: Path, empty_database_url: str, tmp_path: Path
) -> None:
    whole = file.read_bytes()
    data_dir = tmp_path / "new"

    def refused(content: bytes | None = None) -> str:
        if content is not None:
            made_up.write_bytes(content)
        options = ("--data-dir", data_dir, "--database-url", empty_database_url)
        sentence = refusal(run_restore(made_up, *options))
        assert not data_dir.exists()
        return sentence

    middle = len(whole) // 2
    changed = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    assert "is damaged" in refused(changed)
    assert "cut short" in refused(whole[:middle])
    assert "no backup" in refused(b"something else")
    write_made_up(made_up, "9999", "keys/frame.pem")
    assert "later release" in refused()
    write_made_up(made_up, "0001", "../keys/frame.pem")
    assert "none of a galaxy's" in refused()


def test_a_proof_that_fails_is_exit_code_1(
    galaxy_dsn: str, keys_dir: Path, empty_database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "forged.backup"
    asyncio.run(execute(galaxy_dsn, "UPDATE sectors SET x = x + 1 WHERE sector_index = 0"))
    forged = run_backup(path, "--database-url", galaxy_dsn, "--data-dir", keys_dir)
    asyncio.run(execute(galaxy_dsn, "UPDATE sectors SET x = x - 1 WHERE sector_index = 0"))
    assert forged.exit_code == 0, forged.output
    assert "seed 3" in forged.stdout

    done = run_restore(path, "--data-dir", tmp_path / "new", "--database-url", empty_database_url)

    assert done.exit_code == 1
    assert "FAULT  folding the log gives the tables" in done.stdout


def test_what_cannot_be_backed_up_is_a_sentence_and_leaves_no_file(
    galaxy_dsn: str, keys_dir: Path, database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "galaxy.backup"

    def refused(dsn: str, data_dir: Path = keys_dir) -> str:
        sentence = refusal(run_backup(path, "--database-url", dsn, "--data-dir", data_dir))
        assert list(tmp_path.iterdir()) == []
        return sentence

    assert "No universe" in refused(database_url)
    assert "token.pem is missing" in refused(galaxy_dsn, tmp_path)
    assert "cannot be reached" in refused(f"postgresql://nobody@/nothing?host={tmp_path}")
    asyncio.run(execute(database_url, "UPDATE alembic_version SET version_num = '9999'"))
    assert "later release" in refused(database_url)
    path.write_text("mine")
    taken = run_backup(path, "--database-url", galaxy_dsn, "--data-dir", keys_dir)
    assert "--force" in refusal(taken)
    assert path.read_text() == "mine"


def test_without_a_name_it_is_named_by_its_date(
    galaxy_dsn: str, keys_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_backup("--database-url", galaxy_dsn, "--data-dir", keys_dir).exit_code == 0
    (path,) = tmp_path.iterdir()
    assert path.match("sectorwars-20??-??-??T??????Z.backup")
