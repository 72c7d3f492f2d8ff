"""Haulers, and what they lately sold and bought."""

from pathlib import Path

from sectorwars.persistence.postgres.migrations.sql_script import execute_script

revision = "0006"
down_revision = "0005"

_HERE = Path(__file__).parent


def upgrade() -> None:
    """Create the tables of haulers and let a batch bring their rows."""
    execute_script(_HERE / "0006_haulers.sql")
    execute_script(_HERE / "0006_append_batch.sql")
