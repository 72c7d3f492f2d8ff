"""Channels are closed to whom they are not open: by name, by player, and by role."""

import pytest
from tests.unit.gateway.doubles import NOW, OTHER, Surroundings, surroundings
from tests.unit.gateway.native_line import Line, live

from sectorwars.protocol.publication import FrameType, Publication, account_channel

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


@pytest.mark.parametrize("name", [VICTIMS, "account.", f"account.{OTHER} ", "everything", "port."])
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


async def test_no_subscription_leads_into_what_is_not_ones_own() -> None:
    around = surroundings()
    await victim_of(around)
    thief = await live(around)
    for kind in ("subscribe", "unsubscribe"):
        await thief.ask(kind, {"channels": [VICTIMS]})
    around.hub.publish([SECRET_TRADE])
    assert thief.take() == []
