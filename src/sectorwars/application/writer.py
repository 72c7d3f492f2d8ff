"""The writer's world and what it has decided since the last cut. No I/O: the processor commits."""

from collections.abc import Callable

from sectorwars.application import receipts
from sectorwars.application.automation_runner import judge_rules
from sectorwars.application.market_recorder import MarketRecorder
from sectorwars.application.ports import (
    Batch,
    IndexCandle,
    LoggedEvent,
    PortCandle,
    Receipt,
    ReceiptKey,
    TickPrices,
)
from sectorwars.application.recovery import (
    account_rows,
    automation_rows,
    hauler_rows,
    player_rows,
)
from sectorwars.domain.command import AdvanceTick, CommandEnvelope, CompleteJourney, Origin
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Event, TickAdvanced
from sectorwars.domain.ids import CommandId
from sectorwars.domain.rejection import Rejection
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.execute import execute
from sectorwars.engine.world import World


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
    ) -> None:
        """Go on from a world that has seen all events up to `last_offset`.

        `confidence_milli` returns the confidence of a good's published forecast for the next
        horizon, in thousandths.
        """
        self.world = world
        self._recorder = recorder
        self._confidence_milli = confidence_milli
        self._last_offset = last_offset
        self._events: list[LoggedEvent] = []
        self._receipts: list[Receipt] = []
        self._tick_prices: list[TickPrices] = []
        self._index_candles: list[IndexCandle] = []
        self._port_candles: list[PortCandle] = []

    def decide(
        self, envelope: CommandEnvelope, key: ReceiptKey, digest: bytes, now: UnixMicros
    ) -> Receipt:
        """Decide a player's command and note its receipt."""
        decision = execute(self.world, envelope, now)
        if isinstance(decision, Rejection):
            receipt = receipts.rejected(key, digest, decision, now)
        else:
            self.log(decision.events)
            receipt = receipts.executed(
                envelope.command_id, key, digest, decision.events, self.world, now
            )
        self._receipts.append(receipt)
        return receipt

    def advance_tick(self, now: UnixMicros) -> None:
        """Move the economy by one tick and judge the rules on the market it leads to."""
        self._system(CommandEnvelope(CommandId("tick"), None, Origin.SYSTEM, AdvanceTick()), now)
        for envelope in judge_rules(self.world, self._confidence_milli, now):
            self._system(envelope, now)

    def complete_journeys(self, now: UnixMicros) -> None:
        """Let the ships arrive that are due."""
        for player_id in self.world.due_arrivals(now):
            command = CompleteJourney()
            self._system(
                CommandEnvelope(CommandId("arrival"), player_id, Origin.SYSTEM, command), now
            )

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
            tick_prices=tuple(self._tick_prices),
            index_candles=tuple(self._index_candles),
            port_candles=tuple(self._port_candles),
        )
        for pending in (
            self._events,
            self._receipts,
            self._tick_prices,
            self._index_candles,
            self._port_candles,
        ):
            pending.clear()
        return batch

    def _system(self, envelope: CommandEnvelope, now: UnixMicros) -> None:
        decision = execute(self.world, envelope, now)
        if isinstance(decision, Rejection):
            raise RuntimeError(f"the core refused its own command: {decision.detail}")
        self.log(decision.events)

    def log(self, events: tuple[Event, ...]) -> None:
        """Apply events to the world and note them for the next cut."""
        for event in events:
            self._last_offset += 1
            apply(self.world, event)
            self._events.append(LoggedEvent(self._last_offset, event))
            if isinstance(event, TickAdvanced):
                recording = self._recorder.record(self.world)
                self._tick_prices.append(recording.prices)
                self._index_candles.extend(recording.index_candles)
                self._port_candles.extend(recording.port_candles)
