import pytest

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.protocol.publication import (
    PRIVATE_CHANNELS,
    account_channel,
    aria_channel,
    has_deltas,
    is_channel_name,
    market_channel,
    port_channel,
    private_channel,
    public_name,
    signals_channel,
)


def test_channels_are_named_by_what_they_carry() -> None:
    assert market_channel(Commodity.GOURMET_FOOD) == "market.gourmet_food"
    assert port_channel(PortId("p0001")) == "port.p0001"
    assert account_channel(PlayerId("pl_1")) == "account.pl_1"
    assert aria_channel(PlayerId("pl_1")) == "aria.pl_1"
    assert signals_channel(PlayerId("pl_1")) == "signals.pl_1"


@pytest.mark.parametrize("player", ["pl_1", "ore", "predictions", "a.b", ""])
@pytest.mark.parametrize("name", sorted(PRIVATE_CHANNELS))
def test_whatever_a_player_is_called_his_channels_can_be_named_by_nobody(
    name: str, player: str
) -> None:
    internal = private_channel(name, PlayerId(player))
    assert not is_channel_name(internal)
    assert public_name(internal) == name


@pytest.mark.parametrize("name", ["market.ore", "port.p0001", "predictions", "pulse", "trades"])
def test_public_channels_are_called_the_same_by_all(name: str) -> None:
    assert public_name(name) == name


@pytest.mark.parametrize(
    "name", [*PRIVATE_CHANNELS, "market.ore", "port.p0001", "predictions", "pulse", "trades"]
)
def test_readers_may_ask_for_what_is_listed(name: str) -> None:
    assert is_channel_name(name)


@pytest.mark.parametrize(
    "name",
    [
        account_channel(PlayerId("pl_1")),
        *("", ".", "market", "market.", "market.spice", "market.ore.x", "port", "port."),
        *("account.", "pulse.", "pulse.x", "Account", " account", "engine", "sessions.1"),
        *("signals.", "signals.ore", "aria.", "aria.x", "predictions.", "predictions.ore"),
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
