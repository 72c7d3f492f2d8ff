"""The Foundation client over bad networks, in real time.

Each line of its record, and the scenario here (or the test elsewhere) that shows it:

A failed attempt schedules two: 1, 3, 5, 11, 19 s               gives_up_after_long_outage
After 4.5 s two sockets live; the older is silent               outage_of_four_seconds
It gives up; a reload finds everything as it was                gives_up_after_long_outage
It leaves refused sockets open: closed with 1000                revoked_while_away
An expired token brings the session back                        expired_token_comes_back
...within 60 s of its last socket's loss, and not later         expired_token_too_late
It does not subscribe again by itself                           cut_socket and others
No application pings are required                               silent_for_65_seconds
Everything counts in the fixed window, over reconnections       cut_every_five_seconds
Prices are numbers; no refusal has a `commodity`                expect_no_fault, everywhere
Exactly one `trade_executed` per trade and connection           two_tabs, outage_of_four_seconds
Forged market frames come back to nobody                        two_tabs
A restart of the server loses nothing that it followed          test_restarts.py
A bare array, empty bodies, any 2xx, every field of the status  test_story.py
"""

from __future__ import annotations

import asyncio
import os
from functools import partial

import pytest
from tests.e2e.foundation.acts import BACK_AGAIN, buy_one, follows_everything_again, signed_in
from tests.e2e.foundation.foundation_page import SCREEN_COMMODITIES, SECONDS_MS
from tests.e2e.foundation.stage import Stage, side_by_side
from tests.integration.server.process import Server

CUTS = int(os.environ.get("FOUNDATION_CUTS", "12"))
"""One each five seconds; 120 for a soak of ten minutes."""

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300 + 8 * CUTS)]

TOKEN_SECONDS = 15
LINGER_SECONDS = 60


async def test_life_over_bad_networks(stage: Stage) -> None:
    server, brief = await asyncio.gather(
        stage.server(), stage.server(SECTORWARS_ACCESS_TOKEN_TTL=str(TOKEN_SECONDS))
    )
    await side_by_side(
        partial(cut_socket, stage, server),
        partial(outage_of_four_seconds, stage, server),
        partial(gives_up_after_long_outage, stage, server),
        partial(silent_for_65_seconds, stage, server),
        partial(nothing_gets_through_for_65_seconds, stage, server),
        partial(revoked_while_away, stage, server),
        partial(two_tabs, stage, server),
        partial(cut_every_five_seconds, stage, server),
        partial(expired_token_comes_back, stage, brief),
        partial(expired_token_too_late, stage, brief),
    )


async def cut_socket(stage: Stage, server: Server) -> None:
    page, player, line = await signed_in(stage, server)
    line.cut()
    await page.wait_until(BACK_AGAIN, 1)
    first, second = await page.sockets()
    assert 1_000 <= second["openedAt"] - first["closedAt"] < 2_000
    await follows_everything_again(page)
    await buy_one(page, player)
    await page.expect_no_fault()


async def outage_of_four_seconds(stage: Stage, server: Server) -> None:
    page, player, line = await signed_in(stage, server)
    line.down()
    await asyncio.sleep(4.5)
    line.up()
    await page.wait_until(BACK_AGAIN, 3)
    await page.wait_until(BACK_AGAIN, 4)
    older, newest = await page.alive_sockets()
    took_over = (await page.sockets())[newest]["authenticatedAt"]
    # While its first two timers of the outage are over, none is left.
    await asyncio.sleep(10)
    await buy_one(page, player)
    frames = await page.frames(since_ms=took_over)
    assert {frame.socket for frame in frames} == {newest}
    assert await page.alive_sockets() == [older, newest]
    await follows_everything_again(page)
    await page.expect_no_fault()


async def gives_up_after_long_outage(stage: Stage, server: Server) -> None:
    page, player, line = await signed_in(stage, server)
    left = await buy_one(page, player)
    await page.run("automation.mount()")
    line.down()
    await asyncio.sleep(30)
    line.up()
    first, *attempts = await page.sockets()
    waits = [socket["openedAt"] - first["closedAt"] for socket in attempts]
    for waited, seconds in zip(waits, (1, 3, 5, 11, 19), strict=True):
        assert seconds * SECONDS_MS <= waited < (seconds + 1.5) * SECONDS_MS
    failed = await page.run("journal.events")
    assert {event["name"] for event in failed} == {"connection_failed"}
    assert 5_000 <= failed[0]["at"] - first["closedAt"] < 6_500
    await page.expect_no_fault()
    await page.reload()
    await page.sign_in()
    await page.run("automation.mount()")
    assert (await player.state())["credits"] == left
    await buy_one(page, player)
    await page.expect_no_fault()


