"""From a world to table rows and back: start-up and crash recovery are the same code."""

from collections.abc import Iterable, Sequence

from sectorwars.application.ports import (
    AccountRow,
    AutomationRow,
    HaulerRow,
    LotRow,
    PlayerRow,
    RuleRow,
    StoredState,
)
from sectorwars.domain.commodity import COMMODITY_INDEX
from sectorwars.domain.event import (
    AutomationEvent,
    Event,
    GoodsTraded,
    HaulerCalled,
    JourneyCompleted,
    JourneyStarted,
    PlayerRegistered,
    ShipDocked,
    ShipUndocked,
    TickAdvanced,
)
from sectorwars.domain.hauler import Hauler
from sectorwars.domain.ids import AccountId, HaulerId, PlayerId
from sectorwars.domain.ledger import Ledger
from sectorwars.domain.player import Player
from sectorwars.domain.port import Port
from sectorwars.domain.rule import Automation, Rule
from sectorwars.domain.ship import Lot, Ship
from sectorwars.engine.apply import apply_market, apply_tick
from sectorwars.engine.world import World


def restore(state: StoredState) -> World:
    """Rebuild the world from the tables, folding the market's log since its checkpoint."""
    checkpoint = state.checkpoint
    world = World(state.seed, checkpoint.tick)
    world.sectors = {sector.sector_id: sector for sector in state.sectors}
    for spec, stock, version in zip(
        state.ports, checkpoint.stocks, checkpoint.versions, strict=True
    ):
        world.add_port(Port(spec, list(stock), version))
    for event in state.market_tail:
        match event:
            case TickAdvanced():
                apply_tick(world, event)
            case GoodsTraded() | HaulerCalled():
                apply_market(world, event)
    for tick, commodity, quantity in state.volumes:
        world.tape.add(tick, COMMODITY_INDEX[commodity], quantity)
    for hauler, hauler_row in zip(state.hauler_specs, state.haulers, strict=True):
        world.haulers[hauler.hauler_id] = Hauler(
            hauler, hauler_row.port_id, hauler_row.calls_at, hauler_row.cargo
        )
    for row in state.players:
        world.players[row.player_id] = _player(row)
        if row.journey is not None:
            world.add_journey(row.journey.arrives_at, row.player_id)
    for automation_row in state.automations:
        world.players[automation_row.player_id].automation = _automation(automation_row)
        if automation_row.rules:
            world.rule_owners[automation_row.player_id] = None
    world.ledger = Ledger((row.account, row.balance) for row in state.accounts)
    return world


def player_rows(world: World, events: Iterable[Event]) -> tuple[PlayerRow, ...]:
    """Return the rows of the players whom the events touched, as they are now."""
    touched: dict[PlayerId, None] = {}
    for event in events:
        if isinstance(
            event,
            PlayerRegistered
            | ShipDocked
            | ShipUndocked
            | JourneyStarted
            | JourneyCompleted
            | GoodsTraded,
        ):
            touched[event.player_id] = None
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
        rule_serial=automation.rule_serial,
        rules=tuple(
            RuleRow(rule.rule_id, rule.spec, rule.created_at, rule.active, rule.buy, rule.sell)
            for rule in automation.rules.values()
        ),
        recent=tuple(automation.recent),
    )


def _automation(row: AutomationRow) -> Automation:
    return Automation(
        active=row.active,
        rules={
            rule.rule_id: Rule(
                rule.rule_id,
                row.player_id,
                rule.spec,
                rule.created_at,
                rule.active,
                rule.buy,
                rule.sell,
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
        realised_profit_credits=player.realised_profit_credits,
        ship_id=ship.ship_id,
        ship_class=ship.ship_class,
        sector_id=ship.sector_id,
        docked_port_id=ship.docked_port_id,
        journey=ship.journey,
        cargo=tuple(
            (commodity, tuple(LotRow(lot.quantity, lot.cost_credits) for lot in lots))
            for commodity, lots in ship.cargo.items()
        ),
    )


def _player(row: PlayerRow) -> Player:
    ship = Ship(
        ship_id=row.ship_id,
        ship_class=row.ship_class,
        sector_id=row.sector_id,
        docked_port_id=row.docked_port_id,
        journey=row.journey,
        cargo={
            commodity: [Lot(lot.quantity, lot.cost_credits) for lot in lots]
            for commodity, lots in row.cargo
        },
    )
    return Player(
        player_id=row.player_id,
        registered_at=row.registered_at,
        turns=row.turns,
        ship=ship,
        trade_serial=row.trade_serial,
        realised_profit_credits=row.realised_profit_credits,
    )
