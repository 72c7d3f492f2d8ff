"""Migrations that are plain SQL files beside their revision."""

from pathlib import Path

from alembic import op
from sqlalchemy.util import await_only


def execute_script(path: Path) -> None:
    """Run a file of SQL statements within the migration's transaction."""
    # The driver itself, because SQLAlchemy would prepare the text, which takes one statement only.
    connection = op.get_bind().connection.driver_connection
    if connection is None:
        raise RuntimeError("a migration runs on an open connection only")
    await_only(connection.execute(path.read_text(encoding="utf-8")))
