"""The published flow formula: what makes a port's stock rise and fall at each tick.

For a good with stock s and target T let the gap be g = 1 - s/T, at least -2. Per tick

    change = inflow * (1 + g/2) - outflow * (1 + pull) * (1 - g/2)  +  made - used

- inflow: what the land yields (goods without a recipe) and what freighters bring;
- outflow: what the population consumes and what freighters carry away;
- pull: the swing of demand (`economy.demand`);
- made, used: factories work at their rate times 1 + g/2 of their product; one whose input is
  below half its target slows down in proportion, and stands still when there is none.

So scarcity (a high price) raises supply and lowers demand, glut does the reverse, and no price
can stick at an end of its curve. Freighters from beyond the galaxy carry FREIGHT_PERMILLE of what
a port makes but does not use; the rest is left to haulers and players, who are paid for it by the
difference in price that it makes (ADR 0002).

Amounts are fixed-point units of 2**-20. Fractions of a unit are not remembered: the flow is
rounded up as often as its fraction says, evenly spread by a Weyl sequence (multiples of the
golden ratio). A change is therefore a function of seed, tick and stock alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final, NamedTuple

from sectorwars.domain.commodity import COMMODITY_SPECS, Commodity
from sectorwars.domain.market import stock_capacity
from sectorwars.domain.port import PortGood, PortSpec
from sectorwars.domain.prng import stream_key
from sectorwars.domain.values import TICKS_PER_GAME_DAY, TICKS_PER_GAME_HOUR
from sectorwars.engine.economy.demand import PULL_ONE, Climate, Demand
from sectorwars.engine.economy.recipe import PERMILLE, RECIPES, input_use_per_day

FREIGHT_PERMILLE: Final = 600
"""How much of what a port makes beyond its use, or lacks, freighters carry at base price."""

PULL_REFRESH_TICKS: Final = 10
"""The pull of a port is taken anew at every tenth tick, port by port in turn."""

_FRACTION_BITS: Final = 20
_FRACTION_MASK: Final = (1 << _FRACTION_BITS) - 1

FLOW_ONE: Final = 1 << _FRACTION_BITS
"""One unit of a good, or one credit, in the fixed-point numbers of flows."""
_WEYL_STEP: Final = 648_055
"""The golden ratio's fraction of 2**20, made odd so that all fractions are visited."""

_GAP_BITS: Final = 10
_GAP_ONE: Final = 1 << _GAP_BITS
_GAP_MIN: Final = -2 * _GAP_ONE


def _per_tick(units_per_day: int) -> int:
    return (units_per_day << _FRACTION_BITS) // TICKS_PER_GAME_DAY


