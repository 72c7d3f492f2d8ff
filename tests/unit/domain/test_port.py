"""What ports deal in."""

from tests.small_galaxy import small_universe

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.port import Port, PortGood, Role


def test_producers_sell_consumers_buy_and_traders_do_both() -> None:
    deals = {
        role: (good.buys, good.sells)
        for role in Role
        for good in [PortGood(Commodity.ORE, role, 1, 0, 0)]
    }
    assert deals == {
        Role.PRODUCES: (False, True),
        Role.CONSUMES: (True, False),
        Role.TRADES: (True, True),
    }


def test_a_port_finds_its_goods() -> None:
    port = Port(small_universe().ports[2], [150, 400])
    assert port.position(Commodity.ORE) == 0
    assert port.position(Commodity.LUXURY) == 1
    assert port.position(Commodity.FUEL) is None
