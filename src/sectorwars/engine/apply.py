"""Change a world by an event: the only way a world changes."""

from typing import assert_never

from sectorwars.domain.commodity import COMMODITY_INDEX, Commodity
from sectorwars.domain.event import (
    AutomationEvent,
    AutomationSwitched,
    Crossing,
    DisconnectPauseSet,
    Event,
    GoodsTraded,
    HaulerCalled,
    JourneyCompleted,
    JourneyStarted,
    MarketChange,
    OrderClosed,
    OrderEvent,
    OrderPlaced,
    PlayerRegistered,
    PortsSettled,
    QuoteClosed,
    QuoteEvent,
    QuoteIssued,
    RuleCreated,
    RuleDeleted,
    RuleRearmed,
    RuleToggled,
    ShipDocked,
    ShipUndocked,
    StockCheckpointed,
    TickAdvanced,
    TradeCapsSet,
    TradingStateSet,
    UniverseCreated,
)
from sectorwars.domain.hauler import Hauler
from sectorwars.domain.ids import PlayerId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.navigation import Journey
from sectorwars.domain.order import LimitOrder
from sectorwars.domain.player import Player
from sectorwars.domain.port import Port
from sectorwars.domain.rule import DAY_MICROS, AutomatedTrade, Automation, Rule
from sectorwars.domain.ship import Ship
from sectorwars.domain.values import Credits, UnixMicros
from sectorwars.engine.world import Deadline, DeadlineKind, World


def apply(world: World, event: Event) -> None:
    """Change `world` as `event` says; no rule is consulted and nothing can be refused."""
    match event:
        case GoodsTraded():
            _apply_trade(world, event)
        case TickAdvanced():
            _apply_tick(world, event)
        case HaulerCalled():
            _apply_call(world, event)
        case ShipDocked():
            world.players[event.player_id].ship.docked_port_id = event.port_id
            world.ledger.post(event.postings)
        case ShipUndocked():
            world.players[event.player_id].ship.docked_port_id = None
            world.ledger.post(event.postings)
        case JourneyStarted():
            player = world.players[event.player_id]
            player.ship.journey = event.journey
            player.turns = event.turns
            world.set_deadline(arrival(event.journey, event.player_id))
        case JourneyCompleted():
            _apply_arrival(world, event)
        case PlayerRegistered():
            _apply_registration(world, event)
        case (
            RuleCreated()
            | RuleDeleted()
            | RuleToggled()
            | AutomationSwitched()
            | DisconnectPauseSet()
            | RuleRearmed()
        ):
            automation = world.players[event.player_id].automation
            apply_automation(automation, event)
            if automation.rules:
                world.rule_owners[event.player_id] = None
            else:
                world.rule_owners.pop(event.player_id, None)
        case OrderPlaced() | OrderClosed():
            _apply_order(world, event)
        case QuoteIssued() | QuoteClosed():
            _apply_quote(world, event)
        case TradingStateSet():
            world.risk.set_state(event.scope, event.subject, event.after, event.reason)
        case TradeCapsSet():
            world.risk.set_caps(event.subject, event.after)
        case PortsSettled():
            world.ledger.post(event.postings)
        case StockCheckpointed():
            _apply_checkpoint(world, event)
        case UniverseCreated():
            _apply_creation(world, event)
        case _:
            assert_never(event)


def arrival(journey: Journey, player: PlayerId) -> Deadline:
    """Return the entry of a journey's end in the timetable."""
    return Deadline(journey.arrives_at, DeadlineKind.ARRIVAL, player)


def _apply_tick(world: World, event: TickAdvanced) -> None:
    """Move the clock and every port's stock; a port whose stock moved gets a new version."""
    world.tick = event.tick
    world.tape.advance(event.tick)
    for port, deltas in zip(world.ports_by_index, event.deltas, strict=True):
        if any(deltas):
            port.stock = [units + delta for units, delta in zip(port.stock, deltas, strict=True)]
            port.version += 1


def apply_market(world: World, event: MarketChange) -> None:
    """Take over what an event did to the stock and version of its port, and nothing else."""
    port = world.ports[event.port_id]
    if isinstance(event, GoodsTraded):
        port.stock[port.place(event.commodity)] = event.stock_after
    elif isinstance(event, HaulerCalled):
        for deal in event.deals:
            port.stock[port.place(deal.commodity)] = deal.stock_after
    port.version = event.market_version


def _apply_call(world: World, event: HaulerCalled) -> None:
    apply_market(world, event)
    for deal in event.deals:
        world.tape.add(event.tick, COMMODITY_INDEX[deal.commodity], deal.quantity)
    hauler = world.haulers[event.hauler_id]
    hauler.trade(event.sold, event.bought)
    hauler.port_id = event.destination_id
    hauler.calls_at = event.calls_at
    world.ledger.post(event.postings)


