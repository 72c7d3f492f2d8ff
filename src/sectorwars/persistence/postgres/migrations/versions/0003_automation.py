"""Automation rules, their traces, and the rule that made a trade."""

from pathlib import Path

from sectorwars.persistence.postgres.migrations.sql_script import execute_script

revision = "0003"
down_revision = "0002"

_HERE = Path(__file__).parent


def upgrade() -> None:
    """Create the tables of automation and let a batch bring their rows."""
    execute_script(_HERE / "0003_automation.sql")
    execute_script(_HERE / "0003_append_batch.sql")
