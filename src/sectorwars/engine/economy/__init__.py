"""The economy: one step of production, consumption and freight a tick, settled each game hour."""

from dataclasses import dataclass
from operator import add
from weakref import WeakKeyDictionary

from sectorwars.domain.ledger import Posting
from sectorwars.domain.market import stock_capacity
from sectorwars.domain.port import Port
from sectorwars.domain.values import TICKS_PER_GAME_HOUR, div_floor
from sectorwars.engine.economy.demand import REGION_EDGE, Climate
from sectorwars.engine.economy.flow import PortFlow
from sectorwars.engine.economy.settlement import settle
from sectorwars.engine.economy.trade_routes import harbours_of
from sectorwars.engine.market_index import prepare_mids
from sectorwars.engine.world import World


@dataclass(frozen=True, slots=True)
class EconomyStep:
    """What the next tick brings: `deltas[i]` are the stock changes of the port with index i.

    `postings` are empty but for the tick that ends a game hour.
    """

    deltas: tuple[tuple[int, ...], ...]
    postings: tuple[Posting, ...]


_flows_by_world: WeakKeyDictionary[World, tuple[PortFlow, ...]] = WeakKeyDictionary()
"""Tables of each living world's ports: a memory of work done, not of anything that happened."""


def prepare(world: World, ports: range) -> None:
    """Do beforehand what the next tick will ask of the ports with these indices.

    It changes nothing, and what comes to pass at a port meanwhile is not missed: the tick of a
    great galaxy then takes a third as long, and commands wait less for it.
    """
    flows = _flows_of(world)
    harbours_of(world)
    for index in ports:
        port = world.ports_by_index[index]
        flows[index].prepare(world.tick, port.stock)
        deltas = _within_promises(port, flows[index].deltas(world.tick, port.stock))
        prepare_mids(world, index, list(map(add, port.stock, deltas)))


def advance(world: World) -> EconomyStep:
    """Return what happens from the world's present tick to the next, changing nothing.

    The step is a function of the world's seed, tick, ports, stock and wallets alone.
    """
    flows = _flows_of(world)
    tick = world.tick
    deltas = tuple(
        _within_promises(port, flow.deltas(tick, port.stock))
        for flow, port in zip(flows, world.ports_by_index, strict=True)
    )
    hour_ends = (tick + 1) % TICKS_PER_GAME_HOUR == 0
    return EconomyStep(deltas, settle(world, flows) if hour_ends else ())


def _within_promises(port: Port, deltas: tuple[int, ...]) -> tuple[int, ...]:
    """Keep what live quotes promise: nobody consumes those units or fills that room."""
    if not any(port.promised_units) and not any(port.promised_room):
        return deltas
    return tuple(
        min(
            max(delta, -port.ask_stock(i)),
            stock_capacity(port.spec.goods[i].target) - port.bid_stock(i),
        )
        for i, delta in enumerate(deltas)
    )


def _flows_of(world: World) -> tuple[PortFlow, ...]:
    flows = _flows_by_world.get(world)
    if flows is None or len(flows) != len(world.ports_by_index):
        climate = Climate(world.seed)
        flows = tuple(
            PortFlow(climate, _region(world, port), port.spec) for port in world.ports_by_index
        )
        _flows_by_world[world] = flows
    return flows


def _region(world: World, port: Port) -> tuple[int, int]:
    sector = world.sectors[port.spec.sector_id]
    return div_floor(sector.x, REGION_EDGE), div_floor(sector.y, REGION_EDGE)
