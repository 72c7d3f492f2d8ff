"""The risk gate: what operators let through, whoever asks (FEATURES, risk gate; ADR 0008).

A command is held against states and counts before it is priced, against credits afterwards.
"""

from typing import Final

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PortId
from sectorwars.domain.market import Side
from sectorwars.domain.player import Player
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.risk import (
    NO_CAPS,
    SLOTS_PER_DAY,
    SLOTS_PER_HOUR,
    TradingScope,
    TradingState,
)
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.world import World

_HALTS: Final = {
    TradingScope.GAME: Rejection(
        RejectionCode.GAME_HALTED, "Trading is halted in the whole galaxy."
    ),
    TradingScope.PLAYER: Rejection(
        RejectionCode.PLAYER_HALTED, "Your trading is halted; ask an operator."
    ),
    TradingScope.PORT: Rejection(RejectionCode.PORT_HALTED, "Trading is halted at this port."),
}
_REDUCING: Final = Rejection(
    RejectionCode.REDUCING_ONLY, "Only sales are allowed just now, no purchases."
)


def state_refusal(
    world: World, player: Player, side: Side, port: PortId | None
) -> Rejection | None:
    """Return why nothing of this side may be traded now, or None if it may."""
    if world.risk.unrestricted:
        return None
    strictest = world.risk.strictest(player.player_id, port)
    if strictest is None:
        return None
    scope, restriction = strictest
    if restriction.state is TradingState.HALTED:
        return _HALTS[scope]
    return _REDUCING if side is Side.BUY else None


def count_refusal(
    world: World, player: Player, commodity: Commodity, quantity: int, now: UnixMicros
) -> Rejection | None:
    """Return which cap on units and trades a trade of `quantity` would exceed, if any."""
    caps = world.risk.caps(player.player_id)
    if caps is NO_CAPS:
        return None
    if caps.units_per_trade is not None and quantity > caps.units_per_trade:
        return Rejection(
            RejectionCode.CAP_TRADE_UNITS, f"You may trade {caps.units_per_trade} units at a time."
        )
    window = player.window
    if (
        caps.trades_per_hour is not None
        and window.trades_within(now, SLOTS_PER_HOUR) >= caps.trades_per_hour
    ):
        return Rejection(
            RejectionCode.CAP_HOUR_TRADES, f"You may trade {caps.trades_per_hour} times an hour."
        )
    most = caps.units_of_a_good_per_day
    if most is not None and window.units_within(now, SLOTS_PER_DAY, commodity) + quantity > most:
        return Rejection(
            RejectionCode.CAP_DAY_GOOD_UNITS,
            f"You may trade {most} units of {commodity.spoken} a day.",
        )
    return None


def credits_refusal(world: World, player: Player, total: int, now: UnixMicros) -> Rejection | None:
    """Return which cap on credits a trade of `total` would exceed, if any."""
    caps = world.risk.caps(player.player_id)
    if caps is NO_CAPS:
        return None
    if caps.credits_per_trade is not None and total > caps.credits_per_trade:
        return Rejection(
            RejectionCode.CAP_TRADE_CREDITS,
            f"A trade of yours may come to {caps.credits_per_trade} credits.",
        )
    window = player.window
    for code, most, slots, span in (
        (RejectionCode.CAP_HOUR_CREDITS, caps.credits_per_hour, SLOTS_PER_HOUR, "an hour"),
        (RejectionCode.CAP_DAY_CREDITS, caps.credits_per_day, SLOTS_PER_DAY, "a day"),
    ):
        if most is not None and window.credits_within(now, slots) + total > most:
            return Rejection(code, f"You may trade for {most} credits {span}.")
    return None
