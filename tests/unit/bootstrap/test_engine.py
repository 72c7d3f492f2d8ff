"""What an engine has for the gateways in front of it."""

from __future__ import annotations

from tests.small_core import running_core, virtual
from tests.small_galaxy import HAVEN, PLAYER

from sectorwars.api.frames import STREAMS
from sectorwars.bootstrap.engine import _exists
from sectorwars.domain.ids import PlayerId
from sectorwars.protocol.publication import PRIVATE_CHANNELS, private_channel
from sectorwars.simulation.virtual_time import VirtualClock


@virtual
async def test_each_documented_channel_exists_behind_a_gateway_too(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        for stream in STREAMS:
            name = stream.address.format(commodity="ore", port_id=HAVEN)
            internal = private_channel(name, PLAYER) if name in PRIVATE_CHANNELS else name
            assert _exists(core.galaxy.projection, internal), name
        nobody = PlayerId("pl_9")
        strangers = (private_channel(name, nobody) for name in PRIVATE_CHANNELS)
        unknown = ("port.", "market.spice", "trades.ore", "predictions.ore", "")
        for name in (*PRIVATE_CHANNELS, *strangers, *unknown):
            assert not _exists(core.galaxy.projection, name)
