"""The stage of the Foundation client's scenarios."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from tests.e2e.foundation.stage import Stage, open_stage


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """Chromium with the client's site."""
    async with open_stage() as stage:
        yield stage
