"""ARIA as players meet her: a message in, an answer out, and proposals that only they confirm."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from sectorwars.application.aria import refusals
from sectorwars.application.aria.conversation import (
    CONVERSATIONS_MAX,
    MESSAGES_MAX,
    TITLE_LENGTH_MAX,
    Conversation,
    ConversationId,
    ConversationStore,
    Exchange,
    Message,
    MessageId,
    ProposalId,
    StoredProposal,
    proposal_command_id,
)
from sectorwars.application.aria.provider import ProposedOrder, Provider, Question, Reply
from sectorwars.application.ports import (
    Clock,
    StoreUnavailableError,
)
from sectorwars.application.reading.projection import Projection
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.application.sliding_window import SlidingWindow
from sectorwars.application.writing.command_writer import CommandWriter
from sectorwars.domain.command import CommandEnvelope, Origin, Trade
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, div_ceil, rfc3339
from sectorwars.protocol.shapes.conversation import (
    AriaAnswer,
    ConversationExport,
    ConversationMessage,
    Conversations,
    ConversationSummary,
    OrderPreview,
    Proposal,
    ProposalDeclined,
    ProposalStatus,
)
from sectorwars.protocol.shapes.signal import ProposalSignal

PROPOSAL_SECONDS: Final = 60
EARLIER_MESSAGES_MAX: Final = 12
_MINUTE_MICROS: Final = 60 * MICROS_PER_SECOND
_PLAYERS_MAX: Final = 100_000


TellProposal = Callable[[PlayerId, ProposalSignal, UnixMicros], None]
"""Tells a player what became of a proposal, and when."""


def _tell_nobody(_player_id: PlayerId, _at: UnixMicros) -> None:
    """Stand for the other processes of a server that is alone."""


def no_proposals(_player_id: PlayerId, _signal: ProposalSignal, _at: UnixMicros) -> None:
    """Stand for a channel that nobody can listen to."""


class AriaService:
    """Answers players and executes what they confirm, through the same gate as any trade."""

    def __init__(
        self,
        provider: Provider,
        store: ConversationStore,
        commands: CommandWriter,
        projection: Projection,
        clock: Clock,
        new_id: Callable[[], str],
        messages_per_minute: int,
        announce: Callable[[PlayerId, UnixMicros], None] = _tell_nobody,
        tell_proposal: TellProposal = no_proposals,
    ) -> None:
        """Answer with `provider`; `new_id` makes an id nobody can guess.

        `announce` is told of each message that counts, so that other processes can `note` it.
        `tell_proposal` is told of each that is stored as open, declined or rejected; of one that
        was executed, its trade tells.
        """
        self._provider = provider
        self._store = store
        self._commands = commands
        self._projection = projection
        self._clock = clock
        self._new_id = new_id
        self._messages_per_minute = messages_per_minute
        self._window = SlidingWindow(messages_per_minute, _MINUTE_MICROS, _PLAYERS_MAX)
        self._announce = announce
        self._tell_proposal = tell_proposal
        self._confirming: set[ProposalId] = set()

    def note(self, player_id: PlayerId, at: UnixMicros) -> None:
        """Count a message against a player's limit."""
        self._window.record(player_id, at)

    async def answer(
        self, player_id: PlayerId, text: str, conversation_id: str | None
    ) -> AriaAnswer | Refusal:
        """Answer a message; without `conversation_id` a new conversation begins.

        Raises:
            StoreUnavailableError: the store cannot be reached; nothing was stored.
        """
        now = self._clock.now()
        wait_micros = self._window.wait_micros(player_id, now)
        if wait_micros:
            return refusals.rate_limited(self._messages_per_minute, div_ceil(wait_micros, 1_000))
        self.note(player_id, now)
        self._announce(player_id, now)
        fault = refusals.message_fault(text)
        if fault is not None:
            return fault
        conversation = await self._conversation(player_id, text, conversation_id, now)
        if isinstance(conversation, Refusal):
            return conversation
        messages = await self._store.messages(conversation.conversation_id, EARLIER_MESSAGES_MAX)
        earlier = [message.text for message in messages if message.author == "player"]
        reply = await self._provider.answer(Question(player_id, text, earlier, now))
        return await self._keep(conversation, text, reply, now)

    async def confirm(
        self, player_id: PlayerId, proposal_id: str, received_monotonic: float
    ) -> Receipt | Refusal:
        """Execute a proposal, once. A confirmation that is repeated gets the same receipt.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        decided = await self._receipt(player_id, proposal_id)
        if decided is not None:
            return decided
        found = await self._open_proposal(player_id, proposal_id)
        if isinstance(found, Refusal):
            return found
        ship = self._projection.world.players[player_id].ship
        if ship.docked_port_id != found.port_id:
            return refusals.PROPOSAL_ELSEWHERE
        order = Trade(
            found.side, found.commodity.value, found.quantity, found.price_bound, found.port_id
        )
        envelope = CommandEnvelope(proposal_command_id(proposal_id), player_id, Origin.ARIA, order)
        # The command's id is a function of the proposal's, so two confirmations trade once.
        self._confirming.add(found.proposal_id)
        try:
            outcome = await self._commands.submit(envelope, received_monotonic)
            if isinstance(outcome, Receipt):
                # What was traded is told in any case; the receipt outlives the proposal's status.
                with contextlib.suppress(StoreUnavailableError):
                    closed = await self._store.close_proposal(found.proposal_id, outcome.status)
                    if closed and outcome.status == "rejected":
                        self._tell(found, "rejected")
        finally:
            self._confirming.discard(found.proposal_id)
        return outcome

    async def decline(self, player_id: PlayerId, proposal_id: str) -> ProposalDeclined | Refusal:
        """Put a proposal aside for good.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        if await self._receipt(player_id, proposal_id) is not None:
            return refusals.PROPOSAL_USED
        found = await self._open_proposal(player_id, proposal_id)
        if isinstance(found, Refusal):
            return found
        if found.proposal_id in self._confirming:
            return refusals.PROPOSAL_USED
        if not await self._store.close_proposal(found.proposal_id, "declined"):
            return refusals.PROPOSAL_USED
        self._tell(found, "declined")
        return ProposalDeclined(found.proposal_id, "declined")

    async def conversations(self, player_id: PlayerId) -> Conversations:
        """List a player's conversations.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        return Conversations(
            [
                ConversationSummary(
                    found.conversation_id,
                    found.title,
                    found.messages,
                    rfc3339(found.created_at),
                    rfc3339(found.updated_at),
                )
                for found in await self._store.conversations(player_id)
            ]
        )

    async def export(
        self, player_id: PlayerId, conversation_id: str
    ) -> ConversationExport | Refusal:
        """Return everything that was said in a conversation.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        found = await self._store.find(player_id, ConversationId(conversation_id))
        if found is None:
            return refusals.UNKNOWN_CONVERSATION
        messages = await self._store.messages(found.conversation_id, MESSAGES_MAX)
        return ConversationExport(
            found.conversation_id,
            found.title,
            rfc3339(found.created_at),
            [
                ConversationMessage(said.message_id, said.author, said.text, rfc3339(said.at))
                for said in messages
            ],
        )

    async def delete(self, player_id: PlayerId, conversation_id: str) -> Refusal | None:
        """Forget a conversation with all that is in it.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        deleted = await self._store.delete(player_id, ConversationId(conversation_id))
        return None if deleted else refusals.UNKNOWN_CONVERSATION

    async def _conversation(
        self, player_id: PlayerId, text: str, conversation_id: str | None, now: UnixMicros
    ) -> Conversation | Refusal:
        if conversation_id is not None:
            found = await self._store.find(player_id, ConversationId(conversation_id))
            if found is None:
                return refusals.UNKNOWN_CONVERSATION
            return refusals.CONVERSATION_FULL if found.messages + 2 > MESSAGES_MAX else found
        # The oldest make room, so that who never names a conversation can go on for ever.
        for oldest in (await self._store.conversations(player_id))[CONVERSATIONS_MAX - 1 :]:
            await self._store.delete(player_id, oldest.conversation_id)
        title = " ".join(text.split())[:TITLE_LENGTH_MAX]
        return Conversation(ConversationId(f"c_{self._new_id()}"), player_id, title, 0, now, now)

    async def _keep(
        self, conversation: Conversation, text: str, reply: Reply, now: UnixMicros
    ) -> AriaAnswer:
        message_id = MessageId(f"m_{self._new_id()}")
        proposals = []
        stored = []
        if reply.order is not None:
            proposal_id = ProposalId(f"pr_{self._new_id()}")
            pending = _stored(proposal_id, conversation.player_id, reply.order, now)
            stored.append(pending)
            proposals.append(_shown(pending, reply.order))
        kept = replace(conversation, messages=conversation.messages + 2, updated_at=now)
        question = Message(MessageId(f"m_{self._new_id()}"), "player", text, now)
        answer = Message(message_id, "aria", reply.text, now)
        await self._store.add_exchange(kept, Exchange(question, answer, tuple(stored)))
        for pending in stored:
            self._tell(pending, "open")
        return AriaAnswer(
            conversation_id=conversation.conversation_id,
            message_id=message_id,
            answer=reply.text,
            sources=list(reply.sources),
            proposals=proposals,
            suggestions=list(reply.suggestions),
            provider=self._provider.name,
        )

    def _tell(self, proposal: StoredProposal, status: ProposalStatus) -> None:
        expires_at = rfc3339(proposal.expires_at) if status == "open" else None
        signal = ProposalSignal("proposal", proposal.proposal_id, "trade", status, expires_at, None)
        self._tell_proposal(proposal.player_id, signal, self._clock.now())

    async def _receipt(self, player_id: PlayerId, proposal_id: str) -> Receipt | None:
        """Return what a confirmation of the proposal has come to, if one was decided."""
        fate = await self._commands.fate(ReceiptKey(player_id, proposal_command_id(proposal_id)))
        return fate if isinstance(fate, Receipt) else None

    async def _open_proposal(
        self, player_id: PlayerId, proposal_id: str
    ) -> StoredProposal | Refusal:
        found = await self._store.find_proposal(player_id, ProposalId(proposal_id))
        if found is None:
            return refusals.UNKNOWN_PROPOSAL
        if found.status != "open":
            return refusals.PROPOSAL_USED
        if self._clock.now() >= found.expires_at:
            return refusals.PROPOSAL_EXPIRED
        return found


def _stored(
    proposal_id: ProposalId, player_id: PlayerId, order: ProposedOrder, now: UnixMicros
) -> StoredProposal:
    return StoredProposal(
        proposal_id=proposal_id,
        player_id=player_id,
        port_id=order.port_id,
        side=order.side,
        commodity=order.commodity,
        quantity=order.quantity,
        price_bound=order.price_bound,
        created_at=now,
        expires_at=UnixMicros(now + PROPOSAL_SECONDS * MICROS_PER_SECOND),
    )


def _shown(stored: StoredProposal, order: ProposedOrder) -> Proposal:
    return Proposal(
        proposal_id=stored.proposal_id,
        kind="trade",
        preview=OrderPreview(
            side=order.side.value,
            commodity=order.commodity.value,
            quantity=order.quantity,
            port_id=order.port_id,
            port_name=order.port_name,
            price_bound=order.price_bound,
            price_allowance=order.price_allowance,
            total_credits=order.total_credits,
            fees_credits=order.fees_credits,
            market_version=order.market_version,
        ),
        expires_at=rfc3339(stored.expires_at),
    )
