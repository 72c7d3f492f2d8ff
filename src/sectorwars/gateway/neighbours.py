"""The other gateways of the galaxy, as one of them has to know of them."""

from typing import Final, Protocol

from sectorwars.application.foundation_session import FoundationSessionRow
from sectorwars.domain.ids import PlayerId


class Neighbours(Protocol):
    """What the other gateways know of players and addresses, a moment ago."""

    @property
    def may_exist(self) -> bool:
        """Whether there can be others at all."""
        ...

    def others_with(self, player_id: PlayerId) -> int:
        """Return at how many other gateways a player has a connection."""
        ...

    def counted(self, address: str) -> int:
        """Return how many connections at other gateways count against an address's limit."""
        ...

    def arrived(self, player_id: PlayerId) -> None:
        """Tell the others that a player has his first connection here."""
        ...

    async def recall(self, player_id: PlayerId, session_id: str) -> FoundationSessionRow | None:
        """Return a Foundation session that its client has brought from another gateway, if any.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        ...


class _Alone:
    """Stands for the neighbours of a gateway that has none."""

    may_exist = False

    def others_with(self, player_id: PlayerId) -> int:
        return 0

    def counted(self, address: str) -> int:
        return 0

    def arrived(self, player_id: PlayerId) -> None:
        return

    async def recall(self, player_id: PlayerId, session_id: str) -> FoundationSessionRow | None:
        return None


ALONE: Final[Neighbours] = _Alone()
