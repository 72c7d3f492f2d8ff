"""One simulated run: players, ticks, crashes and stops; then the verdict."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sectorwars.domain.ids import PlayerId
from sectorwars.domain.prng import Stream
from sectorwars.simulation.digest import world_digest
from sectorwars.simulation.player import SimulatedPlayer
from sectorwars.simulation.referee import Findings, Referee
from sectorwars.simulation.server import SimulatedServer
from sectorwars.simulation.virtual_time import StalledError, VirtualClock, run_virtually

_PLAYERS: Final = 6
_TICK_SECONDS: Final = 1.0
_SECONDS_PER_STEP_MAX: Final = 10
_SECONDS_MAX_AT_LEAST: Final = 120
_LIFE_SECONDS_MAX: Final = 20
_CRASH_PERCENT: Final = 70


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run came to; `digest` is the same for the same seed and steps on every machine.

    `trades` and `lives` say how much has happened: durable trades, and starts of the server.
    """

    seed: int
    steps: int
    digest: str
    findings: list[str]
    trades: int
    lives: int


def simulate(seed: int, steps: int) -> Verdict:
    """Let seeded players send `steps` commands in all, through faults, and judge the outcome."""
    findings = Findings()
    referee = Referee(findings)
    run = _Run(seed, steps, referee, findings)
    try:
        run_virtually(run.live)
    except StalledError:
        findings.add("everybody waits for something that cannot happen")
    except Exception as failure:  # a bug of the core must become a finding, whatever it is
        findings.add(f"the run died of {type(failure).__name__}: {failure}")
    referee.close()
    return Verdict(seed, steps, _digest(referee), findings.sentences, referee.trades, run.lives)


def _digest(referee: Referee) -> str:
    digest = hashlib.sha256()
    if referee.world is not None:
        digest.update(world_digest(referee.world).encode())
    for receipt in referee.receipts.values():
        digest.update(receipt.body)
    return digest.hexdigest()


class _Run:
    def __init__(self, seed: int, steps: int, referee: Referee, findings: Findings) -> None:
        self._seed = seed
        self._steps_left = steps
        self._seconds_max = max(_SECONDS_MAX_AT_LEAST, steps * _SECONDS_PER_STEP_MAX)
        self._referee = referee
        self._findings = findings
        self._over = False
        self.lives = 0

    async def live(self, clock: VirtualClock) -> None:
        server = SimulatedServer(clock, self._seed, self._referee, self._findings)
        await server.start()
        players = [
            SimulatedPlayer(
                PlayerId(f"pl_{i}"), Stream(self._seed, "player", i), server, self._referee,
                self._findings,
            )
            for i in range(_PLAYERS)
        ]  # fmt: skip
        ticking = asyncio.create_task(_every(_TICK_SECONDS, server.tick))
        reigning = asyncio.create_task(self._reign(server))
        playing = [asyncio.create_task(player.play(self._next_step)) for player in players]
        try:
            async with asyncio.timeout(self._seconds_max):
                await asyncio.gather(*playing)
        except TimeoutError:
            self._findings.add(f"not done after {self._seconds_max} s: commands stay undecided")
        finally:
            self._over = True
            for task in (ticking, *playing):
                task.cancel()
            await asyncio.gather(ticking, *playing, return_exceptions=True)
        await reigning
        await server.stop()

    def _next_step(self) -> bool:
        if self._steps_left <= 0 or self._findings.full:
            return False
        self._steps_left -= 1
        return True

    async def _reign(self, server: SimulatedServer) -> None:
        """Now and then kill or stop the server, and start it again."""
        draws = Stream(self._seed, "operator")
        self.lives = 1
        while not self._over:
            await asyncio.sleep(draws.between(1, _LIFE_SECONDS_MAX * 10) / 10)
            server.check_alive()
            if draws.below(100) < _CRASH_PERCENT:
                await server.crash()
            else:
                await server.stop()
            await asyncio.sleep(draws.between(1, 20) / 10)
            await server.start()
            self.lives += 1


async def _every(seconds: float, act: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(seconds)
        act()
