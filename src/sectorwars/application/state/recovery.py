"""From a world to table rows and back: start-up and crash recovery are the same code."""

from collections.abc import Iterable, Sequence
from copy import deepcopy

from sectorwars.application.rows import (
    AccountRow,
    AutomationRow,
    HaulerRow,
    LotRow,
    OrderClose,
    OrderProgress,
    OrderRow,
    PlayerRow,
    QuoteDeskRow,
    RuleRow,
    StoredState,
    TradedMinute,
)
from sectorwars.application.state.market_fold import with_market_folded
from sectorwars.domain.commodity import COMMODITY_INDEX, Commodity
from sectorwars.domain.event import (
    AutomationEvent,
    Event,
    GoodsTraded,
    HaulerCalled,
    JourneyCompleted,
    JourneyStarted,
    OperatorEvent,
    OrderClosed,
    OrderPlaced,
    PlayerRegistered,
    QuoteEvent,
    ShipDocked,
    ShipUndocked,
)
from sectorwars.domain.hauler import Hauler
from sectorwars.domain.ids import AccountId, HaulerId, OrderId, PlayerId
from sectorwars.domain.ledger import Ledger
from sectorwars.domain.order import LimitOrder
from sectorwars.domain.player import Player
from sectorwars.domain.port import Port
from sectorwars.domain.risk import RiskGate, TradeSlot, TradeWindow
from sectorwars.domain.rule import Automation, Rule
from sectorwars.domain.ship import Lot, Ship
from sectorwars.domain.values import Credits, Quantity
from sectorwars.engine.apply import arrival
from sectorwars.engine.world import World

# Written where it is used, the union would be made anew for every event.
_TOUCHING_PLAYERS = (
    PlayerRegistered
    | ShipDocked
    | ShipUndocked
    | JourneyStarted
    | JourneyCompleted
    | GoodsTraded
    | OrderPlaced
)


def restore(state: StoredState) -> World:
    """Rebuild the world from the tables and the market's log since its checkpoint."""
    state = with_market_folded(state)
    checkpoint = state.checkpoint
    world = World(state.seed, checkpoint.tick)
    world.sectors = {sector.sector_id: sector for sector in state.sectors}
    for spec, stock, version in zip(
        state.ports, checkpoint.stocks, checkpoint.versions, strict=True
    ):
        world.add_port(Port(spec, list(stock), version))
    for tick, commodity, quantity in state.volumes:
        world.tape.add(tick, COMMODITY_INDEX[commodity], quantity)
    for hauler, hauler_row in zip(state.hauler_specs, state.haulers, strict=True):
        world.haulers[hauler.hauler_id] = Hauler(
            hauler, hauler_row.port_id, hauler_row.calls_at, hauler_row.cargo
        )
    for row in state.players:
        world.add_player(_player(row))
        if row.journey is not None:
            world.set_deadline(arrival(row.journey, row.player_id))
    for automation_row in state.automations:
        world.players[automation_row.player_id].automation = _automation(automation_row)
        if automation_row.rules:
            world.rule_owners[automation_row.player_id] = None
    for order in state.orders:
        world.open_order(_order(order))
    world.order_sequence = state.order_sequence
    for desk in state.quote_desks:
        _restore_desk(world, desk)
    for minute in state.traded:
        _restore_minute(world.players[minute.player_id].window, minute)
    world.risk = deepcopy(state.risk)
    world.risk.set_caps(None, state.risk.game_caps)
    world.ledger = Ledger((row.account, row.balance) for row in state.accounts)
    return world


def player_rows(world: World, events: Iterable[Event]) -> tuple[PlayerRow, ...]:
    """Return the rows of the players whom the events touched, as they are now."""
    touched: dict[PlayerId, None] = {}
    for event in events:
        if isinstance(event, _TOUCHING_PLAYERS):
            touched[event.player_id] = None
        if isinstance(event, GoodsTraded):
            touched.update((crossing.player_id, None) for crossing in event.crossings)
    return tuple(_player_row(world.players[player_id]) for player_id in touched)


