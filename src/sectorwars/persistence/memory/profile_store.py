"""Trading profiles in memory."""

from typing import Any

from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros


class MemoryProfileStore:
    """Keep in `profiles` what the table `player_trading_profiles` would have."""

    def __init__(self) -> None:
        """Start without profiles."""
        self.profiles: dict[PlayerId, dict[str, Any]] = {}

    async def put_profile(
        self, player_id: PlayerId, profile: dict[str, Any], at: UnixMicros
    ) -> None:
        """Store a profile in place of the last one."""
        self.profiles[player_id] = profile
