"""The server that most tests of this folder share, because a start costs seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.integration.server.process import Server, running_for_a_while


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server whose limits are not met; a test that stops it starts it again."""
    with running_for_a_while() as server:
        yield server
