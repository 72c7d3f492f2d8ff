"""What the writer hands on to be made durable."""

from tests.small_galaxy import NOW, PLAYER, small_universe

from sectorwars.application.rows import (
    Batch,
    ReceiptKey,
)
from sectorwars.application.writing.market_recorder import MarketRecorder
from sectorwars.application.writing.writer import Writer
from sectorwars.domain.command import (
    CommandEnvelope,
    CreateRule,
    DeleteRule,
    Origin,
    PlayerCommand,
    RegisterPlayer,
    SwitchAutomation,
    ToggleRule,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import RuleRearmed, TickAdvanced
from sectorwars.domain.ids import CommandId, RuleId
from sectorwars.domain.rule import (
    Comparison,
    Condition,
    ConditionType,
    RiskLevel,
    RuleSpec,
    Verdict,
)
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.engine.world import World

RULE = RuleId(f"r-{PLAYER}-1")
ALWAYS = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 0)
BUY_ORE = RuleSpec("Ore", Commodity.ORE, None, (ALWAYS,), (), RiskLevel.MODERATE, 1_000)


class Desk:
    """A writer in the small galaxy with one player, whose rule buys ore, and a clock."""

    def __init__(self) -> None:
        created = small_universe()
        self.writer = Writer(World(created.seed, created.tick), MarketRecorder(), 0)
        self.writer.log((created,))
        self.now = NOW
        self.commands = 0
        for command in (
            RegisterPlayer(),
            CreateRule(BUY_ORE),
            ToggleRule(RULE, True),
            SwitchAutomation(True),
        ):
            self.decide(command)

    def decide(self, command: PlayerCommand) -> None:
        self.commands += 1
        command_id = CommandId(f"c-{self.commands}")
        envelope = CommandEnvelope(command_id, PLAYER, Origin.REST, command)
        receipt = self.writer.decide(envelope, ReceiptKey(PLAYER, command_id), b"", self.now)
        assert receipt.status == "executed"

    def tick(self) -> Batch:
        """Advance by a second and a tick, and return what came of that alone."""
        self.writer.cut()
        self.now = UnixMicros(self.now + MICROS_PER_SECOND)
        self.writer.advance_tick(self.now)
        return self.writer.cut()


def test_a_trade_of_a_rule_is_logged_and_its_verdict_told_beside_it() -> None:
    batch = Desk().tick()
    traded = [logged.event for logged in batch.events if not isinstance(logged.event, TickAdvanced)]
    assert [getattr(event, "rule_id", None) for event in traded] == [RULE]
    assert [(told.rule_id, told.verdict) for told in batch.verdicts] == [(RULE, Verdict.FIRED)]


def test_a_block_is_told_once_and_leaves_log_and_tables_alone() -> None:
    desk = Desk()
    desk.decide(Undock())
    batch = desk.tick()
    assert [type(logged.event) for logged in batch.events] == [TickAdvanced]
    assert batch.automations == ()
    assert [told.trace.code for told in batch.verdicts] == ["not_docked"]
    assert desk.tick().verdicts == ()


def test_a_rule_that_was_switched_is_told_anew_what_blocks_it() -> None:
    desk = Desk()
    desk.decide(Undock())
    desk.tick()
    desk.decide(ToggleRule(RULE, True))
    assert [told.trace.code for told in desk.tick().verdicts] == ["not_docked"]


def test_a_deleted_rule_is_told_nothing() -> None:
    desk = Desk()
    desk.decide(DeleteRule(RULE))
    batch = desk.tick()
    assert batch.verdicts == ()
    assert not any(isinstance(logged.event, RuleRearmed) for logged in batch.events)
