"""What every profile store does, in memory and in PostgreSQL."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from sectorwars.application.advice.profile import ProfileStore
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.memory.profile_store import MemoryProfileStore
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.persistence.postgres.profile_store import PostgresProfileStore

NOW = UnixMicros(1_800_000_000_000_000)
ALICE, BOB = PlayerId("pl_alice"), PlayerId("pl_bob")
Profiles = dict[PlayerId, dict[str, Any]]


@dataclass
class Kept:
    """A store, and what lies in it."""

    store: ProfileStore
    profiles: Callable[[], Awaitable[Profiles]]


@pytest.fixture(params=["memory", "postgres"])
async def kept(request: pytest.FixtureRequest) -> AsyncIterator[Kept]:
    if request.param == "memory":
        memory = MemoryProfileStore()

        async def remembered() -> Profiles:
            return dict(memory.profiles)

        yield Kept(memory, remembered)
        return
    pool = await open_pool(request.getfixturevalue("database_url"), connections_max=2)
    for player_id in (ALICE, BOB):
        await pool.execute(
            "INSERT INTO players (player_id, registered_at_us, turns, turns_as_of_us, trade_serial,"
            " order_serial, realised_profit_credits) VALUES ($1, 0, 500, 0, 0, 0, 0)",
            player_id,
        )

    async def in_the_table() -> Profiles:
        rows = await pool.fetch("SELECT player_id, profile FROM player_trading_profiles")
        return {PlayerId(row["player_id"]): json.loads(row["profile"]) for row in rows}

    yield Kept(PostgresProfileStore(pool), in_the_table)
    await pool.close()


async def test_the_latest_profile_of_each_player_is_kept(kept: Kept) -> None:
    await kept.store.put_profile(ALICE, {"trades": 1}, NOW)
    await kept.store.put_profile(BOB, {"trades": 7, "commodities": [{"name": "ore"}]}, NOW)
    await kept.store.put_profile(ALICE, {"trades": 2}, NOW)
    assert await kept.profiles() == {
        ALICE: {"trades": 2},
        BOB: {"trades": 7, "commodities": [{"name": "ore"}]},
    }


async def test_a_database_that_is_away_is_said_to_be(database_url: str) -> None:
    pool = await open_pool(database_url, connections_max=1)
    await pool.close()
    with pytest.raises(StoreUnavailableError):
        await PostgresProfileStore(pool).put_profile(ALICE, {}, NOW)
