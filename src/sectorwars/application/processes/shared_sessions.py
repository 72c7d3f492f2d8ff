"""Sign-in sessions that are ended at one gateway and so are over at all."""

from sectorwars.application.accounts.authentication import Authenticator
from sectorwars.application.bus import EventBus, SessionEnded
from sectorwars.application.ports import Clock


class SharedSessions:
    """Announces the sessions that are ended here; takes note of those ended elsewhere."""

    def __init__(self, authenticator: Authenticator, bus: EventBus, clock: Clock) -> None:
        """Keep `authenticator` and those of other processes in step over `bus`."""
        self._authenticator = authenticator
        self._clock = clock
        authenticator.announce_to(lambda sid, ends_at: bus.publish(SessionEnded(sid, ends_at)))

    def note_ended(self, message: SessionEnded) -> None:
        """Take note of a session that was ended at some gateway, perhaps this one."""
        self._authenticator.note_ended(message.sid, message.ends_at, self._clock.now())

    async def catch_up(self) -> None:
        """Learn from the store which sessions were ended unheard.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        await self._authenticator.learn_ended(self._clock.now())
