"""Advice on demand: recommendations, routes, analyses and profiles, from committed state."""

from typing import Final

import msgspec

from sectorwars.application.advice.offers import offers, port_offer
from sectorwars.application.advice.opportunity import (
    Trader,
    best_opportunities,
    best_sales,
    best_tour,
    trader_of,
)
from sectorwars.application.advice.profile import (
    TRADES_CONSIDERED_MAX,
    ProfileStore,
    trading_profile,
)
from sectorwars.application.advice.reach import Way, reach
from sectorwars.application.advice.views import recommendation
from sectorwars.application.forecast_board import ForecastBoard, price_forecast
from sectorwars.application.ports import Clock, MarketArchive
from sectorwars.application.projection import Projection
from sectorwars.application.queries import UnknownNounError
from sectorwars.domain.commodity import COMMODITY_INDEX, Commodity
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import PlayerId, SectorId
from sectorwars.domain.market import Side
from sectorwars.domain.values import UnixMicros, game_rfc3339, rfc3339
from sectorwars.engine.world import World
from sectorwars.forecasting.horizon import Horizon
from sectorwars.protocol.advice import (
    MarketAnalysis,
    OptimizedRoute,
    Recommendation,
    Recommendations,
    TradingProfile,
)

RECOMMENDATIONS_MAX: Final = 5
STOPS_MAX: Final = 4
OFFERS_SHOWN_MAX: Final = 5


class Advisor:
    """Reckons what pays, at the prices of the latest committed tick."""

    def __init__(
        self,
        projection: Projection,
        archive: MarketArchive,
        profiles: ProfileStore,
        forecasts: ForecastBoard,
        clock: Clock,
    ) -> None:
        """Read from `projection`, `archive` and `forecasts`; keep profiles in `profiles`."""
        self._projection = projection
        self._archive = archive
        self._profiles = profiles
        self._forecasts = forecasts
        self._clock = clock

    def recommendations(self, player_id: PlayerId) -> Recommendations:
        """Return what pays from where the player is, best first; perhaps nothing.

        Raises:
            UnknownNounError: the player has not arrived.
        """
        world, now = self._world_of(player_id), self._clock.now()
        return Recommendations(
            player_id=player_id,
            recommendations=recommend(world, player_id, now, RECOMMENDATIONS_MAX),
            tick=world.tick,
            as_of=rfc3339(now),
            game_time=game_rfc3339(world.tick),
        )

    def tour(self, player_id: PlayerId, stops_max: int) -> OptimizedRoute:
        """Return the best trades that follow one another; `stops_max` is 1..STOPS_MAX.

        Raises:
            UnknownNounError: the player has not arrived.
        """
        world, now = self._world_of(player_id), self._clock.now()
        trader = trader_of(world, player_id, now)
        tour = best_tour(world, trader, stops_max)
        path = [sector_id for stop in tour for sector_id in stop.way.path]
        return self._route(
            world,
            trader,
            path,
            sum(stop.seconds for stop in tour),
            [recommendation(stop, trader.credits) for stop in tour],
            now,
        )

    def way(self, player_id: PlayerId, destination: SectorId) -> OptimizedRoute:
        """Return the way with the fewest warps to a sector.

        Raises:
            UnknownNounError: the player has not arrived, or there is no such sector.
        """
        world, now = self._world_of(player_id), self._clock.now()
        trader = trader_of(world, player_id, now)
        way = way_to(world, trader.sector_id, destination)
        seconds = trader.seconds_to_arrival + way.seconds
        return self._route(world, trader, list(way.path), seconds, [], now)

    def market_analysis(self, commodity: Commodity) -> MarketAnalysis:
        """Return a good's index, its best offers all over the galaxy, and its forecasts."""
        projection = self._projection
        world = projection.world
        selling, buying = (offers(world, commodity, side) for side in (Side.BUY, Side.SELL))
        volume = world.tape.totals[COMMODITY_INDEX[commodity]]
        return MarketAnalysis(
            commodity=commodity.value,
            index=projection.board.realtime(commodity, volume),
            ports_selling=len(selling),
            ports_buying=len(buying),
            cheapest=[port_offer(offer) for offer in selling[:OFFERS_SHOWN_MAX]],
            dearest=[port_offer(offer) for offer in buying[:OFFERS_SHOWN_MAX]],
            predictions=[
                price_forecast(forecast)
                for horizon in Horizon
                if (forecast := self._forecasts.forecast(commodity, horizon)) is not None
            ],
            tick=world.tick,
            as_of=rfc3339(self._clock.now()),
            game_time=game_rfc3339(world.tick),
        )

    async def profile(self, player_id: PlayerId) -> TradingProfile:
        """Return a player's habits and store them.

        Raises:
            UnknownNounError: the player has not arrived.
            StoreUnavailableError: the store cannot be reached.
        """
        self._world_of(player_id)
        page = await self._archive.trades_of(player_id, None, TRADES_CONSIDERED_MAX)
        trades = [logged.event for logged in page if isinstance(logged.event, GoodsTraded)]
        now = self._clock.now()
        profile = trading_profile(player_id, trades, now)
        await self._profiles.put_profile(player_id, msgspec.to_builtins(profile), now)
        return profile

    def _world_of(self, player_id: PlayerId) -> World:
        world = self._projection.world
        if player_id not in world.players:
            raise UnknownNounError("unknown_player", "This player is not in the galaxy.")
        return world

    def _route(
        self,
        world: World,
        trader: Trader,
        path: list[SectorId],
        seconds: int,
        stops: list[Recommendation],
        now: UnixMicros,
    ) -> OptimizedRoute:
        return OptimizedRoute(
            from_sector_id=trader.sector_id,
            to_sector_id=path[-1] if path else trader.sector_id,
            path=[str(sector_id) for sector_id in path],
            travel_seconds=seconds,
            turns=len(path),
            stops=stops,
            profit_credits=sum(stop.profit_credits for stop in stops),
            tick=world.tick,
            as_of=rfc3339(now),
            game_time=game_rfc3339(world.tick),
        )


def recommend(
    world: World, player_id: PlayerId, now: UnixMicros, limit: int
) -> list[Recommendation]:
    """Return at most `limit` recommendations for a player, most credits a second first."""
    trader = trader_of(world, player_id, now)
    found = best_sales(world, player_id, now) + best_opportunities(world, trader, limit)
    found.sort(key=lambda opportunity: opportunity.rank, reverse=True)
    return [recommendation(opportunity, trader.credits) for opportunity in found[:limit]]


def way_to(world: World, origin: SectorId, destination: SectorId) -> Way:
    """Return the way with the fewest warps.

    Raises:
        UnknownNounError: there is no such sector.
    """
    if destination not in world.sectors:
        raise UnknownNounError("unknown_sector", f"There is no sector {destination!r}.")
    return reach(world, origin, len(world.sectors))[destination]
