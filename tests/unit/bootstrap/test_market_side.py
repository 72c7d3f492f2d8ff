"""A galaxy is born as the settings say, and tells how far it has got."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from structlog.testing import capture_logs

from sectorwars.bootstrap.keys import Keys
from sectorwars.bootstrap.market_side import ignore_committed, log_birth, make_galaxy
from sectorwars.bootstrap.stores import Stores
from sectorwars.clock import SystemClock
from sectorwars.domain.event import UniverseCreated
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.event_store import MemoryEventStore
from sectorwars.persistence.memory.market_archive import MemoryMarketArchive
from sectorwars.settings import Settings


async def test_seed_size_and_past_of_a_galaxy_are_settings(tmp_path: Path) -> None:
    disk = MemoryDisk()
    stores = SimpleNamespace(log=MemoryEventStore(disk), archive=MemoryMarketArchive(disk))
    settings = Settings(
        data_dir=tmp_path, universe_seed=5, universe_sectors=20, universe_prehistory=3
    )
    keys = Keys.load(tmp_path).engine
    galaxy = make_galaxy(settings, keys, cast("Stores", stores), SystemClock(), "test")
    await galaxy.recover(ignore_committed, log_birth)
    born = disk.log[0].event
    assert isinstance(born, UniverseCreated)
    assert (born.seed, len(born.sectors), born.tick) == (5, 20, -180)


@pytest.mark.parametrize(
    ("ticks", "percents"), [(3, [33, 66, 100]), (2_880, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100])]
)
def test_a_birth_tells_at_each_tenth_how_far_it_has_got(ticks: int, percents: list[int]) -> None:
    with capture_logs() as lines:
        for done in range(1, ticks + 1):
            log_birth(done, ticks)
    assert [line["percent"] for line in lines] == percents