def hauler_rows(world: World, events: Iterable[Event]) -> tuple[HaulerRow, ...]:
    """Return the rows of the haulers that called, as they are now."""
    called: dict[HaulerId, None] = {
        event.hauler_id: None for event in events if isinstance(event, HaulerCalled)
    }
    return tuple(hauler_row(world.haulers[hauler_id]) for hauler_id in called)


def hauler_row(hauler: Hauler) -> HaulerRow:
    """Return a hauler's row."""
    return HaulerRow(hauler.spec.hauler_id, hauler.port_id, hauler.calls_at, hauler.cargo)


def account_rows(world: World, events: Sequence[Event]) -> tuple[AccountRow, ...]:
    """Return the balances of the accounts that the events touched, as they are now."""
    touched: dict[AccountId, None] = {}
    for event in events:
        for posting in getattr(event, "postings", ()):
            touched[posting.account] = None
    return tuple(AccountRow(account, world.ledger.balance(account)) for account in touched)


def order_progress(world: World, events: Iterable[Event]) -> tuple[OrderProgress, ...]:
    """Return how far the orders have got that the events filled or closed."""
    filled: dict[OrderId, PlayerId] = {}
    closed: dict[OrderId, OrderProgress] = {}
    for event in events:
        if isinstance(event, OrderClosed):
            close = OrderClose(event.at, event.reason)
            closed[event.order_id] = OrderProgress(
                event.order_id, event.filled, event.filled_credits, close
            )
        elif isinstance(event, GoodsTraded):
            if event.order_id is not None:
                filled[event.order_id] = event.player_id
            filled.update((crossing.order_id, crossing.player_id) for crossing in event.crossings)
    still_open = (
        world.players[player_id].orders[order_id]
        for order_id, player_id in filled.items()
        if order_id not in closed
    )
    return (
        *(
            OrderProgress(order.order_id, order.filled, order.filled_credits, None)
            for order in still_open
        ),
        *closed.values(),
    )


def quote_desk_rows(world: World, events: Iterable[Event]) -> tuple[QuoteDeskRow, ...]:
    """Return the quote desks of the players whose quotes the events touched, as they are now."""
    touched: dict[PlayerId, None] = {
        event.player_id: None
        for event in events
        if isinstance(event, QuoteEvent)
        or (isinstance(event, GoodsTraded) and event.quote_id is not None)
    }
    desks = ((player_id, world.players[player_id].quotes) for player_id in touched)
    return tuple(
        QuoteDeskRow(
            player_id, tuple(desk.live.values()), desk.serial, desk.missed, desk.allowed_at
        )
        for player_id, desk in desks
    )


def risk_row(world: World, events: Iterable[Event]) -> RiskGate | None:
    """Return the risk gate if the events touched it, as it is now."""
    touched = any(isinstance(event, OperatorEvent) for event in events)
    return deepcopy(world.risk) if touched else None


def automation_rows(world: World, events: Iterable[Event]) -> tuple[AutomationRow, ...]:
    """Return the automations that the events touched, as they are now."""
    touched: dict[PlayerId, None] = {}
    for event in events:
        if isinstance(event, AutomationEvent) or (
            isinstance(event, GoodsTraded) and event.rule_id is not None
        ):
            touched[event.player_id] = None
    return tuple(
        _automation_row(player_id, world.players[player_id].automation) for player_id in touched
    )


def _automation_row(player_id: PlayerId, automation: Automation) -> AutomationRow:
    return AutomationRow(
        player_id=player_id,
        active=automation.active,
        pause_on_disconnect=automation.pause_on_disconnect,
        paused_at=automation.paused_at,
        rule_serial=automation.rule_serial,
        rules=tuple(
            RuleRow(rule.rule_id, rule.spec, rule.created_at, rule.active, rule.spent)
            for rule in automation.rules.values()
        ),
        recent=tuple(automation.recent),
    )


