"""Watch the haulers over days: how much do they carry, what do they earn, do they lie idle?"""

from dataclasses import dataclass

from sectorwars.domain.event import HaulerCalled
from sectorwars.domain.hauler import Shipment
from sectorwars.domain.ledger import hauler_account
from sectorwars.engine.world import World


@dataclass(frozen=True, slots=True)
class FleetSurvey:
    """What the haulers did over the ticks watched.

    `calls` counts every call, `trips` those that left with goods, `units_sold` what was
    delivered. `profit_credits` is income less cost, taxes and upkeep. `idle_permille` is the part
    of the haulers' time that they spent empty; wallets are the poorest and the richest that any
    of them had at the end of a tick.
    """

    haulers: int
    calls: int
    trips: int
    units_sold: int
    profit_credits: int
    idle_permille: int
    wallet_low: int
    wallet_high: int


class FleetWatch:
    """Sums over all haulers' calls; integers only."""

    def __init__(self, world: World) -> None:
        """Begin to watch the haulers of `world`."""
        self._world = world
        self._began = world.tick
        self._calls = self._trips = self._units = self._profit = self._laden_ticks = 0
        self._low, self._high = self._wallets()

    def add(self, call: HaulerCalled, cargo: Shipment | None) -> None:
        """Count a call of a hauler that came with `cargo`; it is applied after."""
        self._calls += 1
        self._profit -= call.upkeep_credits
        if call.sold is not None and cargo is not None:
            self._units += call.sold.quantity
            left = _left(call, cargo)
            cost = cargo.cost_credits - (0 if left is None else left.cost_credits)
            self._profit += call.sold.total_credits - call.sold.fees_credits - cost
        self._trips += call.bought is not None
        if call.bought is not None or _left(call, cargo) is not None:
            self._laden_ticks += call.calls_at - call.tick

    def look(self) -> None:
        """Look at the wallets; at the end of each tick."""
        low, high = self._wallets()
        self._low, self._high = min(self._low, low), max(self._high, high)

    def report(self) -> FleetSurvey:
        """Return the figures so far."""
        fleet = self._world.haulers.values()
        # Trips that have not ended yet are counted as far as they have got.
        ahead = sum(h.calls_at - self._world.tick for h in fleet if h.cargo is not None)
        time = len(fleet) * (self._world.tick - self._began)
        laden = self._laden_ticks - ahead
        return FleetSurvey(
            haulers=len(fleet),
            calls=self._calls,
            trips=self._trips,
            units_sold=self._units,
            profit_credits=self._profit,
            idle_permille=1_000 - laden * 1_000 // time if time else 0,
            wallet_low=self._low,
            wallet_high=self._high,
        )

    def _wallets(self) -> tuple[int, int]:
        ledger = self._world.ledger
        wallets = [ledger.balance(hauler_account(hauler)) for hauler in self._world.haulers]
        return min(wallets, default=0), max(wallets, default=0)


def _left(call: HaulerCalled, cargo: Shipment | None) -> Shipment | None:
    """Return what a hauler that came with `cargo` has not sold."""
    if cargo is None or call.sold is None:
        return cargo
    return cargo.without(call.sold.quantity)
