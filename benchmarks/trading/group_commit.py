"""Our own path: the single writer with its group commit, on the real store."""

from __future__ import annotations

import asyncio
import copy
import itertools
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sectorwars.application.galaxy.birth import UniversePlan
from sectorwars.application.galaxy.running import Galaxy
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.rows import Receipt
from sectorwars.application.writing.command_processor import CommandProcessor, ProcessorLimits
from sectorwars.application.writing.trade_limit import TradeLimit
from sectorwars.bootstrap.heap import settle_heap
from sectorwars.clock import SystemClock
from sectorwars.domain.command import (
    CommandEnvelope,
    Origin,
    PlayerCommand,
    RegisterPlayer,
    Trade,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import CommandId, PlayerId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Rejection
from sectorwars.engine.apply import apply
from sectorwars.engine.execute import execute
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.persistence.postgres.event_store import PostgresEventStore
from sectorwars.persistence.postgres.market_archive import PostgresMarketArchive
from sectorwars.persistence.postgres.migration import migrate
from sectorwars.protocol.signing import FrameSigner
from trading.load import Trade as MakeTrade

HOT_PORTS = 5
HOT_PERCENT = 80
QUANTITY = 2
_PLAYERS = 1_200
_PLAN = UniversePlan(seed=2102, sectors=100, prehistory_ticks=60)
_UNLIMITED = 10**9
_SIGNER = FrameSigner(Ed25519PrivateKey.generate(), "bench")


class Exchange:
    """A universe with many players, and the writer that serves them."""

    def __init__(self, galaxy: Galaxy, processor: CommandProcessor, clock: SystemClock) -> None:
        self._galaxy = galaxy
        self._processor = processor
        self._clock = clock
        self._serial = itertools.count()

    async def settle(self) -> None:
        """Bring in the players; each arrives at one of the starter ports."""
        players = [PlayerId(f"pl_{serial:016x}") for serial in range(_PLAYERS)]
        await asyncio.gather(*(self._execute(player, RegisterPlayer()) for player in players))

    def traders(self, count: int) -> list[MakeTrade]:
        """Return `count` traders, HOT_PERCENT of them at HOT_PORTS ports, the rest elsewhere."""
        at_port: dict[PortId, list[PlayerId]] = defaultdict(list)
        for player in self._galaxy.projection.world.players.values():
            port_id = player.ship.docked_port_id
            if port_id is not None:
                at_port[port_id].append(player.player_id)
        crowds = sorted(at_port.values(), key=len, reverse=True)
        hot = [p for together in itertools.zip_longest(*crowds[:HOT_PORTS]) for p in together if p]
        cold = [p for crowd in crowds[HOT_PORTS:] for p in crowd]
        at_hot = count * HOT_PERCENT // 100
        chosen = hot[:at_hot] + cold[: count - at_hot]
        if len(chosen) != count:
            raise SystemExit(f"The universe has only {len(chosen)} of {count} traders in place.")
        return [self._trader(player) for player in chosen]

    def decision_micros(self, trades: int) -> float:
        """Return how long `execute` and `apply` of a trade take on a copy of the world."""
        world = copy.deepcopy(self._galaxy.projection.world)
        players = itertools.cycle(player.player_id for player in [*world.players.values()])
        taken = 0.0
        for serial in range(trades):
            player_id = next(players)
            commodity = self._commodity(player_id)
            side = Side.SELL if world.players[player_id].ship.units(commodity) else Side.BUY
            order = Trade(side, commodity.value, QUANTITY, None)
            envelope = CommandEnvelope(
                CommandId(f"bench-core-{serial}"), player_id, Origin.REST, order
            )
            begun = time.perf_counter()
            decision = execute(world, envelope, self._clock.now())
            if isinstance(decision, Rejection):
                raise SystemExit(f"An order was not executed: {decision}")
            for event in decision.events:
                apply(world, event)
            taken += time.perf_counter() - begun
        return 1_000_000 * taken / trades

    def _commodity(self, player_id: PlayerId) -> Commodity:
        world = self._galaxy.projection.world
        port_id = world.players[player_id].ship.docked_port_id
        if port_id is None:
            raise SystemExit(f"{player_id} is not docked.")
        goods = [good for good in world.ports[port_id].spec.goods if good.buys and good.sells]
        return goods[int(player_id[3:], 16) % len(goods)].commodity

    def _trader(self, player_id: PlayerId) -> MakeTrade:
        commodity = self._commodity(player_id)

        async def trade() -> None:
            aboard = self._galaxy.projection.world.players[player_id].ship.units(commodity)
            side = Side.SELL if aboard else Side.BUY
            await self._execute(player_id, Trade(side, commodity.value, QUANTITY, None))

        return trade

    async def _execute(self, player_id: PlayerId, command: PlayerCommand) -> None:
        command_id = CommandId(f"bench-{next(self._serial)}")
        envelope = CommandEnvelope(command_id, player_id, Origin.REST, command)
        outcome = await self._processor.submit(envelope, self._clock.monotonic())
        if not isinstance(outcome, Receipt) or outcome.status != "executed":
            raise SystemExit(f"An order was not executed: {outcome}")


@asynccontextmanager
async def open_exchange(dsn: str) -> AsyncIterator[Exchange]:
    """Give birth to a universe in an empty database and serve it."""
    await migrate(dsn)
    pool = await open_pool(dsn, connections_max=8)
    clock = SystemClock()
    store = PostgresEventStore(pool)
    galaxy = Galaxy(
        store, PostgresMarketArchive(pool), clock, _PLAN, "bench", ForecastBoard(), _SIGNER
    )
    recovered = await galaxy.recover(lambda _: None, lambda _done, _all: None)
    processor = CommandProcessor(
        store,
        clock,
        lambda: galaxy.recover(lambda _: None, lambda _done, _all: None),
        galaxy.projection.apply,
        TradeLimit(_UNLIMITED),
        ProcessorLimits(),
    )
    writing = asyncio.create_task(processor.run(recovered))
    try:
        exchange = Exchange(galaxy, processor, clock)
        await exchange.settle()
        settle_heap()
        yield exchange
    finally:
        processor.stop()
        await writing
        await store.release_lease(galaxy.lease)
        await pool.close()
