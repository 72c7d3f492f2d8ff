"""Rules under any history: within their caps, once a trigger, the same after any restart."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.small_galaxy import ALPHA, HAVEN, MINE, NOW, PLAYER, envelope, world_with_player

from sectorwars.application.rows import (
    StockCheckpoint,
    StoredState,
)
from sectorwars.application.state.recovery import (
    automation_rows,
    player_rows,
    restore,
)
from sectorwars.application.writing.automation_runner import StandingBlocks, judge_rules
from sectorwars.automation.judgement import Inputs, holds, judge
from sectorwars.automation.sizing import quantity_within
from sectorwars.domain.command import (
    Command,
    CreateRule,
    DeleteRule,
    Dock,
    SwitchAutomation,
    ToggleRule,
    Trade,
    Undock,
)
from sectorwars.domain.commodity import COMMODITIES, COMMODITY_INDEX, Commodity
from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    JourneyCompleted,
    RuleDeleted,
    RuleRearmed,
    RuleToggled,
)
from sectorwars.domain.ids import RuleId
from sectorwars.domain.market import (
    Side,
    buy_ladder,
    ladder_total,
    sell_ladder,
    stock_capacity,
    trade_tax,
)
from sectorwars.domain.rule import (
    AUTOMATED_SHARE_MAX_PERCENT,
    AUTOMATED_TRADE_INTERVAL_SECONDS,
    AUTOMATED_TRADES_PER_HOUR_MAX,
    HOUR_MICROS,
    INVESTED_PERCENT,
    Comparison,
    Condition,
    ConditionType,
    RiskLevel,
    RuleSpec,
)
from sectorwars.domain.values import MICROS_PER_SECOND, Tick, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.decision import Accepted
from sectorwars.engine.execute import execute
from sectorwars.engine.world import World

LEVEL = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 0)
ABOVE_660 = Condition(ConditionType.AI_CONFIDENCE, Comparison.GREATER_THAN, 660)
CONDITIONS = st.builds(
    Condition,
    st.sampled_from(ConditionType),
    st.sampled_from(Comparison),
    st.sampled_from([-5_000, 0, 700, 50_000, 55_000, 60_000, 90_000]),
)
SPECS = st.builds(
    RuleSpec,
    st.just("Some rule"),
    st.sampled_from([Commodity.ORE, Commodity.ENERGY]),
    st.sampled_from([None, HAVEN, MINE]),
    st.lists(CONDITIONS, min_size=1, max_size=3).map(tuple),
    st.lists(CONDITIONS, max_size=3).map(tuple),
    st.sampled_from(RiskLevel),
    st.integers(1, 100_000),
)
RULES = st.integers(1, 4).map(lambda serial: RuleId(f"r-{PLAYER}-{serial}"))
COMMANDS = st.one_of(
    st.builds(CreateRule, SPECS),
    st.builds(DeleteRule, RULES),
    st.builds(ToggleRule, RULES, st.sampled_from([True, None])),
    st.builds(SwitchAutomation, st.sampled_from([True, True, None])),
    st.just(Undock()),
    st.just(Dock(HAVEN)),
    st.builds(Trade, st.sampled_from(Side), st.just("ore"), st.integers(1, 60)),
)
STEPS = st.one_of(COMMANDS, st.integers(1, 40))
"""A player's command, or so many seconds until the rules are judged again."""


class Galaxy:
    """A writer's world, two rules that soon trade, and what has happened there."""

    def __init__(self) -> None:
        self.world = world_with_player()
        self.events: list[Event] = []
        self.blocks = StandingBlocks()
        self.now = NOW
        self.confidence = 650
        self.step(SwitchAutomation(True))
        for condition in (LEVEL, ABOVE_660):
            spec = RuleSpec(
                "At once", Commodity.ORE, None, (condition,), (), RiskLevel.MODERATE, 900
            )
            self.step(CreateRule(spec))
        for serial in (1, 2):
            self.step(ToggleRule(RuleId(f"r-{PLAYER}-{serial}"), True))

    def step(self, step: Command | int) -> list[Event]:
        if isinstance(step, int):
            return self._judge(step)
        decision = execute(self.world, envelope(step), self.now)
        return self._apply(decision) if isinstance(decision, Accepted) else []

    def _judge(self, seconds: int) -> list[Event]:
        self.now = UnixMicros(self.now + seconds * MICROS_PER_SECOND)
        self.world.tick = Tick(self.world.tick + 1)
        self.confidence = 600 + (self.confidence * 7) % 200
        before = len(self.events)
        for judging in judge_rules(self.world, lambda _: self.confidence, self.blocks, self.now):
            decision = execute(self.world, judging, self.now)
            assert isinstance(decision, Accepted)
            self._apply(decision)
        return self.events[before:]

    def _apply(self, decision: Accepted) -> list[Event]:
        for event in decision.events:
            apply(self.world, event)
            self.events.append(event)
        return list(decision.events)


