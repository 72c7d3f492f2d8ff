"""What a published forecast says besides its price, and that it can never be changed."""

from pathlib import Path

from sectorwars.persistence.postgres.migrations.sql_script import execute_script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Complete the table of forecasts."""
    execute_script(Path(__file__).parent / "0004_forecasts.sql")
