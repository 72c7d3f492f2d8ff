"""Gateways and engine keep each other informed, and each acts on what others tell only."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from tests.small_galaxy import PLAYER, world_with_player
from tests.unit.application.audience import Audience
from tests.unit.application.connections import OneConnection, Overseen

from sectorwars.application.account import SessionId
from sectorwars.application.alerts.alert import Condition
from sectorwars.application.alerts.book import AlertBook
from sectorwars.application.audit.trail import Operator
from sectorwars.application.bus import (
    AlertsTurned,
    AttemptMade,
    BusMessage,
    ChannelsWanted,
    FoundationSessionMoved,
    GatewayPresent,
    PlayerArrived,
)
from sectorwars.application.foundation_session import (
    FoundationSessionKeeper,
    FoundationSessionRow,
)
from sectorwars.application.processes.connection_news import ConnectionNews
from sectorwars.application.processes.gateway_news import (
    AlertNews,
    AttemptNews,
    EngineEars,
    GatewayEars,
    Neighbourhood,
    ProposalNews,
)
from sectorwars.application.processes.presence import SILENCE_SECONDS_MAX, Presence
from sectorwars.application.publishing.signals import Proposals
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.market_board import MarketBoard
from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.application.rows import IndexPrices
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.persistence.memory.alert_store import MemoryAlertStore
from sectorwars.persistence.memory.foundation_session_store import MemoryFoundationSessionStore
from sectorwars.protocol.publication import FrameType, aria_channel
from sectorwars.protocol.shapes.advice import PriceAlert
from sectorwars.protocol.shapes.signal import ProposalSignal

NOW = UnixMicros(1_800_000_000_000_000)
CHEAP = (1,) * len(COMMODITIES)
ROW = FoundationSessionRow(
    PLAYER, "session_1_a", SessionId("sid-1"), (), pulse=True, signals=False, seen_at=NOW
)


class SetClock:
    seconds = 100.0

    def now(self) -> UnixMicros:
        return NOW

    def monotonic(self) -> float:
        return self.seconds


class Deaf:
    """Publishes to nobody."""

    def wants(self, channel: str) -> bool:
        return False

    def publish(self, publications: object) -> None:
        raise AssertionError("nobody listens")


class Wire:
    """Everybody hears all that is published, himself included, in its order."""

    def __init__(self) -> None:
        self.ears: list[Any] = []
        self.said: list[BusMessage] = []

    def publish(self, message: BusMessage) -> None:
        self.said.append(message)
        for ears in self.ears:
            ears.hear(message)


class Process:
    """What every process of the galaxy has, over one store."""

    def __init__(self, wire: Wire, store: MemoryAlertStore, own_name: str | None = None) -> None:
        serial = itertools.count(1)
        projection = Projection(world_with_player(), MarketBoard(ForecastBoard()), 1)
        self.clock = SetClock()
        self.presence = Presence(self.clock, own_name)
        self.presence.began()
        self.clock.seconds += SILENCE_SECONDS_MAX
        self.alerts = AlertBook(
            store, projection, Deaf(), self.clock, lambda: f"{own_name}-{next(serial)}"
        )


class GatewaySide(Process):
    def __init__(
        self,
        name: str,
        wire: Wire,
        alerts: MemoryAlertStore,
        sessions: MemoryFoundationSessionStore,
    ) -> None:
        super().__init__(wire, alerts, name)
        bus: Any = wire
        self.attempts = AttemptNews(bus, name)
        self.throttle = self.attempts.throttle("sign_in", 1)
        self.registrations = self.attempts.throttle("registration", 1)
        self.rows: list[FoundationSessionRow] = []
        self.keeper = FoundationSessionKeeper(sessions, lambda: self.rows)
        self.superseded: list[tuple[PlayerId, str]] = []
        self.overseen = Overseen(OneConnection(name))
        self.neighbours = Neighbourhood(bus, name, self.presence, sessions)
        self.ears = GatewayEars(
            name,
            self.presence,
            self.attempts,
            AlertNews(bus, name, self.alerts),
            ConnectionNews(
                bus,
                name,
                lambda: self.presence.others,
                self.overseen.oversight,
                lambda: f"q-{name}",
            ),
            self.keeper,
            lambda player_id, session_id: self.superseded.append((player_id, session_id)),
        )
        wire.ears.append(self.ears)


class Galaxy:
    """An engine and two gateways."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.store = MemoryAlertStore()
        self.sessions = MemoryFoundationSessionStore()
        self.engine = Process(self.wire, self.store)
        self.ears = EngineEars(self.wire, lambda: 7, self.engine.presence)  # type: ignore[arg-type]
        self.audience = Audience(aria_channel(PLAYER))
        self.ears.attend(self.engine.alerts, Proposals(self.audience))
        self.wire.ears.append(self.ears)
        self.a = GatewaySide("a", self.wire, self.store, self.sessions)
        self.b = GatewaySide("b", self.wire, self.store, self.sessions)


@pytest.fixture
def galaxy() -> Galaxy:
    return Galaxy()


