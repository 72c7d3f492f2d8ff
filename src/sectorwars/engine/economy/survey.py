"""Watch an economy over days and judge it: does every chain live, does every price move?"""

from dataclasses import dataclass
from math import isqrt
from typing import Final

from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.event import HaulerCalled
from sectorwars.domain.ledger import UNLIMITED_ACCOUNTS
from sectorwars.domain.market import stock_capacity
from sectorwars.domain.values import (
    MICROS_PER_SECOND,
    TICK_GAME_SECONDS,
    TICKS_PER_GAME_DAY,
    UnixMicros,
)
from sectorwars.engine.apply import apply
from sectorwars.engine.economy.fleet_survey import FleetSurvey, FleetWatch
from sectorwars.engine.genesis import create_universe, shortfall_permille
from sectorwars.engine.handlers.economy_clock import advance_tick
from sectorwars.engine.market_index import index_quotes
from sectorwars.engine.world import World

STARVED_DIVISOR: Final = 20
"""A port starves of a good when its stock is below its target divided by this."""

TURN_SAMPLE_TICKS: Final = 20

_SPREAD_SCALE: Final = 10_000


@dataclass(frozen=True, slots=True)
class IndexSurvey:
    """How a good's index moved; prices in hundredths of a credit.

    `day_spread_bps` is the standard deviation within a game day (the mean over whole days) in
    ten-thousandths of the mean price; `reversals` counts the turns of the price, looked at every
    TURN_SAMPLE_TICKS.
    """

    commodity: Commodity
    low: int
    mean: int
    high: int
    day_spread_bps: int
    reversals: int


@dataclass(frozen=True, slots=True)
class EconomySurvey:
    """The verdict over `ticks` ticks.

    `price_clamped` and `goods_starved` count (port, good) pairs that were, at any tick, at an end
    of the price curve or short of nearly everything. `newcomer_shortfalls` counts (tick, starter
    port) pairs at which a newcomer would not have been given what he is promised.
    `money_before` and `money_after` are the credits that ports, haulers and players hold.
    """

    ticks: int
    price_clamped: int
    goods_starved: int
    newcomer_shortfalls: int
    money_before: int
    money_after: int
    fleet: FleetSurvey
    indices: tuple[IndexSurvey, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing starved, nothing stuck and no newcomer was let down."""
        return not (self.price_clamped or self.goods_starved or self.newcomer_shortfalls)


class _IndexWatch:
    """Sums over one good's index; integers only."""

    __slots__ = ("day", "high", "low", "reversals", "sampled", "spreads", "total", "trend")

    def __init__(self) -> None:
        self.low: int | None = None
        self.high = self.total = self.trend = self.reversals = 0
        self.sampled: int | None = None
        self.day: list[int] = []
        self.spreads: list[int] = []

    def add(self, price: int, sampled: bool) -> None:
        self.low = price if self.low is None else min(self.low, price)
        self.high = max(self.high, price)
        self.total += price
        self.day.append(price)
        if len(self.day) == TICKS_PER_GAME_DAY:
            self.spreads.append(_spread_bps(self.day))
            self.day = []
        if sampled:
            self._turn(price)

    def _turn(self, price: int) -> None:
        before, self.sampled = self.sampled, price
        if before is None or before == price:
            return
        trend = 1 if price > before else -1
        self.reversals += trend == -self.trend
        self.trend = trend


class Surveyor:
    """Runs a universe without players and keeps the figures."""

    def __init__(self, seed: int, sectors: int = 100) -> None:
        """Give birth to the universe of `seed`.

        Raises:
            ValueError: `sectors` is out of range.
        """
        birth = create_universe(seed, sectors)
        self.world = World(seed, birth.tick)
        apply(self.world, birth)
        self._starters = self.world.starters
        self._money_before = _money(self.world)
        self._ticks = 0
        self._clamped: set[tuple[int, int]] = set()
        self._starved: set[tuple[int, int]] = set()
        self._shortfalls = 0
        self._indices = [_IndexWatch() for _ in COMMODITIES]
        self._fleet = FleetWatch(self.world)

    def run(self, ticks: int) -> None:
        """Let `ticks` ticks pass and look at each."""
        for _ in range(ticks):
            self._step()
            self._look()

    def report(self) -> EconomySurvey:
        """Return the verdict on what has passed so far, which is at least one tick."""
        return EconomySurvey(
            ticks=self._ticks,
            price_clamped=len(self._clamped),
            goods_starved=len(self._starved),
            newcomer_shortfalls=self._shortfalls,
            money_before=self._money_before,
            money_after=_money(self.world),
            fleet=self._fleet.report(),
            indices=tuple(
                _index_survey(commodity, watch, self._ticks)
                for commodity, watch in zip(COMMODITIES, self._indices, strict=True)
            ),
        )

    def _step(self) -> None:
        # Without players nothing reads the real time; game time stands in for it.
        at = UnixMicros((self.world.tick + 1) * TICK_GAME_SECONDS * MICROS_PER_SECOND)
        for event in advance_tick(self.world, at).events:
            if isinstance(event, HaulerCalled):
                self._fleet.add(event, self.world.haulers[event.hauler_id].cargo)
            apply(self.world, event)
        self._fleet.look()
        self._ticks += 1

    def _look(self) -> None:
        for port in self.world.ports_by_index:
            for position, units in enumerate(port.stock):
                target = port.terms[position][2]
                if units * STARVED_DIVISOR < target:
                    self._starved.add((port.spec.index, position))
                if units == 0 or units >= stock_capacity(target):
                    self._clamped.add((port.spec.index, position))
        self._shortfalls += sum(shortfall_permille(port) > 0 for port in self._starters)
        sampled = self.world.tick % TURN_SAMPLE_TICKS == 0
        for watch, price in zip(self._indices, index_quotes(self.world).mid, strict=True):
            watch.add(price, sampled)


def _spread_bps(prices: list[int]) -> int:
    """Return the standard deviation in ten-thousandths of the mean."""
    count, total = len(prices), sum(prices)
    variance_scaled = count * sum(price * price for price in prices) - total * total
    return isqrt(variance_scaled * _SPREAD_SCALE * _SPREAD_SCALE) // total


def _index_survey(commodity: Commodity, watch: _IndexWatch, ticks: int) -> IndexSurvey:
    if watch.low is None:
        raise ValueError("nothing has been watched yet")
    spreads = watch.spreads or [_spread_bps(watch.day)]
    return IndexSurvey(
        commodity,
        watch.low,
        watch.total // ticks,
        watch.high,
        sum(spreads) // len(spreads),
        watch.reversals,
    )


def _money(world: World) -> int:
    return sum(
        balance
        for account, balance in world.ledger.balances.items()
        if account not in UNLIMITED_ACCOUNTS
    )
