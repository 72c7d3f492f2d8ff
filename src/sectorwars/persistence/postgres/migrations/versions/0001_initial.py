"""The schema of the first release: one SQL file for each noun, in the folder of the same name.

Columns that the server reads back as times are whole microseconds since 1970 (…_us); timestamptz
columns are for people and their queries. Money is whole credits.
"""

from pathlib import Path
from typing import Final

from sectorwars.persistence.postgres.migrations.sql_script import execute_script

revision = "0001"
down_revision = None

_NOUNS: Final = (
    "log",
    "lease",
    "receipts",
    "universe",
    "players",
    "haulers",
    "market_history",
    "orders",
    "accounts",
    "foundation_sessions",
    "profiles",
    "automation",
    "backtests",
    "forecasts",
    "conversations",
    "alerts",
    "audit",
    "append_batch",
    "forget_old",
)
"""In the order in which they refer to each other."""


def upgrade() -> None:
    """Create everything."""
    for noun in _NOUNS:
        execute_script(Path(__file__).with_suffix("") / f"{noun}.sql")
