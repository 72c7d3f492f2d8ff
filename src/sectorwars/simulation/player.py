"""A seeded player who trades, flies, errs, and never takes silence for an answer."""

import asyncio
from collections.abc import Callable
from typing import Final

from sectorwars.application.ports import Receipt, ReceiptKey
from sectorwars.application.refusals import COMMAND_ID_CONFLICT
from sectorwars.domain.command import (
    CommandEnvelope,
    Dock,
    Origin,
    PlayerCommand,
    RegisterPlayer,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.ids import CommandId, PlayerId, port_id, sector_id
from sectorwars.domain.market import Side
from sectorwars.domain.navigation import WARP_SECONDS_MAX
from sectorwars.domain.prng import Stream
from sectorwars.domain.rejection import Refusal
from sectorwars.engine.world import World
from sectorwars.protocol.shapes.command import CommandFate
from sectorwars.simulation.referee import Findings, Referee
from sectorwars.simulation.server import LostError, SimulatedServer

_PERCENT: Final = 100
_LOST_PERCENT: Final = 6
_DUPLICATED_PERCENT: Final = 10
_NETWORK_MS_MAX: Final = 60
_ANSWER_SECONDS: Final = 1.0
_PAUSE_MS_MAX: Final = 1_500
_RETRY_MS_MAX: Final = 800


class SimulatedPlayer:
    """Sends one command after the other over a bad network, each until its fate is known."""

    def __init__(
        self,
        player_id: PlayerId,
        draws: Stream,
        server: SimulatedServer,
        referee: Referee,
        findings: Findings,
    ) -> None:
        """Play on `server` by the numbers in `draws`."""
        self._player_id = player_id
        self._draws = draws
        self._server = server
        self._referee = referee
        self._findings = findings
        self._sent = 0
        self._under_way = 0
        self._history: list[CommandEnvelope] = []
        self._stray: set[asyncio.Task[None]] = set()

    async def play(self, next_step: Callable[[], bool]) -> None:
        """Play while `next_step` grants another command, then wait for one's stray messages."""
        while next_step():
            await self._pause(_PAUSE_MS_MAX)
            if self._is_under_way() and self._chance(80):
                await asyncio.sleep(WARP_SECONDS_MAX)
            await self._until_known(self._next_envelope())
            if self._chance(8):
                await self._repeat_an_old_one()
            if self._chance(4):
                await self._reuse_an_old_id()
        while self._stray:
            await asyncio.wait(set(self._stray))

    def _next_envelope(self) -> CommandEnvelope:
        self._sent += 1
        envelope = self._wrap(self._choose(), f"c{self._sent}")
        self._history.append(envelope)
        return envelope

    def _wrap(self, command: PlayerCommand, command_id: str) -> CommandEnvelope:
        return CommandEnvelope(CommandId(command_id), self._player_id, Origin.REST, command)

    async def _until_known(self, envelope: CommandEnvelope) -> Receipt:
        """Send and ask until there is a receipt."""
        while True:
            try:
                if self._chance(25):
                    fate = await self._ask(envelope.command_id)
                    if isinstance(fate, Receipt):
                        return fate
                outcome = await self._send(envelope)
            except LostError:
                outcome = None
            if isinstance(outcome, Receipt):
                return outcome
            if outcome == COMMAND_ID_CONFLICT:
                self._findings.add(f"an honest retry of {self._key(envelope)} was a conflict")
            await self._pause(_RETRY_MS_MAX)

    async def _ask(self, command_id: CommandId) -> Receipt | CommandFate:
        key = ReceiptKey(self._player_id, command_id)
        quiet = self._under_way == 0
        known = quiet and self._referee.is_executed(key)
        fate = await self._server.fate(key)
        if known and isinstance(fate, CommandFate) and fate.status == "never_seen":
            self._findings.add(f"{key} was executed, its fate is said to be never_seen")
        return fate

    async def _repeat_an_old_one(self) -> None:
        """A receipt of long ago is given again, byte for byte; the referee compares."""
        await self._until_known(self._draws.choice(self._history))

    async def _reuse_an_old_id(self) -> None:
        old = self._draws.choice(self._history)
        other = self._wrap(Trade(Side.BUY, "ore", 77), old.command_id)
        if other.command == old.command:
            return
        try:
            outcome = await self._send(other)
        except LostError:
            return
        if isinstance(outcome, Receipt):
            self._findings.add(f"another payload under {self._key(old)} was not a conflict")

    async def _send(self, envelope: CommandEnvelope) -> Receipt | Refusal:
        """Send over the network, which delays, repeats and loses."""
        if self._chance(_DUPLICATED_PERCENT):
            stray = asyncio.create_task(self._deliver_and_forget(envelope))
            self._stray.add(stray)
            stray.add_done_callback(self._stray.discard)
        await self._pause(_NETWORK_MS_MAX)
        if self._chance(_LOST_PERCENT):
            await asyncio.sleep(_ANSWER_SECONDS)
            raise LostError
        outcome = await self._deliver(envelope)
        if self._chance(_LOST_PERCENT):
            await asyncio.sleep(_ANSWER_SECONDS)
            raise LostError
        return outcome

    async def _deliver(self, envelope: CommandEnvelope) -> Receipt | Refusal:
        self._under_way += 1
        try:
            return await self._server.submit(envelope)
        finally:
            self._under_way -= 1

    async def _deliver_and_forget(self, envelope: CommandEnvelope) -> None:
        await self._pause(4 * _NETWORK_MS_MAX)
        try:
            await self._deliver(envelope)
        except LostError:
            return

    def _is_under_way(self) -> bool:
        world = self._server.world
        player = world.players.get(self._player_id) if world else None
        return player is not None and player.ship.journey is not None

    def _choose(self) -> PlayerCommand:
        world = self._server.world
        if world is None or self._chance(10):
            return self._choose_blindly()
        if self._player_id not in world.players:
            return RegisterPlayer()
        return self._choose_well(world)

    def _choose_blindly(self) -> PlayerCommand:
        draws = self._draws
        commands: list[PlayerCommand] = [
            RegisterPlayer(),
            Undock(),
            Dock(port_id(draws.below(14))),
            Travel(sector_id(draws.below(22))),
            Trade(Side.BUY, "unobtainium", draws.below(5)),
            Trade(Side.SELL, draws.choice(COMMODITIES), draws.below(300), draws.below(200)),
        ]
        return draws.choice(commands)

    def _choose_well(self, world: World) -> PlayerCommand:
        draws, ship = self._draws, world.players[self._player_id].ship
        if ship.docked_port_id is None:
            sector = world.sectors[ship.sector_id]
            if sector.port_ids and self._chance(60):
                return Dock(draws.choice(sector.port_ids))
            return Travel(draws.choice(sector.warps))
        goods = world.ports[ship.docked_port_id].spec.goods
        for_sale = [good.commodity for good in goods if good.sells]
        wanted = [good.commodity for good in goods if good.buys and ship.units(good.commodity)]
        if wanted and self._chance(50):
            commodity = draws.choice(wanted)
            return Trade(Side.SELL, commodity, draws.between(1, ship.units(commodity)))
        if not for_sale or ship.units_aboard() == ship.cargo_capacity or self._chance(15):
            return Undock()
        bound = draws.between(40, 1_600) if self._chance(20) else None
        return Trade(Side.BUY, draws.choice(for_sale), draws.between(1, 40), bound)

    def _key(self, envelope: CommandEnvelope) -> ReceiptKey:
        return ReceiptKey(self._player_id, envelope.command_id)

    def _chance(self, percent: int) -> bool:
        return self._draws.below(_PERCENT) < percent

    async def _pause(self, ms_max: int) -> None:
        await asyncio.sleep(self._draws.below(ms_max) / 1_000)
