"""Trading profiles in memory."""

from typing import Any

from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros


class MemoryProfileStore:
    """Keep profiles as long as the process lives."""

    def __init__(self) -> None:
        """Start without profiles."""
        self._profiles: dict[PlayerId, dict[str, Any]] = {}

    async def put_profile(
        self, player_id: PlayerId, profile: dict[str, Any], at: UnixMicros
    ) -> None:
        """Store a profile in place of the last one."""
        self._profiles[player_id] = profile

    async def find_profile(self, player_id: PlayerId) -> dict[str, Any] | None:
        """Return the stored profile."""
        return self._profiles.get(player_id)
