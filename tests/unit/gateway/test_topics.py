"""How long readers waited for a batch, as it is counted."""

from __future__ import annotations

from prometheus_client import REGISTRY
from tests.unit.gateway.doubles import surroundings

from sectorwars.gateway.audience import Bundle
from sectorwars.protocol.publication import FrameType, Publication


class Reader:
    pipe = None

    def deliver(self, bundle: Bundle) -> None:
        self.got = bundle.frames


def delivered() -> float:
    return REGISTRY.get_sample_value("sectorwars_websocket_delivery_seconds_count") or 0.0


def test_each_reader_of_a_batch_counts_and_a_batch_without_readers_does_not() -> None:
    around = surroundings()
    batch = [
        Publication(channel, FrameType.MARKET_UPDATE, {}, around.clock.now(), conflatable=True)
        for channel in ("market.ore", "market.fuel")
    ]
    before = delivered()
    around.hub.publish(batch)
    assert delivered() == before
    for reader in (Reader(), Reader(), Reader()):
        around.hub.subscribe(reader, "market.ore", "market.ore", 0.0)
    around.hub.subscribe(Reader(), "market.fuel", "market.fuel", 0.0)
    around.hub.publish(batch)
    assert delivered() == before + 4
