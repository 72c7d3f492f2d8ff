"""Cancel on disconnect: close the orders that ask for it once their owner has no connection."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from sectorwars.application.enrolment import CommandSubmitter
from sectorwars.application.ports import Clock
from sectorwars.application.projection import Committed, Projection
from sectorwars.domain.command import CancelOrders, CommandEnvelope, Origin
from sectorwars.domain.event import OrderPlaced
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.rejection import Refusal

_BEAT_SECONDS: Final = 1.0

_LOG = structlog.get_logger(__name__)


class CancelOnDisconnect:
    """Watches the players who have such orders.

    Each beat asks who is connected, so that nothing hangs on having seen a connection close: after
    a start of the server everybody has the same grace to come back. It fails closed: a player who
    places such an order without a connection has the grace to open one.
    """

    def __init__(
        self,
        projection: Projection,
        processor: CommandSubmitter,
        clock: Clock,
        is_connected: Callable[[PlayerId], bool],
        grace_seconds: float,
        new_command_id: Callable[[], CommandId],
    ) -> None:
        """Cancel through `processor` after `grace_seconds` without a connection."""
        self._projection = projection
        self._processor = processor
        self._clock = clock
        self._is_connected = is_connected
        self._grace_seconds = grace_seconds
        self._new_command_id = new_command_id
        # Since when each of them has had no connection; None while he has one.
        self._alone_since: dict[PlayerId, float | None] = {
            player.player_id: None
            for player in projection.world.players.values()
            if self._concerns(player.player_id)
        }

    def observe(self, committed: Committed) -> None:
        """Begin to watch the players who have placed such an order."""
        for logged in committed.events:
            event = logged.event
            if isinstance(event, OrderPlaced) and event.cancel_on_disconnect:
                self._alone_since.setdefault(event.player_id, None)

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            await self.beat()

    async def beat(self) -> None:
        """Cancel for those who have been without a connection for the grace."""
        now = self._clock.monotonic()
        due = []
        for player_id, since in list(self._alone_since.items()):
            if not self._concerns(player_id):
                del self._alone_since[player_id]
            elif self._is_connected(player_id):
                self._alone_since[player_id] = None
            elif since is None:
                self._alone_since[player_id] = now
            elif now - since >= self._grace_seconds:
                due.append(player_id)
        await asyncio.gather(*(self._cancel(player_id) for player_id in due))

    async def _cancel(self, player_id: PlayerId) -> None:
        envelope = CommandEnvelope(
            self._new_command_id(), player_id, Origin.SYSTEM, CancelOrders(disconnected=True)
        )
        outcome = await self._processor.submit(envelope, self._clock.monotonic())
        if isinstance(outcome, Refusal):
            # He is still watched, so the next beat asks again.
            _LOG.warning("orders_not_cancelled", player_id=player_id, code=outcome.code)

    def _concerns(self, player_id: PlayerId) -> bool:
        orders = self._projection.world.players[player_id].orders.values()
        return any(order.cancel_on_disconnect for order in orders)