def _restored(world: World, events: list[Event]) -> World:
    """Restore the player from the rows that a store would have of him."""
    ports = world.ports_by_index
    checkpoint = StockCheckpoint(
        0,
        world.tick,
        tuple(tuple(port.stock) for port in ports),
        tuple(port.version for port in ports),
    )
    arrived = JourneyCompleted(PLAYER, NOW, ALPHA)
    return restore(
        StoredState(
            last_offset=0,
            seed=world.seed,
            sectors=tuple(world.sectors.values()),
            ports=tuple(port.spec for port in ports),
            checkpoint=checkpoint,
            market_tail=(),
            players=player_rows(world, [arrived]),
            accounts=(),
            volumes=tuple(
                (tick, good, units[COMMODITY_INDEX[good]])
                for tick, units in world.tape.slots()
                for good in COMMODITIES
            ),
            automations=automation_rows(world, events),
        )
    )


@settings(deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_no_history_takes_a_rule_past_its_caps_or_fires_it_twice(
    steps: list[Command | int],
) -> None:
    galaxy = Galaxy()
    automation = galaxy.world.players[PLAYER].automation
    trades: list[GoodsTraded] = []
    fired: set[tuple[RuleId, Side]] = set()
    for step in steps:
        was_on = automation.active
        credits_before = galaxy.world.credits(PLAYER)
        for event in galaxy.step(step):
            if isinstance(event, RuleToggled | RuleDeleted):
                fired -= {(event.rule_id, side) for side in Side}
            if isinstance(event, RuleRearmed):
                fired.remove((event.rule_id, event.side))
            if isinstance(event, GoodsTraded) and event.rule_id is not None:
                assert (event.rule_id, event.side) not in fired
                fired.add((event.rule_id, event.side))
                assert was_on
                assert automation.rules[event.rule_id].active
                _check_caps(event, trades, automation.rules[event.rule_id].spec, credits_before)
                trades.append(event)
                credits_before = event.credits_after
    assert [trade.at for trade in automation.recent] == [trade.at for trade in trades]


def _check_caps(
    event: GoodsTraded, earlier: list[GoodsTraded], spec: RuleSpec, credits_before: int
) -> None:
    seconds = [(event.at - trade.at) // MICROS_PER_SECOND for trade in earlier]
    assert min(seconds, default=AUTOMATED_TRADE_INTERVAL_SECONDS) >= (
        AUTOMATED_TRADE_INTERVAL_SECONDS
    )
    within_an_hour = [trade for trade in earlier if event.at - trade.at < HOUR_MICROS]
    assert len(within_an_hour) < AUTOMATED_TRADES_PER_HOUR_MAX
    allowed = spec.max_investment_credits * INVESTED_PERCENT[spec.risk_level] // 100
    if event.side is Side.BUY:
        assert event.total_credits + event.fees_credits <= allowed
        cost = event.total_credits + event.fees_credits
        assert cost * 100 <= credits_before * AUTOMATED_SHARE_MAX_PERCENT
    else:
        assert event.total_credits <= allowed


@settings(deadline=None)
@given(st.lists(STEPS, max_size=30), st.lists(st.integers(1, 40), max_size=8))
def test_a_restart_at_any_moment_changes_nothing_that_follows(
    steps: list[Command | int], ticks: list[int]
) -> None:
    galaxy = Galaxy()
    for step in steps:
        galaxy.step(step)
    restored = _restored(galaxy.world, galaxy.events)
    restored.ledger.balances = dict(galaxy.world.ledger.balances)
    assert restored.players == galaxy.world.players
    assert restored.rule_owners == galaxy.world.rule_owners
    twin = Galaxy()
    twin.world, twin.now, twin.confidence = restored, galaxy.now, galaxy.confidence
    for seconds in ticks:
        assert twin.step(seconds) == galaxy.step(seconds)
    assert restored.players == galaxy.world.players


INPUTS = st.builds(
    Inputs,
    st.none() | st.integers(1, 200),
    st.none() | st.integers(1, 200),
    st.integers(0, 150),
    st.integers(0, 20_000),
    st.none() | st.integers(500, 990),
)


@given(SPECS, st.sampled_from(Side), INPUTS)
def test_the_quick_verdict_is_that_of_the_trace(spec: RuleSpec, side: Side, inputs: Inputs) -> None:
    assert holds(spec, side, inputs) is judge(spec, side, inputs).holds


@given(
    st.sampled_from(Side),
    st.integers(50, 900),
    st.integers(1, 2_000),
    st.integers(0, 8_000),
    st.integers(0, 100_000),
    st.integers(-3, 150),
)
def test_an_order_is_the_most_that_its_budget_allows(
    side: Side, base: int, target: int, stock: int, budget: int, units_max: int
) -> None:
    stock = min(stock, stock_capacity(target))
    room = stock if side is Side.BUY else stock_capacity(target) - stock
    units_max = min(units_max, room)

    def worth(quantity: int) -> int:
        if quantity == 0:
            return 0
        if side is Side.SELL:
            return ladder_total(sell_ladder(base, stock, target, quantity))
        total = ladder_total(buy_ladder(base, stock, target, quantity))
        return total + trade_tax(total)

    quantity = quantity_within(side, base, stock, target, budget, units_max)
    assert 0 <= quantity <= max(0, units_max)
    assert worth(quantity) <= budget
    assert quantity >= units_max or worth(quantity + 1) > budget
