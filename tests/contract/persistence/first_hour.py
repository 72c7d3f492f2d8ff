"""A first hour of players, a batch at a time, for stores to keep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sectorwars.application.ports import (
    EventStore,
)
from sectorwars.application.rows import (
    Lease,
)
from sectorwars.domain.command import (
    CancelOrder,
    CancelOrders,
    CreateRule,
    DeleteRule,
    Dock,
    PauseAutomation,
    PlaceOrder,
    RegisterPlayer,
    RequestQuote,
    SetDisconnectPause,
    SetTradeCaps,
    SetTradingState,
    SwitchAutomation,
    ToggleRule,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PortId
from sectorwars.domain.market import Side
from sectorwars.domain.quote import QUOTE_WAIT_SECONDS_MIN
from sectorwars.domain.risk import TradeCaps, TradingScope, TradingState
from sectorwars.domain.rule import (
    Comparison,
    Condition,
    ConditionType,
    RiskLevel,
    RuleSpec,
)


async def born(store: EventStore, galaxy: Any) -> Lease:
    lease = await store.acquire_lease("first")
    await store.append(lease, galaxy.birth())
    return lease


def life(galaxy: Any) -> Any:
    """Play a player's first hour, a batch at a time, through every kind of event."""
    yield galaxy.birth()
    yield galaxy.executed("ann", RegisterPlayer())
    yield galaxy.ticks(1)
    ship = galaxy.world.players["ann"].ship
    port = galaxy.world.ports[ship.docked_port_id]
    good = next(good.commodity for good in port.spec.goods if good.sells and good.buys)
    yield galaxy.executed("ann", Trade(Side.BUY, good.value, 10))
    yield galaxy.executed("ann", Trade(Side.BUY, good.value, 5))
    yield galaxy.executed("ann", Trade(Side.SELL, good.value, 12))
    yield galaxy.ticks(3)
    yield galaxy.executed("ann", Trade(Side.SELL, good.value, 3))
    yield galaxy.executed("bob", RegisterPlayer())
    yield from quoted_life(galaxy, good)
    yield from ordered_life(galaxy, port.spec.port_id, good)
    yield from operated_life(galaxy, port.spec.port_id)
    yield from automated_life(galaxy, port.spec.port_id, good)
    yield galaxy.executed("ann", Undock())
    yield galaxy.executed("ann", Dock(port.spec.port_id))
    yield galaxy.executed("ann", Undock())
    home = galaxy.world.sectors[ship.sector_id]
    yield galaxy.executed("ann", Travel(home.warps[0]))
    yield galaxy.arrivals()
    yield galaxy.ticks(60)
    yield galaxy.ticks(540)
    yield galaxy.executed("cid", RegisterPlayer())
    yield galaxy.ticks(2)


def quoted_life(galaxy: Any, good: Commodity) -> Any:
    """Use a quote each way, let one expire, and leave the port with one."""
    yield galaxy.executed("bob", Trade(Side.BUY, good.value, 40))
    for side in (Side.BUY, Side.SELL):
        yield galaxy.executed("bob", RequestQuote(side, good.value, 2))
        (quote_id,) = galaxy.world.players["bob"].quotes.live
        yield galaxy.executed("bob", Trade(side, good.value, 2, quote_id=quote_id))
    yield galaxy.executed("bob", RequestQuote(Side.SELL, good.value, 3))
    yield galaxy.executed("ann", RequestQuote(Side.BUY, good.value, 3))
    yield galaxy.arrivals()
    yield galaxy.pause(QUOTE_WAIT_SECONDS_MIN)
    yield galaxy.executed("bob", RequestQuote(Side.SELL, good.value, 1))
    home = galaxy.world.players["bob"].ship.docked_port_id
    yield galaxy.executed("bob", Undock())
    yield galaxy.executed("bob", Dock(home))


