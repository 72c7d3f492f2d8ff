"""Ids that the core makes."""

from sectorwars.domain.ids import PlayerId, hauler_id, port_id, sector_id, ship_id, trade_id


def test_ids_are_functions_of_their_inputs() -> None:
    assert (sector_id(0), port_id(11)) == ("s0001", "p0012")
    assert hauler_id(0) == "h0001"
    assert ship_id(PlayerId("pl_1")) == "ship-pl_1"
    assert trade_id(PlayerId("pl_1"), 3) == "t-pl_1-3"
