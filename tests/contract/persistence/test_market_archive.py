"""What the archive of past prices promises, in memory and in PostgreSQL."""

from __future__ import annotations

from collections import Counter
from itertools import groupby, pairwise
from typing import Any

from sectorwars.application.rows import (
    Batch,
    IndexCandle,
    IndexPrices,
    LoggedEvent,
    PortCandle,
    TickPrices,
)
from sectorwars.domain.command import RegisterPlayer, Trade
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.event import GoodsTraded, HaulerCalled, StockCheckpointed
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.values import Tick
from sectorwars.persistence.retention import HAULER_DEALS_KEPT

GOODS = tuple(range(10))


async def started(installation: Any, galaxy: Any) -> tuple[Any, Any, Any]:
    store, archive = await installation.start()
    lease = await store.acquire_lease("first")
    await store.append(lease, galaxy.birth())
    return store, archive, lease


def index_candle(interval: Any, start: int) -> IndexCandle:
    low = tuple(1_000 * good for good in GOODS)
    high = tuple(500_000 + start + good for good in GOODS)
    return IndexCandle(interval, Tick(start), low, high, low, high, tuple(7 * g for g in GOODS))


async def test_index_candles_come_oldest_first_and_only_the_latest(
    installation: Any, galaxy: Any
) -> None:
    store, archive, lease = await started(installation, galaxy)
    minutes = [index_candle("1m", start) for start in range(-3, 5)]
    fives = [index_candle("5m", start) for start in (-5, 0)]
    await store.append(lease, Batch((), (), (), (), index_candles=(*minutes, *fives)))

    assert await archive.index_candles("1m", Tick(4), 3) == minutes[4:7]
    assert await archive.index_candles("1m", Tick(100), 100) == minutes
    assert await archive.index_candles("5m", Tick(0), 100) == fives[:1]
    assert await archive.index_candles("1h", Tick(100), 100) == []
    good = COMMODITIES[3]
    assert await archive.good_candles(good, "1m", Tick(4), 3) == [
        (c.start, c.open[3], c.high[3], c.low[3], c.close[3], c.volume[3]) for c in minutes[4:7]
    ]
    assert await archive.good_candles(good, "1h", Tick(100), 100) == []


async def test_port_candles_are_one_ports(installation: Any, galaxy: Any) -> None:
    store, archive, lease = await started(installation, galaxy)
    candles = [
        PortCandle(Tick(60 * hour), port, (100, 2), (100_000, 3), (99, 1), (101, 2))
        for port in (0, 1)
        for hour in range(-2, 3)
    ]
    await store.append(lease, Batch((), (), (), (), port_candles=tuple(candles)))

    bars = [(c.start, 2, 3, 1, 2) for c in candles]
    assert await archive.port_bars(1, 1, Tick(120), 2) == bars[7:9]
    assert await archive.port_bars(1, 1, Tick(121), 100) == bars[5:]
    assert (await archive.port_bars(1, 0, Tick(121), 1))[0] == (120, 100, 100_000, 99, 101)
    assert await archive.port_bars(2, 0, Tick(121), 100) == []


async def test_kept_ticks_give_every_price_back(installation: Any, galaxy: Any) -> None:
    store, archive, lease = await started(installation, galaxy)
    batch = galaxy.ticks(5)
    await store.append(lease, batch)
    prices: tuple[TickPrices, ...] = batch.tick_prices
    assert len(prices) == 5

    assert await archive.tick_prices(Tick(0), 100) == list(prices)
    assert await archive.tick_prices(Tick(2), 2) == list(prices[2:4])
    assert await archive.index_prices(Tick(0), 100) == [entry.market for entry in prices]
    assert await archive.index_prices(Tick(2), 2) == [entry.market for entry in prices[2:4]]
    last_port = len(prices[0].port_mids) - 1
    last_good = len(prices[0].port_mids[last_port]) - 1
    for port, good in ((0, 0), (3, 1), (last_port, last_good)):
        assert await archive.port_mids(port, good, Tick(1)) == [
            (entry.tick, entry.port_mids[port][good]) for entry in prices[1:]
        ]


async def test_a_checkpoint_forgets_the_prices_of_old_ticks(installation: Any, galaxy: Any) -> None:
    store, archive, lease = await started(installation, galaxy)
    mids = tuple((0,) * len(port.stock) for port in galaxy.world.ports_by_index)
    old, kept = (
        TickPrices(IndexPrices(Tick(tick), GOODS, GOODS, GOODS, GOODS), mids)
        for tick in (-7_201, -7_200)
    )
    await store.append(lease, Batch((), (), (), (), tick_prices=(old, kept)))
    assert await archive.tick_prices(Tick(-9_999), 9) == [old, kept]

    ports = galaxy.world.ports_by_index
    checkpoint = StockCheckpointed(
        Tick(0), galaxy.now, tuple(tuple(port.stock) for port in ports), (0,) * len(ports)
    )
    await store.append(lease, Batch((LoggedEvent(2, checkpoint),), (), (), ()))

    assert await archive.tick_prices(Tick(-9_999), 9) == [kept]


