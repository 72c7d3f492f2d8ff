"""A universe of twenty sectors that is lived through tick by tick, and recorded in memory."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

from tests.small_core import QUOTE_SIGNER

from sectorwars.application.backtest.desk import Asked, BacktestDesk
from sectorwars.application.backtest.findings import Findings
from sectorwars.application.backtest.run import run_backtest
from sectorwars.application.backtest.runner import RunBacktest
from sectorwars.application.backtest.task import BacktestTask
from sectorwars.application.galaxy.birth import UniversePlan, prehistory
from sectorwars.application.reading.forecast_board import SHOWN_TICKS_MAX, ForecastBoard
from sectorwars.application.reading.market_board import MarketBoard
from sectorwars.application.reading.projection import Projection
from sectorwars.application.rows import Lease, ReceiptKey
from sectorwars.application.writing.market_recorder import MarketRecorder
from sectorwars.application.writing.writer import Writer
from sectorwars.domain.command import (
    CommandEnvelope,
    CreateRule,
    Origin,
    PlayerCommand,
    RegisterPlayer,
    SwitchAutomation,
    ToggleRule,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Event, GoodsTraded
from sectorwars.domain.ids import CommandId, PlayerId, RuleId
from sectorwars.domain.player import Player
from sectorwars.domain.rule import Comparison, Condition, ConditionType, RiskLevel, RuleSpec
from sectorwars.domain.values import MICROS_PER_SECOND, Tick, UnixMicros
from sectorwars.engine.world import World
from sectorwars.persistence.memory.backtest_store import MemoryBacktestStore
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.event_store import MemoryEventStore
from sectorwars.persistence.memory.forecast_store import MemoryForecastStore
from sectorwars.persistence.memory.market_record import MemoryMarketRecord
from sectorwars.protocol.shapes.backtest import Backtest, BacktestFailure

ALICE, BOB = PlayerId("alice"), PlayerId("bob")
BORN_AT = UnixMicros(1_800_000_000_000_000)
PLAN = UniversePlan(seed=7, sectors=20, prehistory_ticks=120)


class RecordedLife:
    """A writer whose every batch is stored; its clock is moved by `live` alone."""

    def __init__(self) -> None:
        self.disk = MemoryDisk()
        self.store = MemoryEventStore(self.disk)
        self.record = MemoryMarketRecord(self.disk)
        self.board = ForecastBoard()
        self.forecasts = MemoryForecastStore(lambda: self.at)
        self.backtests = MemoryBacktestStore()
        self.writer: Writer
        self.at = BORN_AT
        self._lease: Lease
        self._serials = itertools.count(1)

    @classmethod
    async def born(cls, *players: PlayerId) -> RecordedLife:
        """Return a universe at tick 0, with players docked where newcomers are."""
        life = cls()
        life._lease = await life.store.acquire_lease("test")
        created = PLAN.create()
        life.writer = Writer(
            World(created.seed, created.tick),
            MarketRecorder(),
            0,
            life.board.confidence_milli,
            QUOTE_SIGNER,
        )
        life.writer.log((created,))
        async for batch in prehistory(life.writer, BORN_AT):
            await life.store.append(life._lease, batch)
        for player_id in players:
            await life.do(player_id, RegisterPlayer())
        return life

    async def live(self, ticks: int) -> None:
        """Go on by so many ticks, a real second apart."""
        for _ in range(ticks):
            self.at = UnixMicros(self.at + MICROS_PER_SECOND)
            self.writer.meet_deadlines(self.at)
            self.writer.advance_tick(self.at)
            await self._keep()
            self.board.advance(self.writer.world.tick)

    async def do(self, player_id: PlayerId, command: PlayerCommand) -> tuple[Event, ...]:
        """Have a player's command executed, a tenth of a second later; return its events."""
        self.at = UnixMicros(self.at + MICROS_PER_SECOND // 10)
        command_id = CommandId(f"c-{next(self._serials)}")
        envelope = CommandEnvelope(command_id, player_id, Origin.REST, command)
        before = self.writer.last_offset
        receipt = self.writer.decide(envelope, ReceiptKey(player_id, command_id), b"", self.at)
        assert receipt.status == "executed", receipt.body
        await self._keep()
        return tuple(logged.event for logged in self.disk.after(before))

    async def automate(self, player_id: PlayerId, *specs: RuleSpec) -> tuple[RuleId, ...]:
        """Store rules and turn everything on."""
        for spec in specs:
            await self.do(player_id, CreateRule(spec))
        rules = tuple(self.player(player_id).automation.rules)
        for rule_id in rules:
            await self.do(player_id, ToggleRule(rule_id, active=True))
        await self.do(player_id, SwitchAutomation(active=True))
        return rules

    def player(self, player_id: PlayerId) -> Player:
        return self.writer.world.players[player_id]

    @property
    def tick(self) -> Tick:
        return self.writer.world.tick

    def trades(self, player_id: PlayerId) -> list[GoodsTraded]:
        """Return a player's recorded trades."""
        events = (logged.event for logged in self.disk.log)
        return [e for e in events if isinstance(e, GoodsTraded) and e.player_id == player_id]

    def desk(self, run: RunBacktest | None = None, queued_max: int = 8) -> BacktestDesk:
        """Return a desk as of now, whose backtests `run` runs; without it, right here."""

        async def run_here(
            task: BacktestTask, note: Callable[[int], None]
        ) -> Findings | BacktestFailure:
            return await run_backtest(task, self.record, self.forecasts, note)

        return BacktestDesk(
            self.backtests,
            self.record,
            Projection(self.writer.world, MarketBoard(self.board), self.writer.last_offset),
            self,
            60,
            SHOWN_TICKS_MAX,
            queued_max,
            lambda: f"{next(self._serials)}",
            run or run_here,
        )

    async def tested(self, player_id: PlayerId, asked: Asked) -> Backtest:
        """Have a backtest run to its end."""
        desk = self.desk()
        begun = await desk.begin(player_id, asked)
        assert isinstance(begun, Backtest), begun
        working = asyncio.create_task(desk.work())
        shown = begun
        while shown.status in {"queued", "running"}:
            await asyncio.sleep(0)
            shown = await desk.backtest(player_id, begun.backtest_id)
        working.cancel()
        await asyncio.wait({working})
        return shown

    def now(self) -> UnixMicros:
        """Be the clock of what is tested."""
        return self.at

    def monotonic(self) -> float:
        return self.at / MICROS_PER_SECOND

    async def _keep(self) -> None:
        await self.store.append(self._lease, self.writer.cut())


def goods_both_ways(
    life: RecordedLife, player_id: PlayerId = ALICE
) -> list[tuple[Commodity, int, int]]:
    """Return what a player's port buys and sells, with its ask and its bid."""
    port_id = life.player(player_id).ship.docked_port_id
    assert port_id is not None
    port = life.writer.world.ports[port_id]
    return [
        (good.commodity, ask, bid)
        for position, good in enumerate(port.spec.goods)
        if (ask := port.ask(position)) is not None and (bid := port.bid(position)) is not None
    ]


def trader(commodity: Commodity, buy_below: int, sell_above: int) -> RuleSpec:
    """Return a rule that buys below one price and sells above another."""
    return RuleSpec(
        f"Trade {commodity.value}",
        commodity,
        None,
        (Condition(ConditionType.PRICE_BELOW, Comparison.LESS_THAN, 1_000 * buy_below),),
        (Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 1_000 * sell_above),),
        RiskLevel.MODERATE,
        5_000,
    )
