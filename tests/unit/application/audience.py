"""Who listens to what a core publishes."""

import asyncio
from collections.abc import Sequence

from tests.small_core import SmallCore

from sectorwars.application.publishing.publications import Publisher
from sectorwars.protocol.publication import Publication


class Audience:
    """A broadcaster that keeps what it is given."""

    def __init__(self, *wanted: str) -> None:
        self.wanted = wanted
        self.batches: list[list[Publication]] = []

    def wants(self, channel: str) -> bool:
        return channel in self.wanted

    def publish(self, publications: Sequence[Publication]) -> None:
        self.batches.append(list(publications))

    def channels(self) -> list[str]:
        return [publication.channel for batch in self.batches for publication in batch]

    def told(self, channel: str) -> list[Publication]:
        """Return what was published on a channel."""
        return [each for batch in self.batches for each in batch if each.channel == channel]


def listening(core: SmallCore, *wanted: str) -> Audience:
    """Let somebody listen to the channels `wanted`, and to the indices, from now on."""
    audience = Audience(*wanted)
    core.publisher = Publisher(
        core.galaxy.projection, audience, 1_000, 100, asyncio.get_running_loop().call_later
    )
    return audience
