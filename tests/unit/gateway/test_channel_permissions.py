"""Channels are closed to whom they are not open: by name, by player, and by role."""

import pytest
from tests.unit.gateway.doubles import (
    NOW,
    OTHER,
    PLAYER,
    Surroundings,
    principal,
    surroundings,
)
from tests.unit.gateway.native_line import Line, live
from tests.unit.gateway.sockets import SOMEWHERE

from sectorwars.application.account import AccountRole
from sectorwars.gateway.channel_permissions import LISTENERS, Listeners
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.protocol.publication import (
    PRIVATE_CHANNELS,
    FrameType,
    Publication,
    account_channel,
    private_channel,
)

VICTIMS = account_channel(OTHER)
SECRET_TRADE = Publication(VICTIMS, FrameType.TRADING_SIGNAL, {"secret": 1}, NOW, OTHER)


async def victim_of(around: Surroundings) -> tuple[Line, str]:
    """Another player who follows his account, and the epoch of what was published there."""
    victim = await live(around, "other")
    await victim.ask("subscribe", {"channels": ["account"]})
    around.hub.publish([SECRET_TRADE])
    (frame,) = victim.take()
    assert frame["data"] == {"secret": 1}
    return victim, frame["epoch"]


@pytest.mark.parametrize(
    "name",
    [
        *(private_channel(name, OTHER) for name in sorted(PRIVATE_CHANNELS)),
        *("account.", f"account.{OTHER} ", "everything", "port."),
    ],
)
async def test_no_resumption_leads_into_what_is_not_ones_own(name: str) -> None:
    around = surroundings()
    victim, epoch = await victim_of(around)
    thief = Line(around)
    position = {"channel": name, "epoch": epoch, "offset": 0}
    answer = await thief.ask("resume", {"token": "good", "positions": [position]})
    (outcome,) = answer["data"]["channels"]
    assert outcome == {"channel": name, "epoch": "", "offset": 0, "outcome": "lost", "missed": 0}
    around.hub.publish([SECRET_TRADE])
    assert thief.take() == []
    assert len(victim.take()) == 1


@pytest.mark.parametrize("name", sorted(PRIVATE_CHANNELS))
async def test_no_subscription_leads_into_what_is_not_ones_own(name: str) -> None:
    around = surroundings()
    victim, thief = await live(around, "other"), await live(around)
    await victim.ask("subscribe", {"channels": [name]})
    internal = private_channel(name, OTHER)
    refused = await thief.ask("subscribe", {"channels": [internal]})
    assert refused["data"]["code"] == "unknown_channel"
    await thief.ask("unsubscribe", {"channels": [internal]})
    await thief.ask("subscribe", {"channels": [name]})
    secret = Publication(internal, FrameType.TRADING_SIGNAL, {"secret": 1}, NOW, OTHER)
    around.hub.publish([secret])
    assert thief.take() == []
    (frame,) = victim.take()
    assert (frame["channel"], frame["data"]) == (name, {"secret": 1})


async def test_change_of_role_ends_private_channels_too() -> None:
    closed = {**LISTENERS, "aria": frozenset({AccountRole.MODERATOR})}
    around = surroundings(listeners=closed)
    line = await of_role(around, AccountRole.MODERATOR)
    await line.ask("subscribe", {"channels": ["aria", "signals"]})
    around.gateway.hold_to_roles({})
    (told,) = line.take()
    assert (told["type"], told["data"]) == ("unsubscribed", {"channels": ["aria"]})
    for name in ("aria", "signals"):
        internal = private_channel(name, PLAYER)
        around.hub.publish([Publication(internal, FrameType.AI_ALERT, {"of": name}, NOW, PLAYER)])
    (frame,) = line.take()
    assert frame["data"] == {"of": "signals"}


async def of_role(around: Surroundings, role: AccountRole) -> Line:
    around.tokens.principals["good"] = principal(role=role)
    return await live(around)


MODERATORS_ONLY: Listeners = {**LISTENERS, "pulse": frozenset({AccountRole.MODERATOR})}


async def test_channel_is_open_to_the_roles_that_are_listed() -> None:
    around = surroundings(listeners=MODERATORS_ONLY)
    for role in AccountRole:
        answer = await (await of_role(around, role)).ask("subscribe", {"channels": ["pulse"]})
        if role is AccountRole.MODERATOR:
            assert answer["type"] == "subscribed"
        else:
            assert answer["data"]["code"] == "unknown_channel"


async def test_kind_of_channel_that_is_not_listed_is_closed_to_all() -> None:
    for role in AccountRole:
        line = await of_role(surroundings(listeners={}), role)
        for name in (
            "market.ore",
            "port.p0001",
            "predictions",
            "pulse",
            "trades",
            *PRIVATE_CHANNELS,
        ):
            answer = await line.ask("subscribe", {"channels": [name]})
            assert answer["data"]["code"] == "unknown_channel"


async def test_change_of_role_ends_what_is_closed_to_the_new_one() -> None:
    around = surroundings(listeners=MODERATORS_ONLY)
    line = await of_role(around, AccountRole.MODERATOR)
    await line.ask("subscribe", {"channels": ["pulse", "market.ore"]})
    around.gateway.hold_to_roles({PLAYER: AccountRole.MODERATOR})
    assert line.take() == []
    around.gateway.hold_to_roles({})
    (told,) = line.take()
    assert (told["type"], told["data"], "id" in told) == (
        "unsubscribed",
        {"channels": ["pulse"]},
        False,
    )
    assert line.client.is_ours(told)
    for name in ("pulse", "market.ore"):
        around.hub.publish([Publication(name, FrameType.MARKET_UPDATE, {"of": name}, NOW)])
    (frame,) = line.take()
    assert frame["data"] == {"of": "market.ore"}
    # The token still says what he was.
    resumed = Line(around)
    position = {"channel": "pulse", "epoch": "stream-1.1", "offset": 0}
    data = {"token": "good", "positions": [position]}
    await resumed.socket.send(resumed.client.frame("resume", data))
    assert [frame["type"] for frame in resumed.take()] == ["resumed", "market_update"]
    around.gateway.hold_to_roles({})
    assert [frame["type"] for frame in resumed.take()] == ["unsubscribed"]
    answer = await line.ask("subscribe", {"channels": ["pulse"]})
    assert answer["data"]["code"] == "unknown_channel"


async def test_service_that_is_none_any_more_counts_against_its_address() -> None:
    around = surroundings(GatewayLimits(connections_per_address=1))
    lines = [await of_role(around, AccountRole.SERVICE) for _ in range(3)]
    around.gateway.hold_to_roles({PLAYER: AccountRole.SERVICE})
    assert around.gateway.registry.counted(SOMEWHERE.address) == 0
    around.gateway.hold_to_roles({})
    for line in lines:
        line.take()
    assert [line.socket.close_code for line in lines] == [None, 4003, 4003]
    assert around.gateway.registry.counted(SOMEWHERE.address) == 1
    around.gateway.hold_to_roles({PLAYER: AccountRole.SERVICE})
    assert around.gateway.registry.counted(SOMEWHERE.address) == 0
    assert not lines[0].socket.connection.closing
