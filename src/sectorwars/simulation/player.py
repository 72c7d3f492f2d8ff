"""A seeded player who trades, flies, errs, and never takes silence for an answer."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, assert_never

from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.application.writing.refusals import COMMAND_ID_CONFLICT
from sectorwars.domain.command import CommandEnvelope, Origin, PlayerCommand, Trade
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.navigation import WARP_SECONDS_MAX
from sectorwars.domain.prng import Stream
from sectorwars.domain.rejection import Refusal
from sectorwars.protocol.shapes.command import CommandFate
from sectorwars.simulation.choice import choose_command
from sectorwars.simulation.findings import Findings
from sectorwars.simulation.history import History, describe
from sectorwars.simulation.plan import Move, NetworkFault, NetworkTrouble
from sectorwars.simulation.process import LostError
from sectorwars.simulation.referee import Referee, command_name
from sectorwars.simulation.server import SimulatedServer

_PERCENT: Final = 100
_NETWORK_MS_MAX: Final = 30
_ANSWER_SECONDS: Final = 1.0
_RETRY_MS_MAX: Final = 800


class SimulatedPlayer:
    """Makes one move after the other, sending each command until its fate is known."""

    def __init__(
        self,
        player_id: PlayerId,
        seed: int,
        server: SimulatedServer,
        referee: Referee,
        findings: Findings,
        history: History,
    ) -> None:
        """Play on `server` by numbers drawn from `seed`."""
        self._player_id = player_id
        self._seed = seed
        self._server = server
        self._referee = referee
        self._findings = findings
        self._history = history
        self._under_way = 0
        self._sent: list[CommandEnvelope] = []
        self._decided: list[CommandEnvelope] = []

    async def play(
        self,
        moves: Mapping[int, Move],
        faults: Mapping[int, Mapping[int, tuple[int, NetworkFault]]],
        until: Callable[[int], float],
    ) -> None:
        """Make the moves, which are keyed by their numbers.

        `faults`, with their numbers, are keyed by move and attempt. `until` returns the seconds
        that are left until a moment in ms.
        """
        async with asyncio.TaskGroup() as group:
            for number, move in moves.items():
                await asyncio.sleep(max(0.0, until(move.at_ms)))
                if self._findings.full:
                    break
                turn = _Turn(self, number, move, faults.get(move.key, {}), group)
                if move.hasty:
                    group.create_task(turn.take())
                else:
                    await turn.take()

    @property
    def has_enough(self) -> bool:
        """Return whether there is no need to play on."""
        return self._findings.full

    async def arrive(self) -> None:
        """Wait for the ship to arrive, if it is under way."""
        world = self._server.world
        player = world.players.get(self._player_id) if world else None
        if player is not None and player.ship.journey is not None:
            await asyncio.sleep(WARP_SECONDS_MAX)

    def next_envelope(self, draws: Stream, key: int) -> tuple[CommandEnvelope, bool]:
        """Draw what to send: a new command, an old one again, or an old id for another command.

        Returns with it whether its fate is to be insisted on.
        """
        kind = draws.below(_PERCENT)
        if self._sent and kind < 7:
            return draws.choice(self._sent), True
        if self._decided and kind < 11:
            # An id that is still under way could be taken by either command.
            old = draws.choice(self._decided)
            other: PlayerCommand = Trade(Side.BUY, "ore", 77)
            if other != old.command:
                return self._wrap(other, old.command_id), False
        command = choose_command(draws, self._server.world, self._player_id)
        envelope = self._wrap(command, CommandId(f"c{key + 1}"))
        self._sent.append(envelope)
        return envelope, True

    async def ask(self, envelope: CommandEnvelope, draws: Stream) -> Receipt | CommandFate:
        """Ask for the fate of a command that was sent.

        Raises:
            LostError: no answer came.
        """
        key = self._key(envelope)
        quiet = self._under_way == 0
        known = quiet and self._referee.is_executed(key)
        fate = await self._server.fate(key, draws)
        if known and isinstance(fate, CommandFate) and fate.status == "never_seen":
            self._findings.add(
                f"{command_name(key)} was executed, its fate is said to be never_seen"
            )
        return fate

    async def deliver(self, envelope: CommandEnvelope, draws: Stream) -> Receipt | Refusal:
        """Hand a command to the server.

        Raises:
            LostError: no answer came.
        """
        self._under_way += 1
        try:
            return await self._server.submit(envelope, draws)
        finally:
            self._under_way -= 1

    def see_outcome(self, envelope: CommandEnvelope, outcome: Receipt | Refusal) -> None:
        """Judge the answer to a command whose id was used for no other before it."""
        if isinstance(outcome, Receipt):
            self._decided.append(envelope)
        elif outcome == COMMAND_ID_CONFLICT:
            self._findings.add(f"an honest retry of {self._name(envelope)} was a conflict")

    def see_reuse(self, envelope: CommandEnvelope, outcome: Receipt | Refusal) -> None:
        """Judge the answer to a command under an id that was used for another."""
        if isinstance(outcome, Receipt):
            self._findings.add(f"another payload under {self._name(envelope)} was not a conflict")

    def note(self, number: int, text: str) -> None:
        """Note what a move has come to."""
        self._history.note(number, f"{self._player_id} {text}")

    def stream(self, move: Move) -> Stream:
        """Return the draws of a move."""
        return Stream(self._seed, "move", move.key)

    def _wrap(self, command: PlayerCommand, command_id: CommandId) -> CommandEnvelope:
        return CommandEnvelope(command_id, self._player_id, Origin.REST, command)

    def _name(self, envelope: CommandEnvelope) -> str:
        return command_name(self._key(envelope))

    def _key(self, envelope: CommandEnvelope) -> ReceiptKey:
        return ReceiptKey(self._player_id, envelope.command_id)


class _Turn:
    """One move over a bad network."""

    def __init__(
        self,
        player: SimulatedPlayer,
        number: int,
        move: Move,
        faults: Mapping[int, tuple[int, NetworkFault]],
        group: asyncio.TaskGroup,
    ) -> None:
        self._player = player
        self._number = number
        self._move = move
        self._faults = faults
        self._group = group
        self._draws = player.stream(move)
        self._attempt = 0

    async def take(self) -> None:
        if self._draws.below(_PERCENT) < 80:
            await self._player.arrive()
        envelope, insist = self._player.next_envelope(self._draws, self._move.key)
        self._player.note(self._number, f"sends {envelope.command_id} {describe(envelope.command)}")
        outcome = await (self._until_known(envelope) if insist else self._try_reuse(envelope))
        self._player.note(self._number, f"gets {envelope.command_id} {_told(outcome)}")

    async def _until_known(self, envelope: CommandEnvelope) -> Receipt | None:
        """Send and ask until there is a receipt, or enough has been found."""
        while not self._player.has_enough:
            try:
                if self._draws.below(_PERCENT) < 25:
                    fate = await self._player.ask(envelope, self._draws)
                    if isinstance(fate, Receipt):
                        return fate
                outcome = await self._send(envelope)
            except LostError:
                pass
            else:
                self._player.see_outcome(envelope, outcome)
                if isinstance(outcome, Receipt):
                    return outcome
            await self._pause(_RETRY_MS_MAX)
        return None

    async def _try_reuse(self, envelope: CommandEnvelope) -> Receipt | Refusal | None:
        try:
            outcome = await self._send(envelope)
        except LostError:
            return None
        self._player.see_reuse(envelope, outcome)
        return outcome

    async def _send(self, envelope: CommandEnvelope) -> Receipt | Refusal:
        """Send over the network, with the trouble that this attempt meets."""
        met = self._faults.get(self._attempt)
        self._attempt += 1
        await self._pause(_NETWORK_MS_MAX)
        if met is None:
            return await self._player.deliver(envelope, self._draws)
        number, fault = met
        self._player.note(number, f"has {envelope.command_id} {fault.trouble}")
        delay_seconds = fault.delay_ms / 1_000
        match fault.trouble:
            case NetworkTrouble.REQUEST_LOST:
                await asyncio.sleep(_ANSWER_SECONDS)
                raise LostError
            case NetworkTrouble.ANSWER_LOST:
                await self._player.deliver(envelope, self._draws)
                await asyncio.sleep(_ANSWER_SECONDS)
                raise LostError
            case NetworkTrouble.REPEATED:
                self._group.create_task(self._deliver_later(envelope, delay_seconds))
                return await self._player.deliver(envelope, self._draws)
            case NetworkTrouble.DELAYED:
                self._group.create_task(self._deliver_later(envelope, delay_seconds))
                await asyncio.sleep(_ANSWER_SECONDS)
                raise LostError
            case _:
                assert_never(fault.trouble)

    async def _deliver_later(self, envelope: CommandEnvelope, delay_seconds: float) -> None:
        await asyncio.sleep(delay_seconds)
        try:
            await self._player.deliver(envelope, self._draws)
        except LostError:
            return

    async def _pause(self, ms_max: int) -> None:
        await asyncio.sleep(self._draws.below(ms_max) / 1_000)


def _told(outcome: Receipt | Refusal | None) -> str:
    if outcome is None:
        return "no answer"
    if isinstance(outcome, Refusal):
        return f"refused: {outcome.code}"
    return f"{outcome.status}{f': {outcome.code}' if outcome.code else ''}"
