"""Goods for a player to trade where his ship is docked."""

from __future__ import annotations

from typing import Any

from tests.e2e.foundation.foundation_page import SCREEN_COMMODITIES
from tests.integration.server.players import RestPlayer


async def traded_good(player: RestPlayer) -> dict[str, Any]:
    """Return a good of the client's screens that the port both buys and sells."""
    goods = await player.port_goods()
    return next(
        good
        for good in goods
        if good["commodity"] in SCREEN_COMMODITIES and good["buys"] and good["sells"]
    )
