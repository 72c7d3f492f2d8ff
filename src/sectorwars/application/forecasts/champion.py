"""The champion that the package ships, and the universes that champions are made from."""

from importlib import resources
from pathlib import Path
from typing import Final

from sectorwars.domain.command import AdvanceTick, CommandEnvelope, Origin
from sectorwars.domain.ids import CommandId
from sectorwars.domain.rejection import Rejection
from sectorwars.domain.values import MICROS_PER_SECOND, TICK_GAME_SECONDS, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.execute import execute
from sectorwars.engine.genesis import PREHISTORY_TICKS, create_universe
from sectorwars.engine.market_index import index_quotes
from sectorwars.engine.world import World
from sectorwars.forecasting.champion import Champion, from_json
from sectorwars.forecasting.features import GRID_TICKS
from sectorwars.forecasting.training import Universe

FITTED_ON: Final = tuple(range(9_001, 9_009))
CALIBRATED_ON: Final = (9_009, 9_010)
JUDGED_ON: Final = (9_011, 9_012)
"""Seeds of the universes that a champion is made from; reports and tests use others."""


_PACKAGE: Final = "sectorwars.forecasting"
_FILE: Final = "champion.json"


def shipped_path() -> Path:
    """Return where the shipped model file lies in a checkout."""
    return Path(str(resources.files(_PACKAGE) / _FILE))


def load_champion() -> Champion:
    """Read the champion that the package ships.

    Raises:
        ModelFileError: the file is damaged.
    """
    return from_json((resources.files(_PACKAGE) / _FILE).read_text(encoding="utf-8"))


def live_through(seed: int, ticks: int, sectors: int = 100) -> Universe:
    """Return the index of a universe without players, from its birth over `ticks` ticks.

    Raises:
        ValueError: `sectors` is out of range.
    """
    born = create_universe(seed, sectors, PREHISTORY_TICKS)
    world = World(seed, born.tick)
    apply(world, born)
    cents = [index_quotes(world).mid]
    envelope = CommandEnvelope(CommandId("tick"), None, Origin.SYSTEM, AdvanceTick())
    for _ in range(ticks):
        # Without players nothing reads the real time; game time stands in for it.
        now = UnixMicros(world.tick * TICK_GAME_SECONDS * MICROS_PER_SECOND)
        decision = execute(world, envelope, now)
        if isinstance(decision, Rejection):
            raise RuntimeError(f"the core refused its own tick: {decision.detail}")
        for event in decision.events:
            apply(world, event)
        if world.tick % GRID_TICKS == 0:
            cents.append(index_quotes(world).mid)
    return Universe(seed, born.tick, cents)
