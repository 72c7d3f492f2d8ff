"""What may be asked of the galaxy, against figures reckoned from the raw ticks and trades."""

import asyncio
from collections.abc import Callable

import pytest
from tests.small_core import BUY_10, SmallCore, running_core, virtual
from tests.small_galaxy import ALPHA, BETA, HAVEN, MINE, PLAYER, RESORT

from sectorwars.application.reading.queries import Queries, ServerFacts, UnknownNounError
from sectorwars.domain.command import Trade, Travel, Undock
from sectorwars.domain.commodity import COMMODITY_INDEX, Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.market import Side, ask_price, bid_price
from sectorwars.domain.values import Tick, game_rfc3339
from sectorwars.protocol.shapes.market import CandleBar, Interval, TapedTrade
from sectorwars.simulation.virtual_time import VirtualClock

STRANGER = PlayerId("pl_9")
ORE = COMMODITY_INDEX[Commodity.ORE]
HOUR, DAY = 60, 1_440


def _queries(core: SmallCore) -> Queries:
    return Queries(
        core.galaxy.projection,
        core.galaxy.archive,
        core.clock,
        ServerFacts("0.0-test", 60),
        lambda: 3,
    )


@virtual
async def test_a_player_sees_his_own_state(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        bought = (await core.executed(BUY_10))["trade"]
        queries = _queries(core)
        state = queries.player_state(PLAYER, "ada")
        assert (state.player_id, state.username) == (PLAYER, "ada")
        assert state.credits == bought["credits_after"]
        assert (state.turns, state.turns_max) == (500, 500)
        assert (state.sector_id, state.docked_port_id, state.in_transit) == (ALPHA, HAVEN, None)
        assert state.ship == {
            "ship_id": f"ship-{PLAYER}",
            "class": "light_freighter",
            "cargo_capacity": 150,
            "cargo": {"ore": 10},
        }
        assert queries.ship_state(PLAYER) == state.ship
        cost = bought["total_credits"] + bought["fees_credits"]
        assert state.average_cost == {"ore": round(cost / 10, 2)}


@virtual
async def test_a_ship_under_way_shows_where_it_goes(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await core.executed(Undock())
        journey = (await core.executed(Travel(BETA)))["journey"]
        state = _queries(core).account_state(PLAYER)
        assert state.in_transit is not None
        assert (state.in_transit.from_sector_id, state.in_transit.to_sector_id) == (ALPHA, BETA)
        assert state.in_transit.arrives_at == journey["arrives_at"]
        assert (state.turns, state.docked_port_id) == (499, None)
        await asyncio.sleep(10)
        assert _queries(core).account_state(PLAYER).turns == 500


@virtual
async def test_a_player_sees_his_sector_and_where_he_can_go(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        queries = _queries(core)
        sector = queries.current_sector(PLAYER)
        assert (sector.sector_id, sector.name, sector.warps) == (ALPHA, "Alpha", [BETA])
        assert sector.port_ids == [HAVEN, MINE]
        assert [port["class"] for port in sector.ports] == ["starter", "mining"]
        (move,) = queries.available_moves(PLAYER).moves
        assert (move.sector_id, move.travel_seconds, move.turns) == (BETA, 5, 1)
        assert (move.has_port, move.port_ids) == (True, [RESORT])


@virtual
async def test_a_port_shows_the_price_of_the_next_unit(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await core.executed(BUY_10)
        market = _queries(core).port_market(HAVEN)
        assert (market.port_id, market.name, market.sector_id) == (HAVEN, "Haven", ALPHA)
        port = core.galaxy.projection.world.ports[HAVEN]
        assert market.version == port.version
        ore = market.goods[0]
        assert (ore.commodity, ore.stock, ore.target) == ("ore", port.stock[0], 2_000)
        assert ore.ask_price == ask_price(52, port.stock[0], 2_000)
        assert ore.bid_price == bid_price(52, port.stock[0], 2_000)
        assert (ore.buys, ore.sells) == (True, True)


@virtual
async def test_strangers_and_unknown_ports_have_no_state(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        queries = _queries(core)
        assert queries.player_exists(PLAYER)
        assert not queries.player_exists(STRANGER)
        asked: list[tuple[Callable[[], object], str]] = [
            (lambda: queries.account_state(STRANGER), "unknown_player"),
            (lambda: queries.current_sector(STRANGER), "unknown_player"),
            (lambda: queries.available_moves(STRANGER), "unknown_player"),
            (lambda: queries.port_market(PortId("p9")), "unknown_port"),
        ]
        for ask, code in asked:
            with pytest.raises(UnknownNounError) as refused:
                ask()
            assert refused.value.code == code
        with pytest.raises(UnknownNounError, match="no port"):
            await queries.candles(Commodity.ORE, "1m", PortId("p9"), 1)
        with pytest.raises(UnknownNounError, match="does not deal in fuel"):
            await queries.candles(Commodity.FUEL, "1m", HAVEN, 1)


@virtual
async def test_history_is_paged_newest_first(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        for _ in range(5):
            await core.executed(Trade(Side.BUY, "ore", 1))
        queries = _queries(core)
        pages, cursor = [], None
        while True:
            page = await queries.trade_history(PLAYER, cursor, 2)
            pages.append([report.trade_id for report in page.items])
            if page.next_cursor is None:
                break
            cursor = int(page.next_cursor)
        names = [f"t-{PLAYER}-{serial}" for serial in (5, 4, 3, 2, 1)]
        assert pages == [names[:2], names[2:4], names[4:]]
        assert (await queries.trade_history(STRANGER, None, 2)).items == []


@virtual
async def test_the_tape_tells_what_was_traded_but_not_by_whom(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        for quantity in (1, 2, 3):
            await core.executed(Trade(Side.BUY, "ore", quantity))
        sold = (await core.executed(Trade(Side.SELL, "ore", 6)))["trade"]
        queries = _queries(core)
        page = await queries.tape(None, None, None, 3)
        assert [trade.quantity for trade in page.items] == [6, 3, 2]
        assert page.items[0] == TapedTrade(
            "player",
            HAVEN,
            "sell",
            "ore",
            6,
            round(sold["total_credits"] / 6, 2),
            sold["total_credits"],
            sold["stock_after"],
            sold["market_version"],
            sold["executed_at"],
            sold["game_time"],
        )
        assert PLAYER not in repr(page)
        assert page.next_cursor is not None
        rest = await queries.tape(Commodity.ORE, HAVEN, int(page.next_cursor), 3)
        assert ([trade.quantity for trade in rest.items], rest.next_cursor) == ([1], None)
        for none in ((Commodity.ENERGY, None), (None, MINE)):
            assert (await queries.tape(*none, None, 3)).items == []
        with pytest.raises(UnknownNounError, match="no port"):
            await queries.tape(None, PortId("p9"), None, 3)


@virtual
async def test_the_tape_reaches_back_a_game_day(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await core.executed(BUY_10)
        await core.tick(DAY - 1)
        queries = _queries(core)
        volume = queries.market_realtime(Commodity.ORE).volume_24h
        taped = await queries.tape(Commodity.ORE, None, None, 200)
        assert sum(trade.quantity for trade in taped.items) == volume >= 10
        await core.tick(1)
        taped = await queries.tape(Commodity.ORE, None, None, 200)
        assert taped.items == []


@virtual
async def test_the_news_are_of_the_committed_world(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await core.tick(2)
        news = _queries(core).news()
        assert (news.version, news.game_time) == (2, "2102-01-01T00:02:00.000000Z")


@virtual
async def test_the_index_shows_the_last_game_day(clock: VirtualClock) -> None:
    async with running_core(clock, prehistory_ticks=2 * DAY) as core:
        await core.executed(BUY_10)
        await core.tick(3)
        ore = _queries(core).market_realtime(Commodity.ORE)
        ticks = sorted(core.disk.tick_prices.values(), key=lambda prices: prices.tick)[-DAY - 1 :]
        series = [prices.market.index[ORE] for prices in ticks]
        assert ore.price == series[-1] / 100
        assert (ore.high_24h, ore.low_24h) == (max(series) / 100, min(series) / 100)
        assert ore.change_24h == round(100 * (series[-1] - series[0]) / series[0], 2)
        change = series[-1] - series[-1 - HOUR]
        assert ore.trend == ("flat" if change == 0 else "up" if change > 0 else "down")
        assert (ore.volume_24h, ore.version) == (10, 3)
        assert ore.bid < ore.price < ore.ask
        assert ore.prediction is None


@virtual
async def test_the_status_tells_time_and_size(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await core.tick(2)
        status = _queries(core).status()
        assert (status.tick, status.game_time) == (2, "2102-01-01T00:02:00.000000Z")
        assert (status.version, status.time_scale, status.players_online) == ("0.0-test", 60, 3)
        assert (status.universe.seed, status.universe.sectors, status.universe.ports) == (7, 3, 3)


async def _lived(core: SmallCore) -> None:
    """Trade at the very start of a bar and elsewhere, over some game hours."""
    await core.executed(Trade(Side.BUY, "ore", 7))
    await core.tick(HOUR)
    await core.executed(Trade(Side.BUY, "ore", 5))
    await core.tick(3)
    await core.executed(Trade(Side.SELL, "ore", 4))
    await core.tick(2 * HOUR + 4)


def _expected_bars(
    core: SmallCore, ticks: int, limit: int, mids: dict[int, int]
) -> list[CandleBar]:
    """Reckon a good's closed bars from every tick's price and every trade."""
    now = core.galaxy.projection.world.tick
    last_start = now // ticks * ticks - ticks
    bars = []
    for start in range(last_start - (limit - 1) * ticks, last_start + 1, ticks):
        inside = [mids[tick] for tick in range(start, start + ticks + 1) if tick in mids]
        born_then = start == -2 * DAY  # of the moment of birth itself there is no price
        if len(inside) < ticks + 1 - born_then:
            continue
        volume = sum(t.quantity for t in core.trades() if start <= t.tick < start + ticks)
        bars.append(
            CandleBar(
                game_rfc3339(Tick(start)),
                inside[0] / 100,
                max(inside) / 100,
                min(inside) / 100,
                inside[-1] / 100,
                volume,
            )
        )
    return bars


INTERVALS: list[tuple[Interval, int]] = [("1m", 1), ("5m", 5), ("1h", HOUR), ("1d", DAY)]


@pytest.mark.parametrize("at_port", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_candles_are_what_ticks_and_trades_say(at_port: bool, limit: int) -> None:
    @virtual
    async def compare(clock: VirtualClock) -> None:
        async with running_core(clock, prehistory_ticks=2 * DAY) as core:
            await _lived(core)
            every_tick = core.disk.tick_prices.values()
            mids = {
                p.tick: p.port_mids[0][0] if at_port else p.market.index[ORE] for p in every_tick
            }
            queries = _queries(core)
            for interval, ticks in INTERVALS:
                port_id = HAVEN if at_port else None
                candles = await queries.candles(Commodity.ORE, interval, port_id, limit)
                assert candles.candles == _expected_bars(core, ticks, limit, mids), interval
                assert candles.prehistory_until == "2102-01-01T00:00:00.000000Z"

    compare()


@virtual
async def test_a_port_without_ticks_in_reach_has_no_candles(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        candles = await _queries(core).candles(Commodity.ORE, "1m", HAVEN, 5)
        assert candles.candles == []