def ordered_life(galaxy: Any, port_id: PortId, good: Commodity) -> Any:
    """Meet orders in parts and wholly, and let them end in each way."""
    port = galaxy.world.ports[port_id]
    position = port.place(good)
    assert galaxy.world.players["bob"].ship.docked_port_id == port_id
    between = port.bid(position) + 1
    assert between < port.ask(position)
    buying = PlaceOrder(Side.BUY, good.value, 6, between, 3_600)
    yield galaxy.executed("ann", buying)
    yield galaxy.executed("ann", buying)
    yield galaxy.executed("bob", Trade(Side.SELL, good.value, 2, price_bound=between))
    selling = PlaceOrder(Side.SELL, good.value, 8, between, 3_600)
    yield galaxy.executed("bob", selling)
    yield galaxy.ticks(1)
    yield galaxy.executed("bob", replace(selling, quantity=5))
    low = PlaceOrder(Side.BUY, good.value, 4, between // 2, 3_600)
    for at_last_socket in (False, True, False, False):
        yield galaxy.executed("ann", replace(low, cancel_on_disconnect=at_last_socket))
    yield galaxy.executed("ann", CancelOrders(disconnected=True))
    first, *_ = galaxy.world.players["ann"].orders
    yield galaxy.executed("ann", CancelOrder(first))
    yield galaxy.executed("ann", CancelOrders(port_id))
    yield galaxy.executed("ann", replace(low, life_seconds=30))
    yield galaxy.arrivals()
    yield galaxy.executed("ann", low)


def operated_life(galaxy: Any, port_id: PortId) -> Any:
    """Restrict the game, a port and a player, cap all and one, and take some of it back."""
    for scope, subject, state in (
        (TradingScope.GAME, None, TradingState.REDUCING),
        (TradingScope.PORT, port_id, TradingState.HALTED),
        (TradingScope.PLAYER, "bob", TradingState.REDUCING),
        (TradingScope.GAME, None, TradingState.ACTIVE),
        (TradingScope.PORT, port_id, TradingState.ACTIVE),
    ):
        yield galaxy.executed("root", SetTradingState(scope, subject, state, "drill"))
    for player in (None, "ann"):
        caps = TradeCaps(credits_per_day=10_000_000, trades_per_hour=100_000)
        yield galaxy.executed("root", SetTradeCaps(player, caps, "drill"))


def automated_life(galaxy: Any, port_id: PortId, good: Commodity) -> Any:
    """Let rules of a docked player fire, wait, come to rest and be deleted."""
    always = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 0)
    never = Condition(ConditionType.PRICE_BELOW, Comparison.LESS_THAN, -1_500)
    aboard = Condition(ConditionType.MARGIN_EXCEEDS, Comparison.GREATER_THAN, -100_000)
    for name, buys, sells, where in (
        ("Buy it", (always,), (), port_id),
        ("Sell it", (), (always,), None),
        ("Sell out", (), (aboard,), None),
        ("Never", (never,), (never, always), None),
    ):
        spec = RuleSpec(name, good, where, buys, sells, RiskLevel.MODERATE, 500)
        yield galaxy.executed("ann", CreateRule(spec))
    for rule_id in galaxy.world.players["ann"].automation.rules:
        yield galaxy.executed("ann", ToggleRule(rule_id, True))
    yield galaxy.executed("ann", SwitchAutomation(True))
    yield galaxy.executed("ann", SetDisconnectPause(True))
    yield galaxy.executed("ann", PauseAutomation())
    yield galaxy.ticks(1)
    yield galaxy.executed("ann", SwitchAutomation(True))
    yield galaxy.ticks(1)
    yield galaxy.ticks(30)
    first, *_ = galaxy.world.players["ann"].automation.rules
    yield galaxy.executed("ann", ToggleRule(first, None))
    yield galaxy.executed("ann", ToggleRule(first, True))
    yield galaxy.ticks(31)
    yield galaxy.pause(25 * 3_600)
    yield galaxy.executed("ann", ToggleRule(first, None))
    yield galaxy.executed("ann", ToggleRule(first, None))
    yield galaxy.ticks(1)
    yield galaxy.ticks(31)
    # With nothing aboard there is no margin, so the rule that has sold out is armed again.
    aboard_units = galaxy.world.players["ann"].ship.units(good)
    if aboard_units:
        yield galaxy.executed("ann", Trade(Side.SELL, good.value, aboard_units))
    yield galaxy.ticks(1)
    yield galaxy.executed("ann", DeleteRule(first))
