"""Trades for show and wealth handed over are found, once for those players, sign and day."""

import pytest
from tests.small_galaxy import (
    HAVEN,
    NOW,
    PLAYER,
    join,
    later,
    order,
    perform,
    world_with_player,
)

from sectorwars.application.audit.surveillance import FAR_TRADES_MIN, TRANSFERS_MAX, Surveillance
from sectorwars.application.audit.trail import AuditKind
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.market_board import MarketBoard
from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.application.rows import (
    AuditEntry,
    LoggedEvent,
)
from sectorwars.domain.command import Trade
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Event, GoodsTraded
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.memory.audit_trail import MemoryAuditTrail

ANNA, BERT, CARL = PlayerId("anna"), PlayerId("bert"), PlayerId("carl")
DAY_SECONDS = 24 * 3_600


class _Trail(MemoryAuditTrail):
    """A trail that may be away."""

    away = False

    async def append(self, entries: object) -> None:
        if self.away:
            raise StoreUnavailableError("away")
        await super().append(entries)  # type: ignore[arg-type]


class _Exchange:
    """Three players at Haven, whose trades with each other are watched."""

    def __init__(self, transfers_max: int = TRANSFERS_MAX) -> None:
        self.world = world_with_player()
        for player in join(self.world, ANNA, BERT, CARL):
            self.world.players[player].ship.load(Commodity.ORE, 50, 2_500)
            self.world.players[player].ship.load(Commodity.ENERGY, 20, 1_200)
        self.trail = _Trail()
        self.traded: list[GoodsTraded] = []
        self.surveillance = self.started(transfers_max)

    def started(self, transfers_max: int = TRANSFERS_MAX) -> Surveillance:
        """Begin to watch, with nothing in memory."""
        projection = Projection(self.world, MarketBoard(ForecastBoard()), 0)
        return Surveillance(self.trail, projection, transfers_max)

    async def crossed_trades(self, since: UnixMicros, limit: int) -> list[GoodsTraded]:
        """Be the archive of what was traded here."""
        return [event for event in self.traded if event.crossings and event.at > since][-limit:]

    def observe(self, events: tuple[Event, ...]) -> None:
        self.traded += [event for event in events if isinstance(event, GoodsTraded)]
        self.surveillance.observe(Committed(tuple(LoggedEvent(1, event) for event in events), ()))

    def sell(
        self,
        seller: PlayerId,
        buyer: PlayerId,
        price: int = 52,
        commodity: str = "ore",
        now: UnixMicros = NOW,
        quantity: int = 5,
    ) -> None:
        """Let the buyer rest an order and the seller meet it."""
        events = perform(self.world, order(Side.BUY, quantity, price, commodity), buyer, now)
        events += perform(self.world, Trade(Side.SELL, commodity, quantity, price), seller, now)
        self.observe(events)

    def hand_over(self, seller: PlayerId, buyer: PlayerId, now: UnixMicros = NOW) -> None:
        """Let the seller rest an order far above the market and the buyer take it."""
        self.world.ports[HAVEN].stock[0] = 0
        self.world.players[seller].ship.load(Commodity.ORE, 1, 50)
        events = perform(self.world, order(Side.SELL, 1, 250), seller, now)
        events += perform(self.world, Trade(Side.BUY, "ore", 1, 250), buyer, now)
        self.observe(events)

    async def entries(self) -> list[AuditEntry]:
        await self.surveillance.flush()
        return [record.entry for record in await self.trail.records(0, 100)]


async def test_a_good_that_goes_back_and_forth_is_entered_with_both_players_and_sums() -> None:
    exchange = _Exchange()
    exchange.sell(ANNA, BERT)
    assert await exchange.entries() == []
    exchange.sell(BERT, ANNA, 53, now=later(60))
    (entry,) = await exchange.entries()
    assert entry == AuditEntry(
        later(60),
        AuditKind.WASH_TRADE_FLAGGED,
        ANNA,
        {
            "sign": "back_and_forth",
            "commodity": "ore",
            "trades": 2,
            "units": 10,
            "credits": 5 * 52 + 5 * 53,
            "units_from_actor": 5,
            "credits_to_actor": 5 * 52,
        },
        subject=BERT,
    )


@pytest.mark.parametrize(("returned", "found"), [(7, 0), (8, 1), (12, 1), (13, 0)])
async def test_what_comes_back_must_be_nearly_what_went(returned: int, found: int) -> None:
    exchange = _Exchange()
    exchange.sell(ANNA, BERT, quantity=10)
    exchange.sell(BERT, ANNA, quantity=returned)
    assert len(await exchange.entries()) == found


async def test_a_good_that_goes_round_three_is_entered_with_each_of_them() -> None:
    exchange = _Exchange()
    exchange.sell(BERT, CARL, 53)
    exchange.sell(ANNA, BERT, 52)
    assert await exchange.entries() == []
    exchange.sell(CARL, ANNA, 54, now=later(60))
    entries = await exchange.entries()
    assert [(entry.actor, entry.subject, entry.details["third"]) for entry in entries] == [
        (ANNA, BERT, CARL),
        (BERT, CARL, ANNA),
        (CARL, ANNA, BERT),
    ]
    for entry, price in zip(entries, (52, 53, 54), strict=True):
        assert entry.at == later(60)
        assert (entry.details["sign"], entry.details["trades"]) == ("circle", 3)
        assert (entry.details["units"], entry.details["credits"]) == (15, 5 * (52 + 53 + 54))
        assert entry.details["units_from_actor"] == 5
        assert entry.details["credits_to_actor"] == 5 * price
    exchange.sell(ANNA, BERT)
    assert len(await exchange.entries()) == 3


