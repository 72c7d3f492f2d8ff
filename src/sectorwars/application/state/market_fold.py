"""The market's log since a checkpoint of the stock, folded over it.

It comes to what `engine.apply` makes of each event, but takes a tick of all ports at once: a great
galaxy sees ten million changes of stock between two checkpoints.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate, chain, pairwise
from operator import add

from sectorwars.application.rows import MarketEvent, StockCheckpoint, StoredState
from sectorwars.domain.event import GoodsTraded, HaulerCalled, TickAdvanced
from sectorwars.domain.port import PortSpec


def with_market_folded(state: StoredState) -> StoredState:
    """Return the state with a checkpoint as of the end of the log, which then has no tail."""
    if not state.market_tail:
        return state
    folded = _fold(state.ports, state.checkpoint, state.market_tail)
    return replace(state, checkpoint=replace(folded, offset=state.last_offset), market_tail=())


def _fold(
    ports: tuple[PortSpec, ...], checkpoint: StockCheckpoint, tail: Iterable[MarketEvent]
) -> StockCheckpoint:
    starts = [0, *accumulate(len(port.goods) for port in ports)]
    indices = {port.port_id: port.index for port in ports}
    places = {
        (port.port_id, good.commodity): starts[port.index] + position
        for port in ports
        for position, good in enumerate(port.goods)
    }
    tick = checkpoint.tick
    stocks = list(chain.from_iterable(checkpoint.stocks))
    versions = list(checkpoint.versions)
    for event in tail:
        if isinstance(event, TickAdvanced):
            tick = event.tick
            stocks = list(map(add, stocks, chain.from_iterable(event.deltas)))
            versions = list(map(add, versions, map(any, event.deltas)))
            continue
        if isinstance(event, GoodsTraded):
            stocks[places[event.port_id, event.commodity]] = event.stock_after
        elif isinstance(event, HaulerCalled):
            for deal in event.deals:
                stocks[places[event.port_id, deal.commodity]] = deal.stock_after
        versions[indices[event.port_id]] = event.market_version
    by_port = tuple(tuple(stocks[start:end]) for start, end in pairwise(starts))
    return StockCheckpoint(checkpoint.offset, tick, by_port, tuple(versions))
