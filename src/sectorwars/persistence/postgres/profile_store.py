"""Trading profiles in PostgreSQL."""

from typing import Any, Final

import msgspec

from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.postgres.connection import Pool, acquire

_PUT: Final = """
    INSERT INTO player_trading_profiles (player_id, profile, updated_at)
    VALUES ($1, $2::jsonb, timestamptz 'epoch' + $3::bigint * interval '1 microsecond')
    ON CONFLICT (player_id) DO UPDATE
    SET profile = excluded.profile, updated_at = excluded.updated_at
"""


class PostgresProfileStore:
    """Keep profiles in the table `player_trading_profiles`."""

    def __init__(self, pool: Pool) -> None:
        """Use connections of `pool`."""
        self._pool = pool

    async def put_profile(
        self, player_id: PlayerId, profile: dict[str, Any], at: UnixMicros
    ) -> None:
        """Store a profile in place of the last one."""
        text = msgspec.json.encode(profile).decode()
        async with acquire(self._pool) as connection:
            await connection.execute(_PUT, player_id, text, at)
