"""Servers for the tests of this folder; a start costs seconds, so most share one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.server.process import ROOMY, Server, running

from sectorwars.persistence.postgres.cluster import stop_orphan


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server whose limits are too high to be met; a test that stops it starts it again."""
    data_dir = Path(tempfile.mkdtemp(prefix="sectorwars-data-"))
    data_dir.chmod(0o755)
    try:
        with running(data_dir, ROOMY) as server:
            yield server
    finally:
        stop_orphan(data_dir)
        area = (data_dir / "postgres").resolve()
        shutil.rmtree(data_dir)
        shutil.rmtree(area, ignore_errors=not area.exists())
