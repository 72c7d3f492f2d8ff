"""Chromium, servers and lines for scenarios that run side by side.

Most of these scenarios wait for real time to pass, as the client does; so they wait together.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
from playwright.async_api import Browser, async_playwright
from tests.e2e.chromium import chromium
from tests.e2e.foundation.foundation_page import FoundationPage
from tests.e2e.foundation.line import PAGE_PATH, Line
from tests.integration.server.players import RestPlayer
from tests.integration.server.process import Server, running_for_a_while

REQUEST_SECONDS_MAX = 30.0


class Stage:
    """Opens pages of the client, players for them, and lines to their server."""

    def __init__(self, browser: Browser, site: Line, closing: contextlib.AsyncExitStack) -> None:
        self.site = site
        self._browser = browser
        self._closing = closing

    async def server(self, **settings: str) -> Server:
        """Start a server; pages of the stage's own site may speak to it."""
        origins = f'["{self.site.origin}"]'
        running = running_for_a_while({"SECTORWARS_ALLOWED_ORIGINS": origins, **settings})
        server = await asyncio.to_thread(running.__enter__)
        self._closing.push_async_callback(asyncio.to_thread, running.__exit__, None, None, None)
        return server

    async def line(self, server: Server) -> Line:
        """Open a line to a server."""
        return await _open_line(self._closing, server.port)

    async def player(self, server: Server) -> RestPlayer:
        """Register a player."""
        http = httpx.AsyncClient(base_url=server.url, timeout=REQUEST_SECONDS_MAX)
        await self._closing.enter_async_context(http)
        return await RestPlayer.register(http)

    async def page(self, player: RestPlayer, line: Line) -> FoundationPage:
        """Open the client in a fresh profile, on the server's own origin."""
        return await self._open_page(player, f"{line.origin}{PAGE_PATH}")

    async def page_of_another_site(
        self, player: RestPlayer, server: Server, host: str = "127.0.0.1"
    ) -> FoundationPage:
        """Open the client from the stage's own site, which has another name as another `host`."""
        url = f"http://{host}:{self.site.port}{PAGE_PATH}?server={server.url}"
        return await self._open_page(player, url)

    async def page_without_a_player(self) -> FoundationPage:
        """Open the client where nobody has signed in and there is no server."""
        page = await self._blank_page(f"{self.site.origin}{PAGE_PATH}")
        await page.reload()
        return page

    async def _open_page(self, player: RestPlayer, url: str) -> FoundationPage:
        page = await self._blank_page(url)
        await page.open(player.token)
        return page

    async def _blank_page(self, url: str) -> FoundationPage:
        context = await self._browser.new_context()
        return FoundationPage(await context.new_page(), url)


@contextlib.asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """Start Chromium, and a site that serves the client's page and nothing else."""
    program, flags = chromium()
    async with contextlib.AsyncExitStack() as closing:
        playwright = await closing.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=program, args=flags)
        closing.push_async_callback(browser.close)
        site = await _open_line(closing, upstream_port=0)
        yield Stage(browser, site, closing)


async def side_by_side(*scenarios: Callable[[], Awaitable[None]]) -> None:
    """Run scenarios at once and to their ends; raise what any of them raised."""
    outcomes = await asyncio.gather(*(run() for run in scenarios), return_exceptions=True)
    failed = []
    for scenario, outcome in zip(scenarios, outcomes, strict=True):
        if isinstance(outcome, Exception):
            outcome.add_note(f"in the scenario {scenario}")
            failed.append(outcome)
        elif outcome is not None:
            raise outcome
    if failed:
        raise ExceptionGroup("scenarios failed", failed)


async def _open_line(closing: contextlib.AsyncExitStack, upstream_port: int) -> Line:
    line = Line(upstream_port)
    await line.open()
    closing.push_async_callback(line.close)
    return line
