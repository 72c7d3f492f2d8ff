"""Advice on demand: recommendations, routes, analyses and profiles, from committed state."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

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
from sectorwars.application.advice.survey import Survey, Surveyor
from sectorwars.application.advice.views import recommendation
from sectorwars.application.ports import (
    Clock,
    MarketArchive,
)
from sectorwars.application.reading.forecast_board import ForecastBoard, price_forecast
from sectorwars.application.reading.projection import Projection
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.application.state.trade_shares import shares_of
from sectorwars.domain.commodity import COMMODITY_INDEX, Commodity
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import PlayerId, SectorId
from sectorwars.domain.market import Side
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, game_rfc3339, rfc3339
from sectorwars.engine.world import World
from sectorwars.forecasting.horizon import Horizon
from sectorwars.protocol.shapes.advice import (
    MarketAnalysis,
    OptimizedRoute,
    Recommendation,
    Recommendations,
    TradingProfile,
)

RECOMMENDATIONS_MAX: Final = 5
STOPS_MAX: Final = 4
OFFERS_SHOWN_MAX: Final = 5
ANSWERS_KEPT_MAX: Final = 4_096
"""So many answers of a tick are kept; at the limit all are reckoned again."""

Answer = TypeVar("Answer", Recommendations, OptimizedRoute)


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
        self._surveyor = Surveyor(projection)
        self._recommended = _Answers[Recommendations]()
        self._toured = _Answers[OptimizedRoute]()

    def recommendations(self, player_id: PlayerId) -> Recommendations:
        """Return what pays from where the player is, best first; perhaps nothing.

        Raises:
            UnknownNounError: the player has not arrived.
        """
        world, now = self._world_of(player_id), self._clock.now()
        return self._recommended.get(
            (player_id, RECOMMENDATIONS_MAX),
            _position(world, player_id, now),
            now,
            lambda: Recommendations(
                player_id=player_id,
                recommendations=recommend(
                    self._surveyor.survey(), player_id, now, RECOMMENDATIONS_MAX
                ),
                tick=world.tick,
                as_of=rfc3339(now),
                game_time=game_rfc3339(world.tick),
            ),
        )

    def tour(self, player_id: PlayerId, stops_max: int) -> OptimizedRoute:
        """Return the best trades that follow one another; `stops_max` is 1..STOPS_MAX.

        Raises:
            UnknownNounError: the player has not arrived.
        """
        world, now = self._world_of(player_id), self._clock.now()
        return self._toured.get(
            (player_id, stops_max),
            _position(world, player_id, now),
            now,
            lambda: self._tour(player_id, stops_max, now),
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
        trades = [
            share
            for logged in page
            if isinstance(logged.event, GoodsTraded)
            for share in shares_of(player_id, logged.event)
        ]
        now = self._clock.now()
        profile = trading_profile(player_id, trades, now)
        await self._profiles.put_profile(player_id, msgspec.to_builtins(profile), now)
        return profile

    def _tour(self, player_id: PlayerId, stops_max: int, now: UnixMicros) -> OptimizedRoute:
        world = self._projection.world
        trader = trader_of(world, player_id, now)
        tour = best_tour(self._surveyor.survey(), trader, stops_max)
        return self._route(
            world,
            trader,
            [sector_id for stop in tour for sector_id in stop.way.path],
            sum(stop.seconds for stop in tour),
            [recommendation(stop, trader.credits) for stop in tour],
            now,
        )

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


@dataclass(frozen=True, slots=True)
class _Position:
    """All that an answer depends on besides the market's prices at a tick."""

    tick: int
    trader: Trader
    cargo: tuple[tuple[Commodity, int], ...]


def _position(world: World, player_id: PlayerId, now: UnixMicros) -> _Position:
    ship = world.players[player_id].ship
    cargo = tuple((commodity, ship.units(commodity)) for commodity in ship.cargo)
    return _Position(world.tick, trader_of(world, player_id, now), cargo)


class _Answers(Generic[Answer]):
    """The answers of the present tick, by who asked for how many, with where he stood and when."""

    def __init__(self) -> None:
        self._tick = 0
        self._kept: dict[tuple[PlayerId, int], tuple[_Position, UnixMicros, Answer]] = {}

    def get(
        self,
        asked: tuple[PlayerId, int],
        position: _Position,
        now: UnixMicros,
        reckon: Callable[[], Answer],
    ) -> Answer:
        """Return the answer that was given at this position and tick, or reckon it.

        Where ticks are slow an answer lives a second, for others trade between ticks.
        """
        if position.tick != self._tick or len(self._kept) >= ANSWERS_KEPT_MAX:
            self._tick = position.tick
            self._kept.clear()
        kept = self._kept.get(asked)
        if kept is not None and kept[0] == position and now - kept[1] < MICROS_PER_SECOND:
            return kept[2]
        answer = reckon()
        self._kept[asked] = (position, now, answer)
        return answer


def recommend(
    survey: Survey, player_id: PlayerId, now: UnixMicros, limit: int
) -> list[Recommendation]:
    """Return at most `limit` recommendations for a player, most credits a second first."""
    trader = trader_of(survey.world, player_id, now)
    found = best_sales(survey, player_id, now) + best_opportunities(survey, trader, limit)
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
