"""Players as the core knows them: by id only; names and passwords live elsewhere."""

from dataclasses import dataclass, field
from typing import Final

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import OrderId, PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.navigation import Turns
from sectorwars.domain.order import LimitOrder
from sectorwars.domain.quote import QuoteDesk
from sectorwars.domain.risk import TradeWindow
from sectorwars.domain.rule import Automation
from sectorwars.domain.ship import Ship
from sectorwars.domain.values import Credits, UnixMicros

STARTING_CREDITS: Final = Credits(50_000)


@dataclass(slots=True)
class Player:
    """A player: turns, ship, and what he has open; serial numbers are those of the latest.

    `window` says again, for the caps, what his trades of the last 24 hours say.
    """

    player_id: PlayerId
    registered_at: UnixMicros
    turns: Turns
    ship: Ship
    trade_serial: int = 0
    realised_profit_credits: int = 0
    automation: Automation = field(default_factory=Automation)
    orders: dict[OrderId, LimitOrder] = field(default_factory=dict)
    order_serial: int = 0
    quotes: QuoteDesk = field(default_factory=QuoteDesk)
    window: TradeWindow = field(default_factory=TradeWindow, compare=False)

    def free_units(self, commodity: Commodity) -> int:
        """Return the units of a good aboard that no open order offers."""
        offered = sum(
            order.remaining
            for order in self.orders.values()
            if order.side is Side.SELL and order.commodity is commodity
        )
        return self.ship.units(commodity) - offered