def _automation(row: AutomationRow) -> Automation:
    return Automation(
        active=row.active,
        pause_on_disconnect=row.pause_on_disconnect,
        paused_at=row.paused_at,
        rules={
            rule.rule_id: Rule(
                rule.rule_id,
                row.player_id,
                rule.spec,
                rule.created_at,
                rule.active,
                rule.spent,
            )
            for rule in row.rules
        },
        rule_serial=row.rule_serial,
        recent=list(row.recent),
    )


def _player_row(player: Player) -> PlayerRow:
    ship = player.ship
    return PlayerRow(
        player_id=player.player_id,
        registered_at=player.registered_at,
        turns=player.turns,
        trade_serial=player.trade_serial,
        order_serial=player.order_serial,
        realised_profit_credits=player.realised_profit_credits,
        ship_id=ship.ship_id,
        ship_class=ship.ship_class,
        sector_id=ship.sector_id,
        docked_port_id=ship.docked_port_id,
        journey=ship.journey,
        cargo=cargo_rows(ship),
    )


def cargo_rows(ship: Ship) -> tuple[tuple[Commodity, tuple[LotRow, ...]], ...]:
    """Return what is aboard a ship, all lots, oldest first per good."""
    return tuple(
        (commodity, tuple(LotRow(lot.quantity, lot.cost_credits) for lot in lots))
        for commodity, lots in ship.cargo.items()
    )


def cargo(
    rows: Iterable[tuple[Commodity, Iterable[LotRow]]],
) -> dict[Commodity, list[Lot]]:
    """Return the hold that `cargo_rows` was made of."""
    return {
        commodity: [Lot(lot.quantity, lot.cost_credits) for lot in lots] for commodity, lots in rows
    }


def _player(row: PlayerRow) -> Player:
    ship = Ship(
        ship_id=row.ship_id,
        ship_class=row.ship_class,
        sector_id=row.sector_id,
        docked_port_id=row.docked_port_id,
        journey=row.journey,
        cargo=cargo(row.cargo),
    )
    return Player(
        player_id=row.player_id,
        registered_at=row.registered_at,
        turns=row.turns,
        ship=ship,
        trade_serial=row.trade_serial,
        order_serial=row.order_serial,
        realised_profit_credits=row.realised_profit_credits,
    )


def placed_order(event: OrderPlaced) -> OrderRow:
    """Return the row of an order as it was placed."""
    return OrderRow(
        order_id=event.order_id,
        player_id=event.player_id,
        command_id=event.command_id,
        port_id=event.port_id,
        side=event.side,
        commodity=event.commodity,
        quantity=event.quantity,
        limit_credits=event.limit_credits,
        placed_at=event.at,
        expires_at=event.expires_at,
        cancel_on_disconnect=event.cancel_on_disconnect,
        sequence=event.sequence,
        filled=0,
        filled_credits=0,
    )


def _order(row: OrderRow) -> LimitOrder:
    return LimitOrder(
        row.order_id,
        row.player_id,
        row.command_id,
        row.port_id,
        row.side,
        row.commodity,
        Quantity(row.quantity),
        Credits(row.limit_credits),
        row.placed_at,
        row.expires_at,
        row.cancel_on_disconnect,
        row.sequence,
        row.filled,
        row.filled_credits,
    )


def _restore_desk(world: World, row: QuoteDeskRow) -> None:
    desk = world.players[row.player_id].quotes
    desk.serial, desk.missed, desk.allowed_at = row.serial, row.missed, row.allowed_at
    for quote in row.live:
        world.open_quote(quote)


def _restore_minute(window: TradeWindow, row: TradedMinute) -> None:
    if not window.slots or window.slots[-1].minute != row.minute:
        window.slots.append(TradeSlot(row.minute))
    slot = window.slots[-1]
    slot.trades += row.trades
    slot.credits += row.total_credits
    slot.units[COMMODITY_INDEX[row.commodity]] = row.units
