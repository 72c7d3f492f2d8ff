"""`sectorwars verify`: prove that the log, the tables, the receipts and the money agree."""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Final

import click

from sectorwars.application.verification import Progress, Proof
from sectorwars.application.verification import verify as prove
from sectorwars.cli.database import (
    DATABASE_ERRORS,
    data_dir_option,
    database,
    database_url_option,
)
from sectorwars.cli.failure import fail
from sectorwars.persistence.postgres.migration import require_schema
from sectorwars.persistence.postgres.store_snapshot import open_snapshot

_PROGRESS_SECONDS: Final = 1.0


@click.command()
@data_dir_option
@database_url_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(data_dir: Path, database_url: str | None, as_json: bool) -> None:
    """Prove the store, beside a running server or a stopped one; exit with 1 on a finding."""
    try:
        with database(data_dir, database_url) as dsn:
            proofs = asyncio.run(_prove(dsn))
    except DATABASE_ERRORS as error:
        fail(str(error))
    good = all(proof.holds for proof in proofs)
    if as_json:
        click.echo(json.dumps({"good": good, "proofs": [_as_json(proof) for proof in proofs]}))
    else:
        for proof in proofs:
            click.echo(_as_line(proof))
    sys.exit(0 if good else 1)


async def _prove(dsn: str) -> list[Proof]:
    await require_schema(dsn)
    async with open_snapshot(dsn) as snapshot:
        return await prove(snapshot, _progress())


def _progress() -> Progress:
    """Make a reporter that speaks once a second, to a terminal only."""
    spoken_at = time.monotonic()
    speaks = sys.stderr.isatty()

    def report(read: int, total: int) -> None:
        nonlocal spoken_at
        if speaks and time.monotonic() - spoken_at >= _PROGRESS_SECONDS:
            spoken_at = time.monotonic()
            click.echo(f"{read} of {total} records", err=True)

    return report


def _as_line(proof: Proof) -> str:
    line = f"{'ok   ' if proof.holds else 'FAULT'}  {proof.claim.value} ({proof.looked_at})"
    if proof.holds:
        return line
    return f"{line}: {proof.findings} found, first {'; '.join(proof.examples)}"


def _as_json(proof: Proof) -> dict[str, object]:
    return {
        "name": proof.claim.name.lower(),
        "claim": proof.claim.value,
        "holds": proof.holds,
        "looked_at": proof.looked_at,
        "findings": proof.findings,
        "examples": proof.examples,
    }