def _apply_trade(world: World, event: GoodsTraded) -> None:
    apply_market(world, event)
    world.tape.add(event.tick, COMMODITY_INDEX[event.commodity], event.quantity)
    player = world.players[event.player_id]
    _exchange(player, event, event.commodity, event.side, event.total_credits, event.at)
    if event.order_id is not None:
        player.orders[event.order_id].fill(event.quantity, event.total_credits)
    if event.quote_id is not None:
        world.close_quote(player.quotes.live[event.quote_id])
        player.quotes.missed = max(0, player.quotes.missed - 1)
    for crossing in event.crossings:
        owner = world.players[crossing.player_id]
        order = owner.orders[crossing.order_id]
        total = Credits(crossing.quantity * crossing.price_credits)
        order.fill(crossing.quantity, total)
        _exchange(owner, crossing, event.commodity, order.side, total, event.at)
    world.ledger.post(event.postings)
    if event.rule_id is not None:
        _note_automated(player.automation, event.rule_id, event)


def _exchange(
    player: Player,
    trade: GoodsTraded | Crossing,
    commodity: Commodity,
    side: Side,
    total: Credits,
    at: UnixMicros,
) -> None:
    """Load what a player bought or unload what he sold, and count it."""
    player.trade_serial = trade.trade_serial
    if side is Side.BUY:
        player.ship.load(commodity, trade.quantity, total + trade.fees_credits)
    else:
        player.ship.unload(commodity, trade.quantity)
        player.realised_profit_credits += trade.profit_credits or 0
    player.window.add(at, commodity, trade.quantity, total)


def _apply_order(world: World, event: OrderEvent) -> None:
    apply_market(world, event)
    player = world.players[event.player_id]
    if isinstance(event, OrderPlaced):
        player.order_serial = event.order_serial
        world.open_order(
            LimitOrder(
                event.order_id,
                event.player_id,
                event.command_id,
                event.port_id,
                event.side,
                event.commodity,
                event.quantity,
                event.limit_credits,
                event.at,
                event.expires_at,
                event.cancel_on_disconnect,
                event.sequence,
            )
        )
    else:
        world.close_order(player.orders[event.order_id])
    world.ledger.post(event.postings)


def _apply_quote(world: World, event: QuoteEvent) -> None:
    apply_market(world, event)
    desk = world.players[event.player_id].quotes
    if isinstance(event, QuoteIssued):
        desk.serial = event.quote_serial
        world.open_quote(event.quote)
    else:
        world.close_quote(desk.live[event.quote_id])
        desk.missed, desk.allowed_at = event.missed, event.allowed_at
    world.ledger.post(event.postings)


def _note_automated(automation: Automation, rule_id: RuleId, event: GoodsTraded) -> None:
    automation.rules[rule_id].spent |= {event.side}
    automation.recent = automation.since(UnixMicros(event.at - DAY_MICROS))
    automation.recent.append(
        AutomatedTrade(
            event.at,
            rule_id,
            event.side,
            event.commodity,
            event.quantity,
            event.total_credits,
            event.profit_credits or 0,
        )
    )


def apply_automation(automation: Automation, event: AutomationEvent) -> None:
    """Change a player's automation by an event of his."""
    match event:
        case RuleCreated():
            automation.rule_serial = event.rule_serial
            automation.rules[event.rule_id] = Rule(
                event.rule_id, event.player_id, event.spec, event.at
            )
        case RuleDeleted():
            del automation.rules[event.rule_id]
        case RuleToggled():
            rule = automation.rules[event.rule_id]
            rule.active = event.active
            rule.spent = frozenset()
        case AutomationSwitched():
            automation.active = event.active
            automation.paused_at = event.at if event.disconnected else None
        case DisconnectPauseSet():
            automation.pause_on_disconnect = event.active
        case RuleRearmed():
            automation.rules[event.rule_id].spent -= {event.side}
        case _:
            assert_never(event)


def _apply_arrival(world: World, event: JourneyCompleted) -> None:
    ship = world.players[event.player_id].ship
    if ship.journey is None:
        raise ValueError(f"{ship.ship_id} arrives but is not under way")
    world.drop_deadline(arrival(ship.journey, event.player_id))
    ship.journey = None
    world.move_ship(ship, event.sector_id)


def _apply_registration(world: World, event: PlayerRegistered) -> None:
    ship = Ship(event.ship_id, event.ship_class, event.sector_id, docked_port_id=event.port_id)
    world.add_player(Player(event.player_id, event.at, event.turns, ship))
    world.ledger.post(event.postings)


def _apply_checkpoint(world: World, event: StockCheckpointed) -> None:
    world.tick = event.tick
    world.tape.advance(event.tick)
    for port, stock, version in zip(
        world.ports_by_index, event.stocks, event.versions, strict=True
    ):
        port.stock = list(stock)
        port.version = version


def _apply_creation(world: World, event: UniverseCreated) -> None:
    if world.sectors:
        raise ValueError("a universe is born into an empty world only")
    world.sectors = {sector.sector_id: sector for sector in event.sectors}
    for spec, stock in zip(event.ports, event.stocks, strict=True):
        world.add_port(Port(spec, list(stock)))
    for hauler, calls_at in zip(event.haulers, event.first_calls, strict=True):
        world.haulers[hauler.hauler_id] = Hauler(hauler, hauler.home_port_id, calls_at)
    world.ledger.post(event.postings)
