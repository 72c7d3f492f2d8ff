"""Alerts fire once on the edge, are stored before they are published, and reach their player."""

import itertools
from collections.abc import Sequence

import pytest
from tests.small_galaxy import HAVEN, MINE, NOW, PLAYER, RESORT, world_with_player

from sectorwars.application.alerts.alert import ALERTS_MAX, AlertId, Condition, StoredAlert
from sectorwars.application.alerts.book import AlertBook
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.market_board import MarketBoard
from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.application.rows import IndexPrices
from sectorwars.domain.commodity import COMMODITIES, COMMODITY_INDEX, Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.engine.world import World
from sectorwars.persistence.memory.alert_store import MemoryAlertStore
from sectorwars.protocol.publication import (
    FrameType,
    Publication,
    account_channel,
    aria_channel,
)
from sectorwars.protocol.shapes.advice import AlertSignal, PriceAlert

OTHER = PlayerId("pl_2")


class Listener:
    """Listens to some of PLAYER's channels, at first his account only."""

    def __init__(self) -> None:
        self.heard: list[Publication] = []
        self.wanted = {account_channel(PLAYER)}

    def wants(self, channel: str) -> bool:
        return channel in self.wanted

    def publish(self, publications: Sequence[Publication]) -> None:
        self.heard.extend(publications)

    def prices(self) -> list[str]:
        signals = [heard.data for heard in self.heard if isinstance(heard.data, AlertSignal)]
        return [signal.alert.title for signal in signals if signal.alert.kind == "price"]


class Minutes:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> UnixMicros:
        return self.at

    def monotonic(self) -> float:
        return 0.0

    def pass_minutes(self, minutes: int) -> None:
        self.at = UnixMicros(self.at + minutes * 60_000_000)


class StubbornStore(MemoryAlertStore):
    """A memory store that can be away."""

    away = False

    async def record(self, *args: object, **named: object) -> None:
        if self.away:
            raise StoreUnavailableError("away")
        await super().record(*args, **named)  # type: ignore[arg-type]


class Room:
    def __init__(self) -> None:
        self.world: World = world_with_player()
        self.store = StubbornStore()
        self.listener = Listener()
        self.clock = Minutes()
        self.book = self.reopened()

    def reopened(self) -> AlertBook:
        serial = itertools.count(1)
        projection = Projection(self.world, MarketBoard(ForecastBoard()), 1)
        return AlertBook(
            self.store, projection, self.listener, self.clock, lambda: str(next(serial))
        )

    async def tick(self, ore_cents: int) -> None:
        index = tuple(ore_cents if good is Commodity.ORE else 10_000 for good in COMMODITIES)
        prices = IndexPrices(Tick(1), index, index, index, index)
        self.book.observe(Committed((), (prices,)))
        await self.book.evaluate()


@pytest.fixture
def room() -> Room:
    return Room()


async def set_alert(
    room: Room,
    condition: Condition = Condition.PRICE_BELOW,
    value: int = 50,
    port: str | None = None,
) -> PriceAlert:
    outcome = await room.book.set(
        PLAYER, Commodity.ORE, None if port is None else PortId(port), condition, value
    )
    assert isinstance(outcome, PriceAlert)
    return outcome


async def test_an_alert_fires_once_and_again_after_it_was_false(room: Room) -> None:
    await set_alert(room)
    for cents in (5_100, 4_999, 4_900, 4_950):
        await room.tick(cents)
    assert room.listener.prices() == ["ore below 50"]
    room.clock.pass_minutes(2)
    await room.tick(5_000)
    await room.tick(4_999)
    assert room.listener.prices() == ["ore below 50"] * 2
    listed = await room.book.alerts(PLAYER)
    assert [alert.kind for alert in listed.received].count("price") == 2
    assert not listed.set[0].armed


async def test_a_price_that_dances_on_the_line_is_told_once_a_minute(room: Room) -> None:
    await set_alert(room)
    for cents in (4_999, 5_000) * 10:
        await room.tick(cents)
    assert room.listener.prices() == ["ore below 50"]


async def test_an_alert_remembers_over_a_restart_that_it_has_fired(room: Room) -> None:
    await set_alert(room)
    await room.tick(4_000)
    room.clock.pass_minutes(5)
    room.book = room.reopened()
    await room.book.start()
    await room.tick(4_000)
    assert room.listener.prices() == ["ore below 50"]


async def test_nothing_is_published_that_was_not_stored(room: Room) -> None:
    await set_alert(room)
    room.store.away = True
    with pytest.raises(StoreUnavailableError):
        await room.tick(4_000)
    assert room.listener.heard == []
    room.store.away = False
    await room.tick(4_000)
    assert room.listener.prices() == ["ore below 50"]


async def test_at_a_port_the_ask_is_watched_below_and_the_bid_above(room: Room) -> None:
    await set_alert(room, Condition.PRICE_ABOVE, 100, RESORT)
    await set_alert(room, Condition.PRICE_BELOW, 60, HAVEN)
    room.world.ports[RESORT].stock[0] = 1
    await room.tick(10_000)
    assert sorted(room.listener.prices()) == ["ore above 100", "ore below 60"]