def _gap(units: int, target: int) -> int:
    return max(_GAP_MIN, _GAP_ONE - (units << _GAP_BITS) // target)


class _GoodFlow:
    """The fixed rates of a good at a port, in 2**-20 units a tick at base price."""

    __slots__ = ("consumption", "export", "freight_in", "land_yield")

    def __init__(self, good: PortGood, input_use_per_day: int) -> None:
        surplus = good.production_per_day - good.consumption_per_day
        freight = abs(surplus) * FREIGHT_PERMILLE // PERMILLE
        self.land_yield = 0 if good.commodity in RECIPES else _per_tick(good.production_per_day)
        self.freight_in = _per_tick(freight) if surplus < 0 else 0
        self.consumption = _per_tick(good.consumption_per_day - input_use_per_day)
        self.export = _per_tick(freight) if surplus > 0 else 0


@dataclass(frozen=True, slots=True)
class _Factory:
    """A recipe at work at a port; `inputs` are (position, thousandths per unit, half target)."""

    output: int
    rate: int
    inputs: tuple[tuple[int, int, int], ...]

    def made(self, stock: Sequence[int], targets: Sequence[int]) -> int:
        """Return what it makes in a tick, in 2**-20 units."""
        gap = _gap(stock[self.output], targets[self.output])
        full = self.rate * (2 * _GAP_ONE + gap) >> (_GAP_BITS + 1)
        made = full
        for position, _, enough in self.inputs:
            units = stock[position]
            if units < enough:
                made = min(made, full * units // enough)
        return made


@dataclass(frozen=True, slots=True)
class Turnover:
    """What a port's goods were worth in a tick at base price, in 2**-20 credits.

    `consumed` was bought by the population, `made` is the value that work and land added,
    `exported` and `imported` went by freighter.
    """

    consumed: int
    made: int
    exported: int
    imported: int


class _Ahead(NamedTuple):
    """What was reckoned beforehand for a tick and a stock; the turnover where an hour ends."""

    tick: int
    stock: list[int]
    deltas: tuple[int, ...]
    turnover: Turnover | None


class PortFlow:
    """The flow formula of one port, with its rates tabulated.

    It keeps the latest table, and what it was asked for beforehand, only to save time: what it
    returns depends on its arguments alone.
    """

    __slots__ = (
        "_ahead",
        "_base_prices",
        "_demands",
        "_factories",
        "_flows",
        "_phases",
        "_rates",
        "_spec",
        "_targets",
        "_turn",
    )

    def __init__(self, climate: Climate, region: tuple[int, int], spec: PortSpec) -> None:
        """Tabulate the rates of a port that lies in `region`.

        Raises:
            KeyError: the port makes a good without dealing in one of its inputs.
        """
        goods = range(len(spec.goods))
        self._spec = spec
        self._targets = tuple(good.target for good in spec.goods)
        self._base_prices = tuple(
            COMMODITY_SPECS[good.commodity].base_price_credits for good in spec.goods
        )
        self._factories = _factories(spec)
        uses = _input_uses(spec)
        self._flows = tuple(_GoodFlow(good, uses.get(good.commodity, 0)) for good in spec.goods)
        self._demands = tuple(Demand(climate, region, spec, i) for i in goods)
        self._phases = tuple(
            stream_key(climate.seed, "dither", spec.index, i) & _FRACTION_MASK for i in goods
        )
        self._ahead: _Ahead | None = None
        self._turn: int | None = None
        self._rates: tuple[tuple[int, int, int, int, int], ...] = ()

    def prepare(self, tick: int, stock: list[int]) -> None:
        """Reckon what will be asked for at `tick`, should the stock still be the same."""
        hour_ends = (tick + 1) % TICKS_PER_GAME_HOUR == 0
        self._ahead = _Ahead(
            tick,
            [*stock],
            self._deltas(tick, stock),
            self._turnover(tick, stock) if hour_ends else None,
        )

    def deltas(self, tick: int, stock: list[int]) -> tuple[int, ...]:
        """Return the change of each good's stock from `tick` to the next, in whole units."""
        ahead = self._ahead
        if ahead is not None and (ahead.tick, ahead.stock) == (tick, stock):
            return ahead.deltas
        return self._deltas(tick, stock)

    def turnover(self, tick: int, stock: list[int]) -> Turnover:
        """Return the value of the flows of deltas(tick, stock), unrounded."""
        ahead = self._ahead
        if ahead is not None and ahead.turnover and (ahead.tick, ahead.stock) == (tick, stock):
            return ahead.turnover
        return self._turnover(tick, stock)

    def _deltas(self, tick: int, stock: Sequence[int]) -> tuple[int, ...]:
        rates = self._rates_at(tick)
        made = self._factory_flows(stock)
        dither = tick * _WEYL_STEP
        changes = []
        for units, flow, (target, net, slope, phase, capacity) in zip(
            stock, made, rates, strict=True
        ):
            gap = _GAP_ONE - (units << _GAP_BITS) // target
            if gap < _GAP_MIN:
                gap = _GAP_MIN
            flow += net + (slope * gap >> (_GAP_BITS + 1))
            change = (flow + ((dither + phase) & _FRACTION_MASK)) >> _FRACTION_BITS
            after = units + change
            if after < 0:
                change = -units
            elif after > capacity:
                change = capacity - units
            changes.append(change)
        return tuple(changes)

    def _turnover(self, tick: int, stock: Sequence[int]) -> Turnover:
        consumed = made = exported = imported = 0
        pull_tick = self._pull_tick(tick)
        for position, flow in enumerate(self._flows):
            gap = _gap(stock[position], self._targets[position])
            base = self._base_prices[position]
            supply = 2 * _GAP_ONE + gap
            demand = (2 * _GAP_ONE - gap) * (PULL_ONE + self._demands[position].pull(pull_tick))
            made += base * (flow.land_yield * supply >> (_GAP_BITS + 1))
            imported += base * (flow.freight_in * supply >> (_GAP_BITS + 1))
            consumed += base * (flow.consumption * demand >> (2 * _GAP_BITS + 1))
            exported += base * (flow.export * demand >> (2 * _GAP_BITS + 1))
        made += sum(map(mul, self._base_prices, self._factory_flows(stock)))
        return Turnover(consumed, made, exported, imported)

    def _factory_flows(self, stock: Sequence[int]) -> list[int]:
        flows = [0] * len(stock)
        for factory in self._factories:
            made = factory.made(stock, self._targets)
            flows[factory.output] += made
            for position, ratio, _ in factory.inputs:
                flows[position] -= made * ratio // PERMILLE
        return flows

    def _pull_tick(self, tick: int) -> int:
        """Return the tick whose pull holds at `tick`; ports take turns so that work is even."""
        return tick - (tick + self._spec.index) % PULL_REFRESH_TICKS

    def _rates_at(self, tick: int) -> tuple[tuple[int, int, int, int, int], ...]:
        turn = self._pull_tick(tick)
        if turn != self._turn:
            self._rates = tuple(
                self._rate(position, demand.pull(turn))
                for position, demand in enumerate(self._demands)
            )
            self._turn = turn
        return self._rates

    def _rate(self, position: int, pull: int) -> tuple[int, int, int, int, int]:
        """Return (target, inflow - outflow, inflow + outflow, dither phase, capacity)."""
        flow = self._flows[position]
        target = self._targets[position]
        inflow = flow.land_yield + flow.freight_in
        outflow = (flow.consumption + flow.export) * (PULL_ONE + pull) // PULL_ONE
        capacity = stock_capacity(target)
        return target, inflow - outflow, inflow + outflow, self._phases[position], capacity


def _input_uses(spec: PortSpec) -> dict[Commodity, int]:
    uses: dict[Commodity, int] = {}
    for good in spec.goods:
        for used, units in input_use_per_day(good.commodity, good.production_per_day).items():
            uses[used] = uses.get(used, 0) + units
    return uses


def _factories(spec: PortSpec) -> tuple[_Factory, ...]:
    positions = {good.commodity: i for i, good in enumerate(spec.goods)}
    return tuple(
        _Factory(
            position,
            _per_tick(good.production_per_day),
            tuple(
                (positions[used], ratio, spec.goods[positions[used]].target // 2)
                for used, ratio in RECIPES[good.commodity].inputs
            ),
        )
        for position, good in enumerate(spec.goods)
        if good.production_per_day and good.commodity in RECIPES
    )
