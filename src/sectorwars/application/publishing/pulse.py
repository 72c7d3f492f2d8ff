"""The galaxy's pulse: what players did lately, as counts and pseudonyms, nobody by name."""

import hashlib
import hmac
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from sectorwars.application.ports import (
    Broadcaster,
    Clock,
)
from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    JourneyCompleted,
    PlayerRegistered,
    ShipDocked,
    TickAdvanced,
)
from sectorwars.domain.ids import PlayerId, SectorId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.protocol.publication import PULSE_CHANNEL, FrameType, Publication
from sectorwars.protocol.shapes.advice import SectorActivity, UniversePulse
from sectorwars.protocol.shapes.server import ServerStatus

WINDOW_SECONDS: Final = 60
PULSE_SECONDS: Final = 20
COUNT_MAX: Final = 100
"""Counts end here, so that they betray little of what one player does."""
PLAYERS_SHOWN_MAX: Final = 5
SECTORS_SHOWN_MAX: Final = 50
ACTIONS_MAX: Final = 20_000
"""The latest so many actions are remembered, however much happens."""
PSEUDONYM_LENGTH: Final = 12
_PSEUDONYM_MICROS: Final = 3_600 * MICROS_PER_SECOND

ActionKind = Literal["trade", "arrival", "docking", "newcomer"]


@dataclass(frozen=True, slots=True)
class _Action:
    kind: ActionKind
    at: UnixMicros
    sector_id: SectorId
    player_id: PlayerId


@dataclass(slots=True)
class _Sector:
    trades: int = 0
    arrivals: int = 0
    dockings: int = 0
    newcomers: int = 0
    players: dict[PlayerId, None] = field(default_factory=dict)

    def count(self, action: _Action) -> None:
        match action.kind:
            case "trade":
                self.trades += 1
            case "arrival":
                self.arrivals += 1
            case "docking":
                self.dockings += 1
            case "newcomer":
                self.newcomers += 1
        self.players[action.player_id] = None

    @property
    def total(self) -> int:
        return self.trades + self.arrivals + self.dockings + self.newcomers


class PulseMeter:
    """Remembers what players did within the last WINDOW_SECONDS of real time."""

    def __init__(
        self,
        projection: Projection,
        broadcaster: Broadcaster,
        status: Callable[[], ServerStatus],
        clock: Clock,
        pseudonym_key: bytes,
    ) -> None:
        """Read places from `projection`, the rest from `status`; publish on the pulse's channel.

        Pseudonyms are made with the secret key.
        """
        self._projection = projection
        self._broadcaster = broadcaster
        self._status = status
        self._clock = clock
        self._key = pseudonym_key
        self._published_at = UnixMicros(0)
        self._actions: deque[_Action] = deque(maxlen=ACTIONS_MAX)

    def observe(self, committed: Committed) -> None:
        """Take notice of a committed batch, after the projection has; publish when it is time."""
        for logged in committed.events:
            action = self._action(logged.event)
            if action is not None:
                self._actions.append(action)
            elif isinstance(logged.event, TickAdvanced):
                self._publish(logged.event.at)

    def universe_pulse(self) -> UniversePulse:
        """Return what happened lately; busiest sectors first."""
        return self._pulse(self._clock.now())

    def _publish(self, at: UnixMicros) -> None:
        due = at - self._published_at >= PULSE_SECONDS * MICROS_PER_SECOND
        if due and self._broadcaster.wants(PULSE_CHANNEL):
            self._published_at = at
            self._broadcaster.publish(
                [
                    Publication(
                        channel=PULSE_CHANNEL,
                        type=FrameType.UNIVERSE_PULSE,
                        data=self._pulse(at),
                        at=at,
                        conflatable=True,
                    )
                ]
            )

    def _pulse(self, now: UnixMicros) -> UniversePulse:
        status = self._status()
        while self._actions and now - self._actions[0].at > WINDOW_SECONDS * MICROS_PER_SECOND:
            self._actions.popleft()
        sectors: dict[SectorId, _Sector] = {}
        everywhere = _Sector()
        for action in self._actions:
            sectors.setdefault(action.sector_id, _Sector()).count(action)
            everywhere.count(action)
        busiest = sorted(sectors.items(), key=lambda entry: (-entry[1].total, entry[0]))
        return UniversePulse(
            players_online=min(status.players_online, COUNT_MAX),
            game_time=status.game_time,
            tick=status.tick,
            sectors=status.universe.sectors,
            ports=status.universe.ports,
            window_seconds=WINDOW_SECONDS,
            trades=min(everywhere.trades, COUNT_MAX),
            arrivals=min(everywhere.arrivals, COUNT_MAX),
            dockings=min(everywhere.dockings, COUNT_MAX),
            newcomers=min(everywhere.newcomers, COUNT_MAX),
            activity=[
                SectorActivity(
                    sector_id=sector_id,
                    trades=min(sector.trades, COUNT_MAX),
                    arrivals=min(sector.arrivals, COUNT_MAX),
                    dockings=min(sector.dockings, COUNT_MAX),
                    players=[
                        self._pseudonym(player_id, now)
                        for player_id in list(sector.players)[:PLAYERS_SHOWN_MAX]
                    ],
                )
                for sector_id, sector in busiest[:SECTORS_SHOWN_MAX]
            ],
        )

    def _action(self, event: Event) -> _Action | None:
        world = self._projection.world
        match event:
            case GoodsTraded():
                sector_id = world.ports[event.port_id].spec.sector_id
                return _Action("trade", event.at, sector_id, event.player_id)
            case ShipDocked():
                sector_id = world.ports[event.port_id].spec.sector_id
                return _Action("docking", event.at, sector_id, event.player_id)
            case JourneyCompleted():
                return _Action("arrival", event.at, event.sector_id, event.player_id)
            case PlayerRegistered():
                return _Action("newcomer", event.at, event.sector_id, event.player_id)
            case _:
                return None

    def _pseudonym(self, player_id: PlayerId, now: UnixMicros) -> str:
        hour = now // _PSEUDONYM_MICROS
        digest = hmac.new(self._key, f"{hour}:{player_id}".encode(), hashlib.sha256)
        return digest.hexdigest()[:PSEUDONYM_LENGTH]
