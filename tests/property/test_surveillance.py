"""Honest markets are rarely suspected, rings always, and a restart changes no finding."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.small_galaxy import HAVEN, NOW, small_world

from sectorwars.application.audit.surveillance import RETURNED_PERCENT, Surveillance
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.market_board import MarketBoard
from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.application.rows import AuditEntry, LoggedEvent
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Crossing, GoodsTraded
from sectorwars.domain.ids import CommandId, OrderId, PlayerId, TradeId
from sectorwars.domain.market import Fill, Side
from sectorwars.domain.prng import Stream
from sectorwars.domain.values import MICROS_PER_SECOND, Credits, Quantity, Tick, UnixMicros
from sectorwars.persistence.memory.audit_trail import MemoryAuditTrail

GOODS = (Commodity.ORE, Commodity.ENERGY, Commodity.ORGANICS)
FAIR = {Commodity.ORE: 50, Commodity.ENERGY: 60, Commodity.ORGANICS: 55}
STOCK = 2_000
TRADERS = [PlayerId(f"pl_{number:02}") for number in range(70)]
TRADES = 300
SUSPECTED_PERCENT_MAX = 2
RING = [PlayerId(f"ring_{number}") for number in range(3)]

Deal = tuple[PlayerId, PlayerId, Commodity, int]


def met(deal: Deal, serial: int) -> GoodsTraded:
    """Return the trade in which a seller met a buyer's open order, at a fair price."""
    seller, buyer, good, units = deal
    price, quantity = Credits(FAIR[good]), Quantity(units)
    crossing = Crossing(
        order_id=OrderId(f"o-{serial}"),
        player_id=buyer,
        command_id=CommandId(f"c-{serial}"),
        trade_id=TradeId(f"t-{serial}"),
        trade_serial=serial,
        quantity=quantity,
        price_credits=price,
        fees_credits=Credits(0),
        profit_credits=None,
        credits_after=Credits(0),
        cargo_after=quantity,
    )
    return GoodsTraded(
        trade_id=TradeId(f"s-{serial}"),
        trade_serial=serial,
        player_id=seller,
        command_id=CommandId(f"d-{serial}"),
        at=UnixMicros(NOW + serial * MICROS_PER_SECOND),
        tick=Tick(serial),
        port_id=HAVEN,
        side=Side.SELL,
        commodity=good,
        quantity=quantity,
        fills=(Fill(price, quantity),),
        total_credits=Credits(price * units),
        fees_credits=Credits(0),
        profit_credits=Credits(0),
        credits_after=Credits(0),
        cargo_after=Quantity(0),
        stock_after=Quantity(STOCK),
        market_version=serial,
        volume_24h=0,
        postings=(),
        crossings=(crossing,),
    )


class Watch:
    """A surveillance that may be started anew, over what was traded so far."""

    def __init__(self) -> None:
        self.trail = MemoryAuditTrail()
        self.trades: list[GoodsTraded] = []
        self.surveillance = self._fresh()

    def _fresh(self) -> Surveillance:
        board = MarketBoard(ForecastBoard())
        return Surveillance(self.trail, Projection(small_world(), board, 0))

    async def crossed_trades(self, since: UnixMicros, limit: int) -> list[GoodsTraded]:
        return [trade for trade in self.trades if trade.at > since][-limit:]

    async def restart(self) -> None:
        self.surveillance = self._fresh()
        await self.surveillance.start(self, self.trades[-1].at if self.trades else NOW)

    def see(self, deal: Deal) -> None:
        trade = met(deal, len(self.trades))
        self.trades.append(trade)
        self.surveillance.observe(Committed((LoggedEvent(trade.trade_serial, trade),), ()))

    async def findings(self) -> list[AuditEntry]:
        await self.surveillance.flush()
        return [record.entry for record in await self.trail.records(0, 10_000)]


def honest_deals(seed: int) -> list[Deal]:
    draws, deals = Stream(seed, "honest deals"), list[Deal]()
    for _ in range(TRADES):
        seller = draws.below(len(TRADERS))
        buyer = (seller + draws.between(1, len(TRADERS) - 1)) % len(TRADERS)
        units = draws.between(1, 50)
        deals.append((TRADERS[seller], TRADERS[buyer], draws.choice(GOODS), units))
    return deals


async def watched(deals: list[Deal], restarts: frozenset[int] = frozenset()) -> list[AuditEntry]:
    watch = Watch()
    for place, deal in enumerate(deals):
        if place in restarts:
            await watch.findings()
            await watch.restart()
        watch.see(deal)
    return await watch.findings()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_players_who_meet_by_chance_are_rarely_suspected(seed: int) -> None:
    findings = asyncio.run(watched(honest_deals(seed)))
    assert len(findings) * 100 <= TRADES * SUSPECTED_PERCENT_MAX


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_ring_is_found_in_whatever_order_its_steps_come(data: st.DataObject) -> None:
    ring = RING[: data.draw(st.integers(2, 3), "players")]
    most = data.draw(st.integers(1, 50), "most units")
    least = -(-most * RETURNED_PERCENT // 100)
    good = data.draw(st.sampled_from(GOODS), "good")
    steps = [
        (seller, buyer, good, data.draw(st.integers(least, most), "units"))
        for seller, buyer in zip(ring, ring[1:] + ring[:1], strict=True)
    ]
    deals = honest_deals(data.draw(st.integers(0, 2**32), "seed"))
    for step in data.draw(st.permutations(steps), "order"):
        deals.insert(data.draw(st.integers(0, len(deals)), "place"), step)
    findings = asyncio.run(watched(deals))
    found = [entry for entry in findings if entry.actor in RING]
    assert {entry.details["sign"] for entry in found} == {
        "back_and_forth" if len(ring) == 2 else "circle"
    }
    assert {player for entry in found for player in (entry.actor, entry.subject)} == set(ring)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.frozensets(st.integers(0, TRADES + 5), max_size=4))
def test_restarts_change_no_finding(seed: int, restarts: frozenset[int]) -> None:
    deals = honest_deals(seed)
    for step in range(6):
        deals.insert(50 * step, (RING[step % 3], RING[(step + 1) % 3], Commodity.ORE, 10))
    assert asyncio.run(watched(deals, restarts)) == asyncio.run(watched(deals))
