"""Ships and their holds; cargo is kept in lots, oldest first, so that its cost is known."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PortId, SectorId, ShipId
from sectorwars.domain.navigation import Journey
from sectorwars.domain.values import Credits


class ShipClass(StrEnum):
    """A class of ship."""

    LIGHT_FREIGHTER = "light_freighter"


CARGO_CAPACITY: Final[dict[ShipClass, int]] = {ShipClass.LIGHT_FREIGHTER: 150}


@dataclass(slots=True)
class Lot:
    """Units bought together and what they cost in all, fees included."""

    quantity: int
    cost_credits: int


@dataclass(slots=True)
class Ship:
    """A ship: where it is and what it carries. In transit it is in the sector it left."""

    ship_id: ShipId
    ship_class: ShipClass
    sector_id: SectorId
    docked_port_id: PortId | None = None
    journey: Journey | None = None
    cargo: dict[Commodity, list[Lot]] = field(default_factory=dict)

    @property
    def cargo_capacity(self) -> int:
        """Return the hold's size in units."""
        return CARGO_CAPACITY[self.ship_class]

    def units(self, commodity: Commodity) -> int:
        """Return how many units of the good are aboard."""
        return sum(lot.quantity for lot in self.cargo.get(commodity, ()))

    def units_aboard(self) -> int:
        """Return how many units of all goods are aboard."""
        return sum(lot.quantity for lots in self.cargo.values() for lot in lots)

    def cost_of(self, commodity: Commodity, quantity: int) -> Credits:
        """Return what the oldest `quantity` units aboard cost (first in, first out).

        A lot that is split gives up the rounded-down share of its cost.
        """
        cost = 0
        for lot in self.cargo.get(commodity, ()):
            if quantity <= 0:
                break
            taken = min(quantity, lot.quantity)
            cost += lot.cost_credits * taken // lot.quantity
            quantity -= taken
        return Credits(cost)

    def load(self, commodity: Commodity, quantity: int, cost_credits: int) -> None:
        """Put a lot into the hold."""
        self.cargo.setdefault(commodity, []).append(Lot(quantity, cost_credits))

    def unload(self, commodity: Commodity, quantity: int) -> None:
        """Take the oldest `quantity` units out of the hold; they must be aboard."""
        lots = self.cargo[commodity]
        while quantity > 0:
            lot = lots[0]
            if lot.quantity <= quantity:
                quantity -= lot.quantity
                del lots[0]
            else:
                lot.cost_credits -= lot.cost_credits * quantity // lot.quantity
                lot.quantity -= quantity
                quantity = 0
        if not lots:
            del self.cargo[commodity]
