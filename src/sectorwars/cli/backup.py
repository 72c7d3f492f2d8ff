"""`sectorwars backup`: a galaxy in one file, beside a running server or on a stopped one."""

import contextlib
import json
from pathlib import Path
from typing import Final

import click

from sectorwars.application.ports import StoreUnavailableError
from sectorwars.cli.database import (
    DATABASE_ERRORS,
    data_dir_option,
    database,
    database_url_option,
)
from sectorwars.cli.failure import fail
from sectorwars.cli.options import json_option
from sectorwars.cli.progress import megabytes, once_a_second
from sectorwars.cli.stopping import failing_when_stopped, run_to_end
from sectorwars.clock import SystemClock
from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.persistence.backup_file import (
    DATABASE_PART,
    FILES_PREFIX,
    BackupDraft,
    BackupFileError,
    GalaxyState,
    Manifest,
    draft_backup,
)
from sectorwars.persistence.data_directory import DataDirectoryError, reason
from sectorwars.persistence.kept_files import kept_files
from sectorwars.persistence.postgres.dump import DumpError, dump
from sectorwars.persistence.postgres.migration import require_known
from sectorwars.persistence.postgres.store_snapshot import PostgresStoreSnapshot, open_snapshot
from sectorwars.version import VERSION

_SECOND_END: Final = len("2102-01-01T00:00:00")


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@data_dir_option
@database_url_option
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@json_option
def backup(
    file: Path | None, data_dir: Path, database_url: str | None, force: bool, as_json: bool
) -> None:
    """Copy a galaxy and its keys to FILE, which `sectorwars restore` brings back.

    It works beside a running server and on a stopped one, and holds one moment. Without FILE the
    name is made of the date, in the current folder. Keep it secret: the galaxy's keys are in it.
    """
    clock = SystemClock()
    began, now = clock.monotonic(), clock.now()
    path = file or _dated(now)
    try:
        with (
            failing_when_stopped("The backup was stopped; nothing of it was kept."),
            draft_backup(path, now, replace=force) as draft,
        ):
            # Before the database: a head of its chains that lay beyond them would be a fault.
            _copy_files(draft, data_dir)
            with database(data_dir, database_url) as dsn:
                manifest = run_to_end(_copy_database(draft, dsn))
    except (*DATABASE_ERRORS, BackupFileError, DumpError) as error:
        fail(str(error))
    _report(manifest, path, clock.monotonic() - began, as_json)


def _dated(now: UnixMicros) -> Path:
    return Path(f"sectorwars-{rfc3339(now)[:_SECOND_END].replace(':', '')}Z.backup")


def _copy_files(draft: BackupDraft, data_dir: Path) -> None:
    for name in kept_files(data_dir):
        try:
            content = (data_dir / name).read_bytes()
        except OSError as error:
            raise DataDirectoryError(
                f"The file {data_dir / name} cannot be read: {reason(error)}."
            ) from error
        with draft.part(f"{FILES_PREFIX}{name}") as write:
            write(content)


async def _copy_database(draft: BackupDraft, dsn: str) -> Manifest:
    progress = once_a_second(lambda done, _total: f"{megabytes(done)} copied")
    async with open_snapshot(dsn) as snapshot:
        galaxy = await _state(snapshot)
        done_bytes = 0
        with draft.part(DATABASE_PART) as write:
            async with contextlib.aclosing(dump(dsn, await snapshot.export())) as chunks:
                async for chunk in chunks:
                    write(chunk)
                    done_bytes += len(chunk)
                    progress(done_bytes, done_bytes)
    return draft.finish(VERSION, galaxy)


async def _state(snapshot: PostgresStoreSnapshot) -> GalaxyState:
    """Return what the manifest says of a snapshot, whose schema may still have to be migrated.

    Raises:
        SchemaTooNewError: a later release has migrated it.
        StoreUnavailableError: there is no galaxy.
    """
    schema = await snapshot.schema()
    if schema is not None:
        require_known(schema)
    seed = None if schema is None else await snapshot.universe_seed()
    if schema is None or seed is None:
        raise StoreUnavailableError("No universe has been born in the database.")
    heads = await snapshot.heads()
    audit_entry, audit_hash = await snapshot.audit.head()
    return GalaxyState(
        schema,
        seed,
        heads.last_offset,
        heads.event_hash.hex(),
        heads.tick_hash.hex(),
        audit_entry,
        audit_hash.hex(),
    )


def _report(manifest: Manifest, path: Path, seconds: float, as_json: bool) -> None:
    galaxy = manifest.galaxy
    size_bytes = path.stat().st_size
    if as_json:
        report = {
            "good": True,
            "file": str(path.resolve()),
            "bytes": size_bytes,
            "seconds": round(seconds, 3),
            "made_at": manifest.made_at,
            "schema": galaxy.schema,
            "universe_seed": galaxy.universe_seed,
            "last_offset": galaxy.last_offset,
        }
        click.echo(json.dumps(report))
        return
    click.echo(
        f"{path}: {megabytes(size_bytes)} in {seconds:.1f} s, the galaxy of seed "
        f"{galaxy.universe_seed} up to offset {galaxy.last_offset} of its log, and its keys."
    )
