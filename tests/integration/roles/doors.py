"""Players' ways to a galaxy with two gateways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from tests.integration.roles.installation import Installation
from tests.integration.server.players import NativePlayer, RestPlayer
from websockets.asyncio.client import connect

PATIENT_SECONDS = 30.0


class Doors:
    """Both gateways, by HTTP and by WebSocket."""

    def __init__(self, place: Installation) -> None:
        self.place = place
        self.http = [
            httpx.AsyncClient(base_url=gateway.url, timeout=PATIENT_SECONDS)
            for gateway in place.gateways
        ]

    @classmethod
    @asynccontextmanager
    async def of(cls, place: Installation) -> AsyncIterator[Doors]:
        """Go in and out by them until the block ends."""
        doors = cls(place)
        async with asyncio.timeout(4 * PATIENT_SECONDS):
            yield doors
        for http in doors.http:
            await http.aclose()

    async def newcomer(self) -> tuple[RestPlayer, RestPlayer]:
        """Register a player at the first; return him as he is at each."""
        here = await RestPlayer.register(self.http[0])
        return here, RestPlayer(self.http[1], here.grant)

    def socket(self, gateway: int) -> connect:
        """Connect to one of them."""
        return connect(
            f"ws://127.0.0.1:{self.place.gateways[gateway].port}/ws/realtime", open_timeout=30
        )


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again until it holds."""
    async with asyncio.timeout(PATIENT_SECONDS):
        while not await holds():  # noqa: ASYNC110 - another process's state
            await asyncio.sleep(0.05)


async def signals_until(
    player: NativePlayer, is_last: Callable[[dict[str, Any]], bool]
) -> list[dict[str, Any]]:
    """Return the signals of a player's account up to the one that is waited for.

    What pays just now may be told at any moment.
    """
    signals = []
    while True:
        signals.append(await player.receive_type("trading_signal"))
        if is_last(signals[-1]["data"]):
            return signals


def shows_a_trade(data: dict[str, Any]) -> bool:
    """Tell whether a signal is of a trade."""
    return data.get("trade") is not None
