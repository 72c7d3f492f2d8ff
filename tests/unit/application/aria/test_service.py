"""Messages are checked and kept; a proposal trades once, and only by its player's word."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from tests.small_core import SmallCore, running_core, virtual
from tests.small_galaxy import HAVEN, PLAYER

from sectorwars.application.aria.conversation import (
    CONVERSATIONS_MAX,
    Conversation,
    ConversationId,
    Exchange,
)
from sectorwars.application.aria.provider import ProposedOrder, Question, Reply
from sectorwars.application.aria.refusals import message_fault
from sectorwars.application.aria.service import PROPOSAL_SECONDS, AriaService
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.rows import Receipt
from sectorwars.domain.command import Undock
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, rfc3339
from sectorwars.persistence.memory.conversation_store import MemoryConversationStore
from sectorwars.protocol.shapes.conversation import AriaAnswer, ProposalDeclined
from sectorwars.protocol.shapes.signal import ProposalSignal
from sectorwars.simulation.virtual_time import VirtualClock

OTHER = PlayerId("pl_2")


class Proposer:
    """Proposes to buy ten ore to everybody who says "ore"."""

    name = "proposer"

    def __init__(self) -> None:
        self.bound = 1_000
        self.away = False
        self.asked: list[Question] = []

    async def answer(self, question: Question) -> Reply:
        if self.away:
            raise StoreUnavailableError("away")
        self.asked.append(question)
        order = ProposedOrder(
            HAVEN, "Haven", Side.BUY, Commodity.ORE, 10, self.bound, 945, 550, 6, 1
        )
        return Reply("Ten ore?", (), order if question.text == "ore" else None)


class AbsentStore(MemoryConversationStore):
    """A store that can be away."""

    away = False

    async def add_exchange(self, conversation: Conversation, exchange: Exchange) -> None:
        if self.away:
            raise StoreUnavailableError("away")
        await super().add_exchange(conversation, exchange)


class Room:
    def __init__(self, core: SmallCore) -> None:
        serial = itertools.count(1)
        self.core = core
        self.provider = Proposer()
        self.announced: list[tuple[PlayerId, UnixMicros]] = []
        self.told: list[tuple[PlayerId, ProposalSignal, UnixMicros]] = []
        self.store = AbsentStore()
        self.aria = AriaService(
            self.provider,
            self.store,
            core.processor,
            core.galaxy.projection,
            core.clock,
            lambda: str(next(serial)),
            messages_per_minute=60,
            announce=lambda player_id, at: self.announced.append((player_id, at)),
            tell_proposal=lambda *told: self.told.append(told),
        )

    async def say(self, text: str, conversation_id: str | None = None) -> AriaAnswer:
        outcome = await self.aria.answer(PLAYER, text, conversation_id)
        assert isinstance(outcome, AriaAnswer), outcome
        return outcome

    async def propose(self) -> str:
        (proposal,) = (await self.say("ore")).proposals
        return proposal.proposal_id

    async def confirm(self, proposal_id: str, player_id: PlayerId = PLAYER) -> Receipt | Refusal:
        return await self.aria.confirm(player_id, proposal_id, self.core.clock.monotonic())

    def statuses(self, proposal_id: str) -> list[str]:
        """Return what was told of a proposal."""
        told = [signal for _, signal, _ in self.told if signal.proposal_id == proposal_id]
        return [signal.status for signal in told]

    @property
    def ore_aboard(self) -> int:
        return self.core.galaxy.projection.world.players[PLAYER].ship.units(Commodity.ORE)


@asynccontextmanager
async def room(clock: VirtualClock) -> AsyncIterator[Room]:
    async with running_core(clock) as core:
        yield Room(core)


def code_of(outcome: object) -> str:
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


@virtual
async def test_a_confirmed_proposal_trades_once(clock: VirtualClock) -> None:
    async with room(clock) as here:
        proposal_id = await here.propose()
        assert here.ore_aboard == 0
        receipt = await here.confirm(proposal_id)
        assert isinstance(receipt, Receipt)
        assert msgspec.json.decode(receipt.body)["command_id"] == f"aria-{proposal_id}"
        assert await here.confirm(proposal_id) == receipt
        assert code_of(await here.aria.decline(PLAYER, proposal_id)) == "proposal_used"
        await asyncio.sleep(PROPOSAL_SECONDS)
        assert await here.confirm(proposal_id) == receipt
        assert here.ore_aboard == 10


@virtual
async def test_confirmations_at_once_trade_once(clock: VirtualClock) -> None:
    async with room(clock) as here:
        proposal_id = await here.propose()
        outcomes = await asyncio.gather(*(here.confirm(proposal_id) for _ in range(8)))
        bodies = {outcome.body for outcome in outcomes if isinstance(outcome, Receipt)}
        assert len(bodies) == 1
        assert here.ore_aboard == 10


@virtual
async def test_another_players_proposal_is_unknown(clock: VirtualClock) -> None:
    async with room(clock) as here:
        proposal_id = await here.propose()
        assert code_of(await here.confirm(proposal_id, OTHER)) == "unknown_proposal"
        assert code_of(await here.aria.decline(OTHER, proposal_id)) == "unknown_proposal"
        assert code_of(await here.confirm("pr_none")) == "unknown_proposal"
        assert here.ore_aboard == 0


@virtual
async def test_a_proposal_expires(clock: VirtualClock) -> None:
    async with room(clock) as here:
        proposal_id = await here.propose()
        await asyncio.sleep(PROPOSAL_SECONDS)
        assert code_of(await here.confirm(proposal_id)) == "proposal_expired"
        assert here.ore_aboard == 0


@virtual
async def test_a_declined_proposal_is_over(clock: VirtualClock) -> None:
    async with room(clock) as here:
        proposal_id = await here.propose()
        declined = await here.aria.decline(PLAYER, proposal_id)
        assert declined == ProposalDeclined(proposal_id, "declined")
        assert code_of(await here.confirm(proposal_id)) == "proposal_used"
        assert here.ore_aboard == 0


@virtual
async def test_a_proposal_is_for_its_port_only(clock: VirtualClock) -> None:
    async with room(clock) as here:
        proposal_id = await here.propose()
        await here.core.executed(Undock())
        assert code_of(await here.confirm(proposal_id)) == "proposal_elsewhere"


@virtual
async def test_a_bound_that_is_broken_uses_the_proposal_up(clock: VirtualClock) -> None:
    async with room(clock) as here:
        here.provider.bound = 1
        proposal_id = await here.propose()
        outcome = await here.confirm(proposal_id)
        assert isinstance(outcome, Receipt)
        assert outcome.code == "price_above_bound"
        assert await here.confirm(proposal_id) == outcome
        assert here.ore_aboard == 0


@virtual
async def test_a_conversation_is_kept_and_can_be_taken_away(clock: VirtualClock) -> None:
    async with room(clock) as here:
        first = await here.say("hello there")
        second = await here.say("again", first.conversation_id)
        assert second.conversation_id == first.conversation_id
        assert list(here.provider.asked[1].earlier) == ["hello there"]
        (listed,) = (await here.aria.conversations(PLAYER)).conversations
        assert (listed.title, listed.messages) == ("hello there", 4)
        export = await here.aria.export(PLAYER, first.conversation_id)
        assert not isinstance(export, Refusal)
        said = ["hello there", "Ten ore?", "again", "Ten ore?"]
        assert [message.text for message in export.messages] == said
        assert code_of(await here.aria.export(OTHER, first.conversation_id)) == (
            "unknown_conversation"
        )
        assert code_of(await here.aria.delete(OTHER, first.conversation_id)) == (
            "unknown_conversation"
        )
        assert await here.aria.delete(PLAYER, first.conversation_id) is None
        outcome = await here.aria.answer(PLAYER, "still?", first.conversation_id)
        assert code_of(outcome) == "unknown_conversation"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "message_empty"),
        (" \n\t", "message_empty"),
        ("x" * 2_001, "message_too_long"),
        ("a\0b", "message_not_text"),
        ("\ud800", "message_not_text"),
        ("\x1b[31m", "message_not_text"),
        ("<script>alert(1)</script>", "message_markup"),
        ("&lt;b&gt;", "message_markup"),
    ],
)
def test_a_bad_message_has_a_fault(text: str, code: str) -> None:
    assert code_of(message_fault(text)) == code


@virtual
async def test_a_bad_message_is_refused_and_not_kept(clock: VirtualClock) -> None:
    async with room(clock) as here:
        assert code_of(await here.aria.answer(PLAYER, "<b>hi</b>", None)) == "message_markup"
        assert (await here.aria.conversations(PLAYER)).conversations == []
        assert here.provider.asked == []


@virtual
async def test_a_price_below_ten_is_no_markup(clock: VirtualClock) -> None:
    async with room(clock) as here:
        await here.say("is ore < 10 & fuel > 3?")


@virtual
async def test_the_sixty_first_message_in_a_minute_waits(clock: VirtualClock) -> None:
    async with room(clock) as here:
        for _ in range(60):
            await here.say("hi")
        refused = await here.aria.answer(PLAYER, "hi", None)
        assert code_of(refused) == "aria_rate_limited"
        assert isinstance(refused, Refusal)
        assert refused.retry_after_ms == 60_000
        await asyncio.sleep(60)
        await here.say("hi")


@virtual
async def test_messages_that_another_process_answered_count_too(clock: VirtualClock) -> None:
    async with room(clock) as here:
        await here.say("hi")
        assert here.announced == [(PLAYER, here.core.clock.now())]
        for _ in range(59):
            here.aria.note(PLAYER, here.core.clock.now())
        assert code_of(await here.aria.answer(PLAYER, "hi", None)) == "aria_rate_limited"
        # What was refused is not told; nor is what another process tells.
        assert len(here.announced) == 1


@virtual
async def test_nothing_is_kept_when_no_answer_can_be_given(clock: VirtualClock) -> None:
    async with room(clock) as here:
        here.provider.away = True
        with pytest.raises(StoreUnavailableError):
            await here.aria.answer(PLAYER, "hi", None)
        assert (await here.aria.conversations(PLAYER)).conversations == []


@virtual
async def test_the_oldest_conversation_makes_room(clock: VirtualClock) -> None:
    async with room(clock) as here:
        first = await here.say("first")
        for _ in range(CONVERSATIONS_MAX):
            await asyncio.sleep(2)
            await here.say("more")
        assert len(await here.store.conversations(PLAYER)) == CONVERSATIONS_MAX
        assert await here.store.find(PLAYER, ConversationId(first.conversation_id)) is None


@virtual
async def test_a_proposal_is_told_once_it_is_stored_with_the_end_of_its_life(
    clock: VirtualClock,
) -> None:
    async with room(clock) as here:
        at = clock.now()
        proposal_id = await here.propose()
        ((player_id, signal, told_at),) = here.told
        assert (player_id, told_at) == (PLAYER, at)
        ends_at = rfc3339(UnixMicros(at + PROPOSAL_SECONDS * MICROS_PER_SECOND))
        assert signal == ProposalSignal("proposal", proposal_id, "trade", "open", ends_at, None)
        await here.say("hello")
        here.store.away = True
        with pytest.raises(StoreUnavailableError):
            await here.say("ore")
        assert len(here.told) == 1


@virtual
async def test_how_a_proposal_ended_is_told_once(clock: VirtualClock) -> None:
    async with room(clock) as here:
        declined, executed = await here.propose(), await here.propose()
        for _ in range(2):
            await here.aria.decline(PLAYER, declined)
            await here.confirm(executed)
        here.provider.bound = 1
        rejected = await here.propose()
        await asyncio.gather(*(here.confirm(rejected) for _ in range(4)))
        assert here.statuses(declined) == ["open", "declined"]
        # What was executed is told by its trade.
        assert here.statuses(executed) == ["open"]
        assert here.statuses(rejected) == ["open", "rejected"]
        assert {signal.expires_at for _, signal, _ in here.told if signal.status != "open"} == {
            None
        }
