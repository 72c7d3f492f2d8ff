"""What a seeded player does next: trade, fly, keep rules, or err."""

from collections.abc import Callable
from typing import Final

from sectorwars.domain.command import (
    CancelOrder,
    CreateRule,
    DeleteRule,
    Dock,
    PauseAutomation,
    PlaceOrder,
    PlayerCommand,
    RegisterPlayer,
    RequestQuote,
    SetDisconnectPause,
    SwitchAutomation,
    ToggleRule,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.ids import OrderId, PlayerId, PortId, QuoteId, RuleId, port_id, sector_id
from sectorwars.domain.market import Side
from sectorwars.domain.player import Player
from sectorwars.domain.prng import Stream
from sectorwars.domain.rule import Comparison, Condition, ConditionType, RiskLevel, RuleSpec
from sectorwars.engine.world import World
from sectorwars.simulation.order_choice import (
    choose_operator_command,
    choose_order_command,
    partly,
)

_PERCENT: Final = 100
_BLIND_PERCENT: Final = 10
_OPERATOR_PERCENT: Final = 6
_RULE_PERCENT: Final = 25
_ORDER_PERCENT: Final = 55


def choose_command(draws: Stream, world: World | None, player_id: PlayerId) -> PlayerCommand:
    """Draw a player's next command; now and then, or without a world to see, a blind one."""
    if world is None or draws.below(_PERCENT) < _BLIND_PERCENT:
        return _choose_blindly(draws)
    player = world.players.get(player_id)
    if player is None:
        return RegisterPlayer()
    if draws.below(_PERCENT) < _OPERATOR_PERCENT:
        return choose_operator_command(draws, world)
    if draws.below(_PERCENT) < _RULE_PERCENT:
        return _choose_for_rules(draws, world, player)
    if player.ship.docked_port_id is not None and draws.below(_PERCENT) < _ORDER_PERCENT:
        port = world.ports[player.ship.docked_port_id]
        return choose_order_command(draws, player, port)
    return _choose_well(draws, world, player)


def _choose_blindly(draws: Stream) -> PlayerCommand:
    commands: list[PlayerCommand] = [
        RegisterPlayer(),
        Undock(),
        Dock(port_id(draws.below(14))),
        Travel(sector_id(draws.below(22))),
        Trade(Side.BUY, "unobtainium", draws.below(5)),
        Trade(Side.SELL, draws.choice(COMMODITIES), draws.below(300), draws.below(200)),
        ToggleRule(RuleId("r-nobody-1"), None),
        CreateRule(_rule(draws, COMMODITIES, port_id(draws.below(14)))),
        CancelOrder(OrderId(f"o-pl_{draws.between(1, 6)}-{draws.between(1, 9)}")),
        RequestQuote(draws.choice(tuple(Side)), draws.choice(COMMODITIES), draws.below(200)),
        PlaceOrder(
            draws.choice(tuple(Side)),
            draws.choice(COMMODITIES),
            draws.below(200),
            draws.below(2_000),
            draws.below(20),
        ),
        Trade(Side.BUY, "ore", 3, quote_id=QuoteId(f"q-pl_1-{draws.below(4)}")),
    ]
    return draws.choice(commands)


def _choose_well(draws: Stream, world: World, player: Player) -> PlayerCommand:
    ship = player.ship
    if ship.docked_port_id is None:
        sector = world.sectors[ship.sector_id]
        if sector.port_ids and draws.below(_PERCENT) < 60:
            return Dock(draws.choice(sector.port_ids))
        return Travel(draws.choice(sector.warps))
    goods = world.ports[ship.docked_port_id].spec.goods
    for_sale = [good.commodity for good in goods if good.sells]
    wanted = [good.commodity for good in goods if good.buys and ship.units(good.commodity)]
    if wanted and draws.below(_PERCENT) < 50:
        commodity = draws.choice(wanted)
        return partly(draws, Trade(Side.SELL, commodity, draws.between(1, ship.units(commodity))))
    is_full = ship.units_aboard() == ship.cargo_capacity
    if not for_sale or is_full or draws.below(_PERCENT) < 15:
        return Undock()
    bound = draws.between(40, 1_600) if draws.below(_PERCENT) < 20 else None
    return partly(draws, Trade(Side.BUY, draws.choice(for_sale), draws.between(1, 40), bound))


def _choose_for_rules(draws: Stream, world: World, player: Player) -> PlayerCommand:
    automation, berth = player.automation, player.ship.docked_port_id
    if not automation.rules:
        return _create(draws, world, berth)
    rules = list(automation.rules.values())
    idle = [rule.rule_id for rule in rules if not rule.active]
    if not automation.active and draws.below(_PERCENT) < 60:
        return SwitchAutomation(active=True)
    if idle and draws.below(_PERCENT) < 60:
        return ToggleRule(draws.choice(idle), active=True)
    others: list[Callable[[], PlayerCommand]] = [
        *[lambda: _create(draws, world, berth)] * 5,
        lambda: ToggleRule(draws.choice(rules).rule_id, None),
        lambda: DeleteRule(draws.choice(rules).rule_id),
        lambda: SwitchAutomation(None),
        lambda: SetDisconnectPause(draws.below(_PERCENT) < 70),
        *[PauseAutomation] * 2,
    ]
    return draws.choice(others)()


def _create(draws: Stream, world: World, berth: PortId | None) -> CreateRule:
    if berth is None:
        return CreateRule(_rule(draws, COMMODITIES, None))
    traded = tuple(good.commodity for good in world.ports[berth].spec.goods)
    return CreateRule(_rule(draws, traded, berth if draws.below(2) else None))


def _rule(draws: Stream, commodities: tuple[Commodity, ...], port: PortId | None) -> RuleSpec:
    """Draw a rule: most hold often, so that they fire and are armed again."""
    sides = draws.between(1, 3)
    return RuleSpec(
        name=f"rule {draws.below(1_000)}",
        commodity=draws.choice(commodities),
        port_id=port,
        buy_conditions=_conditions(draws, Side.BUY) if sides & 1 else (),
        sell_conditions=_conditions(draws, Side.SELL) if sides & 2 else (),
        risk_level=draws.choice(tuple(RiskLevel)),
        max_investment_credits=draws.choice((500, 5_000, 50_000, 100_000)),
    )


def _conditions(draws: Stream, side: Side) -> tuple[Condition, ...]:
    price = Condition(
        draws.choice((ConditionType.PRICE_BELOW, ConditionType.PRICE_ABOVE)),
        draws.choice((Comparison.LESS_THAN, Comparison.GREATER_THAN)),
        draws.between(20, 1_200) * 1_000,
    )
    if draws.below(_PERCENT) < 5:
        return (Condition(ConditionType.AI_CONFIDENCE, Comparison.GREATER_THAN, 0),)
    if side is Side.BUY or draws.below(2):
        return (price,)
    margin = draws.between(-30, 10) * 1_000
    return (Condition(ConditionType.MARGIN_EXCEEDS, Comparison.GREATER_THAN, margin),)
