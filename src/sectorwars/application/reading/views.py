"""Wire shapes of the world's nouns, as they stand in a world."""

from sectorwars.application.reading.order_views import good_books
from sectorwars.application.rows import TapeEntry
from sectorwars.domain.commodity import COMMODITY_SPECS
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import PlayerId, PortId, SectorId
from sectorwars.domain.market import ask_price, bid_price
from sectorwars.domain.navigation import TURNS_MAX, WARP_TURNS, Journey, warp_seconds
from sectorwars.domain.port import PortSpec
from sectorwars.domain.risk import TradingState
from sectorwars.domain.ship import Ship
from sectorwars.domain.values import UnixMicros, game_rfc3339, rfc3339
from sectorwars.engine.world import World
from sectorwars.protocol.shapes.account import AccountState, ShipState, TransitState
from sectorwars.protocol.shapes.galaxy import PortSummary, SectorView
from sectorwars.protocol.shapes.journey import AvailableMoves, Move
from sectorwars.protocol.shapes.market import PortGoodQuote, PortMarket, TapedTrade
from sectorwars.protocol.shapes.risk import TradingStatus


def account_state(world: World, player_id: PlayerId, now: UnixMicros) -> AccountState:
    """Show a player's own state; turns as they are at real time `now`."""
    player = world.players[player_id]
    ship = player.ship
    return AccountState(
        player_id=player_id,
        credits=world.credits(player_id),
        turns=player.turns.at(now).count,
        turns_max=TURNS_MAX,
        sector_id=ship.sector_id,
        docked_port_id=ship.docked_port_id,
        in_transit=_transit_state(ship.journey) if ship.journey else None,
        ship=ship_state(ship),
        average_cost={
            good.value: round(ship.cost_of(good, units) / units, 2)
            for good in ship.cargo
            if (units := ship.units(good))
        },
        realised_profit_credits=player.realised_profit_credits,
        trading_state=trading_status(world, player_id, ship.docked_port_id),
    )


def _transit_state(journey: Journey) -> TransitState:
    return TransitState(
        journey.from_sector_id,
        journey.to_sector_id,
        rfc3339(journey.departed_at),
        rfc3339(journey.arrives_at),
    )


def ship_state(ship: Ship) -> ShipState:
    """Show a ship and its cargo."""
    return {
        "ship_id": ship.ship_id,
        "class": ship.ship_class.value,
        "cargo_capacity": ship.cargo_capacity,
        "cargo": {good.value: ship.units(good) for good in ship.cargo},
    }


def sector_view(world: World, sector_id: SectorId) -> SectorView:
    """Show a sector, its ports and its warps."""
    sector = world.sectors[sector_id]
    return SectorView(
        sector_id=sector_id,
        name=sector.name,
        x=sector.x,
        y=sector.y,
        port_ids=list(sector.port_ids),
        ports=[_port_summary(world.ports[port_id].spec) for port_id in sector.port_ids],
        warps=list(sector.warps),
    )


def available_moves(world: World, player_id: PlayerId) -> AvailableMoves:
    """Show the warps from the sector where the player's ship is, or which it has left."""
    origin = world.sectors[world.players[player_id].ship.sector_id]
    moves = []
    for sector_id in origin.warps:
        there = world.sectors[sector_id]
        moves.append(
            Move(
                sector_id=sector_id,
                name=there.name,
                travel_seconds=warp_seconds(origin, there),
                turns=WARP_TURNS,
                has_port=bool(there.port_ids),
                port_ids=list(there.port_ids),
            )
        )
    return AvailableMoves(origin.sector_id, moves)


def port_market(world: World, port_id: PortId, as_of: UnixMicros) -> PortMarket:
    """Show what a port deals in, with the price of the next unit either way."""
    port = world.ports[port_id]
    goods = []
    for position, (good, stock) in enumerate(zip(port.spec.goods, port.stock, strict=True)):
        base = COMMODITY_SPECS[good.commodity].base_price_credits
        goods.append(
            PortGoodQuote(
                commodity=good.commodity.value,
                stock=stock,
                target=good.target,
                bid_price=bid_price(base, port.bid_stock(position), good.target),
                ask_price=ask_price(base, port.ask_stock(position), good.target),
                buys=good.buys,
                sells=good.sells,
            )
        )
    return PortMarket(
        port_id=port_id,
        name=port.spec.name,
        sector_id=port.spec.sector_id,
        version=port.version,
        as_of=rfc3339(as_of),
        goods=goods,
        books=good_books(world, port_id),
        trading_state=trading_status(world, None, port_id),
    )


def trading_status(
    world: World, player_id: PlayerId | None, port_id: PortId | None
) -> TradingStatus:
    """Show what a player may trade at a port, or what everybody may there (None)."""
    strictest = world.risk.strictest(player_id, port_id)
    if strictest is None:
        return TradingStatus(TradingState.ACTIVE.value, None, None)
    scope, restriction = strictest
    return TradingStatus(restriction.state.value, scope.value, restriction.reason)


def taped_trade(entry: TapeEntry) -> TapedTrade:
    """Show a deal to everybody: without who made it."""
    event, deal = entry.event, entry.deal
    return TapedTrade(
        by="player" if isinstance(event, GoodsTraded) else "hauler",
        port_id=event.port_id,
        side=entry.side.value,
        commodity=deal.commodity.value,
        quantity=deal.quantity,
        price=round(deal.total_credits / deal.quantity, 2),
        total_credits=deal.total_credits,
        stock_after=deal.stock_after,
        market_version=event.market_version,
        executed_at=rfc3339(event.at),
        game_time=game_rfc3339(event.tick),
    )


def _port_summary(spec: PortSpec) -> PortSummary:
    return {"port_id": spec.port_id, "name": spec.name, "class": spec.port_class.value}
