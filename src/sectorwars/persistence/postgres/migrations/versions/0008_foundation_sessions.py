"""What Foundation clients' sessions follow."""

from pathlib import Path

from sectorwars.persistence.postgres.migrations.sql_script import execute_script

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table of sessions."""
    execute_script(Path(__file__).parent / "0008_foundation_sessions.sql")