async def test_sign_ins_of_an_address_count_at_every_gateway(galaxy: Galaxy) -> None:
    assert await galaxy.a.throttle.admit_address("10.0.0.1", NOW) is None
    assert await galaxy.b.throttle.admit_address("10.0.0.1", NOW) is not None
    # The limits are apart, and what one counts itself it does not count again.
    assert await galaxy.b.registrations.admit_address("10.0.0.1", NOW) is None
    assert galaxy.wire.said[0] == AttemptMade("a", "sign_in.address", "10.0.0.1", NOW)


def test_messages_to_aria_count_at_every_gateway(galaxy: Galaxy) -> None:
    heard: list[tuple[PlayerId, UnixMicros]] = []
    galaxy.a.attempts.announce_aria(PLAYER, NOW)
    galaxy.b.attempts.on_aria(lambda player_id, at: heard.append((player_id, at)))
    galaxy.b.attempts.announce_aria(PLAYER, NOW)
    assert heard == []
    galaxy.a.attempts.announce_aria(PLAYER, NOW)
    assert heard == [(PLAYER, NOW)]


def test_who_is_connected_is_known_everywhere(galaxy: Galaxy) -> None:
    galaxy.a.neighbours.arrived(PLAYER)
    assert galaxy.wire.said == [PlayerArrived("a", PLAYER)]
    assert galaxy.engine.presence.is_connected(PLAYER)
    assert galaxy.b.neighbours.others_with(PLAYER) == 1
    assert galaxy.a.neighbours.others_with(PLAYER) == 0
    galaxy.wire.publish(GatewayPresent("a", (), {"10.0.0.1": 2}))
    assert not galaxy.engine.presence.is_connected(PLAYER)
    assert galaxy.b.neighbours.counted("10.0.0.1") == 2


async def test_operators_are_told_of_connections_at_every_gateway(galaxy: Galaxy) -> None:
    galaxy.wire.publish(GatewayPresent("a", (), {}))
    galaxy.wire.publish(GatewayPresent("b", (), {}))
    page = await galaxy.a.overseen.oversight.page(Operator("pl_root"), None, 10)
    assert (page.gateways, page.silent) == (["a", "b"], [])


async def test_an_alert_is_known_everywhere_and_fired_by_the_engine(galaxy: Galaxy) -> None:
    alert = await galaxy.a.alerts.set(PLAYER, Commodity.ORE, None, Condition.PRICE_BELOW, 50)
    assert isinstance(alert, PriceAlert)
    prices = IndexPrices(Tick(1), CHEAP, CHEAP, CHEAP, CHEAP)
    galaxy.engine.alerts.observe(Committed((), (prices,)))
    await galaxy.engine.alerts.evaluate()
    turned = galaxy.wire.said[-1]
    assert isinstance(turned, AlertsTurned)
    assert turned.term == 7
    for gateway in (galaxy.a, galaxy.b):
        assert [shown.armed for shown in (await gateway.alerts.alerts(PLAYER)).set] == [False]
    assert await galaxy.b.alerts.delete(PLAYER, alert.alert_id) is None
    for process in (galaxy.a, galaxy.b, galaxy.engine):
        assert (await process.alerts.alerts(PLAYER)).set == []


def test_a_proposal_at_a_gateway_is_told_by_the_engine_once_to_who_listens(galaxy: Galaxy) -> None:
    signal = ProposalSignal("proposal", "pr_1", "trade", "declined", None, None)
    news = ProposalNews(galaxy.wire, "a")  # type: ignore[arg-type]
    news.tell(PLAYER, signal, NOW)
    news.tell(PlayerId("pl_2"), signal, NOW)
    ((told,),) = galaxy.audience.batches
    assert (told.channel, told.type) == (aria_channel(PLAYER), FrameType.AI_ALERT)
    assert (told.data, told.at, told.player_id, told.conflatable) == (signal, NOW, PLAYER, False)


async def test_what_was_not_heard_is_read_when_others_are_heard_again(galaxy: Galaxy) -> None:
    galaxy.wire.ears.clear()
    await galaxy.a.alerts.set(PLAYER, Commodity.ORE, None, Condition.PRICE_BELOW, 50)
    galaxy.ears.broke_off()
    assert galaxy.engine.presence.is_connected(PLAYER)
    await galaxy.ears.began()
    await galaxy.b.ears.catch_up()
    for process in (galaxy.b, galaxy.engine):
        assert len((await process.alerts.alerts(PLAYER)).set) == 1


async def test_a_foundation_session_moves_with_its_client(galaxy: Galaxy) -> None:
    galaxy.a.rows = [ROW]
    await galaxy.a.keeper.keep()
    assert await galaxy.b.neighbours.recall(PLAYER, "session_1_b") is None
    assert galaxy.wire.said == []
    assert await galaxy.b.neighbours.recall(*ROW.key) == ROW
    assert galaxy.wire.said == [FoundationSessionMoved("b", *ROW.key)]
    assert (galaxy.a.superseded, galaxy.b.superseded) == ([ROW.key], [])
    # The gateway that it left does not delete what the other keeps now.
    galaxy.a.rows = []
    await galaxy.a.keeper.keep()
    assert await galaxy.sessions.find(ROW.key) == ROW


def test_the_engine_lets_pass_what_does_not_concern_it(galaxy: Galaxy) -> None:
    galaxy.ears.hear(ChannelsWanted(("market.ore",)))
    galaxy.ears.hear(AttemptMade("a", "aria", PLAYER, NOW))
    assert galaxy.engine.presence.players_online == 0
