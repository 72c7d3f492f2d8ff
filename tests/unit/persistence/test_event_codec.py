"""Events as JSON of the log: all of them, and readable for ever."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import msgspec
import pytest

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    HaulerCalled,
    PortsSettled,
    ShipUndocked,
    UniverseCreated,
)
from sectorwars.domain.hauler import HaulerDeal
from sectorwars.domain.ids import (
    AccountId,
    CommandId,
    HaulerId,
    PlayerId,
    PortId,
    SectorId,
    TradeId,
)
from sectorwars.domain.ledger import Posting
from sectorwars.domain.market import Fill, Side
from sectorwars.domain.values import Credits, Quantity, Tick, UnixMicros
from sectorwars.engine.genesis import create_universe
from sectorwars.persistence.event_codec import (
    EVENT_KINDS,
    UnknownEventKindError,
    decode_event,
    encode_event,
    event_kind,
)

TRADE = GoodsTraded(
    trade_id=TradeId("t-pl_1-1"),
    trade_serial=1,
    player_id=PlayerId("pl_1"),
    command_id=CommandId('c "1"'),
    at=UnixMicros(1_764_000_000_000_001),
    tick=Tick(-5),
    port_id=PortId("p0001"),
    side=Side.SELL,
    commodity=Commodity.GOURMET_FOOD,
    quantity=Quantity(3),
    fills=(Fill(Credits(101), Quantity(2)), Fill(Credits(100), Quantity(1))),
    total_credits=Credits(302),
    fees_credits=Credits(4),
    profit_credits=None,
    credits_after=Credits(50_298),
    cargo_after=Quantity(0),
    stock_after=Quantity(1_003),
    market_version=17,
    volume_24h=3,
    postings=(
        Posting(AccountId("port:p0001"), Credits(-298)),
        Posting(AccountId("player:pl_1"), Credits(298)),
    ),
)


CALL = HaulerCalled(
    tick=Tick(-5),
    at=UnixMicros(1_764_000_000_000_001),
    hauler_id=HaulerId("h0001"),
    port_id=PortId("p0001"),
    sold=HaulerDeal(Commodity.ORE, Quantity(300), Credits(15_600), Credits(156), Quantity(5_300)),
    bought=None,
    grant_credits=Credits(-12),
    upkeep_credits=Credits(720),
    market_version=1_234_567,
    destination_id=PortId("p0002"),
    calls_at=Tick(115),
)


def test_every_event_has_a_kind_of_its_own() -> None:
    assert set(EVENT_KINDS.values()) == set(get_args(Event))
    assert len(EVENT_KINDS) == len(set(EVENT_KINDS.values()))


TURNROUND = replace(
    CALL,
    bought=HaulerDeal(Commodity.LUXURY, Quantity(9), Credits(8_100), Credits(81), Quantity(70)),
)


@pytest.mark.parametrize("event", [TRADE, CALL, TURNROUND, create_universe(1, sectors=20)])
def test_what_is_encoded_is_decoded(event: Event) -> None:
    payload = encode_event(event)

    assert json.loads(payload)["kind"] == event_kind(event)
    assert decode_event(event_kind(event), payload) == event
    assert decode_event(event_kind(event), payload.decode()) == event


def test_a_payload_of_the_first_release_stays_readable() -> None:
    """These bytes are in databases: if this test fails, give the new field a default."""
    undocked = (
        '{"kind":"ship_undocked","player_id":"pl_1","command_id":"c1","at":5,'
        '"port_id":"p0001","sector_id":"s0001"}'
    )
    settled = (
        '{"kind":"ports_settled","tick":60,"at":7,"postings":[["port:p0001",-5],["sink:wages",5]]}'
    )

    universe = (
        '{"kind":"universe_created","seed":7,"tick":0,"sectors":[],"ports":[],"stocks":[],'
        '"postings":[]}'
    )

    call = (
        '{"kind":"hauler_called","call":[-5,1764000000000001,"h0001","p0001",'
        '["ore",300,15600,156,5300],null,-12,720,1234567,"p0002",115]}'
    )
    assert decode_event("hauler_called", call) == CALL
    assert encode_event(CALL).decode() == call
    assert decode_event("universe_created", universe) == UniverseCreated(7, Tick(0), (), (), (), ())
    assert decode_event("ship_undocked", undocked) == ShipUndocked(
        PlayerId("pl_1"), CommandId("c1"), UnixMicros(5), PortId("p0001"), SectorId("s0001")
    )
    assert decode_event("ports_settled", settled) == PortsSettled(
        Tick(60),
        UnixMicros(7),
        (
            Posting(AccountId("port:p0001"), Credits(-5)),
            Posting(AccountId("sink:wages"), Credits(5)),
        ),
    )


def test_what_a_hauler_leaves_behind_stays_small() -> None:
    """A hundred thousand a day are kept for ever: the postings follow from the rest."""
    assert len(encode_event(CALL)) < 350
    assert sum(amount for _, amount in CALL.postings) == 0


def test_members_that_are_no_longer_known_are_ignored() -> None:
    payload = encode_event(TRADE)[:-1] + b',"weather":"solar wind"}'

    assert decode_event("goods_traded", payload) == TRADE


def test_a_kind_of_a_later_release_is_named() -> None:
    with pytest.raises(UnknownEventKindError, match="war_declared"):
        decode_event("war_declared", b"{}")


def test_a_damaged_payload_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_event("goods_traded", encode_event(TRADE)[:-1])
