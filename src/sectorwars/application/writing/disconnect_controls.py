"""What is done for players once their last connection is gone: orders cancelled, rules paused."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

import structlog

from sectorwars.application.ports import Clock
from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.application.writing.command_writer import CommandSubmitter
from sectorwars.domain.command import CancelOrders, CommandEnvelope, Origin, PauseAutomation
from sectorwars.domain.event import AutomationEvent, OrderPlaced
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.rejection import Refusal

_BEAT_SECONDS: Final = 1.0
# Written where it is used, the union would be made anew for every event.
_MAY_ASK = OrderPlaced | AutomationEvent

_LOG = structlog.get_logger(__name__)


class DisconnectControls:
    """Watches the players who have asked for it: by an order, or for their automation.

    Each beat asks who is connected, so that nothing hangs on having seen a connection close: after
    a start of the server everybody has the same grace to come back. It fails closed: a player who
    asks for it without a connection has the grace to open one.
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
        """Act through `processor` after `grace_seconds` without a connection."""
        self._projection = projection
        self._processor = processor
        self._clock = clock
        self._is_connected = is_connected
        self._grace_seconds = grace_seconds
        self._new_command_id = new_command_id
        # Since when each of them has had no connection; None while he has one.
        self._alone_since: dict[PlayerId, float | None] = {}
        for player_id in projection.world.players:
            self._watch(player_id)

    def observe(self, committed: Committed) -> None:
        """Begin to watch the players who have asked for it."""
        for logged in committed.events:
            event = logged.event
            if isinstance(event, _MAY_ASK):
                self._watch(event.player_id)

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            await self.beat()

    async def beat(self) -> None:
        """Act for those who have been without a connection for the grace."""
        now = self._clock.monotonic()
        due = []
        for player_id, since in list(self._alone_since.items()):
            commands = list(self._asked_for(player_id))
            if not commands:
                del self._alone_since[player_id]
            elif self._is_connected(player_id):
                self._alone_since[player_id] = None
            elif since is None:
                self._alone_since[player_id] = now
            elif now - since >= self._grace_seconds:
                due += [self._submit(player_id, command) for command in commands]
        await asyncio.gather(*due)

    def _watch(self, player_id: PlayerId) -> None:
        if any(self._asked_for(player_id)):
            self._alone_since.setdefault(player_id, None)

    def _asked_for(self, player_id: PlayerId) -> Iterator[CancelOrders | PauseAutomation]:
        player = self._projection.world.players[player_id]
        if any(order.cancel_on_disconnect for order in player.orders.values()):
            yield CancelOrders(disconnected=True)
        automation = player.automation
        if (
            automation.active
            and automation.pause_on_disconnect
            and any(rule.active for rule in automation.rules.values())
        ):
            yield PauseAutomation()

    async def _submit(self, player_id: PlayerId, command: CancelOrders | PauseAutomation) -> None:
        envelope = CommandEnvelope(self._new_command_id(), player_id, Origin.SYSTEM, command)
        outcome = await self._processor.submit(envelope, self._clock.monotonic())
        if isinstance(outcome, Refusal):
            # He is still watched, so the next beat asks again.
            _LOG.warning(
                "disconnect_not_acted_on",
                player_id=player_id,
                command=type(command).__name__,
                code=outcome.code,
            )
