"""A backtest: rules judged, and their trades executed, by the live code on the recorded past."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from sectorwars.application.backtest.equity import Equity, EquityCurve
from sectorwars.application.backtest.known_forecasts import KnownForecasts
from sectorwars.application.backtest.past import Past
from sectorwars.application.backtest.recorded_market import RecordedMarket
from sectorwars.application.backtest.task import BacktestTask
from sectorwars.application.state.recovery import cargo
from sectorwars.application.writing.automation_runner import StandingBlocks, judge_rules
from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    HaulerCalled,
    OrderClosed,
    PortsSettled,
    StockCheckpointed,
    TickAdvanced,
)
from sectorwars.domain.ledger import MINT, Posting, player_account
from sectorwars.domain.market import ladder_total, sell_ladder, stock_capacity, trade_tax
from sectorwars.domain.navigation import Turns
from sectorwars.domain.player import Player
from sectorwars.domain.record import record
from sectorwars.domain.rejection import Rejection
from sectorwars.domain.rule import Automation, Rule, TracedVerdict, Verdict
from sectorwars.domain.ship import Ship
from sectorwars.domain.values import Credits, Tick, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.execute import execute

_PROGRESS_TICKS: Final = 100


@record
class Trial:
    """What the rules did in a span of the past: `began_at` is the real time of its first tick.

    `automation` is the player's at the end.
    """

    first: Tick
    began_at: UnixMicros
    ended_at: UnixMicros
    trades: tuple[tuple[GoodsTraded, TracedVerdict], ...]
    blocked: dict[str, int]
    curve: EquityCurve
    market_conflicts: int
    automation: Automation


def run_trial(
    task: BacktestTask, past: Past, forecasts: KnownForecasts, on_progress: Callable[[int], None]
) -> Trial | None:
    """Run a task's rules over its span of the past; None where that has no recorded tick.

    `on_progress` is told per cents.
    """
    first = past.tick if task.first_tick is None else Tick(max(past.tick, task.first_tick))
    last = task.last_tick(first)
    market = RecordedMarket(task.port, past.stock, past.version, past.tick, past.wallet, past.risk)
    bench: _Bench | None = None
    judged: TickAdvanced | None = None
    for event in past.events:
        if judged is not None and not _belongs_to(event, judged):
            bench = bench or _Bench(task, market, forecasts, judged)
            bench.judge(judged)
            judged = None
            if bench.ticks % _PROGRESS_TICKS == 0:
                on_progress(100 * bench.ticks // (last - first))
        if isinstance(event, TickAdvanced):
            if event.tick > last:
                break
            if event.tick > first:
                judged = event
        market.follow(event)
    if judged is not None:
        bench = bench or _Bench(task, market, forecasts, judged)
        bench.judge(judged)
    return None if bench is None else bench.trial(first)


def _belongs_to(event: Event, tick: TickAdvanced) -> bool:
    """Tell whether an event came about with a tick, before the rules were judged on it.

    Haulers call and ports are settled with the tick itself, then open orders are filled.
    """
    if isinstance(event, HaulerCalled | PortsSettled | StockCheckpointed):
        return event.tick == tick.tick
    if isinstance(event, GoodsTraded | OrderClosed):
        return event.order_id is not None and event.at == tick.at
    return False


class _Bench:
    """A player who is not in the galaxy, docked at the port, with his rules on."""

    def __init__(
        self,
        task: BacktestTask,
        market: RecordedMarket,
        forecasts: KnownForecasts,
        first: TickAdvanced,
    ) -> None:
        self._market = market
        self._forecasts = forecasts
        self._blocks = StandingBlocks()
        self._began_at = self._ended_at = first.at
        self._player = _player(task, first.at)
        self._trades: list[tuple[GoodsTraded, TracedVerdict]] = []
        self._blocked: Counter[str] = Counter()
        self.ticks = 0
        world = market.world
        world.add_player(self._player)
        world.rule_owners[task.player_id] = None
        market.leave_out(task.player_id)
        account = player_account(task.player_id)
        world.ledger.post([Posting(MINT, Credits(-task.credits)), Posting(account, task.credits)])
        self._curve = EquityCurve(self._equity(Tick(first.tick - 1)))

    def judge(self, tick: TickAdvanced) -> None:
        """Judge the rules on what a tick led to, as the writer does."""
        world, now = self._market.world, tick.at
        self._forecasts.advance(tick.tick, now)
        for envelope in judge_rules(world, self._forecasts.confidence_milli, self._blocks, now):
            decision = execute(world, envelope, now)
            if isinstance(decision, Rejection):
                raise RuntimeError(f"the core refused its own command: {decision.detail}")
            for event in decision.events:
                apply(world, event)
            if decision.verdict is not None and self._blocks.is_news(decision.verdict):
                self._note(decision.verdict, decision.events)
        self.ticks += 1
        self._ended_at = now
        self._curve.add(self._equity(tick.tick))

    def trial(self, first: Tick) -> Trial:
        """Return what has come of it."""
        return Trial(
            first,
            self._began_at,
            self._ended_at,
            tuple(self._trades),
            dict(self._blocked),
            self._curve,
            self._market.conflicts,
            self._player.automation,
        )

    def _note(self, verdict: TracedVerdict, events: tuple[Event, ...]) -> None:
        if verdict.verdict is Verdict.BLOCKED:
            self._blocked[str(verdict.trace.code)] += 1
        self._trades += [(event, verdict) for event in events if isinstance(event, GoodsTraded)]

    def _equity(self, tick: Tick) -> Equity:
        return Equity(tick, self._market.world.credits(self._player.player_id), self._cargo_value())

    def _cargo_value(self) -> int:
        """Return what the hold would fetch at the port after tax; else a good counts at cost."""
        port, ship = self._market.port, self._player.ship
        value = 0
        for commodity in ship.cargo:
            units = ship.units(commodity)
            position = port.position(commodity)
            if position is None or not port.spec.goods[position].buys:
                value += ship.cost_of(commodity, units)
                continue
            _, base, target = port.terms[position]
            stock = port.bid_stock(position)
            units = min(units, max(0, stock_capacity(target) - stock))
            if units:
                total = ladder_total(sell_ladder(base, stock, target, units))
                value += total - trade_tax(total)
        return value


def _player(task: BacktestTask, at: UnixMicros) -> Player:
    ship = Ship(
        task.ship.ship_id,
        task.ship.ship_class,
        task.port.sector_id,
        docked_port_id=task.port.port_id,
        cargo=cargo(task.ship.cargo),
    )
    rules = {
        rule.rule_id: Rule(rule.rule_id, task.player_id, rule.spec, at, active=True)
        for rule in task.rules
    }
    return Player(
        task.player_id, at, Turns(0, at), ship, automation=Automation(active=True, rules=rules)
    )
