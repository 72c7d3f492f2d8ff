"""`sectorwars audit`: the record of sign-ins and denials."""

import asyncio
import json
import sys
from pathlib import Path

import click

from sectorwars.application.audit import chain_findings
from sectorwars.cli.database import (
    DATABASE_ERRORS,
    data_dir_option,
    database,
    database_url_option,
)
from sectorwars.cli.failure import fail
from sectorwars.persistence.postgres.audit_trail import PostgresAuditTrail
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.persistence.postgres.migration import require_schema


@click.group()
def audit() -> None:
    """Examine the record of sign-ins and denials."""


@audit.command()
@data_dir_option
@database_url_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(data_dir: Path, database_url: str | None, as_json: bool) -> None:
    """Prove that no entry was changed, lost or swapped; exit with 1 on a finding."""
    try:
        with database(data_dir, database_url) as dsn:
            entries, findings = asyncio.run(_walk(dsn))
    except DATABASE_ERRORS as error:
        fail(str(error))
    good = not findings
    if as_json:
        click.echo(json.dumps({"good": good, "entries": entries, "findings": findings}))
    else:
        click.echo(f"{'ok   ' if good else 'FAULT'}  the audit trail is whole ({entries} entries)")
        for finding in findings:
            click.echo(f"       {finding}")
    sys.exit(0 if good else 1)


async def _walk(dsn: str) -> tuple[int, list[str]]:
    await require_schema(dsn)
    pool = await open_pool(dsn, connections_max=1)
    try:
        return await chain_findings(PostgresAuditTrail(pool))
    finally:
        pool.terminate()
