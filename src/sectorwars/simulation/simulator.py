"""One simulated run: players, ticks, faults; then the verdict, and the shortest run that fails."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from sectorwars.domain.ids import PlayerId
from sectorwars.simulation.digest import world_digest
from sectorwars.simulation.findings import Findings, shape
from sectorwars.simulation.history import Entry, History
from sectorwars.simulation.plan import (
    PLAYERS,
    ClockJump,
    Fault,
    Move,
    NetworkFault,
    Plan,
    ServerFault,
    StoreFault,
    draw_plan,
)
from sectorwars.simulation.player import SimulatedPlayer
from sectorwars.simulation.referee import Referee
from sectorwars.simulation.server import SimulatedServer
from sectorwars.simulation.shrinking import shortest
from sectorwars.simulation.virtual_time import StalledError, VirtualClock, run_virtually
from sectorwars.simulation.weather import StoreWeather

_TICK_SECONDS: Final = 1.0
_SECONDS_TO_SPARE: Final = 300
SHRINKING_TRIES_MAX: Final = 400


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run came to; `digest` is the same for the same seed and steps on every machine.

    `trades`, `fired`, `fills` and `lives` say how much has happened: durable trades, those of
    them that rules made, fills of open orders, and starts of the server. `numbers` are the
    actions that were played.
    """

    seed: int
    steps: int
    digest: str
    findings: list[str]
    trades: int
    fired: int
    fills: int
    lives: int
    numbers: tuple[int, ...]
    history: list[Entry]


def simulate(
    seed: int,
    steps: int,
    only: Collection[int] | None = None,
    enough: Callable[[str], bool] = lambda _: False,
) -> Verdict:
    """Let seeded players make `steps` moves in all, through faults, and judge the outcome.

    `only` plays no actions of the run but those with these numbers. The run ends early after a
    finding that is `enough`, and where there are too many.
    """
    plan = draw_plan(seed, steps)
    if only is not None:
        plan = plan.only(only)
    return _Run(seed, plan, Findings(enough)).verdict(steps)


def shrink(verdict: Verdict, tries_max: int = SHRINKING_TRIES_MAX) -> Verdict:
    """Return the shortest run found that breaks the same promise as `verdict`, which breaks one."""
    wanted = shape(verdict.findings[0])

    def is_wanted(finding: str) -> bool:
        return shape(finding) == wanted

    def fails(numbers: Sequence[int]) -> bool:
        tried = simulate(verdict.seed, verdict.steps, frozenset(numbers), is_wanted)
        return any(map(is_wanted, tried.findings))

    due = _due_until_found(verdict, is_wanted)
    least = shortest(due if fails(due) else verdict.numbers, fails, tries_max)
    return simulate(verdict.seed, verdict.steps, frozenset(least))


def _due_until_found(verdict: Verdict, is_wanted: Callable[[str], bool]) -> Sequence[int]:
    """Return the actions of a run that were due before it broke its promise."""
    plan = draw_plan(verdict.seed, verdict.steps).only(verdict.numbers)
    broken = simulate(verdict.seed, verdict.steps, frozenset(plan.actions), is_wanted)
    end_ms = max((1_000 * entry.at_seconds for entry in broken.history), default=0.0)
    return [number for number, action in plan.actions.items() if action.at_ms <= end_ms]


class _Run:
    def __init__(self, seed: int, plan: Plan, findings: Findings) -> None:
        self._seed = seed
        self._plan = plan
        self._findings = findings
        self._referee = Referee(findings)
        self._server: SimulatedServer | None = None
        self._history: History | None = None
        self._over = asyncio.Event()

    def verdict(self, steps: int) -> Verdict:
        try:
            run_virtually(self._live)
        except StalledError:
            self._findings.add("everybody waits for something that cannot happen")
        except Exception as failure:  # a bug of the core must become a finding, whatever it is
            failure = _innermost(failure)
            self._findings.add(f"the run died of {type(failure).__name__}: {failure}")
        if self._server is not None:
            self._referee.close(self._server.disk)
        return Verdict(
            seed=self._seed,
            steps=steps,
            digest=self._digest(),
            findings=self._findings.sentences,
            trades=self._referee.trades,
            fired=self._referee.fired,
            fills=self._referee.fills,
            lives=self._server.lives if self._server else 0,
            numbers=tuple(self._plan.actions),
            history=self._history.entries if self._history else [],
        )

    def _digest(self) -> str:
        digest = hashlib.sha256()
        if self._referee.world is not None:
            digest.update(world_digest(self._referee.world).encode())
        for receipt in self._referee.receipts.values():
            digest.update(receipt.body)
        return digest.hexdigest()

    async def _live(self, clock: VirtualClock) -> None:
        weather = StoreWeather(clock, self._seed)
        history = self._history = History(clock)
        server = self._server = SimulatedServer(
            clock, self._seed, weather, self._referee, self._findings
        )
        await server.start()
        weather.is_calm = False
        beating = asyncio.create_task(_beat(server))
        troubling = asyncio.create_task(self._trouble(server, weather, clock, history))
        seconds_max = self._plan.length_ms / 1_000 + _SECONDS_TO_SPARE
        try:
            async with asyncio.timeout(seconds_max):
                await self._play(server, clock, history)
        except TimeoutError:
            self._findings.add(f"not done after {seconds_max} s: commands stay undecided")
        finally:
            self._over.set()
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
            await troubling
        await server.stop()

    async def _play(self, server: SimulatedServer, clock: VirtualClock, history: History) -> None:
        moves: list[dict[int, Move]] = [{} for _ in range(PLAYERS)]
        faults: defaultdict[int, dict[int, tuple[int, NetworkFault]]] = defaultdict(dict)
        for number, action in self._plan.actions.items():
            if isinstance(action, Move):
                moves[action.player][number] = action
            elif isinstance(action, NetworkFault):
                faults[action.move_key][action.attempt] = number, action
        async with asyncio.TaskGroup() as group:
            for i, own in enumerate(moves):
                player = SimulatedPlayer(
                    PlayerId(f"pl_{i + 1}"),
                    self._seed,
                    server,
                    self._referee,
                    self._findings,
                    history,
                )
                group.create_task(
                    player.play(own, faults, lambda at_ms: at_ms / 1_000 - clock.monotonic())
                )

    async def _trouble(
        self, server: SimulatedServer, weather: StoreWeather, clock: VirtualClock, history: History
    ) -> None:
        """Let the faults be, one after the other, until the players are done."""
        for number, fault in self._plan.actions.items():
            if isinstance(fault, Move | NetworkFault):
                continue
            await self._until(fault.at_ms / 1_000 - clock.monotonic())
            if self._over.is_set():
                return
            history.note(number, _describe(fault))
            match fault:
                case StoreFault():
                    weather.befall(fault)
                case ServerFault():
                    await server.befall(fault)
                case ClockJump():
                    clock.jump_micros += fault.micros
                case _:
                    assert_never(fault)

    async def _until(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._over.wait()
        except TimeoutError:
            return


async def _beat(server: SimulatedServer) -> None:
    while True:
        await asyncio.sleep(_TICK_SECONDS)
        await server.beat()


def _describe(fault: Fault) -> str:
    match fault:
        case StoreFault():
            return f"store: {fault.trouble}, {fault.lasts_ms} ms"
        case ServerFault():
            return f"server: {fault.trouble}, {fault.down_ms} ms"
        case ClockJump():
            return f"clock: jumps by {fault.micros} us"
        case _:
            assert_never(fault)


def _innermost(failure: Exception) -> Exception:
    while isinstance(failure, ExceptionGroup):
        failure = failure.exceptions[0]
    return failure
