"""Haulers: the ships of the galaxy's own merchants, which carry goods from port to port."""

from dataclasses import dataclass

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import HaulerId, PortId
from sectorwars.domain.values import Credits, Quantity, Tick


@dataclass(frozen=True, slots=True)
class HaulerSpec:
    """A hauler as the universe was born with it; `hold` is in units."""

    hauler_id: HaulerId
    home_port_id: PortId
    hold: int


@dataclass(frozen=True, slots=True)
class HaulerDeal:
    """Units that a hauler sold to a port or bought from it, along the port's price curve.

    `total_credits` is the sum of the unit prices; a seller got total - fees, a buyer paid
    total + fees. The prices follow from the quantity and `stock_after`.
    """

    commodity: Commodity
    quantity: Quantity
    total_credits: Credits
    fees_credits: Credits
    stock_after: Quantity


@dataclass(frozen=True, slots=True)
class Shipment:
    """What a hauler carries: one good, and what it cost with fees."""

    commodity: Commodity
    quantity: Quantity
    cost_credits: Credits

    def without(self, quantity: int) -> "Shipment | None":
        """Return what is left when `quantity` units are sold; cost goes with units, rounded up."""
        left = self.quantity - quantity
        if left == 0:
            return None
        cost = -(-self.cost_credits * left // self.quantity)
        return Shipment(self.commodity, Quantity(left), Credits(cost))


@dataclass(slots=True)
class Hauler:
    """A hauler's changing state: it calls at `port_id` with the tick `calls_at`."""

    spec: HaulerSpec
    port_id: PortId
    calls_at: Tick
    cargo: Shipment | None = None

    def trade(self, sold: HaulerDeal | None, bought: HaulerDeal | None) -> None:
        """Take over what a call did to the cargo.

        Raises:
            ValueError: it sells what it does not carry, or buys while it still carries goods.
        """
        if sold is not None:
            cargo = self.cargo
            if cargo is None or cargo.commodity is not sold.commodity:
                raise ValueError(f"{self.spec.hauler_id} does not carry {sold.commodity}")
            if sold.quantity > cargo.quantity:
                raise ValueError(f"{self.spec.hauler_id} sells more than it carries")
            self.cargo = cargo.without(sold.quantity)
        if bought is not None:
            if self.cargo is not None:
                raise ValueError(f"{self.spec.hauler_id} buys while it still carries goods")
            self.cargo = Shipment(
                bought.commodity,
                bought.quantity,
                Credits(bought.total_credits + bought.fees_credits),
            )