async def test_a_port_that_sells_none_has_no_ask_to_watch(room: Room) -> None:
    await set_alert(room, Condition.PRICE_BELOW, 10_000, RESORT)
    await room.tick(10_000)
    assert room.listener.prices() == []


async def test_the_limit_holds_and_a_deleted_alert_makes_room(room: Room) -> None:
    first = await set_alert(room)
    for _ in range(ALERTS_MAX - 1):
        await set_alert(room)
    refused = await room.book.set(PLAYER, Commodity.ORE, None, Condition.PRICE_BELOW, 1)
    assert isinstance(refused, Refusal)
    assert refused.code == "alert_limit"
    refused = await room.book.delete(OTHER, first.alert_id)
    assert isinstance(refused, Refusal)
    assert refused.code == "unknown_alert"
    assert await room.book.delete(PLAYER, first.alert_id) is None
    await set_alert(room)
    assert len((await room.book.alerts(PLAYER)).set) == ALERTS_MAX
    assert (await room.book.alerts(OTHER)).set == []


class Announcements:
    """Tells another process's book, as the bus does."""

    def __init__(self, other: AlertBook) -> None:
        self._other = other

    def alert_set(self, alert: StoredAlert) -> None:
        self._other.note_set(alert)

    def alert_deleted(self, alert_id: AlertId) -> None:
        self._other.note_deleted(alert_id)

    def alerts_turned(self, armed: tuple[tuple[AlertId, bool], ...]) -> None:
        self._other.note_turned(armed)


async def test_what_is_set_at_one_process_fires_at_another_and_is_shown_at_both(
    room: Room,
) -> None:
    gateway = room.reopened()
    gateway.announce_to(Announcements(room.book))
    room.book.announce_to(Announcements(gateway))
    alert = await gateway.set(PLAYER, Commodity.ORE, None, Condition.PRICE_BELOW, 50)
    assert isinstance(alert, PriceAlert)
    await room.tick(4_000)
    assert room.listener.prices() == ["ore below 50"]
    (shown,) = (await gateway.alerts(PLAYER)).set
    assert not shown.armed
    assert await gateway.delete(PLAYER, alert.alert_id) is None
    assert (await room.book.alerts(PLAYER)).set == []
    # What comes late changes nothing any more.
    gateway.note_deleted(AlertId(alert.alert_id))
    gateway.note_turned([(AlertId(alert.alert_id), True)])
    assert (await gateway.alerts(PLAYER)).set == []


async def test_what_was_told_unheard_is_learnt_from_the_store(room: Room) -> None:
    gateway = room.reopened()
    kept = await set_alert(room)
    dropped = await set_alert(room, value=40)
    await gateway.start()
    await room.book.delete(PLAYER, dropped.alert_id)
    await room.tick(4_000)
    await gateway.start()
    (shown,) = (await gateway.alerts(PLAYER)).set
    assert (shown.alert_id, shown.armed) == (kept.alert_id, False)


@pytest.mark.parametrize(
    ("commodity", "port", "code"),
    [(Commodity.ORE, "p9999", "unknown_port"), (Commodity.FUEL, MINE, "unknown_commodity")],
)
async def test_what_is_not_there_cannot_be_watched(
    room: Room, commodity: Commodity, port: str, code: str
) -> None:
    with pytest.raises(UnknownNounError) as refused:
        await room.book.set(PLAYER, commodity, PortId(port), Condition.PRICE_BELOW, 1)
    assert refused.value.code == code


async def test_a_listener_is_told_what_pays_once(room: Room) -> None:
    room.world.ports[RESORT].stock[0] = 4
    for _ in range(5):
        await room.tick(10_000)
        room.clock.pass_minutes(2)
    told = [heard.data.alert for heard in room.listener.heard]
    assert [alert.kind for alert in told] == ["opportunity"]
    assert told[0].expected_outcome.value > 0
    assert COMMODITY_INDEX[Commodity(told[0].commodity)] == 0
    room.listener.wanted.clear()
    await room.tick(10_000)
    await room.tick(10_000)
    assert len(room.listener.heard) == 1


async def test_an_alert_is_told_on_both_channels_under_one_id(room: Room) -> None:
    room.listener.wanted.add(aria_channel(PLAYER))
    await set_alert(room)
    await room.tick(4_000)
    account, aria = [each for each in room.listener.heard if each.data.alert.kind == "price"]
    assert (account.channel, account.type) == (account_channel(PLAYER), FrameType.TRADING_SIGNAL)
    assert (aria.channel, aria.type) == (aria_channel(PLAYER), FrameType.AI_ALERT)
    assert account.data.alert.alert_id == aria.data.alert.alert_id
    assert {(each.player_id, each.conflatable) for each in (account, aria)} == {(PLAYER, False)}


async def test_who_follows_aria_alone_is_told_what_pays(room: Room) -> None:
    room.listener.wanted = {aria_channel(PLAYER)}
    room.world.ports[RESORT].stock[0] = 4
    await room.tick(10_000)
    (told,) = room.listener.heard
    assert (told.channel, told.data.alert.kind) == (aria_channel(PLAYER), "opportunity")
