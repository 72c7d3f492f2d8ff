"""The haulers' figures are those of their calls, counted by hand."""

from dataclasses import replace

from tests.small_galaxy import HAVEN, MINE, NOW, small_universe

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import HaulerCalled
from sectorwars.domain.hauler import HaulerDeal, HaulerSpec, Shipment
from sectorwars.domain.ids import hauler_id
from sectorwars.domain.ledger import hauler_account
from sectorwars.domain.values import Credits, Quantity, Tick
from sectorwars.engine.apply import apply
from sectorwars.engine.economy.fleet_survey import FleetSurvey, FleetWatch
from sectorwars.engine.world import World

HAULER = hauler_id(0)
BOUGHT = HaulerDeal(Commodity.ENERGY, Quantity(10), Credits(600), Credits(6), Quantity(1_990))
SOLD = HaulerDeal(Commodity.ENERGY, Quantity(4), Credits(400), Credits(4), Quantity(104))


def call(tick: int, calls_at: int, **changes: object) -> HaulerCalled:
    quiet = HaulerCalled(
        tick=Tick(tick),
        at=NOW,
        hauler_id=HAULER,
        port_id=HAVEN,
        sold=None,
        bought=None,
        grant_credits=Credits(0),
        upkeep_credits=Credits(5),
        market_version=1,
        destination_id=HAVEN,
        calls_at=Tick(calls_at),
    )
    return replace(quiet, **changes)  # type: ignore[arg-type]


def watched() -> tuple[World, FleetWatch]:
    born = replace(
        small_universe(), haulers=(HaulerSpec(HAULER, HAVEN, 150),), first_calls=(Tick(1),)
    )
    world = World(born.seed, born.tick)
    apply(world, born)
    world.ledger.balances[hauler_account(HAULER)] = Credits(10_000)
    return world, FleetWatch(world)


def pass_through(world: World, watch: FleetWatch, event: HaulerCalled) -> None:
    watch.add(event, world.haulers[HAULER].cargo)
    world.tick = event.tick
    apply(world, event)
    watch.look()


def test_a_fleet_that_did_nothing_has_nothing_to_show() -> None:
    _, watch = watched()
    assert watch.report() == FleetSurvey(1, 0, 0, 0, 0, 0, 10_000, 10_000)


def test_trips_profit_and_idleness_are_counted() -> None:
    world, watch = watched()
    pass_through(world, watch, call(10, 40))
    pass_through(world, watch, call(40, 80, bought=BOUGHT, destination_id=MINE))
    pass_through(world, watch, call(80, 100, port_id=MINE, sold=SOLD, destination_id=MINE))
    world.tick = Tick(90)
    # Four of ten units cost 243 of 606 credits, for what is left is rounded up.
    profit = 400 - 4 - (606 - 364) - 15
    assert world.haulers[HAULER].cargo == Shipment(Commodity.ENERGY, Quantity(6), Credits(364))
    low = 10_000 - 5 - 606 - 5
    assert watch.report() == FleetSurvey(
        haulers=1,
        calls=3,
        trips=1,
        units_sold=4,
        profit_credits=profit,
        # Laden from tick 40 on: it waits with the rest.
        idle_permille=1_000 - 50 * 1_000 // 90,
        wallet_low=low,
        wallet_high=10_000,
    )


def test_a_trip_counts_as_far_as_it_has_got() -> None:
    world, watch = watched()
    pass_through(world, watch, call(20, 60, bought=BOUGHT, destination_id=MINE))
    world.tick = Tick(40)
    assert watch.report().idle_permille == 500
    rest = HaulerDeal(Commodity.ENERGY, Quantity(10), Credits(900), Credits(9), Quantity(110))
    pass_through(world, watch, call(60, 120, port_id=MINE, sold=rest))
    assert watch.report().profit_credits == 900 - 9 - 606 - 10
