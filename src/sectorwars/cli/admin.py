"""`sectorwars admin`: administrators and other staff, and their acts on a running server."""

import json
import secrets
import sys
from pathlib import Path
from typing import Final

import click

from sectorwars.application.account import Account, AccountRole
from sectorwars.application.accounts.opening import AccountOpening
from sectorwars.application.accounts.password import HashCost, PasswordHasher
from sectorwars.application.audit.trail import AddressPseudonyms, Operator, OperatorAudit
from sectorwars.application.operators.account_administration import (
    ADMIN_EXISTS,
    AccountAdministration,
)
from sectorwars.application.operators.permissions import Permission
from sectorwars.cli.acting import acting_account, as_option
from sectorwars.cli.connections import connections, disconnect
from sectorwars.cli.database import data_dir_option, database_url_option, on_database
from sectorwars.cli.failure import fail
from sectorwars.cli.options import json_option
from sectorwars.cli.trading_controls import caps, halt, reduce, resume
from sectorwars.clock import SystemClock
from sectorwars.domain.rejection import Refusal
from sectorwars.persistence.postgres.account_store import PostgresAccountStore
from sectorwars.persistence.postgres.audit_trail import PostgresAuditTrail
from sectorwars.persistence.postgres.connection import Pool

_PASSWORD_FILE_BYTES_MAX: Final = 4_096


@click.group()
def admin() -> None:
    """Manage staff, and act as an administrator; for the owner of the data directory."""


@admin.command()
@click.argument("username")
@click.option(
    "--password-file",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Read the password from a file's first line (- for standard input) instead of asking.",
)
@click.option("--as", "acting", metavar="ADMIN", help="The administrator who makes another one.")
@data_dir_option
@database_url_option
@json_option
def create(
    username: str,
    password_file: Path | None,
    acting: str | None,
    data_dir: Path,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Open an administrator's account: the first freely, each later one by an administrator."""
    password = _password(password_file)

    async def open_account(pool: Pool) -> Account | Refusal:
        operator = None if acting is None else await _operator(pool, acting)
        if isinstance(operator, Refusal):
            return operator
        hasher = PasswordHasher(HashCost())
        try:
            store = PostgresAccountStore(pool)
            opening = AccountOpening(store, hasher, secrets.token_bytes)
            return await _administration(pool).create_admin(
                operator, opening, username, password, SystemClock().now()
            )
        finally:
            hasher.close()

    outcome = on_database(data_dir, database_url, open_account)
    if outcome == ADMIN_EXISTS:
        fail(f"{ADMIN_EXISTS.detail} Name him with --as.")
    _report(outcome, as_json)


@admin.command()
@click.argument("user")
@click.argument("role", type=click.Choice([role.value for role in AccountRole]))
@as_option
@data_dir_option
@database_url_option
@json_option
def role(
    user: str, role: str, acting: str, data_dir: Path, database_url: str | None, as_json: bool
) -> None:
    """Give an account another role; it binds its holder from his next request on."""

    async def change(pool: Pool) -> Account | Refusal:
        operator = await _operator(pool, acting)
        if isinstance(operator, Refusal):
            return operator
        return await _administration(pool).change_role(
            operator, user, AccountRole(role), SystemClock().now()
        )

    _report(on_database(data_dir, database_url, change), as_json)


@admin.command(name="list")
@data_dir_option
@database_url_option
@json_option
def list_staff(data_dir: Path, database_url: str | None, as_json: bool) -> None:
    """List all who are more than players."""

    async def find(pool: Pool) -> list[Account]:
        return await _administration(pool).staff()

    staff = [_shown(account) for account in on_database(data_dir, database_url, find)]
    if as_json:
        click.echo(json.dumps({"accounts": staff}))
        return
    for account in staff:
        click.echo(f"{account['role']:<10} {account['player_id']}  {account['username']}")
    if not staff:
        click.echo(
            "There is no staff yet; make the first with `sectorwars admin create`.", err=True
        )


for command in (halt, reduce, resume, caps, connections, disconnect):
    admin.add_command(command)


def _administration(pool: Pool) -> AccountAdministration:
    # Nobody's address is entered here, so the pseudonyms' key is never used.
    audit = OperatorAudit(PostgresAuditTrail(pool), AddressPseudonyms(secrets.token_bytes))
    return AccountAdministration(PostgresAccountStore(pool), audit)


async def _operator(pool: Pool, acting: str) -> Operator | Refusal:
    account = await acting_account(pool, acting, Permission.CHANGE_ROLES)
    return account if isinstance(account, Refusal) else Operator(account.player_id)


def _password(file: Path | None) -> str:
    if file is None:
        if not _has_terminal():
            fail("A password is needed: give it with --password-file, - for standard input.")
        try:
            password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        except click.Abort:
            fail("A password is needed.")
        return password
    try:
        with click.open_file(str(file), "rb") as opened:
            text = opened.read(_PASSWORD_FILE_BYTES_MAX).decode()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"The password cannot be read from {file}: {error}.")
    line: str = text.split("\n", 1)[0]
    return line.removesuffix("\r")


def _has_terminal() -> bool:
    return sys.stdin.isatty()


def _report(outcome: Account | Refusal, as_json: bool) -> None:
    if isinstance(outcome, Refusal):
        fail(outcome.detail)
    shown = _shown(outcome)
    click.echo(
        json.dumps(shown)
        if as_json
        else f"{shown['username']} ({shown['player_id']}) has the role {shown['role']}."
    )


def _shown(account: Account) -> dict[str, str]:
    return {
        "player_id": account.player_id,
        "username": account.username,
        "role": account.role.value,
    }
