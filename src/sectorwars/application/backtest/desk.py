"""Takes backtests from players, has them run one after the other, and shows what they came to."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from sectorwars.application.backtest import refusals
from sectorwars.application.backtest.findings import game_hours
from sectorwars.application.backtest.runner import BacktestRunner, RunBacktest
from sectorwars.application.backtest.store import (
    INTERRUPTED,
    KEPT_MAX,
    SILENT_MICROS_MAX,
    BacktestId,
    BacktestStore,
    BacktestSubject,
    StoredBacktest,
)
from sectorwars.application.backtest.task import TICKS_MIN, BacktestTask, TestedRule, TestedShip
from sectorwars.application.ports import Clock, MarketRecord
from sectorwars.application.reading.projection import Projection
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.application.reading.rule_views import rule_view
from sectorwars.application.state.recovery import cargo_rows
from sectorwars.domain.ids import PlayerId, PortId, RuleId
from sectorwars.domain.ledger import port_account
from sectorwars.domain.player import Player
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.rule import Rule, RuleSpec
from sectorwars.domain.values import (
    TICK_GAME_SECONDS,
    Credits,
    Tick,
    div_ceil,
    game_rfc3339,
    rfc3339,
)
from sectorwars.engine.handlers.automation import rule_fault
from sectorwars.protocol.shapes.backtest import (
    Backtest,
    BacktestResult,
    Backtests,
    Hold,
    RecordedPast,
)

DRAFT: Final = RuleId("draft")
"""What a rule is called in its backtest that is not stored."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a player wants to be tested: stored rules by id, or one that is not stored.

    None is, for the port, the one that all rules are bound to or else where the ship is docked;
    for the credits, what the player has.
    """

    rules: tuple[RuleId, ...] | RuleSpec
    port_id: PortId | None = None
    credits: Credits | None = None
    hold: Hold = "empty"
    from_tick: Tick | None = None
    hours: int | None = None


class BacktestDesk:
    """A player has one backtest in hand; in a process one runs at a time, and few wait."""

    def __init__(
        self,
        store: BacktestStore,
        market_record: MarketRecord,
        projection: Projection,
        clock: Clock,
        time_scale: int,
        forecasts_shown_ticks: int,
        queued_max: int,
        new_id: Callable[[], str],
        run: RunBacktest,
    ) -> None:
        """Test on what `projection` has come to; `time_scale` is game seconds in a real one."""
        self._store = store
        self._record = market_record
        self._projection = projection
        self._clock = clock
        self._time_scale = time_scale
        self._forecasts_shown_ticks = forecasts_shown_ticks
        self._new_id = new_id
        self._runner = BacktestRunner(store, clock, queued_max, run)

    async def begin(self, player_id: PlayerId, asked: Asked) -> Backtest | Refusal:
        """Take a backtest on.

        Raises:
            UnknownNounError: there is no such player, rule or port.
            StoreUnavailableError: the store cannot be reached.
        """
        player = self._player(player_id)
        rules = self._rules(player, asked.rules)
        if isinstance(rules, Refusal):
            return rules
        port_id = _meant_port(asked, rules, player)
        if port_id is None:
            return refusals.NOT_DOCKED
        task = self._task(player, asked, rules, port_id)
        refusal = await self._past_refusal(task)
        if refusal is not None:
            return refusal
        now = self._clock.now()
        backtest = StoredBacktest(
            BacktestId(f"bt_{self._new_id()}"),
            player_id,
            now,
            BacktestSubject(
                port_id,
                [rule_view(rule) for rule in rules],
                task.credits,
                asked.hold,
            ),
            "queued",
            0,
            now,
        )
        refusal = await self._runner.take(backtest, task)
        if refusal is not None:
            return refusal
        return self._shown(backtest, None)

    async def backtests(self, player_id: PlayerId) -> Backtests:
        """Return a player's backtests, and the past there is.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        stored = await self._store.of_player(player_id)
        return Backtests(
            items=[self._shown(backtest, None) for backtest in stored],
            recorded=await self._recorded(),
            kept_max=KEPT_MAX,
        )

    async def backtest(self, player_id: PlayerId, backtest_id: str) -> Backtest:
        """Return a player's backtest.

        Raises:
            UnknownNounError: he has none of that id.
            StoreUnavailableError: the store cannot be reached.
        """
        found = await self._store.find(player_id, BacktestId(backtest_id))
        if found is None:
            raise refusals.unknown_backtest()
        return self._shown(*found)

    async def delete(self, player_id: PlayerId, backtest_id: str) -> None:
        """Forget a player's backtest, and stop it where it is in hand.

        Raises:
            UnknownNounError: he has none of that id.
            StoreUnavailableError: the store cannot be reached.
        """
        if not await self._store.delete(player_id, BacktestId(backtest_id)):
            raise refusals.unknown_backtest()
        # One that waits here makes room at once; one that runs, here or elsewhere, ends shortly.
        self._runner.drop(backtest_id)

    async def work(self) -> None:
        """Run backtests as they come, until cancelled."""
        await self._runner.work()

    async def recover(self) -> None:
        """Fail what an earlier process left in hand, where no other one runs any beside this.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        await self._runner.recover()

    async def close(self) -> None:
        """Tell those who wait that their backtests will not be run.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        await self._runner.close()

    def _player(self, player_id: PlayerId) -> Player:
        player = self._projection.world.players.get(player_id)
        if player is None:
            raise UnknownNounError("unknown_player", "This player is not in the galaxy.")
        return player

    def _rules(self, player: Player, asked: tuple[RuleId, ...] | RuleSpec) -> list[Rule] | Refusal:
        """Return the rules that are meant, switched on."""
        now = self._clock.now()
        if isinstance(asked, RuleSpec):
            fault = rule_fault(self._projection.world, asked)
            if fault is not None:
                return Refusal("invalid_rule", Retry.NEVER, fault)
            return [Rule(DRAFT, player.player_id, asked, now, active=True)]
        rules = player.automation.rules
        if any(rule_id not in rules for rule_id in asked):
            raise UnknownNounError("unknown_rule", "You have no such rule.")
        return [
            Rule(rule_id, player.player_id, rules[rule_id].spec, now, active=True)
            for rule_id in asked
        ]

    def _task(
        self, player: Player, asked: Asked, rules: list[Rule], port_id: PortId
    ) -> BacktestTask:
        world = self._projection.world
        port = world.ports.get(port_id)
        if port is None:
            raise UnknownNounError("unknown_port", f"There is no port {port_id!r}.")
        ship = player.ship
        return BacktestTask(
            player_id=player.player_id,
            port=port.spec,
            wallet_credits=world.ledger.balance(port_account(port_id)),
            risk=deepcopy(world.risk),
            offset=self._projection.offset,
            tick=world.tick,
            rules=tuple(TestedRule(rule.rule_id, rule.spec) for rule in rules),
            ship=TestedShip(
                ship.ship_id, ship.ship_class, cargo_rows(ship) if asked.hold == "aboard" else ()
            ),
            credits=world.credits(player.player_id) if asked.credits is None else asked.credits,
            from_tick=asked.from_tick,
            hours=asked.hours,
            forecasts_shown_ticks=self._forecasts_shown_ticks,
        )

    async def _past_refusal(self, task: BacktestTask) -> Refusal | None:
        """Refuse what has not TICKS_MIN of recorded past, and say when it will have."""
        if task.from_tick is not None and task.from_tick > task.tick:
            return refusals.not_yet(task.tick)
        earliest = await self._record.checkpoint(None)
        first = task.tick if earliest is None else earliest.tick
        if task.first_tick is not None:
            first = max(first, task.first_tick)
        missing = first + TICKS_MIN - task.tick
        if missing <= 0:
            return None
        return refusals.no_recorded_past(
            div_ceil(missing * TICK_GAME_SECONDS * 1_000, self._time_scale)
        )

    async def _recorded(self) -> RecordedPast | None:
        earliest = await self._record.checkpoint(None)
        last = self._projection.world.tick
        if earliest is None or earliest.tick >= last:
            return None
        return RecordedPast(
            game_rfc3339(earliest.tick), game_rfc3339(last), game_hours(last - earliest.tick)
        )

    def _shown(self, backtest: StoredBacktest, result: BacktestResult | None) -> Backtest:
        status, failure = backtest.status, backtest.failure
        silent = self._clock.now() - backtest.touched_at > SILENT_MICROS_MAX
        if status in {"queued", "running"} and silent:
            status, failure = "failed", INTERRUPTED
        subject = backtest.subject
        return Backtest(
            backtest_id=backtest.backtest_id,
            status=status,
            progress=backtest.progress_percent,
            created_at=rfc3339(backtest.created_at),
            port_id=subject.port_id,
            rules=subject.rules,
            credits=subject.credits,
            hold=subject.hold,
            failure=failure,
            headline=backtest.headline,
            result=result,
        )


def _meant_port(asked: Asked, rules: list[Rule], player: Player) -> PortId | None:
    """Return the port that is named, or that all rules are bound to, or where the ship is."""
    if asked.port_id is not None:
        return asked.port_id
    bound = {rule.spec.port_id for rule in rules}
    if len(bound) == 1 and None not in bound:
        return bound.pop()
    return player.ship.docked_port_id
