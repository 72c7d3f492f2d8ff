"""What ports are paid and pay each game hour.

Whatever moves in or out of a store without a player is paid at base price: the population pays
for what it consumes, freighters for what they carry off; the port pays wages for what is made and
freighters for what they bring. So goods and money of a port together keep their worth at base
price, and only trades with players change it. An hour is settled at the rates of the tick that
ends it.

Each port pays its upkeep: a fixed part of its budget. The treasury then closes a quarter of the
distance between each wallet and its budget, and never leaves one below a quarter of it: a port can
pay again soon, and none hoards without bound.
"""

from collections.abc import Sequence
from typing import Final

from sectorwars.domain.commodity import COMMODITY_SPECS
from sectorwars.domain.ledger import (
    BUDGET,
    CONSUMPTION,
    FREIGHT,
    UPKEEP,
    WAGES,
    Posting,
    port_account,
)
from sectorwars.domain.port import PortSpec
from sectorwars.domain.values import TICKS_PER_GAME_HOUR, Credits, div_ceil, div_floor
from sectorwars.engine.economy.flow import FLOW_ONE, PortFlow
from sectorwars.engine.world import World

BUDGET_PULL_DIVISOR: Final = 4
"""The part of the distance to its budget that a wallet moves each game hour."""
UPKEEP_DIVISOR: Final = 1_000
"""The part of its budget that a port pays each game hour for its docks and yards."""
BUDGET_FLOOR_DIVISOR: Final = 4
"""The part of its budget that a wallet holds at least after a settlement."""


def port_budget(spec: PortSpec) -> Credits:
    """Return a port's budget: half the base value of its stores at target."""
    return Credits(
        sum(good.target * COMMODITY_SPECS[good.commodity].base_price_credits for good in spec.goods)
        // 2
    )


def settle(world: World, flows: Sequence[PortFlow]) -> tuple[Posting, ...]:
    """Settle the game hour that ends with the world's present tick; the postings sum to zero."""
    consumed = made = freight = upkeep = budget = 0
    postings = []
    for port, flow in zip(world.ports_by_index, flows, strict=True):
        turnover = flow.turnover(world.tick, port.stock)
        income = _hourly(turnover.consumed)
        wages = _hourly(turnover.made)
        carried = _hourly(turnover.exported) - _hourly(turnover.imported)
        account = port_account(port.spec.port_id)
        before = world.ledger.balance(account)
        yards = port_budget(port.spec) // UPKEEP_DIVISOR
        change = income - wages + carried - yards
        grant = _grant(before + change, port_budget(port.spec))
        postings.append(Posting(account, Credits(change + grant)))
        consumed += income
        made += wages
        freight += carried
        upkeep += yards
        budget += grant
    postings.append(Posting(CONSUMPTION, Credits(-consumed)))
    postings.append(Posting(WAGES, Credits(made)))
    postings.append(Posting(FREIGHT, Credits(-freight)))
    postings.append(Posting(UPKEEP, Credits(upkeep)))
    postings.append(Posting(BUDGET, Credits(-budget)))
    return tuple(postings)


def _hourly(credits_per_tick: int) -> int:
    return div_floor(credits_per_tick * TICKS_PER_GAME_HOUR, FLOW_ONE)


def _grant(wallet: int, budget: int) -> int:
    """Return what the treasury gives (or, negative, takes)."""
    pull = div_ceil(budget - wallet, BUDGET_PULL_DIVISOR)
    return max(pull, budget // BUDGET_FLOOR_DIVISOR - wallet)
