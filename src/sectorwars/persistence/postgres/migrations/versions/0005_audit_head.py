"""The head of the audit trail."""

from pathlib import Path

from sectorwars.persistence.postgres.migrations.sql_script import execute_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the head of an empty trail."""
    execute_script(Path(__file__).parent / "0005_audit_head.sql")
