"""The birth of a universe from a seed number, and where its newcomers arrive."""

from typing import Final

from sectorwars.domain.event import UniverseCreated
from sectorwars.domain.hauler import HaulerSpec
from sectorwars.domain.ids import PortId, SectorId, port_id, sector_id
from sectorwars.domain.ledger import MINT, Posting, hauler_account, port_account
from sectorwars.domain.market import ask_price
from sectorwars.domain.navigation import Sector
from sectorwars.domain.port import Port, PortClass, PortSpec
from sectorwars.domain.prng import Stream
from sectorwars.domain.values import TICKS_PER_GAME_DAY, Credits, Tick
from sectorwars.engine.economy.haulers import hauler_budget
from sectorwars.engine.economy.settlement import port_budget
from sectorwars.engine.genesis.fleet import first_calls, launch_haulers
from sectorwars.engine.genesis.industry import STARTER_GOODS, allot_goods, initial_stock
from sectorwars.engine.genesis.names import port_name, sector_names
from sectorwars.engine.genesis.star_chart import Links, Place, link, scatter, square_distance
from sectorwars.engine.world import World

SECTORS_MIN: Final = 20
SECTORS_MAX: Final = 5_000
PREHISTORY_TICKS: Final = 2 * TICKS_PER_GAME_DAY
"""How long a universe has lived when its first player can arrive (tick 0)."""

STARTER_STOCK_MIN: Final = 1_000
STARTER_ASK_MAX: Final = 100

_PORTS_PERCENT: Final = 60
_SECOND_PORT_PERCENT: Final = 8
_CLASS_WEIGHTS: Final = (
    (PortClass.STARTER, 7),
    (PortClass.MINING, 11),
    (PortClass.AGRICULTURAL, 10),
    (PortClass.REFINERY, 10),
    (PortClass.INDUSTRIAL, 9),
    (PortClass.TECHNOLOGY, 7),
    (PortClass.RESORT, 6),
)


def create_universe(
    seed: int, sectors: int = 100, prehistory_ticks: int = PREHISTORY_TICKS
) -> UniverseCreated:
    """Return the birth of a universe, the same for the same arguments on every machine.

    Args:
        seed: any integer.
        sectors: how many sectors; SECTORS_MIN to SECTORS_MAX. Six ports to ten sectors.
        prehistory_ticks: how many ticks before tick 0 it is born; at least 0.

    Raises:
        ValueError: an argument is out of range.
    """
    if not SECTORS_MIN <= sectors <= SECTORS_MAX:
        raise ValueError(f"a universe has {SECTORS_MIN} to {SECTORS_MAX} sectors, not {sectors}")
    if prehistory_ticks < 0:
        raise ValueError("the prehistory cannot end before it begins")
    places = scatter(seed, sectors)
    links = link(places)
    names = sector_names(seed, sectors)
    homes = _port_homes(seed, sectors)
    classes = _port_classes(seed, [places[home] for home in homes])
    ports = _open_ports(seed, [names[home] for home in homes], homes, classes)
    charted = _chart(places, links, names, ports)
    stock_draws = Stream(seed, "stock")
    stocks = tuple(
        tuple(initial_stock(stock_draws, port.port_class, good) for good in port.goods)
        for port in ports
    )
    haulers = launch_haulers(seed, ports)
    birth = Tick(-prehistory_ticks)
    return UniverseCreated(
        seed,
        birth,
        charted,
        ports,
        stocks,
        _first_wallets(ports, haulers),
        haulers,
        first_calls(seed, birth, haulers),
    )


def starter_port(world: World) -> Port:
    """Return the port where the next newcomer arrives.

    It is the starter port that comes nearest to what a newcomer is promised: STARTER_STOCK_MIN of
    each starter good at no more than STARTER_ASK_MAX; among equals the one in whose sector the
    fewest ships are, then the one with the lowest index.

    Raises:
        ValueError: the universe has no starter port.
    """
    best: Port | None = None
    best_key = (0, 0)
    for port in world.starters:
        crowd = world.crowds.get(port.spec.sector_id, 0)
        # Nearly always all keep the promise, and the crowd alone decides.
        if best is not None and best_key <= (0, crowd):
            continue
        key = (shortfall_permille(port), crowd)
        if best is None or key < best_key:
            best, best_key = port, key
    if best is None:
        raise ValueError("the universe has no starter port")
    return best


