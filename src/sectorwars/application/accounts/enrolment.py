"""Bringing an account's player into the galaxy, once, however often it is asked for."""

from collections.abc import Callable

from sectorwars.application.ports import Clock
from sectorwars.application.writing.command_writer import CommandSubmitter
from sectorwars.domain.command import CommandEnvelope, Origin, RegisterPlayer
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.rejection import Refusal


class Enrolment:
    """Submit a player's registration under an id made of his own, so that it happens once.

    An account is stored before its player exists in the core. Should the server fail in between,
    the next login asks again.
    """

    def __init__(
        self,
        processor: CommandSubmitter,
        player_exists: Callable[[PlayerId], bool],
        clock: Clock,
    ) -> None:
        """Submit to `processor` the players who do not exist yet."""
        self._processor = processor
        self._player_exists = player_exists
        self._clock = clock

    async def enrol(self, player_id: PlayerId) -> Refusal | None:
        """Bring the player into the galaxy if he is not there; return why that failed."""
        if self._player_exists(player_id):
            return None
        outcome = await self._processor.submit(
            CommandEnvelope(
                CommandId(f"register-{player_id}"), player_id, Origin.SYSTEM, RegisterPlayer()
            ),
            self._clock.monotonic(),
        )
        return outcome if isinstance(outcome, Refusal) else None
