"""The administrator in whose name the owner of a data directory acts."""

from pathlib import Path

import click

from sectorwars.application.account import Account, find_account
from sectorwars.application.operators.account_administration import UNKNOWN_ACCOUNT
from sectorwars.application.operators.permissions import (
    ROLE_PERMISSIONS,
    Permission,
    permission_denied,
)
from sectorwars.cli.database import on_database
from sectorwars.cli.failure import fail
from sectorwars.domain.rejection import Refusal
from sectorwars.persistence.postgres.account_store import PostgresAccountStore
from sectorwars.persistence.postgres.connection import Pool

as_option = click.option(
    "--as", "acting", metavar="ADMIN", required=True, help="The administrator who does it."
)


async def acting_account(pool: Pool, named: str, permission: Permission) -> Account | Refusal:
    """Return the account of somebody who has the permission, by name or by id."""
    account = await find_account(PostgresAccountStore(pool), named)
    if account is None:
        return UNKNOWN_ACCOUNT
    if permission not in ROLE_PERMISSIONS[account.role]:
        return permission_denied(permission)
    return account


def require_acting(
    data_dir: Path, database_url: str | None, named: str, permission: Permission
) -> Account:
    """Return the account of who acts, or say why he must not and exit with 2."""

    async def find(pool: Pool) -> Account | Refusal:
        return await acting_account(pool, named, permission)

    outcome = on_database(data_dir, database_url, find)
    if isinstance(outcome, Refusal):
        fail(f"{named}: {outcome.detail}")
    return outcome
