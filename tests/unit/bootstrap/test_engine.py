"""What an engine has for the gateways in front of it."""

from __future__ import annotations

from tests.small_core import running_core, virtual
from tests.small_galaxy import HAVEN, PLAYER

from sectorwars.api.frames import STREAMS
from sectorwars.bootstrap.engine import _exists
from sectorwars.protocol.publication import ACCOUNT_CHANNEL, account_channel
from sectorwars.simulation.virtual_time import VirtualClock


@virtual
async def test_each_documented_channel_exists_behind_a_gateway_too(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        for stream in STREAMS:
            name = stream.address.format(commodity="ore", port_id=HAVEN)
            internal = account_channel(PLAYER) if name == ACCOUNT_CHANNEL else name
            assert _exists(core.galaxy.projection, internal), name
        for name in ("account", "port.", "market.spice", "trades.ore", ""):
            assert not _exists(core.galaxy.projection, name)
