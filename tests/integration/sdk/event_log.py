"""The events that clients have had, by their places, to hold those of one against another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from sectorwars.sdk import Client, Event, Snapshot

Place = tuple[str, str, int]
"""A channel, its epoch and an offset."""


class EventLog:
    """The events of a client; a snapshot is none of its channel's own."""

    def __init__(self, client: Client) -> None:
        self.events: dict[Place, Event] = {}
        self._client = client

    @property
    def epochs(self) -> set[str]:
        """The epochs of which something has come."""
        return {epoch for _, epoch, _ in self.events}

    async def listen(self) -> None:
        """Keep what comes, however many events before it this reader has not seen."""
        async for event in self._client.events():
            if not isinstance(event, Snapshot):
                place = event.channel, event.epoch, event.offset
                self.events[place] = replace(event, skipped=0)


@asynccontextmanager
async def logged(*clients: Client) -> AsyncIterator[tuple[EventLog, ...]]:
    """Keep what clients are told until the block ends."""
    logs = tuple(map(EventLog, clients))
    async with asyncio.TaskGroup() as tasks:
        listeners = [tasks.create_task(log.listen()) for log in logs]
        yield logs
        for listener in listeners:
            listener.cancel()


def both_had(one: EventLog, other: EventLog) -> set[Place]:
    """Hold that what both have had is the same; return where."""
    places = one.events.keys() & other.events.keys()
    assert {place: one.events[place] for place in places} == {
        place: other.events[place] for place in places
    }
    return set(places)
