"""Haulers sell, look for what pays, buy, and go on; each sees what those before it did."""

import copy
from dataclasses import replace

import pytest
from tests.small_galaxy import HAVEN, MINE, NOW, RESORT, perform, small_universe

from sectorwars.domain.command import AdvanceTick
from sectorwars.domain.commodity import BASE_PRICES, COMMODITY_INDEX, Commodity
from sectorwars.domain.event import HaulerCalled, StockCheckpointed
from sectorwars.domain.hauler import HaulerSpec, Shipment
from sectorwars.domain.ids import PortId, hauler_id
from sectorwars.domain.ledger import (
    BUDGET,
    TRADE_TAX,
    UPKEEP,
    Posting,
    hauler_account,
    port_account,
)
from sectorwars.domain.market import (
    buy_ladder,
    ladder_total,
    sell_ladder,
    stock_capacity,
    trade_tax,
)
from sectorwars.domain.values import Credits, Quantity, Tick
from sectorwars.engine.apply import apply
from sectorwars.engine.economy.haulers import (
    RESERVE_PERCENT,
    UPKEEP_HOLD_TICKS,
    WAIT_TICKS,
    hauler_budget,
)
from sectorwars.engine.economy.trade_routes import TURNROUND_TICKS, harbours_of
from sectorwars.engine.handlers.economy_clock import CHECKPOINT_TICKS
from sectorwars.engine.world import World
from sectorwars.simulation.digest import world_digest

HOLD = 150
ENERGY = BASE_PRICES[COMMODITY_INDEX[Commodity.ENERGY]]
FIRST = hauler_id(0)


def galaxy(*homes: PortId, hold: int = HOLD) -> World:
    """The small galaxy with haulers that call with the first tick, all with their capital."""
    haulers = tuple(HaulerSpec(hauler_id(i), home, hold) for i, home in enumerate(homes))
    born = replace(small_universe(), haulers=haulers, first_calls=(Tick(1),) * len(haulers))
    world = World(born.seed, born.tick)
    apply(world, born)
    for hauler in haulers:
        give(world, hauler_account(hauler.hauler_id), hauler_budget(hauler))
    return world


def give(world: World, account: str, balance: int) -> None:
    """Set what an account holds."""
    change = Credits(balance - world.ledger.balance(account))  # type: ignore[arg-type]
    world.ledger.post((Posting(account, change), Posting(BUDGET, Credits(-change))))  # type: ignore[arg-type]


def want_energy(world: World) -> None:
    """Let the mine pay well for energy, and be able to."""
    world.ports[MINE].stock[1] = 0
    give(world, port_account(MINE), 100_000)


def lade(world: World, port_id: PortId, commodity: Commodity, quantity: int) -> None:
    """Let the first hauler come to a port with goods."""
    hauler = world.haulers[FIRST]
    hauler.port_id = port_id
    hauler.cargo = Shipment(commodity, Quantity(quantity), Credits(60 * quantity))


def calls(world: World) -> list[HaulerCalled]:
    """Let a tick pass and return the calls in it."""
    events = perform(world, AdvanceTick(), None)
    assert world.ledger.total() == 0
    return [event for event in events if isinstance(event, HaulerCalled)]


def test_the_trade_that_pays_is_bought_along_the_curve() -> None:
    world = galaxy(HAVEN)
    want_energy(world)
    version = world.ports[HAVEN].version
    wallet = world.ledger.balance(hauler_account(FIRST))

    (call,) = calls(world)

    assert (call.tick, call.at, call.port_id, call.sold) == (1, NOW, HAVEN, None)
    bought = call.bought
    assert bought is not None
    assert (bought.commodity, bought.quantity) == (Commodity.ENERGY, HOLD)
    before = bought.stock_after + HOLD
    assert bought.total_credits == ladder_total(buy_ladder(ENERGY, before, 2_000, HOLD))
    assert bought.fees_credits == trade_tax(bought.total_credits)
    assert (call.destination_id, call.calls_at) == (MINE, 1 + TURNROUND_TICKS)
    assert call.upkeep_credits == HOLD * TURNROUND_TICKS // UPKEEP_HOLD_TICKS
    haven = world.ports[HAVEN]
    assert haven.stock[1] == bought.stock_after
    assert haven.version == call.market_version > version
    assert world.tape.totals[COMMODITY_INDEX[Commodity.ENERGY]] == HOLD
    assert world.ledger.balance(hauler_account(FIRST)) == (
        wallet - bought.total_credits - bought.fees_credits - call.upkeep_credits
    )
    hauler = world.haulers[FIRST]
    assert (hauler.port_id, hauler.calls_at) == (MINE, call.calls_at)
    assert hauler.cargo == Shipment(
        Commodity.ENERGY, Quantity(HOLD), Credits(bought.total_credits + bought.fees_credits)
    )


