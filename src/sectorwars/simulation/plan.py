"""What is to happen in a run: numbered actions, each drawn apart, so that any can be left out.

What an action does never hangs on how many others were drawn before it: a run without some of
its actions is the same run as far as their absence lets it be. That is what makes a failing run
reducible, and its shortest form repeatable by the numbers of the actions that are left.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sectorwars.domain.prng import Stream

PLAYERS: Final = 6

_PERCENT: Final = 100
_GAP_MS_MAX: Final = 3_000
_LONG_GAP_MS_MAX: Final = 25_000
_LONG_GAP_PERCENT: Final = 6
_HASTY_PERCENT: Final = 15
_NETWORK_FAULT_PERCENT: Final = 25
_NETWORK_FAULTS_IN_A_ROW_MAX: Final = 3
_DELAY_MS_MAX: Final = 4_000
_STORE_FAULT_EVERY_MS: Final = 4_000
_SERVER_FAULT_EVERY_MS: Final = 15_000
_TROUBLE_MS_MAX: Final = 12_000
_DOWN_MS_MAX: Final = 2_000
_JUMP_MS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True)
class Move:
    """A player's turn, not before `at_ms`; a hasty one does not wait for its outcome."""

    at_ms: int
    player: int
    key: int
    hasty: bool = False


class NetworkTrouble(StrEnum):
    """What befalls one message of a move."""

    REQUEST_LOST = "request lost"
    ANSWER_LOST = "answer lost"
    REPEATED = "repeated"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """Trouble with attempt number `attempt` (from 0) of the move that has this key."""

    at_ms: int
    move_key: int
    attempt: int
    trouble: NetworkTrouble
    delay_ms: int


class StoreTrouble(StrEnum):
    """What befalls the store."""

    FAILS_BEFORE = "next commit fails"
    FAILS_AFTER = "next commit happens and fails"
    SILENT = "next commit happens and is never answered"
    AWAY = "away"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class StoreFault:
    """Trouble with the store from `at_ms` on; `lasts_ms` concerns AWAY and SLOW."""

    at_ms: int
    trouble: StoreTrouble
    lasts_ms: int


class ServerTrouble(StrEnum):
    """What befalls the server."""

    CRASH = "killed"
    STOP = "stopped"
    LEASE_STOLEN = "another process takes the lease"
    INTRUDER = "a second writer is started by mistake"


@dataclass(frozen=True, slots=True)
class ServerFault:
    """Trouble with the server at `at_ms`; where it goes down, it stays so for `down_ms`."""

    at_ms: int
    trouble: ServerTrouble
    down_ms: int


@dataclass(frozen=True, slots=True)
class ClockJump:
    """The machine's real time is set off by `micros` at `at_ms`."""

    at_ms: int
    micros: int


Fault = StoreFault | ServerFault | ClockJump
Action = Move | NetworkFault | Fault


@dataclass(frozen=True, slots=True)
class Plan:
    """The actions of a run by their numbers, which start at 1 and rise with time."""

    actions: dict[int, Action]

    def only(self, numbers: Collection[int]) -> "Plan":
        """Return the plan without the actions that are not in `numbers`."""
        return replace(
            self, actions={n: action for n, action in self.actions.items() if n in numbers}
        )

    @property
    def length_ms(self) -> int:
        """Return when the last action is due."""
        return max((action.at_ms for action in self.actions.values()), default=0)


def draw_plan(seed: int, steps: int) -> Plan:
    """Draw what happens in the run of `seed` in which players make `steps` moves in all."""
    moves = _moves(seed, steps)
    length_ms = max(move.at_ms for move in moves)
    actions: list[Action] = [
        *moves,
        *(fault for move in moves for fault in _network_faults(seed, move)),
        *_faults(seed, length_ms),
    ]
    actions.sort(key=lambda action: action.at_ms)
    return Plan(dict(enumerate(actions, start=1)))


def _moves(seed: int, steps: int) -> list[Move]:
    draws = Stream(seed, "moves")
    due_ms = [0] * PLAYERS
    moves = []
    for key in range(steps):
        player = key % PLAYERS
        is_long = draws.below(_PERCENT) < _LONG_GAP_PERCENT
        due_ms[player] += draws.below(_LONG_GAP_MS_MAX if is_long else _GAP_MS_MAX)
        hasty = draws.below(_PERCENT) < _HASTY_PERCENT
        moves.append(Move(due_ms[player], player, key, hasty))
    return moves


def _network_faults(seed: int, move: Move) -> Iterable[NetworkFault]:
    draws = Stream(seed, "network", move.key)
    if draws.below(_PERCENT) >= _NETWORK_FAULT_PERCENT:
        return
    for attempt in range(draws.between(1, _NETWORK_FAULTS_IN_A_ROW_MAX)):
        trouble = draws.choice(tuple(NetworkTrouble))
        yield NetworkFault(move.at_ms, move.key, attempt, trouble, draws.below(_DELAY_MS_MAX))


def _faults(seed: int, length_ms: int) -> Iterable[Fault]:
    draws = Stream(seed, "faults")
    at_ms = 0
    while (at_ms := at_ms + draws.between(1, 2 * _STORE_FAULT_EVERY_MS)) < length_ms:
        yield StoreFault(at_ms, draws.choice(tuple(StoreTrouble)), draws.below(_TROUBLE_MS_MAX))
    at_ms = 0
    while (at_ms := at_ms + draws.between(1, 2 * _SERVER_FAULT_EVERY_MS)) < length_ms:
        if draws.below(_PERCENT) < 15:
            yield ClockJump(at_ms, draws.between(-_JUMP_MS_MAX, _JUMP_MS_MAX) * 1_000)
        else:
            trouble = draws.choice(tuple(ServerTrouble))
            yield ServerFault(at_ms, trouble, draws.below(_DOWN_MS_MAX))


def spell_numbers(numbers: Iterable[int]) -> str:
    """Spell a set of action numbers as the command line takes it.

    >>> spell_numbers([7, 1, 2, 3])
    '1-3,7'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{low}" if low == high else f"{low}-{high}" for low, high in runs)


def parse_numbers(text: str) -> frozenset[int]:
    """Read a set of action numbers.

    >>> sorted(parse_numbers("1-3,7"))
    [1, 2, 3, 7]

    Raises:
        ValueError: it is none.
    """
    numbers: set[int] = set()
    for part in text.split(","):
        low, _, high = part.partition("-")
        first, last = int(low), int(high or low)
        if not 1 <= first <= last <= NUMBER_MAX:
            raise ValueError(f"{part!r} is no range of action numbers")
        numbers.update(range(first, last + 1))
    return frozenset(numbers)


NUMBER_MAX: Final = 10_000_000
