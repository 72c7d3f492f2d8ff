"""Folding the market's log at once comes to what applying it event by event comes to."""

from tests.small_galaxy import PLAYER, perform

from sectorwars.application.rows import MarketEvent, StockCheckpoint, StoredState
from sectorwars.application.state.market_fold import with_market_folded
from sectorwars.domain.command import (
    AdvanceTick,
    CancelOrders,
    PlaceOrder,
    RegisterPlayer,
    RequestQuote,
    Trade,
)
from sectorwars.domain.event import Event, UniverseCreated
from sectorwars.domain.market import Side
from sectorwars.engine.apply import apply
from sectorwars.engine.genesis import create_universe
from sectorwars.engine.world import World


def _checkpoint(world: World, offset: int) -> StockCheckpoint:
    ports = world.ports_by_index
    stocks = tuple(tuple(port.stock) for port in ports)
    return StockCheckpoint(offset, world.tick, stocks, tuple(port.version for port in ports))


def _state(born: UniverseCreated, checkpoint: StockCheckpoint, log: list[Event]) -> StoredState:
    return StoredState(
        last_offset=checkpoint.offset + len(log),
        seed=born.seed,
        sectors=born.sectors,
        ports=born.ports,
        checkpoint=checkpoint,
        market_tail=tuple(event for event in log if isinstance(event, MarketEvent)),
        players=(),
        accounts=(),
        volumes=(),
    )


def _busy_hours(world: World) -> list[Event]:
    """Live through two game hours, in each of which a player does all that moves a market."""
    log = [*perform(world, RegisterPlayer())]
    port = world.ports[world.players[PLAYER].ship.docked_port_id or ""]  # type: ignore[index]
    good = port.spec.goods[0].commodity.value
    for _ in range(2):
        log += perform(world, RequestQuote(Side.BUY, good, 3))
        log += perform(world, Trade(Side.BUY, good, 5))
        for _ in range(60):
            log += perform(world, AdvanceTick(), None)
        log += perform(world, PlaceOrder(Side.BUY, good, 2, 30, 60))
        log += perform(world, Trade(Side.SELL, good, 2))
        log += perform(world, CancelOrders())
        (quote,) = world.players[PLAYER].quotes.live
        log += perform(world, Trade(Side.BUY, good, 3, quote_id=quote))
    return log


def test_the_fold_is_what_the_events_came_to_one_by_one() -> None:
    born = create_universe(7, 20, prehistory_ticks=120)
    world = World(born.seed, born.tick)
    apply(world, born)
    begun = _checkpoint(world, 1)
    log = _busy_hours(world)
    seen = {type(event).__name__ for event in log}
    assert {"HaulerCalled", "GoodsTraded", "OrderPlaced", "OrderClosed", "QuoteIssued"} <= seen

    folded = with_market_folded(_state(born, begun, log))

    assert folded.checkpoint == _checkpoint(world, 1 + len(log))
    assert folded.checkpoint != begun
    assert folded.market_tail == ()


def test_where_nothing_followed_the_checkpoint_there_is_nothing_to_fold() -> None:
    born = create_universe(7, 20, prehistory_ticks=120)
    world = World(born.seed, born.tick)
    apply(world, born)
    state = _state(born, _checkpoint(world, 1), [])
    assert with_market_folded(state) is state
