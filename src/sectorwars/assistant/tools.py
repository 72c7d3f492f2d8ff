"""What ARIA can look up: each tool takes typed arguments and returns figures with their source.

Tools read committed state and change nothing. Whose ship is meant is an argument that the caller
fills in from the session, never from the text of a message.
"""

from typing import Final, Protocol

from sectorwars.application.advice.advisor import Advisor, way_to
from sectorwars.application.advice.offers import Offer, offer_at, offers
from sectorwars.application.advice.opportunity import trader_of
from sectorwars.application.advice.reach import reach
from sectorwars.application.ports import (
    MarketArchive,
    RuleTraceArchive,
)
from sectorwars.application.reading import views
from sectorwars.application.reading.forecast_board import ForecastBoard, price_forecast
from sectorwars.application.reading.news import market_news
from sectorwars.application.reading.projection import Projection
from sectorwars.application.reading.rule_views import rule_trace
from sectorwars.assistant.results import (
    Advice,
    GoodForecasts,
    GoodPrice,
    HorizonRecord,
    News,
    OrderCost,
    OrderPreview,
    PlaceOffer,
    PlaceOffers,
    PortPrices,
    Profit,
    Record,
    Rules,
    RuleStanding,
    RuleVerdict,
    ShipStatus,
    WayThere,
)
from sectorwars.domain.command import CommandEnvelope, Origin, Trade
from sectorwars.domain.commodity import COMMODITIES, COMMODITY_INDEX, COMMODITY_SPECS, Commodity
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import CommandId, PlayerId, PortId, RuleId, SectorId
from sectorwars.domain.market import (
    Side,
    buy_ladder,
    ladder_total,
    sell_ladder,
    stock_capacity,
    trade_tax,
)
from sectorwars.domain.rejection import Rejection
from sectorwars.domain.rule import DAY_MICROS
from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.engine.execute import execute
from sectorwars.engine.world import World
from sectorwars.forecasting.horizon import Horizon
from sectorwars.protocol.shapes.forecast import ForecastPerformance
from sectorwars.protocol.shapes.market import MarketRealtime

OFFERS_MAX: Final = 3
RECORD_DAYS: Final = 30


class Scoreboard(Protocol):
    """The public record of the forecasts."""

    async def performance(self, days: int) -> ForecastPerformance:
        """Return the record over the last `days` game days."""
        ...


