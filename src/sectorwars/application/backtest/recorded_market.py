"""One port of the past, as the log left it tick by tick, with what a backtest trades on top."""

from operator import add, sub

from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    HaulerCalled,
    MarketChange,
    OperatorEvent,
    PortsSettled,
    QuoteClosed,
    QuoteIssued,
    StockCheckpointed,
    TickAdvanced,
)
from sectorwars.domain.ids import PlayerId, QuoteId
from sectorwars.domain.ledger import MINT, Posting, port_account
from sectorwars.domain.market import stock_capacity
from sectorwars.domain.port import Port, PortSpec
from sectorwars.domain.quote import Quote
from sectorwars.domain.risk import RiskGate
from sectorwars.domain.values import Credits, Tick
from sectorwars.engine.apply import apply, apply_market
from sectorwars.engine.world import World


class RecordedMarket:
    """A world with the one port at which a backtest trades.

    Its stock is the recorded one and, on top, what the backtest has traded: the past does not
    answer to that. Where the sum is less than nothing, or more than the port stores, it is that
    bound: a conflict.
    """

    def __init__(
        self,
        spec: PortSpec,
        stock: tuple[int, ...],
        version: int,
        tick: Tick,
        wallet: Credits,
        risk: RiskGate,
    ) -> None:
        """Begin with the port as it was after `tick`."""
        self.port = Port(spec, list(stock), version)
        self.world = World(0, tick)
        self.world.add_port(self.port)
        self.world.risk = risk
        account = port_account(spec.port_id)
        self.world.ledger.post([Posting(MINT, Credits(-wallet)), Posting(account, wallet)])
        self.conflicts = 0
        self._left_out: PlayerId | None = None
        self._recorded = list(stock)
        self._capacities = [stock_capacity(good.target) for good in spec.goods]
        self._quotes: dict[QuoteId, Quote] = {}

    def leave_out(self, player_id: PlayerId) -> None:
        """Let what a player does from here on not have happened."""
        self._left_out = player_id

    def follow(self, event: Event) -> None:
        """Take over an event of the log; a tick or a checkpoint has this port's part only."""
        if isinstance(event, MarketChange):
            if event.port_id == self.port.spec.port_id:
                self._change(event)
        elif isinstance(event, TickAdvanced | StockCheckpointed):
            self._move(event)
        elif isinstance(event, PortsSettled | OperatorEvent):
            apply(self.world, event)

    def _move(self, event: TickAdvanced | StockCheckpointed) -> None:
        traded = self._traded()
        self.port.stock = self._recorded
        apply(self.world, event)
        self._recorded = self.port.stock
        self._put_on_top(traded)

    def _change(self, event: MarketChange) -> None:
        own = not isinstance(event, HaulerCalled) and event.player_id == self._left_out
        stock, traded = self.port.stock, self._traded()
        self.port.stock = list(self._recorded)
        apply_market(self.world, event)
        self._recorded = self.port.stock
        if own:
            self.port.stock = stock
            return
        self.world.ledger.post(event.postings)
        self._promise(event)
        self._put_on_top(traded)

    def _promise(self, event: MarketChange) -> None:
        """Keep what live quotes promise; one that was given before the start is not known."""
        if isinstance(event, QuoteIssued):
            self._quotes[event.quote.quote_id] = event.quote
            self.world.promise(event.quote, event.quote.quantity)
        elif isinstance(event, QuoteClosed | GoodsTraded) and event.quote_id is not None:
            quote = self._quotes.pop(event.quote_id, None)
            if quote is not None:
                self.world.promise(quote, -quote.quantity)

    def _traded(self) -> list[int]:
        """Return what the backtest has brought to the port, less what it took, per good."""
        return list(map(sub, self.port.stock, self._recorded))

    def _put_on_top(self, traded: list[int]) -> None:
        if not any(traded):
            self.port.stock = list(self._recorded)
            return
        wanted = list(map(add, self._recorded, traded))
        self.port.stock = [
            min(max(0, units), capacity)
            for units, capacity in zip(wanted, self._capacities, strict=True)
        ]
        self.conflicts += sum(
            units != possible for units, possible in zip(wanted, self.port.stock, strict=True)
        )
