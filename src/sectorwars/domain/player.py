"""Players as the core knows them: by id only; names and passwords live elsewhere."""

from dataclasses import dataclass, field
from typing import Final

from sectorwars.domain.ids import PlayerId
from sectorwars.domain.navigation import Turns
from sectorwars.domain.rule import Automation
from sectorwars.domain.ship import Ship
from sectorwars.domain.values import Credits, UnixMicros

STARTING_CREDITS: Final = Credits(50_000)


@dataclass(slots=True)
class Player:
    """A player: turns, ship, the serial number of the latest trade, and his automation."""

    player_id: PlayerId
    registered_at: UnixMicros
    turns: Turns
    ship: Ship
    trade_serial: int = 0
    realised_profit_credits: int = 0
    automation: Automation = field(default_factory=Automation)
