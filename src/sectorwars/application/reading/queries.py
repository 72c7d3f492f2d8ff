"""What may be asked of the galaxy: read from the projection and the archive, in wire shapes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import pairwise
from typing import Final

from sectorwars.application.ports import (
    Clock,
    MarketArchive,
)
from sectorwars.application.reading import views
from sectorwars.application.reading.forecast_board import price_forecast
from sectorwars.application.reading.market_board import CENTS
from sectorwars.application.reading.news import market_news
from sectorwars.application.reading.projection import Projection
from sectorwars.application.reading.rule_views import automation_status, rule_view
from sectorwars.application.reading.trade_views import trade_report
from sectorwars.application.rows import INTERVAL_TICKS
from sectorwars.application.state.trade_shares import shares_of
from sectorwars.domain.commodity import COMMODITIES, COMMODITY_INDEX, Commodity
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.port import Port
from sectorwars.domain.values import (
    TICKS_PER_GAME_DAY,
    TICKS_PER_GAME_HOUR,
    Tick,
    div_ceil,
    div_floor,
    game_rfc3339,
    rfc3339,
)
from sectorwars.forecasting.horizon import Horizon
from sectorwars.protocol.shapes.account import AccountState, PlayerState, ShipState
from sectorwars.protocol.shapes.automation import AutomationStatus, RuleView
from sectorwars.protocol.shapes.forecast import MarketPrediction, PriceForecasts
from sectorwars.protocol.shapes.galaxy import GalaxyMap, SectorView
from sectorwars.protocol.shapes.journey import AvailableMoves
from sectorwars.protocol.shapes.market import (
    CandleBar,
    Candles,
    Interval,
    MarketNews,
    MarketRealtime,
    PortMarket,
    TradeTape,
)
from sectorwars.protocol.shapes.server import ServerStatus, UniverseStatus
from sectorwars.protocol.shapes.signal import PredictionSignal
from sectorwars.protocol.shapes.trade import TradeHistory

CANDLES_MAX: Final = 1_500
HISTORY_PAGE_MAX: Final = 200
TAPE_PAGE_MAX: Final = 200


_bar_time = lru_cache(maxsize=4 * CANDLES_MAX)(game_rfc3339)
"""The galaxy's date of a bar: the same bars are asked for again and again."""


class UnknownNounError(LookupError):
    """There is no such player, port or good at that port; the message is for people."""

    def __init__(self, code: str, detail: str) -> None:
        """Name what is unknown by a code and say it in a sentence."""
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What the status tells beside the galaxy: the version and the game's speed."""

    version: str
    time_scale: int


