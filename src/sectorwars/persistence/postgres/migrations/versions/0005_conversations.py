"""Conversations with ARIA, her proposals, and alerts."""

from pathlib import Path

from sectorwars.persistence.postgres.migrations.sql_script import execute_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables of conversations and alerts."""
    execute_script(Path(__file__).parent / "0005_conversations.sql")
