"""A browser and a server for it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright
from tests.e2e.chromium import chromium
from tests.e2e.pilot import PASSWORD, PATIENCE_MS, Pilot
from tests.e2e.trader import Trader
from tests.integration.server.process import Server, run_command, running_for_a_while

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
def administrator(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of the server's first administrator."""
    name = f"admin_{uuid.uuid4().hex[:8]}"
    file = tmp_path_factory.mktemp("administrator") / "password"
    file.write_text(PASSWORD)
    made = run_command(
        "admin",
        "create",
        name,
        "--password-file",
        str(file),
        "--data-dir",
        str(server.data_dir),
    )
    assert made.returncode == 0, made.stderr
    return name


@pytest.fixture
def operator(server: Server, administrator: str) -> Trader:
    """The administrator, who speaks REST."""
    return Trader(server, "login", administrator)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a screen."""
    program, flags = chromium()
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()
