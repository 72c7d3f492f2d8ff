"""What all ports ask and bid for a good."""

from dataclasses import dataclass

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.market import Side
from sectorwars.domain.port import Port
from sectorwars.engine.world import World
from sectorwars.protocol.shapes.advice import PortOffer


@dataclass(frozen=True, slots=True)
class Offer:
    """A port's price of the next unit: its ask where a player buys, its bid where he sells."""

    port: Port
    price_credits: int
    stock: int


def offer_at(port: Port, commodity: Commodity, side: Side) -> Offer | None:
    """Return a port's offer to a player who wants to trade on `side`, if it makes one."""
    position = port.position(commodity)
    if position is None:
        return None
    price = port.ask(position) if side is Side.BUY else port.bid(position)
    return None if price is None else Offer(port, price, port.stock[position])


def offers(world: World, commodity: Commodity, side: Side) -> list[Offer]:
    """Return the offers of all ports, the best for the player first."""
    found = [
        offer
        for port in world.ports_by_index
        if (offer := offer_at(port, commodity, side)) is not None
    ]
    return sorted(
        found,
        key=lambda offer: (
            offer.price_credits if side is Side.BUY else -offer.price_credits,
            offer.port.spec.index,
        ),
    )


def port_offer(offer: Offer) -> PortOffer:
    """Show an offer."""
    spec = offer.port.spec
    return PortOffer(
        port_id=spec.port_id,
        port_name=spec.name,
        sector_id=spec.sector_id,
        price_credits=offer.price_credits,
        stock=offer.stock,
        market_version=offer.port.version,
    )
