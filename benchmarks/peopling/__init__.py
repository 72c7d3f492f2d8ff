"""A galaxy full of players, each of whom came, traded and left by commands of his own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sectorwars.application.galaxy.birth import UniversePlan
from sectorwars.application.galaxy.running import Galaxy
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.rows import ReceiptKey
from sectorwars.application.writing.receipts import payload_hash
from sectorwars.application.writing.writer import Writer
from sectorwars.clock import SystemClock
from sectorwars.domain.command import (
    CommandEnvelope,
    CreateRule,
    Origin,
    PlaceOrder,
    PlayerCommand,
    RegisterPlayer,
    SwitchAutomation,
    ToggleRule,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.ids import CommandId, PlayerId, PortId
from sectorwars.domain.market import Side, mid_price_cents
from sectorwars.domain.navigation import WARP_SECONDS_MAX
from sectorwars.domain.rule import Comparison, Condition, ConditionType, RiskLevel, RuleSpec
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.persistence.postgres.event_store import PostgresEventStore
from sectorwars.persistence.postgres.market_archive import PostgresMarketArchive
from sectorwars.persistence.postgres.migration import migrate
from sectorwars.protocol.signing import FrameSigner

_PREHISTORY_TICKS = 60
_TICKS_LIVED = 599
"""As many as can lie between the latest checkpoint of the stock and a start."""
_ONE_IN_ORDERS = 5
_ONE_IN_LEAVES = 3
_ONE_IN_RULES = 50
_QUANTITY = 10
_ORDER_LIFE_SECONDS = 86_400
_PLAYERS_PER_COMMIT = 1_000


@dataclass(frozen=True, slots=True)
class Peopled:
    """What a galaxy was filled with."""

    ports: int
    players: int
    commands: int
    open_orders: int
    rules: int


async def people(dsn: str, sectors: int, players: int) -> Peopled:
    """Give birth to a galaxy in an empty database, and let players come, trade and leave.

    All of it passes through the engine and the store as on a server, so it is as valid as what a
    server leaves behind; only nobody waits for a commit.
    """
    await migrate(dsn)
    pool = await open_pool(dsn, connections_max=4)
    store = PostgresEventStore(pool)
    archive = PostgresMarketArchive(pool)
    clock = SystemClock()
    plan = UniversePlan(2102, sectors, _PREHISTORY_TICKS)
    signer = FrameSigner(Ed25519PrivateKey.generate(), "bench")
    galaxy = Galaxy(store, archive, clock, plan, "bench", ForecastBoard(), signer)
    recovered = await galaxy.recover(lambda _: None, lambda _done, _all: None)
    writer, lease = recovered.writer, recovered.lease
    # The last arrivals lie in the past when the server starts.
    settlement = _Settlement(writer, UnixMicros(clock.now() - 60 * MICROS_PER_SECOND))
    try:
        for settled in range(0, players, _PLAYERS_PER_COMMIT):
            count = min(_PLAYERS_PER_COMMIT, players - settled)
            settlement.settle(range(settled, settled + count))
            settlement.live(_TICKS_LIVED * (settled + count) // players)
            await store.append(lease, writer.cut())
        settlement.land()
        await store.append(lease, writer.cut())
    finally:
        await store.release_lease(lease)
        await pool.close()
    return settlement.peopled()


class _Settlement:
    """Commands of players in the order of their arrival, decided one after the other."""

    def __init__(self, writer: Writer, now: UnixMicros) -> None:
        self._writer = writer
        self._now = now
        self._commands = itertools.count()

    def settle(self, serials: range) -> None:
        """Let players come and do what they came for."""
        for serial in serials:
            player_id = PlayerId(f"pl_{serial:016x}")
            self._perform(player_id, RegisterPlayer())
            for command in self._errands(player_id, serial):
                self._perform(player_id, command)

    def live(self, tick: int) -> None:
        """Let the economy move on to `tick`."""
        while self._writer.world.tick < tick:
            self._writer.advance_tick(self._now)

    def land(self) -> None:
        """Let the ships arrive that are under way."""
        self._now = UnixMicros(self._now + WARP_SECONDS_MAX * MICROS_PER_SECOND)
        self._writer.meet_deadlines(self._now)

    def peopled(self) -> Peopled:
        """Count what came of it."""
        world = self._writer.world
        players = world.players.values()
        return Peopled(
            ports=len(world.ports),
            players=len(players),
            commands=next(self._commands),
            open_orders=sum(len(player.orders) for player in players),
            rules=sum(len(player.automation.rules) for player in players),
        )

    def _errands(self, player_id: PlayerId, serial: int) -> Iterator[PlayerCommand]:
        """Buy two goods and sell some of one; now and then leave an order or rule, or the port."""
        world = self._writer.world
        ship = world.players[player_id].ship
        port = world.ports[PortId(ship.docked_port_id or "")]
        traded = [good for good in port.spec.goods if good.buys and good.sells]
        first, second = (traded[(serial + i) % len(traded)].commodity for i in range(2))
        yield Trade(Side.BUY, first.value, _QUANTITY)
        yield Trade(Side.BUY, second.value, _QUANTITY)
        yield Trade(Side.SELL, first.value, _QUANTITY // 2)
        if serial % _ONE_IN_ORDERS == 0:
            place = port.place(first)
            _, base, target = port.terms[place]
            limit = mid_price_cents(base, port.stock[place], target) // 200
            yield PlaceOrder(Side.BUY, first.value, _QUANTITY, limit, _ORDER_LIFE_SECONDS)
        if serial % _ONE_IN_RULES == 0:
            never = Condition(ConditionType.PRICE_BELOW, Comparison.LESS_THAN, 1_000)
            spec = RuleSpec(
                "Wait for a wonder", first, None, (never,), (), RiskLevel.MODERATE, 1_000
            )
            yield CreateRule(spec)
            (rule_id,) = world.players[player_id].automation.rules
            yield ToggleRule(rule_id, active=True)
            yield SwitchAutomation(active=True)
        if serial % _ONE_IN_LEAVES == 0:
            warps = world.sectors[ship.sector_id].warps
            yield Undock()
            yield Travel(warps[serial % len(warps)])

    def _perform(self, player_id: PlayerId, command: PlayerCommand) -> None:
        command_id = CommandId(f"bench-{next(self._commands)}")
        envelope = CommandEnvelope(command_id, player_id, Origin.REST, command)
        key = ReceiptKey(player_id, command_id)
        receipt = self._writer.decide(envelope, key, payload_hash(command), self._now)
        if receipt.status != "executed":
            raise SystemExit(f"A settler was refused: {receipt.body.decode()}")
