"""`sectorwars audit`: who did what, and proof that no record of it was changed."""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sectorwars.application.account import player_named
from sectorwars.application.audit.search import (
    PAGE_MAX,
    AuditSearch,
    event_row,
    in_window,
    trail_row,
)
from sectorwars.application.audit.trail import AuditKind
from sectorwars.application.audit.trail_verification import AuditProof, verify_audit
from sectorwars.application.keys import (
    AUDIT_KEY_FILE,
    KEYS_DIRECTORY,
    KeyFileError,
    load_signing_key,
)
from sectorwars.application.rows import (
    AuditQuery,
    ChainedEvent,
)
from sectorwars.cli.database import (
    DATABASE_ERRORS,
    data_dir_option,
    database,
    database_url_option,
    on_database,
)
from sectorwars.cli.failure import fail
from sectorwars.cli.options import json_option
from sectorwars.domain.values import UnixMicros, unix_micros
from sectorwars.persistence.chain_head_file import ChainHeadFile
from sectorwars.persistence.event_codec import EVENT_KINDS, event_kind
from sectorwars.persistence.postgres.account_store import PostgresAccountStore
from sectorwars.persistence.postgres.audit_trail import PostgresAuditTrail
from sectorwars.persistence.postgres.connection import Pool
from sectorwars.persistence.postgres.event_archive import PostgresEventArchive
from sectorwars.persistence.postgres.migration import require_schema
from sectorwars.persistence.postgres.store_snapshot import open_snapshot
from sectorwars.protocol.shapes.audit import AuditRow

_ROWS: Final = 100
_EXPORT_PAGE: Final = 2_000
_KINDS: Final = sorted({*(kind.value for kind in AuditKind), *EVENT_KINDS})
_ERRORS: Final = (*DATABASE_ERRORS, KeyFileError, OSError)


