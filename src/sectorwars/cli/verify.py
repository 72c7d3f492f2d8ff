"""`sectorwars verify`: prove that the log, the tables, the receipts and the money agree."""

import asyncio
import json
import sys
from pathlib import Path

import click

from sectorwars.application.audit.store_verification import Proof
from sectorwars.application.audit.store_verification import verify as prove
from sectorwars.cli.database import (
    DATABASE_ERRORS,
    data_dir_option,
    database,
    database_url_option,
)
from sectorwars.cli.failure import fail
from sectorwars.cli.options import json_option
from sectorwars.cli.progress import once_a_second
from sectorwars.persistence.postgres.migration import require_schema
from sectorwars.persistence.postgres.store_snapshot import open_snapshot


@click.command()
@data_dir_option
@database_url_option
@json_option
def verify(data_dir: Path, database_url: str | None, as_json: bool) -> None:
    """Prove the store, beside a running server or a stopped one; exit with 1 on a finding."""
    try:
        with database(data_dir, database_url) as dsn:
            proofs = asyncio.run(prove_store(dsn))
    except DATABASE_ERRORS as error:
        fail(str(error))
    good = all(proof.holds for proof in proofs)
    if as_json:
        click.echo(json.dumps({"good": good, "proofs": [proof_as_json(proof) for proof in proofs]}))
    else:
        for proof in proofs:
            click.echo(proof_as_line(proof))
    sys.exit(0 if good else 1)


async def prove_store(dsn: str) -> list[Proof]:
    """Prove the store as it is at one moment, saying how far it has come.

    Raises:
        SchemaMismatchError: its schema is not this release's.
        StoreUnavailableError: it cannot be reached.
    """
    await require_schema(dsn)
    async with open_snapshot(dsn) as snapshot:
        return await prove(
            snapshot, once_a_second(lambda read, total: f"{read} of {total} records")
        )


def proof_as_line(proof: Proof) -> str:
    """Say in a line whether a claim holds, and if not, what speaks against it."""
    line = f"{'ok   ' if proof.holds else 'FAULT'}  {proof.claim.value} ({proof.looked_at})"
    if proof.holds:
        return line
    return f"{line}: {proof.findings} found, first {'; '.join(proof.examples)}"


def proof_as_json(proof: Proof) -> dict[str, object]:
    """Return what `--json` shows of a proof."""
    return {
        "name": proof.claim.name.lower(),
        "claim": proof.claim.value,
        "holds": proof.holds,
        "looked_at": proof.looked_at,
        "findings": proof.findings,
        "examples": proof.examples,
    }
