"""What every order has to pass before it meets the market: its form, the gate, the berth."""

from typing import Final

from sectorwars.domain.command import PRICE_BOUND_MAX, QUANTITY_MAX
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PortId
from sectorwars.domain.market import Side
from sectorwars.domain.player import Player
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.matching import Taker
from sectorwars.engine.risk import count_refusal, state_refusal
from sectorwars.engine.world import World

_NAMES: Final = frozenset(commodity.value for commodity in Commodity)


def form_refusal(commodity: str, quantity: int, price_bound: int | None) -> Rejection | None:
    """Return what is wrong with an order as it was written, if anything."""
    if commodity not in _NAMES:
        return Rejection(RejectionCode.UNKNOWN_COMMODITY, f"There is no good called {commodity!r}.")
    if not 1 <= quantity <= QUANTITY_MAX:
        return Rejection(
            RejectionCode.INVALID_QUANTITY,
            f"A quantity is a whole number from 1 to {QUANTITY_MAX}.",
        )
    if price_bound is not None and not 1 <= price_bound <= PRICE_BOUND_MAX:
        return Rejection(
            RejectionCode.INVALID_PRICE_BOUND,
            f"A price bound is a whole number of credits from 1 to {PRICE_BOUND_MAX}.",
        )
    return None


def berth(
    world: World,
    player: Player,
    side: Side,
    commodity: Commodity,
    quantity: int,
    port_id: PortId | None,
    now: UnixMicros,
) -> Taker | Rejection:
    """Let a player to the market of the port where his ship is docked, or say why not.

    `port_id` is the port that he means, None for whichever it is.
    """
    here = player.ship.docked_port_id
    refusal = state_refusal(world, player, side, here) or count_refusal(
        world, player, commodity, quantity, now
    )
    if refusal is not None:
        return refusal
    if player.ship.journey is not None:
        return Rejection(RejectionCode.IN_TRANSIT, "Your ship is under way.")
    if here is None:
        return Rejection(RejectionCode.NOT_DOCKED, "Dock at a port to trade there.")
    if port_id not in (None, here):
        return Rejection(RejectionCode.PORT_ELSEWHERE, "Your ship is docked at another port.")
    port = world.ports[here]
    position = port.position(commodity)
    if position is None:
        return not_dealt_in(port.spec.name, side, commodity)
    return Taker(player, port, position, commodity, side)


def dealing_refusal(taker: Taker) -> Rejection | None:
    """Say that the port itself does not deal in the good on this side."""
    good = taker.port.spec.goods[taker.position]
    if good.sells if taker.side is Side.BUY else good.buys:
        return None
    return not_dealt_in(taker.port.spec.name, taker.side, taker.commodity)


def not_dealt_in(port_name: str, side: Side, commodity: Commodity) -> Rejection:
    """Refuse an order for a good on a side that the port does not deal in."""
    if side is Side.BUY:
        return Rejection(
            RejectionCode.NOT_SOLD_HERE, f"{port_name} does not sell {commodity.spoken}."
        )
    return Rejection(RejectionCode.NOT_BOUGHT_HERE, f"{port_name} does not buy {commodity.spoken}.")


def means(taker: Taker) -> int:
    """Return for how many units there is room in the hold, or how many are there to sell."""
    player = taker.player
    if taker.side is Side.BUY:
        return player.ship.cargo_capacity - player.ship.units_aboard()
    return player.free_units(taker.commodity)


def means_refusal(taker: Taker, quantity: int) -> Rejection | None:
    """Say that the hold lacks the room for a purchase, or the units for a sale."""
    most = means(taker)
    return lack_of_means(taker, most) if quantity > most else None


def lack_of_means(taker: Taker, most: int) -> Rejection:
    """Say that there is room in the hold, or are units to sell, for `most` only."""
    if taker.side is Side.BUY:
        return Rejection(RejectionCode.INSUFFICIENT_HOLD, f"Your hold has room for {most} units.")
    return Rejection(
        RejectionCode.INSUFFICIENT_CARGO,
        f"You have {most} units of {taker.commodity.spoken} aboard"
        + (" that no open order offers." if taker.player.orders else "."),
    )
