"""The Foundation client in a tab, and what its journal holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

SECONDS_MS = 1_000
PATIENCE_MS = 30 * SECONDS_MS
WINDOW_MS = 60 * SECONDS_MS
BROADCASTS_PER_WINDOW_MAX = 99
GOOD_GAP_MS_MAX = 7 * SECONDS_MS
SCREEN_COMMODITIES = {"organics", "equipment", "energy", "technology", "luxury", "minerals"}


@dataclass(frozen=True, slots=True)
class Inbound:
    """A frame that the client took: when (ms of the page's life), and on which of its sockets."""

    at_ms: float
    socket: int
    frame: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.frame["data"]
        return data

    @property
    def is_broadcast(self) -> bool:
        return "player_id" not in self.frame

    @property
    def is_price(self) -> bool:
        return self.frame["type"] == "market_update" and "price" in self.data


class FoundationPage:
    """A tab in which the client runs."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        page.set_default_timeout(PATIENCE_MS)

    async def open(self, token: str) -> None:
        """Load the client with a token in its storage, where a login has put it."""
        await self.page.add_init_script(f"localStorage.setItem('auth_token', '{token}')")
        await self.reload()

    async def reload(self) -> None:
        """Load the page afresh: a new session of the client, and an empty journal."""
        await self.page.goto(self._url)
        await self.page.wait_for_function("window.foundation !== undefined")

    async def close(self) -> None:
        await self.page.context.close()

    async def sign_in(self) -> None:
        """Mount the dashboard: it connects, authenticates and subscribes to everything."""
        await self.run("dashboard.mount()")
        await self.wait_until("Object.keys(f.dashboard.prices).length >= 6")

    async def run(self, call: str, argument: Any = None) -> Any:
        """Call something of the client; `argument` is `a` in it."""
        return await self.page.evaluate(f"a => window.foundation.{call}", argument)

    async def wait_until(
        self, condition: str, argument: Any = None, patience_ms: float = PATIENCE_MS
    ) -> None:
        """Wait until a condition on `f` (the client) and `a` (the argument) holds."""
        await self.page.wait_for_function(
            f"a => (f => {condition})(window.foundation)", arg=argument, timeout=patience_ms
        )

    async def wait_for_frame(
        self, condition: str, argument: Any = None, since_ms: float = 0.0
    ) -> Inbound:
        """Wait for a frame whose `data` fulfils the condition, taken after `since_ms`."""
        found = (
            "f.journal.frames.find(({ at, frame: { type, data } }) => "
            f"at > a.since && (a => {condition})(a.argument))"
        )
        handle = await self.page.wait_for_function(
            f"a => (f => {found})(window.foundation)",
            arg={"since": since_ms, "argument": argument},
        )
        return _inbound(await handle.json_value())

    async def now_ms(self) -> float:
        """Return the page's time."""
        now = await self.page.evaluate("performance.now()")
        assert isinstance(now, int | float)
        return float(now)

    async def frames(self, since_ms: float = 0.0) -> list[Inbound]:
        """Return what the client took after a time."""
        frames = [_inbound(entry) for entry in await self.run("journal.frames")]
        return [frame for frame in frames if frame.at_ms > since_ms]

    async def sockets(self) -> list[dict[str, Any]]:
        """Return every socket that the client opened, in order."""
        sockets: list[dict[str, Any]] = await self.run("journal.sockets")
        return sockets

    async def alive_sockets(self) -> list[int]:
        """Return which sockets are authenticated and open."""
        return [
            number
            for number, socket in enumerate(await self.sockets())
            if socket["authenticatedAt"] is not None and socket["closedAt"] is None
        ]

    async def trades(self) -> list[dict[str, Any]]:
        """Return the trades on the screen, latest first."""
        trades: list[dict[str, Any]] = await self.run("automation.trades")
        return trades

    async def expect_no_fault(self) -> None:
        """Fail if a frame was dropped, a screen crashed, or a trade was shown twice."""
        assert await self.run("journal.faults") == []
        shown = Counter(trade["timestamp"] for trade in await self.trades())
        assert [at for at, times in shown.items() if times > 1] == []

    async def expect_the_pace(self, since_ms: float, goods: set[str]) -> None:
        """Fail unless prices flow as promised, within what the client takes in a minute."""
        until_ms = await self.now_ms()
        frames = await self.frames()
        prices = [frame for frame in frames if frame.is_price and frame.at_ms > since_ms]
        assert len(prices) >= (until_ms - since_ms) // SECONDS_MS
        for good in goods:
            times = [frame.at_ms for frame in prices if frame.data["commodity"] == good]
            gaps = [
                later - sooner
                for sooner, later in zip([since_ms, *times], [*times, until_ms], strict=True)
            ]
            assert max(gaps) <= GOOD_GAP_MS_MAX, good
        expect_within_the_limit(frames)


def expect_within_the_limit(frames: list[Inbound]) -> None:
    """Fail if in any 60 s the client was sent as many broadcast frames as it takes at most."""
    times = [frame.at_ms for frame in frames if frame.is_broadcast]
    for first, at in enumerate(times):
        within = sum(at <= other < at + WINDOW_MS for other in times[first:])
        assert within <= BROADCASTS_PER_WINDOW_MAX


def _inbound(entry: dict[str, Any]) -> Inbound:
    return Inbound(entry["at"], entry["socket"], entry["frame"])