class Toolbox:
    """The tools, over committed state."""

    def __init__(
        self,
        projection: Projection,
        archive: MarketArchive,
        traces: RuleTraceArchive,
        forecasts: ForecastBoard,
        scoreboard: Scoreboard,
        advisor: Advisor,
    ) -> None:
        """Read from what is given."""
        self._projection = projection
        self._archive = archive
        self._traces = traces
        self._forecasts = forecasts
        self._scoreboard = scoreboard
        self._advisor = advisor

    @property
    def world(self) -> World:
        """The committed world."""
        return self._projection.world

    def docked_port(self, player_id: PlayerId) -> PortId | None:
        """Return the port where the player's ship is docked."""
        return self.world.players[player_id].ship.docked_port_id

    def units_aboard(self, player_id: PlayerId, commodity: Commodity) -> int:
        """Return how many units of a good the player has aboard."""
        return self.world.players[player_id].ship.units(commodity)

    def port_prices(self, port_id: PortId, now: UnixMicros) -> PortPrices:
        """Look up all goods of a port."""
        market = views.port_market(self.world, port_id, now)
        return PortPrices(market.version, market.as_of, market)

    def good_price(self, commodity: Commodity) -> GoodPrice:
        """Look up a good's index."""
        index = self._index(commodity)
        return GoodPrice(index.version, index.as_of, index)

    def best_places(
        self, player_id: PlayerId, commodity: Commodity, side: Side, now: UnixMicros
    ) -> PlaceOffers:
        """Find the ports with the best offers."""
        found = offers(self.world, commodity, side)
        ways = reach(self.world, trader_of(self.world, player_id, now).sector_id)
        best = []
        for offer in found[:OFFERS_MAX]:
            spec = offer.port.spec
            way = ways.get(spec.sector_id)
            best.append(
                PlaceOffer(
                    port_name=spec.name,
                    sector_name=self.world.sectors[spec.sector_id].name,
                    price_credits=offer.price_credits,
                    stock=offer.stock,
                    seconds=None if way is None else way.seconds,
                    turns=None if way is None else way.turns,
                )
            )
        return PlaceOffers(
            self.world.tick, rfc3339(now), commodity.value, side, len(found), tuple(best)
        )

    def best_port(self, commodity: Commodity, side: Side) -> PortId | None:
        """Return the port with the best offer."""
        found = offers(self.world, commodity, side)
        return found[0].port.spec.port_id if found else None

    def order_cost(
        self, port_id: PortId, commodity: Commodity, side: Side, quantity: int, now: UnixMicros
    ) -> OrderCost:
        """Price an order along a port's curve, whoever might place it."""
        port = self.world.ports[port_id]
        offer = offer_at(port, commodity, side)
        fault = _cost_fault(offer, port.spec.name, commodity, side, quantity)
        first = last = total = 0
        if fault is None and offer is not None:
            position = port.position(commodity)
            target = port.spec.goods[0 if position is None else position].target
            base = COMMODITY_SPECS[commodity].base_price_credits
            ladder = buy_ladder if side is Side.BUY else sell_ladder
            fills = ladder(base, offer.stock, target, quantity)
            first, last = fills[0].price_credits, fills[-1].price_credits
            total = ladder_total(fills)
        fees = trade_tax(total)
        return OrderCost(
            market_version=port.version,
            as_of=rfc3339(now),
            commodity=commodity.value,
            side=side,
            quantity=quantity,
            port_name=port.spec.name,
            first_price=first,
            last_price=last,
            total_credits=total,
            fees_credits=fees,
            net_credits=total + fees if side is Side.BUY else total - fees,
            fault=fault,
        )

    def forecasts(self, commodity: Commodity, now: UnixMicros) -> GoodForecasts:
        """Look up the published forecasts of a good."""
        found = [
            forecast
            for horizon in Horizon
            if (forecast := self._forecasts.forecast(commodity, horizon)) is not None
        ]
        return GoodForecasts(
            self.world.tick,
            rfc3339(now),
            commodity.value,
            tuple(price_forecast(forecast) for forecast in found),
            tuple(forecast.confidence_percent for forecast in found),
        )

    async def forecast_record(self, now: UnixMicros) -> Record:
        """Look up how good the forecasts have been."""
        performance = await self._scoreboard.performance(RECORD_DAYS)
        return Record(
            None,
            rfc3339(now),
            RECORD_DAYS,
            tuple(
                HorizonRecord(name, record.n, _percent(record.hit_rate), _percent(record.base_rate))
                for name, record in performance.horizons.items()
            ),
        )

    def ship(self, player_id: PlayerId, now: UnixMicros) -> ShipStatus:
        """Look up a player's ship, cargo and credits."""
        state = views.account_state(self.world, player_id, now)
        ship = self.world.players[player_id].ship
        trader = trader_of(self.world, player_id, now)
        port = None if ship.docked_port_id is None else self.world.ports[ship.docked_port_id]
        return ShipStatus(
            market_version=None,
            as_of=rfc3339(now),
            state=state,
            sector_name=self.world.sectors[trader.sector_id].name,
            port_name=None if port is None else port.spec.name,
            units_aboard=ship.units_aboard(),
            hold_free=trader.hold_free,
            arrives_in_seconds=None if ship.journey is None else trader.seconds_to_arrival,
        )

    async def profit(self, player_id: PlayerId, now: UnixMicros) -> Profit:
        """Reckon a player's realised profit, of the last day and ever."""
        since = UnixMicros(now - DAY_MICROS)
        results = await self._archive.trade_results(player_id, since)
        return Profit(
            market_version=None,
            as_of=rfc3339(now),
            hours=24,
            trades_today=sum(result.trades for result in results),
            sales_today=sum(result.sales for result in results),
            profit_today=sum(result.profit_credits for result in results),
            fees_today=sum(result.fees_credits for result in results),
            profit_ever=self.world.players[player_id].realised_profit_credits,
        )

    def rules(self, player_id: PlayerId, now: UnixMicros) -> Rules:
        """List a player's rules."""
        automation = self.world.players[player_id].automation
        return Rules(
            None,
            rfc3339(now),
            automation.active,
            tuple(
                RuleStanding(
                    rule.rule_id,
                    rule.spec.name,
                    rule.spec.commodity.value,
                    rule.active,
                    tuple(sorted(rule.spent)),
                )
                for rule in automation.rules.values()
            ),
        )

    async def rule_verdict(
        self, player_id: PlayerId, rule_id: RuleId, now: UnixMicros
    ) -> RuleVerdict:
        """Look up why a rule did or did not trade."""
        automation = self.world.players[player_id].automation
        rule = automation.rules[rule_id]
        stored = await self._traces.verdicts(player_id, rule_id, None, 1)
        trace = rule_trace(stored[0].verdict) if stored else None
        return RuleVerdict(
            market_version=None if trace is None else trace.market_version,
            as_of=rfc3339(now),
            name=rule.spec.name,
            rule_active=rule.active,
            automation_active=automation.active,
            trace=trace,
        )

    def advice(self, player_id: PlayerId) -> Advice:
        """Reckon what pays from where the player is."""
        advice = self._advisor.recommendations(player_id)
        return Advice(advice.tick, advice.as_of, advice)

    def way(self, player_id: PlayerId, sector_id: SectorId, now: UnixMicros) -> WayThere:
        """Find the way with the fewest warps to a sector."""
        route = self._advisor.way(player_id, sector_id)
        origin = trader_of(self.world, player_id, now).sector_id
        path = way_to(self.world, origin, sector_id).path
        sectors = self.world.sectors
        return WayThere(
            market_version=None,
            as_of=route.as_of,
            route=route,
            destination=sectors[sector_id].name,
            names=tuple(sectors[passed].name for passed in path),
        )

    def news(self, now: UnixMicros) -> News:
        """Look up the news of the economy."""
        news = market_news(self.world, (self._index(good) for good in COMMODITIES), now)
        return News(news.version, news.as_of, news)

    def preview(
        self,
        player_id: PlayerId,
        commodity: Commodity,
        side: Side,
        quantity: int,
        bound: int | None,
        now: UnixMicros,
    ) -> OrderPreview:
        """Let the core decide on an order without executing it."""
        order = Trade(side, commodity.value, quantity, bound)
        envelope = CommandEnvelope(CommandId("preview"), player_id, Origin.ARIA, order)
        decision = execute(self.world, envelope, now)
        port_id = self.docked_port(player_id)
        port = None if port_id is None else self.world.ports[port_id]
        traded = None if isinstance(decision, Rejection) else decision.events[0]
        trade = traded if isinstance(traded, GoodsTraded) else None
        return OrderPreview(
            market_version=None if port is None else port.version,
            as_of=rfc3339(now),
            commodity=commodity.value,
            side=side,
            quantity=quantity,
            port_id=port_id,
            port_name="" if port is None else port.spec.name,
            first_price=0 if trade is None else trade.fills[0].price_credits,
            last_price=0 if trade is None else trade.fills[-1].price_credits,
            total_credits=0 if trade is None else trade.total_credits,
            fees_credits=0 if trade is None else trade.fees_credits,
            credits_after=0 if trade is None else trade.credits_after,
            fault=decision.detail if isinstance(decision, Rejection) else None,
        )

    def _index(self, commodity: Commodity) -> MarketRealtime:
        volume = self.world.tape.totals[COMMODITY_INDEX[commodity]]
        return self._projection.board.realtime(commodity, volume)


def _cost_fault(
    offer: Offer | None, port_name: str, commodity: Commodity, side: Side, quantity: int
) -> str | None:
    if offer is None:
        verb = "sell" if side is Side.BUY else "buy"
        return f"{port_name} does not {verb} {commodity.spoken} just now."
    if quantity < 1:
        return "A quantity is a whole number from 1 on."
    if side is Side.BUY and quantity > offer.stock:
        return f"{port_name} has {offer.stock} units of {commodity.spoken}."
    position = offer.port.position(commodity)
    if side is Side.SELL and position is not None:
        free = stock_capacity(offer.port.spec.goods[position].target) - offer.stock
        if quantity > free:
            return f"{port_name} has room for {free} units of {commodity.spoken}."
    return None


def _percent(rate: float | None) -> float | None:
    return None if rate is None else round(100 * rate, 1)
