"""A small galaxy in which two players have traded, without a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.small_core import QUOTE_SIGNER

from sectorwars.application.rows import (
    Batch,
    Lease,
    LoggedEvent,
    ReceiptKey,
)
from sectorwars.application.state.recovery import account_rows
from sectorwars.application.writing.market_recorder import MarketRecorder
from sectorwars.application.writing.writer import Writer
from sectorwars.domain.command import (
    CancelOrders,
    CommandEnvelope,
    CreateRule,
    DeleteRule,
    Origin,
    PlaceOrder,
    RegisterPlayer,
    RequestQuote,
    SetTradeCaps,
    SetTradingState,
    SwitchAutomation,
    ToggleRule,
    Trade,
    Undock,
)
from sectorwars.domain.ids import CommandId, PlayerId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.risk import TradeCaps, TradingScope, TradingState
from sectorwars.domain.rule import (
    Comparison,
    Condition,
    ConditionType,
    RiskLevel,
    RuleSpec,
)
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.genesis import create_universe
from sectorwars.engine.world import World
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.persistence.postgres.event_store import PostgresEventStore

START = 1_764_000_000 * MICROS_PER_SECOND


@asynccontextmanager
async def born(dsn: str, seed: int) -> AsyncIterator[tuple[PostgresEventStore, Lease, World]]:
    """Give birth to a small universe, in a database with the schema only; hold its lease."""
    universe = create_universe(seed, sectors=20, prehistory_ticks=0)
    world = World(universe.seed, universe.tick)
    apply(world, universe)
    pool = await open_pool(dsn, connections_max=2)
    store = PostgresEventStore(pool)
    lease = await store.acquire_lease("test")
    birth = Batch((LoggedEvent(1, universe),), (), (), account_rows(world, [universe]))
    await store.append(lease, birth)
    yield store, lease, world
    await store.release_lease(lease)
    await pool.close()


async def live_a_while(dsn: str) -> None:
    """Let two players live in a galaxy of its own, in a database with the schema only."""
    async with born(dsn, seed=3) as (store, lease, world):
        await store.append(lease, _life(world).cut())


def _life(world: World) -> Writer:
    writer = Writer(world, MarketRecorder(), 1, signer=QUOTE_SIGNER)

    def decide(player: str, command: Any, serial: str = "") -> None:
        command_id = CommandId(f"{player}-{type(command).__name__}-{world.tick}{serial}")
        key = ReceiptKey(PlayerId(player), command_id)
        envelope = CommandEnvelope(command_id, key.player_id, Origin.REST, command)
        receipt = writer.decide(envelope, key, b"digest", UnixMicros(START))
        if not isinstance(command, Trade):
            assert receipt.status == "executed", receipt.body

    for player in ("ann", "bob"):
        decide(player, RegisterPlayer())
    always = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 0)
    for name in ("Spare", "Buy anything"):
        docked = world.players[PlayerId("bob")].ship.docked_port_id or ""
        good = next(good for good in world.ports[docked].spec.goods if good.sells and good.buys)
        spec = RuleSpec(name, good.commodity, None, (always,), (), RiskLevel.MODERATE, 500)
        decide("bob", CreateRule(spec), name)
    rule_id = RuleId("r-bob-2")
    decide("bob", ToggleRule(rule_id, True))
    decide("bob", SwitchAutomation(True))
    decide("bob", DeleteRule(RuleId("r-bob-1")))
    for step in range(1, 70):
        writer.advance_tick(UnixMicros(START + step * MICROS_PER_SECOND))
        for player in ("ann", "bob"):
            port = world.ports[world.players[PlayerId(player)].ship.docked_port_id or ""]
            good = next(good.commodity for good in port.spec.goods if good.sells and good.buys)
            side = Side.BUY if step % 3 else Side.SELL
            decide(player, Trade(side, good.value, 2))
    order_and_quote(world, decide)
    writer.meet_deadlines(UnixMicros(START + 11 * MICROS_PER_SECOND))
    decide("bob", RequestQuote(Side.SELL, good.value, 1), "live")
    decide("ann", Undock())
    for step in range(70, 160):  # until haulers have loaded
        writer.advance_tick(UnixMicros(START + step * MICROS_PER_SECOND))
    return writer


def order_and_quote(world: World, decide: Callable[..., None]) -> None:
    """Leave orders filled by others, cancelled and open, quotes used, expired and live, a cap."""
    port_id = world.players[PlayerId("ann")].ship.docked_port_id or ""
    assert world.players[PlayerId("bob")].ship.docked_port_id == port_id
    port = world.ports[port_id]
    good = next(good.commodity for good in port.spec.goods if good.sells and good.buys)
    position = port.place(good)
    between = port.bid(position) + 1
    assert between < port.ask(position)
    decide("bob", Trade(Side.BUY, good.value, 20), "stock")
    between = port.bid(position) + 1
    for quantity in (3, 5):
        decide("ann", PlaceOrder(Side.BUY, good.value, quantity, between, 3_600), str(quantity))
    decide("bob", Trade(Side.SELL, good.value, 4, price_bound=between), "meets")
    decide("ann", CancelOrders())
    decide("ann", PlaceOrder(Side.BUY, good.value, 2, between // 2, 3_600), "open")
    decide("bob", PlaceOrder(Side.SELL, good.value, 2, 2 * between, 3_600), "open")
    for side in (Side.BUY, Side.SELL):
        decide("bob", RequestQuote(side, good.value, 2), f"{side} used")
        (quote_id,) = world.players[PlayerId("bob")].quotes.live
        decide("bob", Trade(side, good.value, 2, quote_id=quote_id), f"{side} quoted")
    decide("ann", RequestQuote(Side.BUY, good.value, 1))
    for reason in ("drill", "over"):
        state = TradingState.HALTED if reason == "drill" else TradingState.ACTIVE
        decide("root", SetTradingState(TradingScope.GAME, None, state, reason), reason)
    decide("root", SetTradeCaps(PlayerId("bob"), TradeCaps(trades_per_hour=10_000), "drill"))
