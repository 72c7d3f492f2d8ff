"""Accounts, their sessions and refresh tokens."""

from pathlib import Path

from sectorwars.persistence.postgres.migrations.sql_script import execute_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of authentication."""
    execute_script(Path(__file__).parent / "0002_accounts.sql")