class Queries:
    """Answers from committed state only, never behind what a caller was last told."""

    def __init__(
        self,
        projection: Projection,
        archive: MarketArchive,
        clock: Clock,
        facts: ServerFacts,
        players_online: Callable[[], int],
    ) -> None:
        """Read from `projection` and `archive`; `players_online` counts the live ones."""
        self._projection = projection
        self._archive = archive
        self._clock = clock
        self._facts = facts
        self._players_online = players_online

    def player_exists(self, player_id: PlayerId) -> bool:
        """Return whether the player has arrived in the galaxy."""
        return player_id in self._projection.world.players

    def account_state(self, player_id: PlayerId) -> AccountState:
        """Return a player's own state.

        Raises:
            UnknownNounError: the player has not arrived.
        """
        self._require_player(player_id)
        return views.account_state(self._projection.world, player_id, self._clock.now())

    def player_state(self, player_id: PlayerId, username: str) -> PlayerState:
        """Return a player's own state with his name.

        Raises:
            UnknownNounError: the player has not arrived.
        """
        state = self.account_state(player_id)
        own = {member.name: getattr(state, member.name) for member in fields(state)}
        return PlayerState(**own, username=username)

    def ship_state(self, player_id: PlayerId) -> ShipState:
        """Return a player's ship.

        Raises:
            UnknownNounError: the player has not arrived.
        """
        return self.account_state(player_id).ship

    def galaxy_map(self) -> GalaxyMap:
        """Return every sector with its ports and warps."""
        world = self._projection.world
        return GalaxyMap([views.sector_view(world, sector_id) for sector_id in world.sectors])

    def current_sector(self, player_id: PlayerId) -> SectorView:
        """Return the sector where a player's ship is, or which it has left.

        Raises:
            UnknownNounError: the player has not arrived.
        """
        self._require_player(player_id)
        world = self._projection.world
        return views.sector_view(world, world.players[player_id].ship.sector_id)

    def available_moves(self, player_id: PlayerId) -> AvailableMoves:
        """Return the warps that are open to a player.

        Raises:
            UnknownNounError: the player has not arrived.
        """
        self._require_player(player_id)
        return views.available_moves(self._projection.world, player_id)

    def rules(self, player_id: PlayerId) -> list[RuleView]:
        """Return a player's automation rules, oldest first.

        Raises:
            UnknownNounError: the player has not arrived.
        """
        self._require_player(player_id)
        rules = self._projection.world.players[player_id].automation.rules
        return [rule_view(rule) for rule in rules.values()]

    def automation_status(self, player_id: PlayerId) -> AutomationStatus:
        """Return how a player's automation stands.

        Raises:
            UnknownNounError: the player has not arrived.
        """
        self._require_player(player_id)
        player = self._projection.world.players[player_id]
        return automation_status(player.automation, self._clock.now())

    def port_market(self, port_id: PortId) -> PortMarket:
        """Return a port's quotes.

        Raises:
            UnknownNounError: there is no such port.
        """
        self._require_port(port_id)
        return views.port_market(self._projection.world, port_id, self._clock.now())

    def market_realtime(self, commodity: Commodity) -> MarketRealtime:
        """Return a good's index with its figures of the last 24 game hours."""
        volume = self._projection.world.tape.totals[COMMODITY_INDEX[commodity]]
        return self._projection.board.realtime(commodity, volume)

    def forecasts(self, commodity: Commodity | None, horizon: Horizon | None) -> PriceForecasts:
        """Return the forecasts that stand, of one good or all, over one horizon or all."""
        return PriceForecasts(self._projection.board.forecasts.standing(commodity, horizon))

    def predictions(self) -> PredictionSignal:
        """Return all standing forecasts as they are published."""
        return self._projection.board.forecasts.signal()

    def market_predictions(
        self, commodities: Sequence[Commodity], horizon: Horizon
    ) -> list[MarketPrediction]:
        """Return the standing forecasts of goods as the Foundation client reads them."""
        predictions = []
        for good in commodities:
            found = self._projection.board.forecasts.forecast(good, horizon)
            if found is None:
                continue
            forecast, figures = price_forecast(found), self.market_realtime(good)
            predictions.append(
                MarketPrediction(
                    commodity=forecast.commodity,
                    currentPrice=figures.price,
                    predictedPrice=forecast.predicted_price,
                    confidence=forecast.confidence,
                    timeHorizon=forecast.horizon,
                    aiExplanation=forecast.explanation,
                    riskLevel=forecast.risk_level,
                    timestamp=figures.as_of,
                )
            )
        return predictions

    async def trade_history(
        self, player_id: PlayerId, before_offset: int | None, limit: int
    ) -> TradeHistory:
        """Return a page of a player's trades, newest first; `limit` is 1..HISTORY_PAGE_MAX.

        Those that his open orders made are among them; where one trade met several, all are on
        one page.
        """
        page = await self._archive.trades_of(player_id, before_offset, limit + 1)
        shown = page[:limit]
        return TradeHistory(
            items=[
                trade_report(share)
                for logged in shown
                if isinstance(logged.event, GoodsTraded)
                for share in shares_of(player_id, logged.event)
            ],
            next_cursor=str(shown[-1].offset) if len(page) > limit else None,
        )

    async def tape(
        self,
        commodity: Commodity | None,
        port_id: PortId | None,
        before: int | None,
        limit: int,
    ) -> TradeTape:
        """Return a page of the last game day's trades, newest first; `limit` is 1..TAPE_PAGE_MAX.

        Raises:
            UnknownNounError: there is no such port.
        """
        if port_id is not None:
            self._require_port(port_id)
        goods = COMMODITIES if commodity is None else (commodity,)
        after = Tick(self._projection.world.tick - TICKS_PER_GAME_DAY)
        page = await self._archive.tape(goods, port_id, after, before, limit + 1)
        shown = page[:limit]
        return TradeTape(
            items=[views.taped_trade(entry) for entry in shown],
            next_cursor=str(shown[-1].sequence) if len(page) > limit else None,
        )

    def news(self) -> MarketNews:
        """Return the news of the economy."""
        indices = (self.market_realtime(good) for good in COMMODITIES)
        return market_news(self._projection.world, indices, self._clock.now())

    async def candles(
        self, commodity: Commodity, interval: Interval, port_id: PortId | None, limit: int
    ) -> Candles:
        """Return a good's latest closed candles; of one port where `port_id` is given.

        Raises:
            UnknownNounError: there is no such port, or it does not deal in the good.
        """
        bars = (
            await self._index_bars(commodity, interval, limit)
            if port_id is None
            else await self._port_bars(self._require_port(port_id), commodity, interval, limit)
        )
        return Candles(
            commodity=commodity.value,
            interval=interval,
            port_id=port_id,
            candles=bars,
            prehistory_until=game_rfc3339(Tick(0)),
        )

    def status(self) -> ServerStatus:
        """Return what anybody may know of the server."""
        world = self._projection.world
        return ServerStatus(
            server_time=rfc3339(self._clock.now()),
            game_time=game_rfc3339(world.tick),
            tick=world.tick,
            time_scale=self._facts.time_scale,
            version=self._facts.version,
            players_online=self._players_online(),
            universe=UniverseStatus(world.seed, len(world.sectors), len(world.ports)),
        )

    def _require_player(self, player_id: PlayerId) -> None:
        if player_id not in self._projection.world.players:
            raise UnknownNounError("unknown_player", "This player is not in the galaxy.")

    def _require_port(self, port_id: PortId) -> Port:
        port = self._projection.world.ports.get(port_id)
        if port is None:
            raise UnknownNounError("unknown_port", f"There is no port {port_id!r}.")
        return port

    async def _index_bars(
        self, commodity: Commodity, interval: Interval, limit: int
    ) -> list[CandleBar]:
        until = self._projection.world.tick
        return [
            CandleBar(
                time=_bar_time(candle.start),
                open=candle.open / CENTS,
                high=candle.high / CENTS,
                low=candle.low / CENTS,
                close=candle.close / CENTS,
                volume=candle.volume,
            )
            for candle in await self._archive.good_candles(commodity, interval, until, limit)
        ]

    async def _port_bars(
        self, port: Port, commodity: Commodity, interval: Interval, limit: int
    ) -> list[CandleBar]:
        position = port.position(commodity)
        if position is None:
            raise UnknownNounError(
                "unknown_commodity", f"{port.spec.name} does not deal in {commodity.spoken}."
            )
        ticks = INTERVAL_TICKS[interval]
        now = self._projection.world.tick
        first = div_floor(now - limit * ticks, ticks) * ticks
        if ticks < TICKS_PER_GAME_HOUR:
            mids = await self._archive.port_mids(port.spec.index, position, Tick(first - 1))
            samples = [
                (tick - 1, before, max(before, mid), min(before, mid), mid)
                for (_, before), (tick, mid) in pairwise(mids)
            ]
        else:
            hours = await self._archive.port_bars(
                port.spec.index, position, now, div_ceil(now - first, TICKS_PER_GAME_HOUR)
            )
            samples = [(*hour,) for hour in hours if hour.start >= first]
        after = Tick(samples[0][0] - 1 if samples else now)
        volumes = await self._archive.volume_by_tick(commodity, after, port.spec.port_id)
        return _roll_up(samples, ticks, volumes, now)[-limit:]


def _roll_up(
    samples: list[tuple[int, int, int, int, int]],
    ticks: int,
    volumes: list[tuple[Tick, int]],
    now: Tick,
) -> list[CandleBar]:
    """Merge (start, open, high, low, close) samples into bars of `ticks`, closed ones only."""
    bars: dict[int, list[int]] = {}
    for start, opened, high, low, close in samples:
        bucket = div_floor(start, ticks) * ticks
        bar = bars.setdefault(bucket, [opened, high, low, close, 0])
        bar[1] = max(bar[1], high)
        bar[2] = min(bar[2], low)
        bar[3] = close
    for tick, quantity in volumes:
        traded = bars.get(div_floor(tick, ticks) * ticks)
        if traded is not None:
            traded[4] += quantity
    return [
        CandleBar(
            time=_bar_time(Tick(bucket)),
            open=bar[0] / CENTS,
            high=bar[1] / CENTS,
            low=bar[2] / CENTS,
            close=bar[3] / CENTS,
            volume=bar[4],
        )
        for bucket, bar in bars.items()
        if bucket + ticks <= now
    ]
