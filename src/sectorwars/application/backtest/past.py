"""The recorded past of one port, from a checkpoint of the stock to a place in the log."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

from sectorwars.application.backtest.task import BacktestTask
from sectorwars.application.galaxy.catch_up import LogGapError
from sectorwars.application.ports import MarketRecord
from sectorwars.application.rows import StockCheckpoint
from sectorwars.domain.event import (
    Event,
    StockCheckpointed,
    TickAdvanced,
    TradeCapsSet,
    TradingStateSet,
)
from sectorwars.domain.ids import AccountId
from sectorwars.domain.ledger import port_account
from sectorwars.domain.port import PortSpec
from sectorwars.domain.record import record
from sectorwars.domain.risk import RiskGate
from sectorwars.domain.values import Credits, Tick


@record
class Past:
    """A port as it was after `tick`, and the events that followed, with that port's part only."""

    tick: Tick
    stock: tuple[int, ...]
    version: int
    wallet: Credits
    risk: RiskGate
    events: tuple[Event, ...]


async def read_past(record: MarketRecord, task: BacktestTask) -> Past | None:
    """Read the past that a task needs; None where none is recorded.

    Raises:
        LogGapError: some of it was forgotten while it was read; there is a later past to read.
        StoreUnavailableError: the store cannot be reached.
    """
    checkpoint = await record.checkpoint(task.first_tick)
    if checkpoint is None:
        return None
    events: list[Event] = []
    tick = checkpoint.tick
    async for logged in record.events(checkpoint.offset, task.offset, task.port.port_id):
        event = logged.event
        if isinstance(event, TickAdvanced):
            tick = Tick(tick + 1)
            if event.tick != tick:
                raise LogGapError(f"The ticks between {tick} and {event.tick} are gone.")
        events.append(_part_of(event, task.port))
    return _reckoned_back(task, checkpoint, events)


def _part_of(event: Event, port: PortSpec) -> Event:
    """Leave out of a tick or a checkpoint what is of other ports."""
    if isinstance(event, TickAdvanced):
        return replace(event, deltas=(event.deltas[port.index],))
    if isinstance(event, StockCheckpointed):
        return replace(
            event, stocks=(event.stocks[port.index],), versions=(event.versions[port.index],)
        )
    return event


def _reckoned_back(
    task: BacktestTask, checkpoint: StockCheckpoint, events: Sequence[Event]
) -> Past:
    """Undo what the events did to the port's wallet and to what operators had set."""
    account = port_account(task.port.port_id)
    risk = deepcopy(task.risk)
    wallet = task.wallet_credits
    for event in reversed(events):
        wallet -= _posted(event, account)
        match event:
            case TradingStateSet():
                risk.set_state(event.scope, event.subject, event.before, event.reason)
            case TradeCapsSet():
                risk.set_caps(event.subject, event.before)
            case _:
                pass
    index = task.port.index
    return Past(
        checkpoint.tick,
        checkpoint.stocks[index],
        checkpoint.versions[index],
        Credits(wallet),
        risk,
        tuple(events),
    )


def _posted(event: Event, account: AccountId) -> int:
    return sum(
        posting.amount for posting in getattr(event, "postings", ()) if posting.account == account
    )