async def test_trades_and_volumes(installation: Any, galaxy: Any) -> None:
    store, archive, lease = await started(installation, galaxy)
    assert await archive.trade_results(PlayerId("ann"), None) == []
    assert await archive.trade_results(PlayerId("ann"), galaxy.now) == []
    for player in ("ann", "bob"):
        await store.append(lease, galaxy.executed(player, RegisterPlayer()))
    trades = []
    for player, quantity in (("ann", 3), ("bob", 4), ("ann", 5), ("ann", 6), ("bob", 7)):
        port = galaxy.world.ports[galaxy.world.players[player].ship.docked_port_id]
        good = next(good.commodity for good in port.spec.goods if good.sells)
        batch = galaxy.executed(player, Trade(Side.BUY, good.value, quantity))
        await store.append(lease, batch)
        trades += [entry for entry in batch.events if isinstance(entry.event, GoodsTraded)]
        await store.append(lease, galaxy.ticks(1))
    anns = [entry for entry in reversed(trades) if entry.event.player_id == "ann"]

    assert await archive.trades_of(PlayerId("ann"), None, 10) == anns
    assert await archive.trades_of(PlayerId("ann"), None, 2) == anns[:2]
    assert await archive.trades_of(PlayerId("ann"), anns[0].offset, 10) == anns[1:]
    assert await archive.trades_of(PlayerId("cid"), None, 10) == []
    for entry in trades:
        results = await archive.trade_results(PlayerId("ann"), entry.event.at)
        later = [one.event.quantity for one in anns if one.event.at > entry.event.at]
        assert sum(result.units_bought for result in results) == sum(later)
        assert sum(result.trades for result in results) == len(later)

    good, port_id = trades[0].event.commodity, trades[0].event.port_id
    of_good = [entry.event for entry in trades if entry.event.commodity is good]
    assert await archive.volume_by_tick(good, Tick(-1), None) == _by_tick(of_good)
    assert await archive.volume_by_tick(good, Tick(0), None) == [
        (tick, units) for tick, units in _by_tick(of_good) if tick > 0
    ]
    at_port = [trade for trade in of_good if trade.port_id == port_id]
    assert await archive.volume_by_tick(good, Tick(-1), port_id) == _by_tick(at_port)


async def test_volumes_count_haulers_too_for_a_game_month(installation: Any, galaxy: Any) -> None:
    store, archive, lease = await started(installation, galaxy)
    batch = galaxy.ticks(400)
    await store.append(lease, batch)
    events = [entry.event for entry in batch.events]
    calls = [event for event in events if isinstance(event, HaulerCalled) and event.deals]
    ((good, _),) = Counter(deal.commodity for call in calls for deal in call.deals).most_common(1)
    port_id = next(call.port_id for call in calls for deal in call.deals if deal.commodity is good)

    def volumes(where: PortId | None) -> list[tuple[Tick, int]]:
        units: Counter[Tick] = Counter()
        for call in calls:
            for each in call.deals:
                if each.commodity is good and where in (None, call.port_id):
                    units[call.tick] += each.quantity
        return sorted(units.items())

    everywhere = volumes(None)
    assert len(everywhere) > 5
    assert await archive.volume_by_tick(good, Tick(0), None) == everywhere
    assert await archive.volume_by_tick(good, Tick(0), port_id) == volumes(port_id)

    month_later = Tick(everywhere[2][0] + HAULER_DEALS_KEPT)
    checkpoint = StockCheckpointed(
        month_later,
        galaxy.now,
        tuple(tuple(port.stock) for port in galaxy.world.ports_by_index),
        tuple(port.version for port in galaxy.world.ports_by_index),
    )
    offset = batch.events[-1].offset + 1
    await store.append(lease, Batch((LoggedEvent(offset, checkpoint),), (), (), ()))

    assert await archive.volume_by_tick(good, Tick(0), None) == everywhere[2:]


def _by_tick(trades: list[GoodsTraded]) -> list[tuple[Tick, int]]:
    return [
        (tick, sum(trade.quantity for trade in group))
        for tick, group in groupby(trades, key=lambda trade: trade.tick)
    ]


async def test_the_tape_shows_players_and_haulers_newest_first(
    installation: Any, galaxy: Any
) -> None:
    store, archive, lease = await started(installation, galaxy)
    await store.append(lease, galaxy.executed("ann", RegisterPlayer()))
    batch = galaxy.ticks(300)
    await store.append(lease, batch)
    port = galaxy.world.ports[galaxy.world.players["ann"].ship.docked_port_id]
    good = next(good.commodity for good in port.spec.goods if good.sells)
    bought = galaxy.executed("ann", Trade(Side.BUY, good.value, 3))
    await store.append(lease, bought)
    expected = [
        (entry.offset, deal)
        for entry in (*batch.events, *bought.events)
        if isinstance(entry.event, GoodsTraded | HaulerCalled)
        for deal in (entry.event.deals if isinstance(entry.event, HaulerCalled) else (entry.event,))
    ][::-1]
    assert isinstance(expected[0][1], GoodsTraded)
    assert any(a[0] == b[0] for a, b in pairwise(expected)), "no call with two deals"

    tape = await archive.tape(COMMODITIES, None, Tick(-1), None, 1_000)
    assert [entry.deal for entry in tape] == [deal for _, deal in expected]
    sequences = [entry.sequence for entry in tape]
    assert sequences == sorted(set(sequences), reverse=True)
    sold_first = [entry.side for entry in tape if isinstance(entry.event, HaulerCalled)]
    assert set(sold_first) == set(Side)

    pages = []
    before = None
    while page := await archive.tape(COMMODITIES, None, Tick(-1), before, 7):
        pages += page
        before = page[-1].sequence
    assert pages == tape
    of_good = await archive.tape((good,), port.spec.port_id, Tick(100), None, 1_000)
    assert of_good == [
        entry
        for entry in tape
        if (entry.deal.commodity, entry.event.port_id) == (good, port.spec.port_id)
        and entry.event.tick > 100
    ]
    assert await archive.tape((), None, Tick(-1), None, 10) == []
