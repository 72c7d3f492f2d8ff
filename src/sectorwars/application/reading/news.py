"""The news of the economy, as everybody can see it: indices that moved, ports that run short."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, Literal

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.port import Port
from sectorwars.domain.values import UnixMicros, game_rfc3339, rfc3339
from sectorwars.engine.world import World
from sectorwars.protocol.shapes.market import MarketNews, MarketRealtime, NewsItem

MOVES_MAX: Final = 3
PORTS_MAX: Final = 3
"""How many shortages, and how many gluts, are told of."""
SHORTAGE_PERCENT: Final = 40
"""A port is short of a good when it holds less than this share of its target."""
GLUT_PERCENT: Final = 140

_Store = tuple[int, Port, Commodity, int, int]
"""How full a port's store of a good is, in per cent of its target; stock and target."""


def market_news(world: World, indices: Iterable[MarketRealtime], now: UnixMicros) -> MarketNews:
    """Tell of the largest moves within a game day, then of shortages and gluts at ports."""
    stores = sorted(_stores(world), key=lambda store: store[0])
    short = (store for store in stores if store[0] < SHORTAGE_PERCENT)
    full = (store for store in reversed(stores) if store[0] > GLUT_PERCENT)
    return MarketNews(
        items=[
            *_moves(indices),
            *(_at_port("shortage", store) for store in islice(short, PORTS_MAX)),
            *(_at_port("glut", store) for store in islice(full, PORTS_MAX)),
        ],
        version=world.tick,
        as_of=rfc3339(now),
        game_time=game_rfc3339(world.tick),
    )


def _moves(indices: Iterable[MarketRealtime]) -> Iterator[NewsItem]:
    moved = sorted(
        (index for index in indices if index.change_24h != 0),
        key=lambda index: abs(index.change_24h),
        reverse=True,
    )
    for index in moved[:MOVES_MAX]:
        rises = index.change_24h > 0
        good = Commodity(index.commodity).spoken
        yield NewsItem(
            kind="rise" if rises else "fall",
            title=f"{good.capitalize()} {'up' if rises else 'down'} {abs(index.change_24h):.2f} % "
            f"within a game day to {index.price:.2f} credits",
            commodity=index.commodity,
            port_id=None,
            price=index.price,
            change_24h=index.change_24h,
            stock=None,
            target=None,
        )


def _stores(world: World) -> Iterator[_Store]:
    for port in world.ports_by_index:
        for good, stock in zip(port.spec.goods, port.stock, strict=True):
            yield stock * 100 // good.target, port, good.commodity, stock, good.target


def _at_port(kind: Literal["shortage", "glut"], store: _Store) -> NewsItem:
    percent, port, good, stock, target = store
    runs = "runs short of" if kind == "shortage" else "has more than enough"
    return NewsItem(
        kind=kind,
        title=f"{port.spec.name} {runs} {good.spoken}: {stock} units, {percent} % of its target",
        commodity=good.value,
        port_id=port.spec.port_id,
        price=None,
        change_24h=None,
        stock=stock,
        target=target,
    )
