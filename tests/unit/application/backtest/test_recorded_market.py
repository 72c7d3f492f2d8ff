"""The recorded market with what a backtest trades on top."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.small_galaxy import (
    HAVEN,
    HAVEN_WALLET,
    NOW,
    PLAYER,
    later,
    perform,
    small_universe,
    small_world,
)

from sectorwars.application.backtest.recorded_market import RecordedMarket
from sectorwars.domain.command import (
    ExpireQuote,
    RegisterPlayer,
    RequestQuote,
    SetTradingState,
    Trade,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Event, GoodsTraded, StockCheckpointed, TickAdvanced
from sectorwars.domain.ids import PlayerId, QuoteId
from sectorwars.domain.ledger import MINT, Posting, player_account, port_account
from sectorwars.domain.market import Side
from sectorwars.domain.risk import RiskGate, TradingScope, TradingState
from sectorwars.domain.values import Credits, Tick
from sectorwars.engine.world import World

SPEC = small_universe().ports[0]
STOCK, CAPACITY = 2_000, 8_000
OTHER = PlayerId("pl_other")


def market() -> RecordedMarket:
    """Haven, and a player of the backtest with ore aboard."""
    recorded = RecordedMarket(SPEC, (STOCK,) * 3, 0, Tick(0), Credits(HAVEN_WALLET), RiskGate())
    player = small_world_with(PLAYER).players[PLAYER]
    player.ship.load(Commodity.ORE, 100, 100)
    world = recorded.world
    world.add_player(player)
    account = player_account(PLAYER)
    world.ledger.post([Posting(MINT, Credits(-50_000)), Posting(account, Credits(50_000))])
    recorded.leave_out(PLAYER)
    return recorded


def small_world_with(*players: PlayerId) -> World:
    world = small_world()
    for player in players:
        perform(world, RegisterPlayer(), player)
    return world


def ore(recorded: RecordedMarket) -> int:
    return recorded.port.stock[0]


def tick(number: int, delta: int) -> TickAdvanced:
    return TickAdvanced(Tick(number), later(number), ((delta, 0, 0),))


def follow(recorded: RecordedMarket, events: tuple[Event, ...]) -> None:
    for event in events:
        recorded.follow(event)


def test_what_the_backtest_trades_stays_on_top_of_ticks_trades_and_checkpoints() -> None:
    recorded, lived = market(), small_world_with(OTHER)
    perform(recorded.world, Trade(Side.BUY, "ore", 40))
    recorded.follow(tick(1, -100))
    assert ore(recorded) == STOCK - 40 - 100
    follow(recorded, perform(lived, Trade(Side.BUY, "ore", 30), OTHER))
    # The log says what the trade left, which is without the tick that this test made up.
    assert ore(recorded) == STOCK - 40 - 30
    stocks = ((500, STOCK, STOCK),)
    recorded.follow(StockCheckpointed(Tick(2), NOW, stocks, (9,)))
    assert (ore(recorded), recorded.port.version) == (460, 9)
    assert recorded.conflicts == 0


def test_what_the_owner_traded_at_the_time_is_left_out_but_for_the_version() -> None:
    recorded, lived = market(), small_world_with(PLAYER)
    wallet = recorded.world.ledger.balance(port_account(HAVEN))
    follow(recorded, perform(lived, Trade(Side.BUY, "ore", 30)))
    recorded.follow(tick(1, -1))
    assert (ore(recorded), recorded.port.version) == (STOCK - 1, 2)
    assert recorded.world.ledger.balance(port_account(HAVEN)) == wallet


def test_others_trades_pay_the_port() -> None:
    recorded, lived = market(), small_world_with(OTHER)
    (trade,) = perform(lived, Trade(Side.BUY, "ore", 30), OTHER)
    assert isinstance(trade, GoodsTraded)
    recorded.follow(trade)
    assert recorded.world.ledger.balance(port_account(HAVEN)) == HAVEN_WALLET + trade.total_credits


def test_a_trade_elsewhere_is_nothing_to_it() -> None:
    recorded = RecordedMarket(
        small_universe().ports[1], (80, 100), 5, Tick(0), Credits(100), RiskGate()
    )
    follow(recorded, perform(small_world_with(OTHER), Trade(Side.BUY, "ore", 30), OTHER))
    assert (recorded.port.stock, recorded.port.version) == ([80, 100], 5)


def test_live_quotes_are_promises_until_they_end() -> None:
    recorded, lived = market(), small_world_with(OTHER)
    given_quote = perform(lived, RequestQuote(Side.BUY, "ore", 7), OTHER)
    follow(recorded, given_quote)
    assert recorded.port.promised_units[0] == 7
    quote_id = QuoteId("q-pl_other-1")
    follow(recorded, perform(lived, ExpireQuote(quote_id), OTHER, later(11)))
    assert recorded.port.promised_units[0] == 0
    unseen = market()
    follow(unseen, perform(small_world_quoted(), ExpireQuote(quote_id), OTHER, later(11)))
    assert unseen.port.promised_units[0] == 0
    assert unseen.world.ledger.total() == 0


def small_world_quoted() -> World:
    world = small_world_with(OTHER)
    perform(world, RequestQuote(Side.BUY, "ore", 7), OTHER)
    return world


def test_operators_acts_hold_as_they_did() -> None:
    recorded, lived = market(), small_world()
    halt = SetTradingState(TradingScope.GAME, None, TradingState.HALTED, "A drill.")
    follow(recorded, perform(lived, halt, OTHER))
    assert recorded.world.risk.state(TradingScope.GAME, None) is TradingState.HALTED


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tick"), st.integers(-3_000, 3_000)),
        st.tuples(st.just("buy"), st.integers(1, 50)),
        st.tuples(st.just("sell"), st.integers(1, 50)),
    ),
    max_size=30,
)


@given(STEPS)
def test_no_stock_is_below_nothing_or_beyond_the_store(steps: list[tuple[str, int]]) -> None:
    recorded = market()
    lived = STOCK
    for number, (kind, amount) in enumerate(steps, start=1):
        ship = recorded.world.players[PLAYER].ship
        if kind == "tick":
            # As the log has it, the port's own stock never leaves its bounds.
            delta = min(max(amount, -lived), CAPACITY - lived)
            lived += delta
            recorded.follow(tick(number, delta))
        elif kind == "buy":
            if amount <= min(ore(recorded), ship.cargo_capacity - ship.units_aboard()):
                perform(recorded.world, Trade(Side.BUY, "ore", amount))
        elif amount <= min(CAPACITY - ore(recorded), ship.units(Commodity.ORE)):
            perform(recorded.world, Trade(Side.SELL, "ore", amount))
        assert 0 <= ore(recorded) <= CAPACITY
        assert recorded.world.ledger.total() == 0


def test_what_could_not_have_come_about_is_cut_and_counted() -> None:
    recorded = market()
    perform(recorded.world, Trade(Side.BUY, "ore", 50))
    recorded.follow(tick(1, 40 - STOCK))
    assert (ore(recorded), recorded.conflicts) == (0, 1)
    # What had to be cut is not owed later.
    recorded.follow(tick(2, 500))
    assert (ore(recorded), recorded.conflicts) == (500, 1)