async def test_a_circle_is_of_one_good_one_way_and_of_nearly_equal_steps() -> None:
    exchange = _Exchange()
    exchange.sell(ANNA, BERT)
    exchange.sell(BERT, CARL)
    exchange.sell(CARL, ANNA, 60, "energy")
    exchange.sell(CARL, ANNA, quantity=3)
    assert await exchange.entries() == []
    exchange.sell(CARL, ANNA, quantity=1)
    assert len(await exchange.entries()) == 3


async def test_a_restart_remembers_the_day_and_what_was_entered() -> None:
    exchange = _Exchange()
    exchange.sell(BERT, CARL)
    exchange.sell(CARL, BERT)
    assert len(await exchange.entries()) == 1
    exchange.sell(ANNA, BERT)
    exchange.sell(CARL, ANNA, quantity=2, now=later(60))
    exchange.surveillance = exchange.started()
    await exchange.surveillance.start(exchange, later(90))
    assert len(await exchange.entries()) == 1
    exchange.sell(CARL, ANNA, quantity=3, now=later(120))
    exchange.sell(BERT, CARL, now=later(120))
    signs = [entry.details["sign"] for entry in await exchange.entries()]
    assert signs == ["back_and_forth", *["circle"] * 3]
    exchange.surveillance = exchange.started()
    await exchange.surveillance.start(exchange, later(150))
    assert len(await exchange.entries()) == 4


async def test_a_restart_enters_what_a_crash_left_out() -> None:
    exchange = _Exchange()
    exchange.sell(ANNA, BERT)
    exchange.sell(BERT, ANNA)
    exchange.surveillance = exchange.started()
    await exchange.surveillance.start(exchange, later(1))
    assert [entry.at for entry in await exchange.entries()] == [NOW]


async def test_a_restart_recalls_no_more_than_a_day() -> None:
    exchange = _Exchange()
    exchange.sell(ANNA, BERT)
    exchange.surveillance = exchange.started()
    await exchange.surveillance.start(exchange, later(DAY_SECONDS))
    exchange.sell(BERT, ANNA, now=later(DAY_SECONDS - 1))
    assert await exchange.entries() == []


async def test_one_way_or_in_different_goods_nothing_is_seen() -> None:
    exchange = _Exchange()
    exchange.sell(ANNA, BERT)
    exchange.sell(ANNA, BERT)
    exchange.sell(BERT, CARL)
    exchange.sell(BERT, ANNA, 60, "energy")
    assert await exchange.entries() == []


async def test_a_pair_is_entered_once_a_day() -> None:
    exchange = _Exchange()
    for seconds in (0, 60, DAY_SECONDS // 2, DAY_SECONDS + 59):
        exchange.sell(ANNA, BERT, now=later(seconds))
        exchange.sell(BERT, ANNA, now=later(seconds))
    assert [entry.at for entry in await exchange.entries()] == [NOW, later(DAY_SECONDS + 59)]
    exchange.sell(ANNA, CARL, now=later(DAY_SECONDS + 59))
    exchange.sell(CARL, ANNA, now=later(DAY_SECONDS + 59))
    assert [entry.subject for entry in await exchange.entries()] == [BERT, BERT, CARL]


@pytest.mark.parametrize(("seconds", "found"), [(DAY_SECONDS - 1, 1), (DAY_SECONDS, 0)])
async def test_what_is_a_day_old_is_forgotten(seconds: int, found: int) -> None:
    exchange = _Exchange()
    exchange.sell(ANNA, BERT)
    exchange.sell(BERT, ANNA, now=later(seconds))
    assert len(await exchange.entries()) == found


async def test_repeated_trades_far_from_the_ports_price_are_entered() -> None:
    exchange = _Exchange()
    for n in range(FAR_TRADES_MIN):
        assert await exchange.entries() == []
        exchange.hand_over(ANNA, BERT, later(n))
    (entry,) = await exchange.entries()
    assert (entry.details["sign"], entry.details["credits_to_actor"]) == ("far_from_market", 750)
    assert entry.details["units"] == entry.details["units_from_actor"] == FAR_TRADES_MIN


async def test_trades_with_the_port_alone_are_nobodys_business() -> None:
    exchange = _Exchange()
    events = perform(exchange.world, Trade(Side.BUY, "ore", 5), PLAYER)
    exchange.observe(events)
    assert await exchange.entries() == []


async def test_what_could_not_be_entered_is_entered_later_and_once() -> None:
    exchange = _Exchange()
    exchange.sell(ANNA, BERT)
    exchange.sell(BERT, ANNA)
    exchange.trail.away = True
    with pytest.raises(StoreUnavailableError):
        await exchange.surveillance.flush()
    exchange.trail.away = False
    assert len(await exchange.entries()) == 1
    assert len(await exchange.entries()) == 1


async def test_only_the_latest_trades_are_remembered() -> None:
    exchange = _Exchange(transfers_max=2)
    exchange.sell(ANNA, BERT)
    exchange.sell(ANNA, CARL)
    exchange.sell(BERT, CARL)
    exchange.sell(BERT, ANNA)
    assert await exchange.entries() == []
    exchange.sell(ANNA, BERT)
    assert len(await exchange.entries()) == 1