async def silent_for_65_seconds(stage: Stage, server: Server) -> None:
    page, _, _ = await signed_in(stage, server)
    since = await page.now_ms()
    await page.run("connection.stopHeartbeat()")
    await asyncio.sleep(65)
    assert await page.alive_sockets() == [0]
    await page.expect_the_pace(since, SCREEN_COMMODITIES)
    pulses = [
        frame for frame in await page.frames(since) if frame.frame["type"] == "universe_pulse"
    ]
    assert len(pulses) >= 3
    await page.expect_no_fault()


async def nothing_gets_through_for_65_seconds(stage: Stage, server: Server) -> None:
    page, player, line = await signed_in(stage, server)
    since = await page.now_ms()
    line.hold()
    await asyncio.sleep(65)
    line.release()
    await page.expect_the_pace(since, SCREEN_COMMODITIES)
    await buy_one(page, player)
    assert await page.alive_sockets() == [0]
    await page.expect_no_fault()


async def revoked_while_away(stage: Stage, server: Server) -> None:
    page, player, line = await signed_in(stage, server)
    line.down()
    await asyncio.sleep(0.5)
    answer = await player.post("/auth/logout")
    assert answer.is_success, answer.text
    line.up()
    await page.wait_until("f.journal.events.length > 0", patience_ms=60 * SECONDS_MS)
    _, *refused = await page.sockets()
    # It would have left all five open.
    assert [socket["code"] for socket in refused] == [1000] * 5
    failures = [
        frame.data for frame in await page.frames() if frame.data.get("action") == "auth_failed"
    ]
    assert len(failures) == 5
    for failure in failures:
        assert failure["code"]
        assert failure["retry"] == "never"
        assert failure["reason"]
    await page.expect_no_fault()


async def two_tabs(stage: Stage, server: Server) -> None:
    page, player, line = await signed_in(stage, server)
    other = await stage.page(player, line)
    await other.sign_in()
    await buy_one(page, player)
    await other.wait_until("f.automation.trades.length === 1")
    forged = {"commodity": "organics", "price": 1, "volume": 1, "forged": True}
    await page.run("connection.send('market_update', a)", forged)
    refused = await page.wait_for_frame("data.code === 'unknown_request'")
    assert refused.frame["type"] == "ai_alert"
    await asyncio.sleep(10)
    for tab in (page, other):
        assert not any(frame.data.get("forged") for frame in await tab.frames())
        assert len(await tab.trades()) == 1
        await tab.expect_no_fault()


async def cut_every_five_seconds(stage: Stage, server: Server) -> None:
    page, _, line = await signed_in(stage, server)
    for opened in range(1, CUTS + 1):
        await asyncio.sleep(4)
        line.cut()
        await page.wait_until(BACK_AGAIN, opened)
    since = await page.now_ms()
    await asyncio.sleep(12)
    await page.expect_the_pace(since, SCREEN_COMMODITIES)
    await page.expect_no_fault()


async def expired_token_comes_back(stage: Stage, server: Server) -> None:
    page, _, line = await signed_in(stage, server)
    await asyncio.sleep(TOKEN_SECONDS + 1)
    for opened in (1, 2):
        line.cut()
        await page.wait_until(BACK_AGAIN, opened)
        await follows_everything_again(page)
    await page.expect_no_fault()


async def expired_token_too_late(stage: Stage, server: Server) -> None:
    page, player, line = await signed_in(stage, server)
    line.down()
    await asyncio.sleep(LINGER_SECONDS + 2)
    line.up()
    opened = len(await page.sockets())
    await page.run("connection.connect().catch(() => {})")
    await page.wait_until("f.journal.sockets[a]?.code === 1000", opened)
    failure = (await page.frames())[-1].data
    assert (failure["action"], failure["code"]) == ("auth_failed", "token_expired")
    await page.expect_no_fault()
    # Whoever signs in again finds everything.
    await player.sign_in_again()
    again = await stage.page(player, line)
    await again.sign_in()
    await again.expect_no_fault()
