import pytest

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.protocol.publication import (
    account_channel,
    has_deltas,
    is_channel_name,
    market_channel,
    port_channel,
)


def test_channels_are_named_by_what_they_carry() -> None:
    assert market_channel(Commodity.GOURMET_FOOD) == "market.gourmet_food"
    assert port_channel(PortId("p0001")) == "port.p0001"
    assert account_channel(PlayerId("pl_1")) == "account.pl_1"


@pytest.mark.parametrize("name", ["market.ore", "port.p0001", "account", "pulse"])
def test_readers_may_ask_for_what_is_listed(name: str) -> None:
    assert is_channel_name(name)


@pytest.mark.parametrize(
    "name",
    [
        account_channel(PlayerId("pl_1")),
        *("", ".", "market", "market.", "market.spice", "market.ore.x", "port", "port."),
        *("account.", "pulse.", "pulse.x", "Account", " account", "engine", "sessions.1"),
    ],
)
def test_whatever_is_not_listed_is_denied(name: str) -> None:
    assert not is_channel_name(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, True) for name in ("market.ore", "port.p0001", "pulse")),
        *((name, False) for name in ("account", "trades", account_channel(PlayerId("pl_1")))),
    ],
)
def test_deltas_are_for_channels_of_whole_state(name: str, *, expected: bool) -> None:
    assert has_deltas(name) is expected
