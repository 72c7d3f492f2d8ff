"""What the stories of the Foundation client have in common."""

from __future__ import annotations

from tests.e2e.foundation.foundation_page import FoundationPage
from tests.e2e.foundation.goods import traded_good
from tests.e2e.foundation.line import Line
from tests.e2e.foundation.stage import Stage
from tests.integration.server.players import RestPlayer
from tests.integration.server.process import Server

BACK_AGAIN = "f.journal.sockets.some((one, number) => number >= a && one.authenticatedAt !== null)"
"""True once a socket from the one with number `a` on is signed in."""


async def signed_in(stage: Stage, server: Server) -> tuple[FoundationPage, RestPlayer, Line]:
    """Open the client for a new player, on a line of its own, signed in and subscribed."""
    player = await stage.player(server)
    line = await stage.line(server)
    page = await stage.page(player, line)
    await page.sign_in()
    return page, player, line


async def buy_one(page: FoundationPage, player: RestPlayer) -> int:
    """Buy a unit and see it once; return the credits that are left."""
    since = await page.now_ms()
    shown = len(await page.trades())
    good = (await traded_good(player))["commodity"]
    order = {"commodity": good, "action": "buy", "amount": 1, "aiAssisted": False}
    await page.run("dashboard.trade(a)", order)
    await page.wait_for_frame("data.type === 'trade_executed'", since_ms=since)
    assert len(await page.trades()) == shown + 1
    left = (await player.state())["credits"]
    assert isinstance(left, int)
    return left


async def follows_everything_again(page: FoundationPage) -> None:
    """Wait until every good's price and a pulse have come, without a new subscription."""
    since = await page.now_ms()
    wanted = "new Set(f.journal.frames.filter((one) => one.at > a).map((one) => {key}))"
    goods = wanted.format(key="one.frame.data.commodity")
    kinds = wanted.format(key="one.frame.type")
    await page.wait_until(f"[...{goods}].filter(Boolean).length >= 6", since)
    await page.wait_until(f"{kinds}.has('universe_pulse')", since)
