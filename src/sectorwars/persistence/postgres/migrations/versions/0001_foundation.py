"""The log, the tables of the current state, the market's history and the writer's lease."""

from pathlib import Path

from sectorwars.persistence.postgres.migrations.sql_script import execute_script

revision = "0001"
down_revision = None

_HERE = Path(__file__).parent


def upgrade() -> None:
    """Create everything."""
    execute_script(_HERE / "0001_foundation.sql")
    execute_script(_HERE / "0001_append_batch.sql")
