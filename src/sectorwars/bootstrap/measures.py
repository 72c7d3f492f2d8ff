"""What the metrics show of the parts of a server, read when they are asked for."""

from collections import Counter
from typing import Final

from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.application.writing.command_processor import CommandProcessor
from sectorwars.observability.metrics import EVENTS, INBOX_DEPTH, LIVE_QUOTES, OPEN_ORDERS
from sectorwars.persistence.event_codec import EVENT_KINDS

_KIND_BY_TYPE: Final = {event: kind for kind, event in EVENT_KINDS.items()}


def show_inbox(processor: CommandProcessor) -> None:
    """Show how much waits for the writer."""
    INBOX_DEPTH.set_function(lambda: processor.inbox_depth)


def show_trading(projection: Projection) -> None:
    """Show what rests at the ports."""
    OPEN_ORDERS.set_function(
        lambda: sum(len(player.orders) for player in projection.world.players.values())
    )
    LIVE_QUOTES.set_function(
        lambda: sum(len(player.quotes.live) for player in projection.world.players.values())
    )


def count_events(committed: Committed) -> None:
    """Count a committed batch's events by kind."""
    for event, times in Counter(type(logged.event) for logged in committed.events).items():
        EVENTS.labels(_KIND_BY_TYPE[event]).inc(times)
