"""What a person at the page does and sees."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, ViewportSize, expect
from tests.integration.server.process import Server

SCREENSHOTS = Path(__file__).parents[2] / "test-results"
PASSWORD = "a long phrase is better"
SECONDS_MS = 1_000
PATIENCE_MS = 30 * SECONDS_MS
_NUMBER = re.compile(r"-?\d+")


class Pilot:
    """A person with a fresh browser profile, and all that went wrong on his page."""

    def __init__(self, browser: Browser, server: Server, viewport: ViewportSize) -> None:
        self._context = browser.new_context(viewport=viewport)
        self._context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self._context.new_page()
        self.username = f"pilot_{secrets.token_hex(6)}"
        self.faults: list[str] = []
        self._server = server
        self._name = f"{viewport['width']}x{viewport['height']}"
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "console",
            lambda message: (
                self.faults.append(message.text) if message.type in {"error", "warning"} else None
            ),
        )

    def close(self) -> None:
        self._context.close()

    def open(self, path: str) -> None:
        self.page.goto(f"{self._server.url}{path}")

    def register(self) -> None:
        """Open an account and wait for the market."""
        self.open("/register")
        self.page.get_by_label("Pilot name").fill(self.username)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Register").click()
        self.expect_live()

    def sign_in(self, username: str) -> None:
        """Enter an account that there is, and wait for the market."""
        self.open("/sign-in")
        self.page.get_by_label("Pilot name").fill(username)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.expect_live()

    def expect_live(self) -> None:
        """Wait until the page says that prices flow."""
        expect(self.page.get_by_role("button", name="Live")).to_be_visible()

    def go_to(self, page: str) -> None:
        """Follow a link of the navigation that this size of window shows."""
        self.page.get_by_role("link", name=page, exact=True).locator("visible=true").click()

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    @property
    def credits(self) -> int:
        """The credits in the header."""
        text = self.page.get_by_label("Credits").inner_text().replace(",", "")
        found = _NUMBER.search(text.replace("\u202f", "").replace("\u00a0", ""))
        assert found is not None, text
        return int(found.group())

    def cell(self, commodity: str, column: int) -> str:
        """Return the first line of a cell of the port's goods."""
        table = self.page.get_by_role("table", name=re.compile("^Goods at"))
        row = table.get_by_role("row").filter(
            has=self.page.get_by_role("button", name=commodity, exact=True)
        )
        return row.get_by_role("cell").nth(column).inner_text().splitlines()[0]

    def trade(self, side: str, commodity: str, quantity: int) -> None:
        """Fill in the ticket on the port's page, and read that it was executed."""
        self.press(commodity)
        self.page.get_by_role("radio", name=side).check(force=True)
        self.page.get_by_label("Quantity").fill(str(quantity))
        self.press(f"{side} {quantity} {commodity.lower()}")
        done = "Bought" if side == "Buy" else "Sold"
        result = self.page.locator("[data-trade-result]")
        expect(result).to_contain_text(f"{done} {quantity} {commodity.lower()}")

    def picture(self, name: str) -> None:
        """Keep a screenshot for people to look at."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}-{self._name}.png")

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        width = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert isinstance(width, int)
        return max(0, width)

    def barriers(self) -> list[str]:
        """Return the serious violations that axe-core finds on the page as it is."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{violation['id']}: {node['html']}"
            for violation in found
            if violation["impact"] in {"serious", "critical"}
            for node in violation["nodes"]
        ]
