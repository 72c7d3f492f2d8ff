"""A browser and a server for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright
from tests.e2e.chromium import chromium
from tests.e2e.pilot import PATIENCE_MS, Pilot
from tests.integration.server.process import Server, running_for_a_while

DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 780}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server that serves the built client."""
    with running_for_a_while() as server:
        yield server


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def pilot(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Pilot]:
    """A person with a page of his own."""
    pilot = Pilot(browser, server, request.param)
    yield pilot
    pilot.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a screen."""
    program, flags = chromium()
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()
