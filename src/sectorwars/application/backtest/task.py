"""What a backtest is to do: all that its process has to be told beside the log."""

from typing import Final

from sectorwars.application.rows import LotRow
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, RuleId, ShipId
from sectorwars.domain.port import PortSpec
from sectorwars.domain.record import record
from sectorwars.domain.risk import RiskGate
from sectorwars.domain.rule import RuleSpec
from sectorwars.domain.ship import ShipClass
from sectorwars.domain.values import TICKS_PER_GAME_HOUR, Credits, Tick

HOURS_MAX: Final = 168
"""The most game hours that can be asked for; how many are recorded is another matter."""
TICKS_MIN: Final = TICKS_PER_GAME_HOUR
"""The shortest past that is worth a backtest."""


@record
class TestedRule:
    """A rule that is on for the whole of the backtest, stored or not."""

    __test__ = False

    rule_id: RuleId
    spec: RuleSpec


@record
class TestedShip:
    """The ship as it starts, docked at the backtest's port; all lots, oldest first per good."""

    __test__ = False

    ship_id: ShipId
    ship_class: ShipClass
    cargo: tuple[tuple[Commodity, tuple[LotRow, ...]], ...]


@record
class BacktestTask:
    """A backtest to be run.

    `wallet_credits` is what the port has, and `risk` what operators have set, after the event at
    `offset`, in tick `tick`: the past is reckoned back from there. Without `from_tick` the span
    ends now; without `hours` it is as long as it can be.
    """

    player_id: PlayerId
    port: PortSpec
    wallet_credits: int
    risk: RiskGate
    offset: int
    tick: Tick
    rules: tuple[TestedRule, ...]
    ship: TestedShip
    credits: Credits
    from_tick: Tick | None
    hours: int | None
    forecasts_shown_ticks: int

    @property
    def first_tick(self) -> Tick | None:
        """Return the tick after which rules are judged, None for the earliest there is."""
        if self.from_tick is not None or self.hours is None:
            return self.from_tick
        return Tick(self.tick - self.hours * TICKS_PER_GAME_HOUR)

    def last_tick(self, first: Tick) -> Tick:
        """Return the last tick on which rules are judged, where the first comes after `first`."""
        if self.hours is None:
            return self.tick
        return Tick(min(self.tick, first + self.hours * TICKS_PER_GAME_HOUR))