class _Time(click.ParamType[UnixMicros]):
    """A time, or a date, with its zone; without one, in UTC."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> UnixMicros:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time like 2026-01-31T18:00:00Z", param, ctx)
        return unix_micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


@click.group()
def audit() -> None:
    """Search, export and prove the audit trail and the event log."""


@audit.command()
@data_dir_option
@database_url_option
@json_option
def verify(data_dir: Path, database_url: str | None, as_json: bool) -> None:
    """Prove that no record was changed, lost or swapped; exit with 1 on a finding.

    The signed heads are those of the data directory.
    """
    try:
        keys = _head_keys(data_dir)
        lines = ChainHeadFile(data_dir).lines()
        if lines is None and database_url is not None:
            lines = []  # they lie with the server's other files, perhaps on another machine
        with database(data_dir, database_url) as dsn:
            proofs = asyncio.run(_verify(dsn, lines, keys))
    except _ERRORS as error:
        fail(str(error))
    findings = [finding for proof in proofs for finding in proof.findings]
    if as_json:
        trail, log, heads = proofs
        report = {
            "good": not findings,
            "entries": trail.looked_at,
            "log_records": log.looked_at,
            "signed_heads": heads.looked_at,
            "findings": findings,
        }
        click.echo(json.dumps(report))
    else:
        for proof in proofs:
            good = "FAULT" if proof.findings else "ok   "
            click.echo(f"{good}  {proof.claim.value} ({proof.looked_at})")
            for finding in proof.findings:
                click.echo(f"       {finding}")
    sys.exit(1 if findings else 0)


@audit.command()
@data_dir_option
@database_url_option
@click.option("--player", metavar="NAME", help="What a player did or had done to him; name or id.")
@click.option("--actor", metavar="NAME", help="What somebody did; name, id or pseudonym.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(_KINDS), metavar="KIND")
@click.option("--since", type=_Time(), metavar="TIME", help="From then on (RFC 3339, UTC if bare).")
@click.option("--until", type=_Time(), metavar="TIME", help="Up to then.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=_ROWS, show_default=True)
@json_option
def search(
    data_dir: Path,
    database_url: str | None,
    player: str | None,
    actor: str | None,
    kinds: tuple[str, ...],
    since: UnixMicros | None,
    until: UnixMicros | None,
    limit: int,
    as_json: bool,
) -> None:
    """List who did what, newest first, from the audit trail and the event log.

    Each row says which of them it is from, and its place there.
    """
    wanted = AuditQuery(kinds=kinds, since=since, until=until)

    async def find(pool: Pool) -> list[AuditRow]:
        return await _search(pool, wanted, player, actor, limit)

    rows = on_database(data_dir, database_url, find)
    if as_json:
        click.echo(msgspec.json.encode({"rows": rows}))
        return
    for row in rows:
        click.echo(_as_line(row))
    if not rows:
        click.echo("Nothing fits.", err=True)


@audit.command()
@data_dir_option
@database_url_option
@click.option("--since", type=_Time(), metavar="TIME", help="From then on (RFC 3339, UTC if bare).")
@click.option("--until", type=_Time(), metavar="TIME", help="Up to then.")
def export(
    data_dir: Path, database_url: str | None, since: UnixMicros | None, until: UnixMicros | None
) -> None:
    """Write both chains as JSON lines, each in its own order: the trail, then the event log.

    The economy's ticks, which are not kept for ever, are left out.
    """
    window = AuditQuery(since=since, until=until)
    try:
        with database(data_dir, database_url) as dsn:
            asyncio.run(_export(dsn, window))
    except _ERRORS as error:
        fail(str(error))


def _head_keys(data_dir: Path) -> dict[str, Ed25519PublicKey]:
    path = data_dir / KEYS_DIRECTORY / AUDIT_KEY_FILE
    if not path.exists():
        return {}  # it is the server that makes it
    key = load_signing_key(path)
    return {key.kid: key.public}


async def _verify(
    dsn: str, lines: list[bytes] | None, keys: Mapping[str, Ed25519PublicKey]
) -> list[AuditProof]:
    await require_schema(dsn)
    async with open_snapshot(dsn) as snapshot:
        return await verify_audit(snapshot, lines, keys)


async def _search(
    pool: Pool, wanted: AuditQuery, player: str | None, actor: str | None, limit: int
) -> list[AuditRow]:
    accounts = PostgresAccountStore(pool)
    audit_search = AuditSearch(PostgresAuditTrail(pool), PostgresEventArchive(pool))
    query = replace(
        wanted,
        player_id=None if player is None else await player_named(accounts, player),
        actor=None if actor is None else await player_named(accounts, actor),
    )
    rows: list[AuditRow] = []
    cursor: str | None = None
    while len(rows) < limit:
        page = await audit_search.page(query, cursor, min(limit - len(rows), PAGE_MAX))
        rows += page.rows
        cursor = page.next_cursor
        if cursor is None:
            break
    return rows


async def _export(dsn: str, window: AuditQuery) -> None:
    await require_schema(dsn)
    async with open_snapshot(dsn) as snapshot:
        number = 0
        while records := await snapshot.audit.records(number, _EXPORT_PAGE):
            number = records[-1].number
            for record in records:
                if in_window(record.entry.at, window):
                    _write(trail_row(record))
        async for logged in snapshot.records():
            if not (logged.is_tick or isinstance(logged.event, str)):
                event, kind = logged.event, event_kind(logged.event)
                if in_window(getattr(event, "at", None), window):
                    _write(event_row(ChainedEvent(logged.offset, kind, event, logged.hash)))


def _write(row: AuditRow) -> None:
    click.echo(msgspec.json.encode(row))


def _as_line(row: AuditRow) -> str:
    about = {
        "actor": row.actor,
        "subject": row.subject,
        "session": row.session,
        "address": row.address,
        "before": row.before and msgspec.json.encode(row.before).decode(),
        "after": row.after and msgspec.json.encode(row.after).decode(),
        **{name: value for name, value in row.details.items() if isinstance(value, str | int)},
    }
    said = " ".join(f"{name}={value}" for name, value in about.items() if value is not None)
    return f"{row.at}  {row.log:<9} {row.number:>9}  {row.kind:<20} {said}"
