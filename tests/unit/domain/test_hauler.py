"""What a hauler carries, and what it cost."""

import pytest

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.hauler import Hauler, HaulerDeal, HaulerSpec, Shipment
from sectorwars.domain.ids import hauler_id, port_id
from sectorwars.domain.values import Credits, Quantity, Tick


def deal(commodity: Commodity, quantity: int, total: int = 1_000) -> HaulerDeal:
    return HaulerDeal(commodity, Quantity(quantity), Credits(total), Credits(10), Quantity(500))


def hauler(cargo: Shipment | None) -> Hauler:
    return Hauler(HaulerSpec(hauler_id(0), port_id(0), 300), port_id(0), Tick(1), cargo)


def test_a_purchase_is_cargo_at_its_full_cost() -> None:
    ship = hauler(None)
    ship.trade(None, deal(Commodity.ORE, 20))
    assert ship.cargo == Shipment(Commodity.ORE, Quantity(20), Credits(1_010))


def test_cost_goes_with_the_units_that_are_sold() -> None:
    ship = hauler(Shipment(Commodity.ORE, Quantity(3), Credits(100)))
    ship.trade(deal(Commodity.ORE, 1), None)
    assert ship.cargo == Shipment(Commodity.ORE, Quantity(2), Credits(67))
    ship.trade(deal(Commodity.ORE, 2), None)
    assert ship.cargo is None


def test_a_sale_makes_room_for_a_purchase() -> None:
    ship = hauler(Shipment(Commodity.ORE, Quantity(3), Credits(100)))
    ship.trade(deal(Commodity.ORE, 3), deal(Commodity.FUEL, 7))
    assert ship.cargo == Shipment(Commodity.FUEL, Quantity(7), Credits(1_010))


@pytest.mark.parametrize(
    ("cargo", "sold", "bought", "message"),
    [
        (None, deal(Commodity.ORE, 1), None, "does not carry ore"),
        (Shipment(Commodity.FUEL, Quantity(3), Credits(1)), deal(Commodity.ORE, 1), None, "carry"),
        (Shipment(Commodity.ORE, Quantity(3), Credits(1)), deal(Commodity.ORE, 4), None, "more"),
        (
            Shipment(Commodity.ORE, Quantity(3), Credits(1)),
            deal(Commodity.ORE, 2),
            deal(Commodity.FUEL, 1),
            "still carries",
        ),
    ],
)
def test_what_cannot_be_is_a_bug(
    cargo: Shipment | None, sold: HaulerDeal | None, bought: HaulerDeal | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        hauler(cargo).trade(sold, bought)
