"""Players as the core knows them: by id only; names and passwords live elsewhere."""

from dataclasses import dataclass
from typing import Final

from sectorwars.domain.ids import PlayerId
from sectorwars.domain.navigation import Turns
from sectorwars.domain.ship import Ship
from sectorwars.domain.values import Credits, UnixMicros

STARTING_CREDITS: Final = Credits(50_000)


@dataclass(slots=True)
class Player:
    """A player: turns, ship, and the serial number of the latest trade."""

    player_id: PlayerId
    registered_at: UnixMicros
    turns: Turns
    ship: Ship
    trade_serial: int = 0
    realised_profit_credits: int = 0
