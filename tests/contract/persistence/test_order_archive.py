"""What the archive of orders promises, and what orders that were met leave in the others."""

from __future__ import annotations

from typing import Any

from sectorwars.application.rows import (
    GoodResult,
    OrderClose,
)
from sectorwars.application.state.recovery import placed_order
from sectorwars.application.state.trade_shares import shares_of
from sectorwars.domain.command import CancelOrder, PlaceOrder, RegisterPlayer, Trade
from sectorwars.domain.event import GoodsTraded, OrderPlaced
from sectorwars.domain.ids import OrderId, PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.order import CloseReason
from sectorwars.domain.values import UnixMicros

ANN, BOB = PlayerId("ann"), PlayerId("bob")
FIRST, SECOND, THIRD = (OrderId(f"o-ann-{serial}") for serial in (1, 2, 3))


async def lived(installation: Any, galaxy: Any) -> tuple[Any, Any, list[Any]]:
    """Let one sale of Bob's meet two orders of Ann's, who cancels the second and places a third."""
    store, archive = await installation.start()
    lease = await store.acquire_lease("first")
    events: list[Any] = []

    async def keep(batch: Any) -> None:
        await store.append(lease, batch)
        events.extend(logged.event for logged in batch.events)

    await keep(galaxy.birth())
    for player in (ANN, BOB):
        await keep(galaxy.executed(player, RegisterPlayer()))
    port = galaxy.world.ports[galaxy.world.players[BOB].ship.docked_port_id]
    good = next(good.commodity for good in port.spec.goods if good.sells and good.buys)
    await keep(galaxy.executed(BOB, Trade(Side.BUY, good.value, 20)))
    await keep(galaxy.ticks(1))
    limit = port.bid(port.place(good)) + 1
    for quantity in (3, 5):
        await keep(galaxy.executed(ANN, PlaceOrder(Side.BUY, good.value, quantity, limit, 60)))
    await keep(galaxy.executed(BOB, Trade(Side.SELL, good.value, 4, price_bound=limit)))
    await keep(galaxy.executed(ANN, CancelOrder(SECOND)))
    await keep(galaxy.executed(ANN, PlaceOrder(Side.BUY, good.value, 1, limit // 2, 60)))
    return store, archive, events


async def test_orders_are_looked_up_newest_first_by_their_owner(
    installation: Any, galaxy: Any
) -> None:
    store, _, events = await lived(installation, galaxy)
    archive = installation.orders(store)
    placed = [placed_order(event) for event in events if isinstance(event, OrderPlaced)]

    page = await archive.orders_page(ANN, None, 10, closed_only=False)

    assert [order.order_id for order in page] == [THIRD, SECOND, FIRST]
    third, second, first = page
    assert third == placed[2]
    assert (second.filled, second.close) == (1, OrderClose(galaxy.now, CloseReason.CANCELLED))
    assert (first.filled, first.close) == (3, OrderClose(galaxy.now, CloseReason.FILLED))
    assert first.filled_credits == 3 * placed[0].limit_credits
    assert await archive.orders_page(ANN, None, 2, closed_only=False) == page[:2]
    assert await archive.orders_page(ANN, second.sequence, 9, closed_only=False) == [first]
    assert await archive.orders_page(ANN, None, 1, closed_only=True) == [second]
    assert await archive.orders_page(BOB, None, 9, closed_only=False) == []


async def test_an_order_is_found_by_its_owner_only(installation: Any, galaxy: Any) -> None:
    store, _, _ = await lived(installation, galaxy)
    archive = installation.orders(store)
    page = await archive.orders_page(ANN, None, 10, closed_only=False)

    assert [await archive.order(ANN, order.order_id) for order in page] == page
    assert await archive.order(BOB, FIRST) is None
    assert await archive.order(ANN, OrderId("o-ann-4")) is None


async def test_a_trade_is_once_in_the_history_of_each_who_had_a_part_in_it(
    installation: Any, galaxy: Any
) -> None:
    _, archive, events = await lived(installation, galaxy)
    bought, sold = (event for event in events if isinstance(event, GoodsTraded))

    (anns,) = await archive.trades_of(ANN, None, 9)
    assert anns.event == sold
    assert [logged.event for logged in await archive.trades_of(BOB, None, 9)] == [sold, bought]
    assert [share.quantity for share in shares_of(ANN, sold)] == [3, 1]
    assert await archive.volume_by_tick(sold.commodity, sold.tick - 1, None) == [(sold.tick, 4)]


async def test_trades_that_met_orders_are_looked_up_by_their_time(
    installation: Any, galaxy: Any
) -> None:
    _, archive, events = await lived(installation, galaxy)
    _, met = (event for event in events if isinstance(event, GoodsTraded))

    assert await archive.crossed_trades(UnixMicros(met.at - 1), 9) == [met]
    assert await archive.crossed_trades(met.at, 9) == []


async def test_of_the_trades_that_met_orders_the_latest_are_given_oldest_first(
    installation: Any, galaxy: Any
) -> None:
    store, archive = await installation.start()
    lease = await store.acquire_lease("first")
    await store.append(lease, galaxy.birth())
    for player in (ANN, BOB):
        await store.append(lease, galaxy.executed(player, RegisterPlayer()))
    port = galaxy.world.ports[galaxy.world.players[BOB].ship.docked_port_id]
    good = next(good.commodity for good in port.spec.goods if good.sells and good.buys)
    await store.append(lease, galaxy.executed(BOB, Trade(Side.BUY, good.value, 20)))
    limit = port.bid(port.place(good)) + 1
    met = []
    for quantity in (1, 2, 3):
        order = PlaceOrder(Side.BUY, good.value, quantity, limit, 60)
        await store.append(lease, galaxy.executed(ANN, order))
        batch = galaxy.executed(BOB, Trade(Side.SELL, good.value, quantity, price_bound=limit))
        await store.append(lease, batch)
        met += [logged.event for logged in batch.events if isinstance(logged.event, GoodsTraded)]

    assert await archive.crossed_trades(UnixMicros(0), 9) == met
    assert await archive.crossed_trades(UnixMicros(0), 2) == met[1:]


async def test_results_count_each_share_of_a_trade(installation: Any, galaxy: Any) -> None:
    _, archive, events = await lived(installation, galaxy)
    bought, sold = (event for event in events if isinstance(event, GoodsTraded))
    fees = sum(share.fees_credits for share in shares_of(ANN, sold))
    good = sold.commodity

    assert await archive.trade_results(ANN, None) == [GoodResult(good, 2, 0, 4, 0, 0, fees)]
    profit = sold.profit_credits
    assert await archive.trade_results(BOB, None) == [
        GoodResult(good, 2, 1, 20, 4, profit, bought.fees_credits + sold.fees_credits)
    ]
    assert await archive.trade_results(BOB, bought.at) == [
        GoodResult(good, 1, 1, 0, 4, profit, sold.fees_credits)
    ]
    assert await archive.trade_results(ANN, UnixMicros(sold.at)) == []
