from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.protocol.publication import account_channel, market_channel, port_channel


def test_channels_are_named_by_what_they_carry() -> None:
    assert market_channel(Commodity.GOURMET_FOOD) == "market.gourmet_food"
    assert port_channel(PortId("p0001")) == "port.p0001"
    assert account_channel(PlayerId("pl_1")) == "account.pl_1"
