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


def test_promised_units_move_the_ask_and_promised_room_the_bid() -> None:
    port = Port(small_universe().ports[0], [2_000, 2_000, 2_000])
    ask, bid = port.ask(0), port.bid(0)
    assert ask is not None
    assert bid is not None
    port.promised_units[0] = 200
    assert port.bid(0) == bid
    assert (port.ask(0) or 0) > ask
    port.promised_room[0] = 200
    assert (port.bid(0) or 0) < bid
    assert (port.ask_stock(0), port.bid_stock(0)) == (1_800, 2_200)
    assert (port.ask_stock(1), port.bid_stock(1)) == (2_000, 2_000)


def test_a_port_names_no_price_on_a_side_on_which_it_does_not_deal() -> None:
    mine = Port(small_universe().ports[1], [80, 100])
    assert (mine.bid(0), mine.ask(1)) == (None, None)
    assert mine.ask(0) is not None
    assert mine.bid(1) is not None
