"""A galaxy small enough to reckon by hand, for tests of the core.

Alpha (two ports) -- Beta (one port) -- Gamma (none); no warp leads from Alpha to Gamma.
"""

from sectorwars.domain.command import (
    Command,
    CommandEnvelope,
    MatchOrders,
    Origin,
    PlaceOrder,
    RegisterPlayer,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Event, UniverseCreated
from sectorwars.domain.ids import CommandId, PlayerId, PortId, SectorId
from sectorwars.domain.ledger import MINT, Posting, port_account
from sectorwars.domain.market import Side
from sectorwars.domain.navigation import Sector
from sectorwars.domain.port import PortClass, PortGood, PortSpec, Role
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.values import MICROS_PER_SECOND, Credits, Tick, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.decision import Accepted
from sectorwars.engine.execute import execute
from sectorwars.engine.world import World

ALPHA, BETA, GAMMA = SectorId("s0001"), SectorId("s0002"), SectorId("s0003")
HAVEN, MINE, RESORT = PortId("p0001"), PortId("p0002"), PortId("p0003")
"""A starter port and a poor mine in Alpha, a resort in Beta."""

NOW = UnixMicros(4_165_000_000_000_000)
PLAYER = PlayerId("pl_1")

HAVEN_WALLET, MINE_WALLET, RESORT_WALLET = 200_000, 100, 500_000


def small_universe(prehistory_ticks: int = 0) -> UniverseCreated:
    """Return the birth of the small galaxy."""
    haven_goods = tuple(
        PortGood(good, Role.TRADES, 2_000, 40, 300)
        for good in (Commodity.ORE, Commodity.ENERGY, Commodity.ORGANICS)
    )
    mine_goods = (
        PortGood(Commodity.ORE, Role.PRODUCES, 100, 1_440, 0),
        PortGood(Commodity.ENERGY, Role.CONSUMES, 100, 0, 720),
    )
    resort_goods = (
        PortGood(Commodity.ORE, Role.CONSUMES, 40, 0, 100),
        PortGood(Commodity.LUXURY, Role.TRADES, 400, 0, 0),
    )
    ports = (
        PortSpec(0, HAVEN, ALPHA, "Haven", PortClass.STARTER, haven_goods),
        PortSpec(1, MINE, ALPHA, "Deep Mine", PortClass.MINING, mine_goods),
        PortSpec(2, RESORT, BETA, "Resort", PortClass.RESORT, resort_goods),
    )
    wallets = (
        Posting(port_account(HAVEN), Credits(HAVEN_WALLET)),
        Posting(port_account(MINE), Credits(MINE_WALLET)),
        Posting(port_account(RESORT), Credits(RESORT_WALLET)),
    )
    minted = sum(wallet.amount for wallet in wallets)
    return UniverseCreated(
        seed=7,
        tick=Tick(-prehistory_ticks),
        sectors=(
            Sector(ALPHA, "Alpha", 0, 0, (BETA,), (HAVEN, MINE)),
            Sector(BETA, "Beta", 30, 40, (ALPHA, GAMMA), (RESORT,)),
            Sector(GAMMA, "Gamma", 1_000, 40, (BETA,), ()),
        ),
        ports=ports,
        stocks=((2_000, 2_000, 2_000), (80, 100), (150, 400)),
        postings=(Posting(MINT, Credits(-minted)), *wallets),
    )


def small_world() -> World:
    """Return a world in which the small galaxy has just been born."""
    created = small_universe()
    world = World(created.seed, created.tick)
    apply(world, created)
    return world


def envelope(
    command: Command,
    player_id: PlayerId | None = PLAYER,
    command_id: str = "c-1",
    origin: Origin = Origin.REST,
) -> CommandEnvelope:
    """Wrap a command as a player's."""
    return CommandEnvelope(CommandId(command_id), player_id, origin, command)


def perform(
    world: World, command: Command, player_id: PlayerId | None = PLAYER, now: UnixMicros = NOW
) -> tuple[Event, ...]:
    """Have a command decided, which must be accepted, and apply its events."""
    decision = execute(world, envelope(command, player_id), now)
    assert isinstance(decision, Accepted), decision
    for event in decision.events:
        apply(world, event)
    return decision.events


def refusal(
    world: World, command: Command, player_id: PlayerId | None = PLAYER, now: UnixMicros = NOW
) -> RejectionCode:
    """Have a command decided, which must be refused, and return the code."""
    decision = execute(world, envelope(command, player_id), now)
    assert isinstance(decision, Rejection), decision
    assert decision.detail.endswith(".")
    return decision.code


def world_with_player() -> World:
    """Return a world with one player, docked at Haven."""
    world = small_world()
    perform(world, RegisterPlayer())
    return world


def join(world: World, *names: str) -> tuple[PlayerId, ...]:
    """Let more players arrive, docked at Haven."""
    players = tuple(PlayerId(name) for name in names)
    for player in players:
        perform(world, RegisterPlayer(), player)
    return players


def order(
    side: Side, quantity: int, limit: int, commodity: str = "ore", life_seconds: int = 60
) -> PlaceOrder:
    """Return the command that places a limit order."""
    return PlaceOrder(side, commodity, quantity, limit, life_seconds)


def match_all(world: World, now: UnixMicros = NOW) -> tuple[Event, ...]:
    """Fill the open orders until none can be filled, as the writer does after each change."""
    events: tuple[Event, ...] = ()
    for port_id in tuple(world.books):
        while filled := perform(world, MatchOrders(port_id), None, now):
            events += filled
    return events


def later(seconds: float, now: UnixMicros = NOW) -> UnixMicros:
    """Return the time so many seconds on."""
    return UnixMicros(now + round(seconds * MICROS_PER_SECOND))
