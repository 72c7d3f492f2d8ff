"""A server whose access tokens end quickly, so that every test sees them renewed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.integration.server.process import Server, running_for_a_while


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server; a test that stops it starts it again."""
    with running_for_a_while({"SECTORWARS_ACCESS_TOKEN_TTL": "10"}) as server:
        yield server
