"""Whatever players leave behind, a tick keeps stock in its stores and money in balance."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sectorwars.domain.event import HaulerCalled
from sectorwars.domain.ledger import BUDGET, UNLIMITED_ACCOUNTS, Posting, port_account
from sectorwars.domain.market import stock_capacity
from sectorwars.domain.values import Credits, Tick, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.economy import advance
from sectorwars.engine.economy.settlement import BUDGET_FLOOR_DIVISOR, port_budget
from sectorwars.engine.genesis import create_universe
from sectorwars.engine.handlers.economy_clock import advance_tick
from sectorwars.engine.market_index import index_quotes, port_mids
from sectorwars.engine.world import World

BIRTH = create_universe(11, 20)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """The universe of BIRTH at any tick, with any stock and any wallets."""
    tick = draw(st.integers(-3_000, 10**9))
    world = World(BIRTH.seed, BIRTH.tick)
    apply(world, BIRTH)
    world.tick = Tick(tick)
    for port in world.ports_by_index:
        port.stock = [draw(st.integers(0, stock_capacity(good.target))) for good in port.spec.goods]
        account = port_account(port.spec.port_id)
        change = Credits(draw(st.integers(0, 10**9)) - world.ledger.balance(account))
        world.ledger.post((Posting(account, change), Posting(BUDGET, Credits(-change))))
    return world


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_a_tick_keeps_every_store_within_its_bounds(world: World) -> None:
    step = advance(world)
    for port, deltas in zip(world.ports_by_index, step.deltas, strict=True):
        for units, delta, good in zip(port.stock, deltas, port.spec.goods, strict=True):
            assert 0 <= units + delta <= stock_capacity(good.target)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_an_hour_keeps_the_money_in_balance_and_every_port_able_to_pay(world: World) -> None:
    world.tick = Tick(world.tick - world.tick % 60 - 1)
    world.ledger.post(advance(world).postings)
    assert world.ledger.total() == 0
    for port in world.ports_by_index:
        wallet = world.ledger.balance(port_account(port.spec.port_id))
        assert wallet >= port_budget(port.spec) // BUDGET_FLOOR_DIVISOR


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_an_index_lies_between_the_prices_it_averages(world: World) -> None:
    mids = port_mids(world)
    quotes = index_quotes(world, mids)
    for i, (bid, mid, ask) in enumerate(zip(quotes.bid, quotes.mid, quotes.ask, strict=True)):
        prices = [
            price
            for port, row in zip(world.ports_by_index, mids, strict=True)
            for (good, _, _), price in zip(port.terms, row, strict=True)
            if good == i
        ]
        assert min(prices) <= mid <= max(prices)
        assert bid <= mid <= ask


@settings(max_examples=40, deadline=None)
@given(worlds(), st.integers(1, 4))
def test_haulers_leave_nobody_in_debt_and_every_store_within_its_bounds(
    world: World, rounds: int
) -> None:
    for _ in range(rounds):
        for hauler in world.haulers.values():
            hauler.calls_at = Tick(world.tick + 1)
        events = advance_tick(world, UnixMicros(0)).events
        assert sum(isinstance(event, HaulerCalled) for event in events) == len(world.haulers)
        for event in events:
            apply(world, event)
            assert world.ledger.total() == 0
            for port in world.ports_by_index:
                assert min(port.stock) >= 0
        assert not any(
            balance < 0 and account not in UNLIMITED_ACCOUNTS
            for account, balance in world.ledger.balances.items()
        )
        for hauler in world.haulers.values():
            assert hauler.calls_at > world.tick
            assert hauler.cargo is None or 0 < hauler.cargo.quantity <= hauler.spec.hold
