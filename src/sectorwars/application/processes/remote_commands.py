"""The writer as a gateway in another process has it."""

from collections.abc import Awaitable, Callable
from typing import Final

from sectorwars.application.bus import Answer, BusUnavailableError, CommandBus
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.application.writing import refusals
from sectorwars.application.writing.receipts import pending_fate
from sectorwars.domain.command import CommandEnvelope
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.protocol.shapes.command import CommandFate

ENGINE_UNAVAILABLE: Final = Refusal(
    "engine_unavailable",
    Retry.LATER,
    "The engine cannot be reached; the command was not executed. Try again shortly.",
    retry_after_ms=2_000,
)


class RemoteCommands:
    """Commands over the bus; who is answered finds what he was told in this process's queries."""

    def __init__(self, bus: CommandBus, reached: Callable[[int], Awaitable[None]]) -> None:
        """Send over `bus`; `reached` waits until the projection has seen an offset."""
        self._bus = bus
        self._reached = reached

    async def submit(
        self, envelope: CommandEnvelope, received_monotonic: float
    ) -> Receipt | Refusal:
        """Have a command decided and made durable; it was received at `received_monotonic`."""
        try:
            outcome = await self._caught_up(await self._bus.submit(envelope, received_monotonic))
        except BusUnavailableError:
            return ENGINE_UNAVAILABLE
        if isinstance(outcome, CommandFate):
            raise TypeError("a command was answered as a question")
        return outcome

    async def fate(self, key: ReceiptKey) -> Receipt | CommandFate:
        """Return what became of a command; `pending` where that cannot be told."""
        try:
            outcome = await self._caught_up(await self._bus.fate(key))
        except BusUnavailableError:
            return pending_fate(key)
        return pending_fate(key) if isinstance(outcome, Refusal) else outcome

    async def _caught_up(self, answer: Answer) -> Receipt | Refusal | CommandFate:
        try:
            await self._reached(answer.offset)
        except StoreUnavailableError:
            # Told now, the caller would look for what this process does not show yet.
            return refusals.OUTCOME_UNKNOWN
        return answer.outcome
