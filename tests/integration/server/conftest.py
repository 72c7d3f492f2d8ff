"""Servers for the tests of this folder; a start costs seconds, so a module shares one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sectorwars.persistence.postgres.cluster import stop_orphan
from tests.integration.server.process import ROOMY, Server, running


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A running server with limits that no test of the module meets by its load."""
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
