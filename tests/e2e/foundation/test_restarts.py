"""A restart of the server loses nothing that the Foundation client followed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from tests.e2e.foundation.acts import BACK_AGAIN, buy_one, follows_everything_again, signed_in
from tests.e2e.foundation.stage import Stage
from tests.integration.server.process import Server

TOKEN_SECONDS = 15

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]


@pytest.mark.parametrize("end", [Server.stop, Server.kill], ids=["stopped", "killed"])
async def test_a_restart_loses_nothing(stage: Stage, end: Callable[[Server], object]) -> None:
    # Since tokens are short-lived, the client comes back with one that has expired.
    server = await stage.server(SECTORWARS_ACCESS_TOKEN_TTL=str(TOKEN_SECONDS))
    page, player, _ = await signed_in(stage, server)
    opened = len(await page.sockets())
    await player.sign_in_again()
    left = await buy_one(page, player)
    await asyncio.to_thread(end, server)
    await asyncio.to_thread(server.start)
    await page.wait_until(BACK_AGAIN, opened)
    await follows_everything_again(page)
    await player.sign_in_again()
    assert (await player.state())["credits"] == left
    assert len(await page.trades()) == 1
    # An attempt that is still scheduled makes a second connection.
    await asyncio.sleep(20)
    await follows_everything_again(page)
    await page.expect_no_fault()
