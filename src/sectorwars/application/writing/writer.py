"""The writer's world and what it has decided since the last cut. No I/O: the processor commits."""

from collections.abc import Callable, Iterable
from typing import assert_never

from sectorwars.application.rows import (
    Batch,
    IndexCandle,
    LoggedEvent,
    PortCandle,
    Receipt,
    ReceiptKey,
    TickPrices,
)
from sectorwars.application.state.recovery import (
    account_rows,
    automation_rows,
    hauler_rows,
    order_progress,
    player_rows,
    quote_desk_rows,
    risk_row,
)
from sectorwars.application.writing import receipts
from sectorwars.application.writing.automation_runner import StandingBlocks, judge_rules
from sectorwars.application.writing.market_recorder import MarketRecorder, Recording
from sectorwars.domain.command import (
    AdvanceTick,
    CommandEnvelope,
    CompleteJourney,
    ExpireOrder,
    ExpireQuote,
    MatchOrders,
    Origin,
    SystemCommand,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Event, OperatorEvent, RuleDeleted, RuleToggled, TickAdvanced
from sectorwars.domain.ids import CommandId, OrderId, PortId, QuoteId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Rejection
from sectorwars.domain.rule import TracedVerdict
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.economy import prepare
from sectorwars.engine.execute import execute
from sectorwars.engine.world import Deadline, DeadlineKind, World
from sectorwars.protocol.signing import FrameSigner


def no_forecast(_: Commodity) -> None:
    """Stand for the forecasts of a galaxy in which nobody forecasts."""


class Writer:
    """Decides commands one after the other on a world that runs ahead of the store."""

    def __init__(
        self,
        world: World,
        recorder: MarketRecorder,
        last_offset: int,
        confidence_milli: Callable[[Commodity], int | None] = no_forecast,
        signer: FrameSigner | None = None,
    ) -> None:
        """Go on from a world that has seen all events up to `last_offset`.

        `confidence_milli` returns the confidence of a good's published forecast for the next
        horizon, in thousandths. `signer` signs quotes; where none are asked for, None will do.
        """
        self.world = world
        self._recorder = recorder
        self._confidence_milli = confidence_milli
        self._signer = signer
        self.last_offset = last_offset
        self._blocks = StandingBlocks()
        self._events: list[LoggedEvent] = []
        self._verdicts: list[TracedVerdict] = []
        self._receipts: list[Receipt] = []
        self._tick_prices: list[TickPrices] = []
        self._index_candles: list[IndexCandle] = []
        self._port_candles: list[PortCandle] = []

    @property
    def receipts_pending(self) -> int:
        """Return how many commands were decided since the last cut."""
        return len(self._receipts)

    def decide(
        self, envelope: CommandEnvelope, key: ReceiptKey, digest: bytes, now: UnixMicros
    ) -> Receipt:
        """Decide a player's command and note its receipt."""
        decision = execute(self.world, envelope, now)
        if isinstance(decision, Rejection):
            receipt = receipts.rejected(key, digest, decision, now)
        else:
            self.log(decision.events)
            events = decision.events + self._match_after(decision.events, now)
            receipt = receipts.executed(
                envelope.command_id, key, digest, events, self.world, now, self._signer
            )
        self._receipts.append(receipt)
        return receipt

    def prepare_tick(self, part: int, parts: int) -> None:
        """Do one of `parts` of the next tick's work beforehand; it decides nothing."""
        self._recorder.fold()
        ports = len(self.world.ports_by_index)
        prepare(self.world, range(part * ports // parts, (part + 1) * ports // parts))

    def advance_tick(self, now: UnixMicros) -> None:
        """Move the economy by one tick and judge the rules on the market it leads to."""
        self._system(CommandEnvelope(CommandId("tick"), None, Origin.SYSTEM, AdvanceTick()), now)
        self._match_orders(now)
        for envelope in judge_rules(self.world, self._confidence_milli, self._blocks, now):
            self._match_after(self._system(envelope, now), now)

    def meet_deadlines(self, now: UnixMicros) -> None:
        """Let the ships arrive, and the orders and quotes end, that are due."""
        due = self.world.due(now)
        for deadline in due:
            envelope = CommandEnvelope(
                CommandId(deadline.kind.value), deadline.player_id, Origin.SYSTEM, _due(deadline)
            )
            self._system(envelope, now)
        # Not before all of them: what is over must not trade any more.
        if due:
            self._match_orders(now)

    def cut(self) -> Batch:
        """Return all that was decided since the last cut, ready to be made durable."""
        events = [logged.event for logged in self._events]
        batch = Batch(
            events=tuple(self._events),
            receipts=tuple(self._receipts),
            players=player_rows(self.world, events),
            accounts=account_rows(self.world, events),
            automations=automation_rows(self.world, events),
            haulers=hauler_rows(self.world, events),
            order_progress=order_progress(self.world, events),
            quote_desks=quote_desk_rows(self.world, events),
            risk=risk_row(self.world, events),
            tick_prices=tuple(self._tick_prices),
            index_candles=tuple(self._index_candles),
            port_candles=tuple(self._port_candles),
            verdicts=tuple(self._verdicts),
        )
        for pending in (
            self._events,
            self._verdicts,
            self._receipts,
            self._tick_prices,
            self._index_candles,
            self._port_candles,
        ):
            pending.clear()
        return batch

    def _match_after(self, events: tuple[Event, ...], now: UnixMicros) -> tuple[Event, ...]:
        """Fill the open orders that what a command did lets be filled.

        That is at the ports it names; an operator's act may concern them all.
        """
        if not self.world.books:
            return ()
        if any(isinstance(event, OperatorEvent) for event in events):
            return self._match_orders(now)
        return self._match_orders(
            now, {port: None for event in events if (port := getattr(event, "port_id", None))}
        )

    def _match_orders(
        self, now: UnixMicros, ports: Iterable[PortId] | None = None
    ) -> tuple[Event, ...]:
        """Fill the open orders at `ports` (None: all) that can be filled."""
        events: tuple[Event, ...] = ()
        for port_id in tuple(self.world.books) if ports is None else ports:
            command = MatchOrders(port_id)
            envelope = CommandEnvelope(CommandId("match"), None, Origin.SYSTEM, command)
            while filled := self._system(envelope, now):
                events += filled
        return events

    def _system(self, envelope: CommandEnvelope, now: UnixMicros) -> tuple[Event, ...]:
        decision = execute(self.world, envelope, now)
        if isinstance(decision, Rejection):
            raise RuntimeError(f"the core refused its own command: {decision.detail}")
        self.log(decision.events)
        if decision.verdict is not None and self._blocks.is_news(decision.verdict):
            self._verdicts.append(decision.verdict)
        return decision.events

    def log(self, events: tuple[Event, ...]) -> None:
        """Apply events to the world and note them for the next cut."""
        for event in events:
            self.last_offset += 1
            self._events.append(LoggedEvent(self.last_offset, event))
            recording = self._apply(event)
            if recording is not None:
                self._tick_prices.append(recording.prices)
                self._index_candles.extend(recording.index_candles)
                self._port_candles.extend(recording.port_candles)

    def follow(self, committed: Iterable[LoggedEvent]) -> None:
        """Take over what another writer has made durable, from the next offset on."""
        for logged in committed:
            self.last_offset = logged.offset
            self._apply(logged.event)

    def _apply(self, event: Event) -> Recording | None:
        """Apply an event to the world; return what a tick adds to the price history."""
        apply(self.world, event)
        if isinstance(event, RuleToggled | RuleDeleted):
            for side in Side:
                self._blocks.lift(event.rule_id, side)
        return self._recorder.record(self.world) if isinstance(event, TickAdvanced) else None


def _due(deadline: Deadline) -> SystemCommand:
    match deadline.kind:
        case DeadlineKind.ARRIVAL:
            return CompleteJourney()
        case DeadlineKind.ORDER:
            return ExpireOrder(OrderId(deadline.subject))
        case DeadlineKind.QUOTE:
            return ExpireQuote(QuoteId(deadline.subject))
        case _:
            assert_never(deadline.kind)
