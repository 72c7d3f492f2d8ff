"""`sectorwars restore`: a galaxy brought back from a backup, and proven."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from sectorwars.application.audit.store_verification import Proof
from sectorwars.cli.database import DATABASE_ERRORS, data_dir_option, database_url_option
from sectorwars.cli.failure import fail
from sectorwars.cli.options import json_option
from sectorwars.cli.progress import megabytes, once_a_second
from sectorwars.cli.stopping import failing_when_stopped, run_to_end
from sectorwars.cli.verify import proof_as_json, proof_as_line, prove_store
from sectorwars.clock import SystemClock
from sectorwars.persistence.backup_file import (
    DATABASE_PART,
    FILES_PREFIX,
    Backup,
    BackupFileError,
    Manifest,
    open_backup,
)
from sectorwars.persistence.kept_files import is_kept, put_file
from sectorwars.persistence.postgres.cluster import EmbeddedCluster
from sectorwars.persistence.postgres.dump import (
    DatabaseNotEmptyError,
    DumpError,
    require_empty,
    restore_dump,
)
from sectorwars.persistence.postgres.migration import (
    MigrationFailedError,
    code_revision,
    migrate,
    require_known,
)
from sectorwars.persistence.restoring import require_vacant, vacant_directory


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_dir_option
@database_url_option
@json_option
def restore(file: Path, data_dir: Path, database_url: str | None, as_json: bool) -> None:
    """Bring the galaxy in FILE back into an empty data directory, and an empty database.

    FILE is checked before anything is changed. The database is brought to this release's schema
    and proven as `sectorwars verify` does it; a proof that fails is exit code 1.
    """
    clock = SystemClock()
    began = clock.monotonic()
    try:
        with (
            failing_when_stopped("The restore was stopped; nothing of it was kept."),
            open_backup(file) as backup,
        ):
            _check(backup)
            require_vacant(data_dir)
            if database_url is not None:
                asyncio.run(require_empty(database_url))
            proofs = _bring_back(backup, data_dir, database_url)
    except (
        *DATABASE_ERRORS,
        BackupFileError,
        DatabaseNotEmptyError,
        DumpError,
        MigrationFailedError,
    ) as error:
        fail(str(error))
    good = all(proof.holds for proof in proofs)
    place = str(data_dir) if database_url is None else f"the database and {data_dir}"
    _report(backup.manifest, proofs, place, clock.monotonic() - began, as_json)
    sys.exit(0 if good else 1)


def _check(backup: Backup) -> None:
    """Make sure that a backup is whole and can be brought back by this release.

    Raises:
        BackupFileError: it is damaged.
        SchemaTooNewError: it is of a later release.
    """
    require_known(backup.manifest.galaxy.schema)
    for name in backup.files():
        if not is_kept(name):
            raise BackupFileError(f"The backup holds a file that is none of a galaxy's: {name!r}.")
    backup.check(
        once_a_second(lambda done, total: f"{megabytes(done)} of {megabytes(total)} checked")
    )


def _bring_back(backup: Backup, data_dir: Path, database_url: str | None) -> list[Proof]:
    with vacant_directory(data_dir) as settle:
        for name in backup.files():
            put_file(data_dir, name, backup.read(f"{FILES_PREFIX}{name}"))
        with _started(data_dir, database_url) as dsn:
            run_to_end(restore_dump(dsn, _dump(backup)))
            settle()
            with failing_when_stopped(
                "The galaxy is back and the restore was stopped before its proof: run "
                "`sectorwars verify`."
            ):
                return run_to_end(_migrate_and_prove(dsn))


@contextlib.contextmanager
def _started(data_dir: Path, database_url: str | None) -> Iterator[str]:
    """Give the DSN of the database, starting our own where none is named."""
    if database_url is not None:
        yield database_url
        return
    cluster = EmbeddedCluster(data_dir)
    try:
        yield cluster.start()
    finally:
        cluster.stop()


async def _migrate_and_prove(dsn: str) -> list[Proof]:
    try:
        await migrate(dsn)
    except MigrationFailedError as error:
        raise MigrationFailedError(f"The galaxy is back, of an earlier release: {error}") from error
    return await prove_store(dsn)


def _dump(backup: Backup) -> Iterator[bytes]:
    progress = once_a_second(
        lambda done, total: f"{megabytes(done)} of {megabytes(total)} brought back"
    )
    done_bytes = 0
    for chunk in backup.read(DATABASE_PART):
        yield chunk
        done_bytes += len(chunk)
        progress(done_bytes, backup.manifest.size_bytes)


def _report(
    manifest: Manifest, proofs: list[Proof], place: str, seconds: float, as_json: bool
) -> None:
    galaxy = manifest.galaxy
    if as_json:
        report = {
            "good": all(proof.holds for proof in proofs),
            "seconds": round(seconds, 3),
            "made_at": manifest.made_at,
            "release": manifest.release,
            "schema": code_revision(),
            "universe_seed": galaxy.universe_seed,
            "last_offset": galaxy.last_offset,
            "proofs": [proof_as_json(proof) for proof in proofs],
        }
        click.echo(json.dumps(report))
        return
    for proof in proofs:
        click.echo(proof_as_line(proof))
    click.echo(
        f"The galaxy of seed {galaxy.universe_seed} is back in {place} as it was at "
        f"{manifest.made_at}, up to offset {galaxy.last_offset} of its log ({seconds:.1f} s)."
    )
