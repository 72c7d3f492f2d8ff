"""Conversations with ARIA, her proposals, and alerts."""

from pathlib import Path

from sectorwars.persistence.postgres.migrations.sql_script import execute_script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables of conversations and alerts."""
    execute_script(Path(__file__).parent / "0007_conversations.sql")
