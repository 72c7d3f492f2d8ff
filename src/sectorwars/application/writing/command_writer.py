"""The front of the single writer, as every door has it."""

from collections.abc import Awaitable
from typing import Protocol

from sectorwars.application.rows import Receipt, ReceiptKey
from sectorwars.domain.command import CommandEnvelope
from sectorwars.domain.rejection import Refusal
from sectorwars.protocol.shapes.command import CommandFate


class CommandSubmitter(Protocol):
    """Takes commands."""

    def submit(
        self, envelope: CommandEnvelope, received_monotonic: float
    ) -> Awaitable[Receipt | Refusal]:
        """Have a command decided and made durable; it was received at `received_monotonic` seconds.

        Who waits is given its receipt, or a refusal.
        """
        ...


class CommandWriter(CommandSubmitter, Protocol):
    """Takes commands, and can be asked about them."""

    async def fate(self, key: ReceiptKey) -> Receipt | CommandFate:
        """Return what became of a command."""
        ...
