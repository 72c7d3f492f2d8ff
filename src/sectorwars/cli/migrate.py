"""`sectorwars migrate`: bring the database to this release's schema without starting a server."""

import asyncio
import json
from pathlib import Path

import click

from sectorwars.cli.database import (
    DATABASE_ERRORS,
    data_dir_option,
    database,
    database_url_option,
)
from sectorwars.cli.failure import fail
from sectorwars.cli.options import json_option
from sectorwars.persistence.postgres.migration import MigrationFailedError, code_revision
from sectorwars.persistence.postgres.migration import migrate as bring_up_to_date


@click.command()
@data_dir_option
@database_url_option
@json_option
def migrate(data_dir: Path, database_url: str | None, as_json: bool) -> None:
    """Apply the migrations that the database lacks; a start of the server does the same.

    Harmless where none is lacking. One that fails is rolled back.
    """
    try:
        with database(data_dir, database_url) as dsn:
            asyncio.run(bring_up_to_date(dsn))
    except (*DATABASE_ERRORS, MigrationFailedError) as error:
        fail(str(error))
    revision = code_revision()
    if as_json:
        click.echo(json.dumps({"good": True, "schema": revision}))
    else:
        click.echo(f"The database has schema {revision}, as this release needs it.")