def shortfall_permille(port: Port) -> int:
    """Return by how much a starter port misses what a newcomer is promised; 0: not at all.

    The parts missing of the stock and those by which the price is too high are added up.
    """
    total = 0
    for (_, base, target), good, units in zip(port.terms, port.spec.goods, port.stock, strict=True):
        if good.commodity in STARTER_GOODS:
            total += max(0, STARTER_STOCK_MIN - units) * 1_000 // STARTER_STOCK_MIN
            ask = ask_price(base, units, target)
            if ask is not None:
                total += max(0, ask - STARTER_ASK_MAX) * 1_000 // STARTER_ASK_MAX
    return total


def _open_ports(
    seed: int, sector_of_port: list[str], homes: list[int], classes: list[PortClass]
) -> tuple[PortSpec, ...]:
    draws = Stream(seed, "port names")
    taken: set[str] = set()
    return tuple(
        PortSpec(
            index=i,
            port_id=port_id(i),
            sector_id=sector_id(homes[i]),
            name=port_name(draws, sector_of_port[i], classes[i], taken),
            port_class=classes[i],
            goods=goods,
        )
        for i, goods in enumerate(allot_goods(seed, classes))
    )


def _chart(
    places: list[Place], links: Links, names: tuple[str, ...], ports: tuple[PortSpec, ...]
) -> tuple[Sector, ...]:
    berths: dict[SectorId, list[PortId]] = {}
    for port in ports:
        berths.setdefault(port.sector_id, []).append(port.port_id)
    return tuple(
        Sector(
            sector_id=sector_id(i),
            name=names[i],
            x=place.x,
            y=place.y,
            warps=tuple(sector_id(j) for j in sorted(links[i])),
            port_ids=tuple(berths.get(sector_id(i), ())),
        )
        for i, place in enumerate(places)
    )


def _port_homes(seed: int, sectors: int) -> list[int]:
    """Draw the sector of each port, in rising order; a few sectors have two."""
    draws = Stream(seed, "port homes")
    ports = sectors * _PORTS_PERCENT // 100
    pairs = ports * _SECOND_PORT_PERCENT // 100
    order = list(range(sectors))
    draws.shuffle(order)
    homes = order[: ports - pairs]
    return sorted(homes + homes[:pairs])


def _port_classes(seed: int, places: list[Place]) -> list[PortClass]:
    """Share the classes out over the ports; the starters lie as far apart as can be."""
    counts = _class_counts(len(places))
    draws = Stream(seed, "port classes")
    starters = _far_apart(places, counts.pop(PortClass.STARTER), draws.below(len(places)))
    rest = [port_class for port_class, count in counts.items() for _ in range(count)]
    draws.shuffle(rest)
    return [PortClass.STARTER if i in starters else rest.pop() for i in range(len(places))]


def _class_counts(ports: int) -> dict[PortClass, int]:
    total = sum(weight for _, weight in _CLASS_WEIGHTS)
    counts = {}
    passed = given = 0
    for port_class, weight in _CLASS_WEIGHTS:
        passed += weight
        counts[port_class] = ports * passed // total - given
        given += counts[port_class]
    return counts


def _far_apart(places: list[Place], count: int, first: int) -> set[int]:
    """Choose `count` places, each the farthest from those before it."""
    chosen = {first}
    nearest = [square_distance(place, places[first]) for place in places]
    while len(chosen) < count:
        farthest = max(
            (i for i in range(len(places)) if i not in chosen), key=lambda i: (nearest[i], -i)
        )
        chosen.add(farthest)
        for i, place in enumerate(places):
            nearest[i] = min(nearest[i], square_distance(place, places[farthest]))
    return chosen


def _first_wallets(
    ports: tuple[PortSpec, ...], haulers: tuple[HaulerSpec, ...]
) -> tuple[Posting, ...]:
    wallets = [Posting(port_account(port.port_id), port_budget(port)) for port in ports]
    wallets += [
        Posting(hauler_account(hauler.hauler_id), hauler_budget(hauler)) for hauler in haulers
    ]
    minted = sum(posting.amount for posting in wallets)
    return (Posting(MINT, Credits(-minted)), *wallets)