def test_cargo_is_sold_along_the_curve_and_taxed() -> None:
    world = galaxy(HAVEN)
    want_energy(world)
    lade(world, MINE, Commodity.ENERGY, HOLD)
    cash = world.ledger.balance(port_account(MINE))

    (call,) = calls(world)

    sold = call.sold
    assert sold is not None
    assert sold.quantity == HOLD
    stock = sold.stock_after - HOLD
    assert sold.total_credits == ladder_total(sell_ladder(ENERGY, stock, 100, HOLD))
    assert sold.fees_credits == trade_tax(sold.total_credits)
    assert world.ledger.balance(TRADE_TAX) == sold.fees_credits
    assert world.ledger.balance(port_account(MINE)) == cash - sold.total_credits
    assert world.haulers[FIRST].cargo is None


def test_an_empty_wallet_is_drawn_to_its_budget_and_a_full_one_too() -> None:
    for balance in (0, 10 * hauler_budget(HaulerSpec(FIRST, HAVEN, HOLD))):
        world = galaxy(HAVEN)
        give(world, hauler_account(FIRST), balance)
        (call,) = calls(world)
        budget = hauler_budget(world.haulers[FIRST].spec)
        assert call.grant_credits == -(-(budget - balance) // 8)
        assert abs(budget - balance - call.grant_credits) < abs(budget - balance)


def test_a_port_that_cannot_pay_takes_a_part_and_the_hauler_waits_with_the_rest() -> None:
    world = galaxy(HAVEN)
    want_energy(world)
    give(world, port_account(MINE), 1_000)
    lade(world, MINE, Commodity.ENERGY, HOLD)

    (call,) = calls(world)

    assert call.sold is not None
    assert 0 < call.sold.quantity < HOLD
    assert call.sold.total_credits <= 1_000
    assert (call.bought, call.grant_credits) == (None, 0)
    assert (call.destination_id, call.calls_at) == (MINE, 1 + WAIT_TICKS)
    cargo = world.haulers[FIRST].cargo
    assert cargo is not None
    assert cargo.quantity == HOLD - call.sold.quantity


@pytest.mark.parametrize("reason", ["full", "penniless"])
def test_a_port_that_takes_nothing_is_waited_for(reason: str) -> None:
    world = galaxy(HAVEN)
    if reason == "full":
        world.ports[MINE].stock[1] = stock_capacity(100) + 10
        give(world, port_account(MINE), 100_000)
    else:
        give(world, port_account(MINE), 0)
    lade(world, MINE, Commodity.ENERGY, HOLD)
    version = world.ports[MINE].version

    (call,) = calls(world)

    assert call.deals == ()
    assert (call.destination_id, call.calls_at) == (MINE, 1 + WAIT_TICKS)
    assert version <= call.market_version <= version + 1  # the tick's own change
    assert world.ports[MINE].version == call.market_version
    assert world.ledger.balance(UPKEEP) == call.upkeep_credits


def test_where_nothing_pays_it_waits() -> None:
    world = galaxy(HAVEN)
    (call,) = calls(world)
    assert call.bought is None
    assert (call.destination_id, call.calls_at) == (HAVEN, 1 + WAIT_TICKS)


def test_where_nothing_pays_it_goes_empty_to_where_something_does() -> None:
    world = galaxy(RESORT)
    want_energy(world)
    (call,) = calls(world)
    assert call.bought is None
    assert call.destination_id == HAVEN
    (route, _) = harbours_of(world)[2].routes
    assert call.calls_at == 1 + route.ticks


def test_ports_keep_a_reserve_for_players() -> None:
    world = galaxy(HAVEN)
    want_energy(world)
    world.ports[HAVEN].stock[1] = 2_000 * RESERVE_PERCENT // 100 + 60
    (call,) = calls(world)
    assert call.bought is None  # half of what is spare would not fill a quarter of the hold
    world = galaxy(HAVEN)
    want_energy(world)
    world.ports[HAVEN].stock[1] = 2_000 * RESERVE_PERCENT // 100 + 120
    (call,) = calls(world)
    assert call.bought is not None
    assert 50 <= call.bought.quantity <= 65


def test_the_wallet_bounds_the_load_and_upkeep_is_always_paid() -> None:
    world = galaxy(HAVEN)
    want_energy(world)
    give(world, hauler_account(FIRST), 0)
    (call,) = calls(world)
    # A grant of 3,750 credits buys about sixty units.
    assert call.bought is not None
    assert 40 <= call.bought.quantity <= 65
    assert call.upkeep_credits == HOLD * TURNROUND_TICKS // UPKEEP_HOLD_TICKS
    assert 0 <= world.ledger.balance(hauler_account(FIRST)) < 100


@pytest.mark.parametrize("cash", range(36, 60))
def test_upkeep_and_tax_come_before_the_last_unit(cash: int) -> None:
    world = galaxy(HAVEN, hold=1)
    want_energy(world)
    budget = hauler_budget(world.haulers[FIRST].spec)
    # The treasury moves it an eighth of the way to its budget before it buys.
    give(world, hauler_account(FIRST), cash)
    (call,) = calls(world)
    in_hand = cash + call.grant_credits
    assert call.grant_credits == -(-(budget - cash) // 8)
    ask = buy_ladder(ENERGY, world.ports[HAVEN].stock[1] + (call.bought is not None), 2_000, 1)
    price = ladder_total(ask)
    assert (call.bought is not None) == (price + trade_tax(price) + call.upkeep_credits <= in_hand)
    assert call.bought is None or call.upkeep_credits == TURNROUND_TICKS // UPKEEP_HOLD_TICKS


def test_each_sees_what_those_before_it_did() -> None:
    world = galaxy(HAVEN, HAVEN)
    want_energy(world)

    first, second = calls(world)

    assert (first.hauler_id, second.hauler_id) == (FIRST, hauler_id(1))
    assert first.bought is not None
    # The mine has room for one load at a good price, and one is on its way.
    assert second.bought is None
    assert second.market_version == first.market_version


def test_loads_from_one_port_follow_its_curve() -> None:
    world = galaxy(HAVEN, HAVEN, hold=20)
    want_energy(world)
    world.ports[RESORT].stock[0] = 0
    one, two = calls(world)
    assert one.bought is not None
    assert two.bought is not None
    assert one.bought.commodity is two.bought.commodity is Commodity.ENERGY
    assert two.bought.stock_after == one.bought.stock_after - 20
    assert one.market_version + 1 == two.market_version == world.ports[HAVEN].version


@pytest.mark.parametrize(("energy", "best"), [(0, Commodity.ENERGY), (40, Commodity.ORE)])
def test_the_better_trade_per_tick_is_taken(energy: int, best: Commodity) -> None:
    world = galaxy(HAVEN, hold=20)
    want_energy(world)
    world.ports[MINE].stock[1] = energy
    world.ports[RESORT].stock[0] = 0
    (call,) = calls(world)
    assert call.bought is not None
    assert call.bought.commodity is best


def test_deciding_changes_nothing_and_is_the_same_each_time() -> None:
    world = galaxy(HAVEN, MINE, RESORT)
    want_energy(world)
    twin = copy.deepcopy(world)
    for _ in range(400):
        assert calls(world) == calls(twin)
    assert world_digest(world) == world_digest(twin)


def test_only_those_that_are_due_call() -> None:
    world = galaxy(HAVEN)
    assert len(calls(world)) == 1
    for _ in range(WAIT_TICKS - 1):
        assert calls(world) == []
    assert len(calls(world)) == 1


def test_a_checkpoint_holds_what_its_ticks_calls_left() -> None:
    world = galaxy(HAVEN)
    want_energy(world)
    world.tick = Tick(CHECKPOINT_TICKS - 1)
    *_, call, checkpoint = perform(world, AdvanceTick(), None)
    assert isinstance(call, HaulerCalled)
    assert call.bought is not None
    assert isinstance(checkpoint, StockCheckpointed)
    assert checkpoint.stocks == tuple(tuple(port.stock) for port in world.ports_by_index)
    assert checkpoint.versions == tuple(port.version for port in world.ports_by_index)


def test_goods_bound_for_a_port_that_does_not_deal_in_them_are_a_bug() -> None:
    world = galaxy(HAVEN)
    lade(world, MINE, Commodity.LUXURY, 1)
    with pytest.raises(KeyError, match="LUXURY"):
        calls(world)


def test_what_is_promised_to_buyers_is_not_carried_off() -> None:
    world = galaxy(HAVEN)
    want_energy(world)
    haven = world.ports[HAVEN]
    haven.promised_units[1] = 1_960

    (call,) = calls(world)

    bought = call.bought
    assert bought is not None
    level = bought.stock_after + bought.quantity - 1_960
    assert bought.quantity == level
    assert bought.total_credits == ladder_total(buy_ladder(ENERGY, level, 2_000, level))
    assert haven.ask(1) is None


def test_where_all_is_promised_nothing_is_carried_off() -> None:
    world = galaxy(HAVEN)
    want_energy(world)
    haven = world.ports[HAVEN]
    haven.promised_units[1] = haven.stock[1]
    (call,) = calls(world)
    assert call.bought is None
    assert haven.stock[1] == haven.promised_units[1]


def test_promised_room_is_priced_and_kept() -> None:
    world = galaxy(HAVEN)
    want_energy(world)
    lade(world, MINE, Commodity.ENERGY, HOLD)
    promised = stock_capacity(100) - 10
    world.ports[MINE].promised_room[1] = promised

    (call,) = calls(world)

    sold = call.sold
    assert sold is not None
    level = sold.stock_after - sold.quantity + promised
    assert level + sold.quantity <= stock_capacity(100)
    assert sold.total_credits == ladder_total(sell_ladder(ENERGY, level, 100, sold.quantity))
