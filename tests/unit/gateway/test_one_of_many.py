"""A gateway among others: its channels are the engine's, its players may be anywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from tests.contract.foundation.page import (
    AUTHENTICATE,
    RECORDED,
    SESSION_ID,
    TOKEN,
    Page,
    updates,
)
from tests.unit.gateway.doubles import (
    NOW,
    PLAYER,
    SetClock,
    Surroundings,
    principal,
    surroundings,
)
from tests.unit.gateway.native_line import Line, live
from tests.unit.gateway.sockets import PlayerSocket

from sectorwars.application.account import SessionId
from sectorwars.application.bus import ChannelPlace, RelayedFrame
from sectorwars.application.foundation_session import FoundationSessionRow
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, parse_rfc3339
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.gateway.relay_hub import RelayHub
from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.dialect import SessionLimits
from sectorwars.protocol.publication import FrameType, account_channel

ORE, ACCOUNT = "market.ore", account_channel(PLAYER)


class Elsewhere:
    """Neighbours of whom a test knows everything."""

    may_exist = True

    def __init__(self) -> None:
        self.others = 0
        self.connections = 0
        self.told: list[PlayerId] = []
        self.asked: list[tuple[PlayerId, str]] = []
        self.row: FoundationSessionRow | None = None
        self.store_away = False

    def others_with(self, player_id: PlayerId) -> int:
        return self.others

    def counted(self, address: str) -> int:
        return self.connections

    def arrived(self, player_id: PlayerId) -> None:
        self.told.append(player_id)

    async def recall(self, player_id: PlayerId, session_id: str) -> FoundationSessionRow | None:
        self.asked.append((player_id, session_id))
        if self.store_away:
            raise StoreUnavailableError("away")
        return self.row


class Distant:
    """A gateway with neighbours in front of an engine that a test plays."""

    def __init__(self, limits: GatewayLimits | None = None) -> None:
        self.answers = True
        self.asked: list[str] = []
        self.neighbours = Elsewhere()
        self.clock = SetClock()
        self.hub = RelayHub(
            self._ask,
            lambda subscribers: self.around.gateway.interrupt(subscribers),
            self.clock.monotonic,
            16,
            60.0,
        )
        self.around: Surroundings = surroundings(limits, neighbours=self.neighbours, relay=self.hub)

    def relay(self, channel: str, offset: int, epoch: str = "e1", **data: Any) -> None:
        """Have the engine publish a frame."""
        private = channel == ACCOUNT
        shown = {"channel": "account" if private else channel, "offset": offset, "data": data}
        frame = RelayedFrame(
            ChannelPlace(channel, shown["channel"], epoch, offset),
            FrameType.TRADING_SIGNAL if private else FrameType.MARKET_UPDATE,
            NOW,
            PLAYER if private else None,
            conflatable=not private,
            payload=json.dumps(shown).encode(),
        )
        self.hub.relay([frame])

    def _ask(self, channels: Sequence[str]) -> None:
        self.asked.extend(channels)
        if self.answers:
            self.hub.place(ChannelPlace(name, name, "e1", 7) for name in channels)


async def subscribe(line: Line, *channels: str) -> dict[str, Any]:
    return await line.ask("subscribe", {"channels": list(channels)})


async def test_a_channel_is_opened_at_the_engine_once_and_begins_where_it_says() -> None:
    distant = Distant()
    line, other = await live(distant.around), await live(distant.around)
    answer = await subscribe(line, ORE)
    (at,) = answer["data"]["channels"]
    assert (at["epoch"], at["offset"], at["snapshot"]["commodity"]) == ("e1", 7, "ore")
    await subscribe(other, ORE)
    assert distant.asked == [ORE]
    distant.relay(ORE, 8)
    assert [frame["offset"] for frame in line.take()] == [8]
    assert [frame["offset"] for frame in other.take()] == [8]


async def test_what_does_not_exist_is_not_asked_for() -> None:
    distant = Distant()
    line = await live(distant.around)
    answer = await subscribe(line, ORE, "port.p9999")
    assert answer["data"]["code"] == "unknown_channel"
    assert distant.asked == []


async def test_while_the_engine_is_away_subscriptions_are_refused_for_later() -> None:
    distant = Distant()
    distant.answers = False
    line = await live(distant.around)
    answer = await subscribe(line, ORE)
    assert (answer["data"]["code"], answer["data"]["retry"]) == ("engine_unavailable", "later")
    distant.answers = True
    assert (await subscribe(line, ORE))["type"] == "subscribed"


async def test_native_clients_are_told_when_what_they_see_grows_old_and_when_not() -> None:
    distant = Distant()
    gateway = distant.around.gateway
    line, stranger = await live(distant.around), Line(distant.around)
    gateway.tell_stale(True)
    (told,) = line.take()
    assert line.client.is_ours(told)
    assert (told["type"], told["data"]) == ("stale", {"stale": True})
    # So are those who come meanwhile, once they have said who they are.
    assert stranger.take() == []
    await stranger.socket.send(stranger.client.frame("authenticate", {"token": "good"}, NOW))
    assert [frame["type"] for frame in stranger.take()] == ["auth_success", "stale"]
    back = Line(distant.around)
    data = {"token": "good", "positions": [], "commands": []}
    await back.socket.send(back.client.frame("resume", data, NOW))
    assert [frame["type"] for frame in back.take()] == ["resumed", "stale"]
    gateway.tell_stale(False)
    (told,) = line.take()
    assert told["data"] == {"stale": False}
    assert (await live(distant.around)).take() == []


async def test_readers_of_a_channel_with_a_hole_are_closed_with_hints_spread_over_all() -> None:
    distant = Distant()
    lines = [await live(distant.around) for _ in range(2)]
    lines.append(await live(distant.around, "other"))
    for line in lines:
        await subscribe(line, "account")
    hearer = await live(distant.around)
    await subscribe(hearer, ORE)
    distant.hub.place(
        ChannelPlace(account_channel(PlayerId(name)), "account", "e2", 0)
        for name in ("pl_0123456789abcdef", "pl_fedcba9876543210")
    )
    reasons = []
    for line in lines:
        reasons.append(bytes(line.socket.transport.written).split(b"; ")[-1])
        line.take()
        assert line.socket.close_code == CloseCode.STREAM_INTERRUPTED
    assert [reason.decode() for reason in reasons] == [
        f"reconnect in {wait_ms} ms" for wait_ms in (0, 1_666, 3_333)
    ]
    hearer.take()
    assert hearer.socket.close_code is None


async def test_who_comes_from_another_gateway_resumes_what_passed_here() -> None:
    distant = Distant()
    # Somebody asked for it elsewhere, so this gateway has heard of it.
    distant.hub.place([ChannelPlace(ORE, ORE, "e1", 7)])
    distant.relay(ORE, 8)
    line = Line(distant.around)
    positions = [
        {"channel": ORE, "epoch": "e1", "offset": 7},
        {"channel": "market.fuel", "epoch": "e1", "offset": 7},
    ]
    data = {"token": "good", "positions": positions, "commands": []}
    await line.socket.send(line.client.frame("resume", data, NOW))
    resumed, missed = line.take()
    outcomes = {at["channel"]: at["outcome"] for at in resumed["data"]["channels"]}
    assert outcomes == {ORE: "replay", "market.fuel": "lost"}
    assert missed["offset"] == 8
    # It is asked for here from now on; what may never have existed is not.
    assert distant.hub.channels() == (ORE,)


async def test_connections_at_other_gateways_count_against_the_address() -> None:
    distant = Distant(GatewayLimits(connections_per_address=3))
    distant.neighbours.connections = 2
    assert (await Line(distant.around).sign_in())["type"] == "auth_success"
    refused = await Line(distant.around).sign_in()
    assert refused["data"]["code"] == "too_many_connections"
    # The others are told of a player's first connection only.
    assert distant.neighbours.told == [PLAYER]


async def test_a_player_at_two_gateways_has_half_of_his_messages_at_each() -> None:
    distant = Distant(GatewayLimits(session=SessionLimits(messages_per_second=10)))
    distant.neighbours.others = 1
    line = await live(distant.around)
    line.around.clock.advance(60)

    async def admitted() -> int:
        answers = [await line.ask("unsubscribe", {"channels": []}) for _ in range(12)]
        codes = [answer["data"].get("code") for answer in answers]
        return len(codes) - codes.count("message_rate_exceeded")

    assert await admitted() == 5
    distant.neighbours.others = 0
    distant.around.gateway.registry.share_out(PLAYER, line.around.clock.monotonic())
    line.around.clock.advance(60)
    assert await admitted() == 10


def row(seen_at: UnixMicros) -> FoundationSessionRow:
    return FoundationSessionRow(
        PLAYER, SESSION_ID, SessionId("sid-1"), (Commodity.ORE,), False, False, seen_at
    )


def moved(distant: Distant, seen_seconds_ago: int, *, expired: bool = False) -> Page:
    """Return a page that comes from another gateway, where it followed ore."""
    page = Page(distant.around)
    now = parse_rfc3339(AUTHENTICATE["timestamp"])
    ends_at = UnixMicros(now - 1 if expired else now + MICROS_PER_SECOND)
    distant.around.tokens.principals[TOKEN] = principal(expires_at=ends_at)
    distant.neighbours.row = row(UnixMicros(now - seen_seconds_ago * MICROS_PER_SECOND))
    return page


@pytest.mark.parametrize(("seconds", "comes_back"), [(59, True), (61, False)])
async def test_an_expired_token_brings_a_session_back_from_elsewhere_for_a_minute(
    seconds: int, comes_back: bool
) -> None:
    page = moved(Distant(), seconds, expired=True)
    (answer, *_) = await page.sign_in()
    assert (answer["data"]["action"] == "auth_success") is comes_back


async def test_a_foundation_client_finds_what_it_followed_elsewhere() -> None:
    distant = Distant()
    page = moved(distant, 5)
    shown = await page.sign_in()
    assert shown[0]["data"]["action"] == "auth_success"
    assert updates(shown) == ["ore"]
    assert distant.neighbours.asked == [(PLAYER, SESSION_ID)]
    # The account's channel is opened for it, though it never asks.
    assert ACCOUNT in distant.asked
    # When it comes back here, this gateway knows it.
    page.socket.lose()
    page.socket = PlayerSocket(page.around)
    await page.send(RECORDED[0])
    assert len(distant.neighbours.asked) == 1


async def test_a_store_that_is_away_lets_a_foundation_client_in_as_a_new_one() -> None:
    distant = Distant()
    page = moved(distant, 5)
    distant.neighbours.store_away = True
    shown = await page.sign_in()
    assert shown[0]["data"]["action"] == "auth_success"
    assert updates(shown) == []


async def test_a_session_that_went_elsewhere_falls_silent_here() -> None:
    distant = Distant()
    page = moved(distant, 5)
    await page.sign_in()
    distant.around.gateway.supersede(PLAYER, SESSION_ID)
    assert distant.around.gateway.foundation_sessions() == []
    before = len(page.client.shown)
    page.wait(10)
    assert page.client.shown[before:] == []
    assert page.socket.close_code is None
    # Nobody here is meant.
    distant.around.gateway.supersede(PLAYER, "another")


async def test_a_foundation_client_goes_on_after_a_hole_without_noticing() -> None:
    distant = Distant()
    page = moved(distant, 5)
    await page.sign_in()
    follower = page.socket.connection.follower
    distant.hub.place([ChannelPlace(ACCOUNT, "account", "e2", 0)])
    assert page.socket.connection.follower is not follower
    assert page.socket.close_code is None
    assert distant.hub.wants(ACCOUNT)


async def test_nobody_is_looked_up_for_a_token_that_is_none() -> None:
    distant = Distant()
    page = Page(distant.around)
    del distant.around.tokens.principals[TOKEN]
    (answer,) = await page.sign_in()
    assert answer["data"]["action"] == "auth_failed"
    assert distant.neighbours.asked == []
