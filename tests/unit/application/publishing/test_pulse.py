"""The pulse tells what players did, bounded and without their names."""

from collections.abc import Sequence

from tests.small_galaxy import ALPHA, BETA, HAVEN, NOW, PLAYER, RESORT, perform, world_with_player

from sectorwars.application.publishing.pulse import PulseMeter
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.market_board import MarketBoard
from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.application.rows import LoggedEvent
from sectorwars.domain.command import CompleteJourney, Dock, Trade, Travel, Undock
from sectorwars.domain.event import Event, PlayerRegistered, TickAdvanced
from sectorwars.domain.ids import CommandId, PlayerId, ShipId
from sectorwars.domain.market import Side
from sectorwars.domain.navigation import Turns
from sectorwars.domain.ship import ShipClass
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.protocol.publication import Publication
from sectorwars.protocol.shapes.advice import UniversePulse
from sectorwars.protocol.shapes.server import ServerStatus, UniverseStatus

STATUS = ServerStatus("", "2102-01-01T00:00:00.000000Z", 3, 60, "0", 250, UniverseStatus(7, 3, 3))


class Room:
    def __init__(self) -> None:
        self.world = world_with_player()
        self.now_at = NOW
        self.heard: list[Publication] = []
        self.meter = PulseMeter(
            Projection(self.world, MarketBoard(ForecastBoard()), 1),
            self,
            lambda: STATUS,
            self,
            b"secret",
        )

    def now(self) -> UnixMicros:
        return self.now_at

    def monotonic(self) -> float:
        return 0.0

    def wants(self, channel: str) -> bool:
        return channel == "pulse"

    def publish(self, publications: Sequence[Publication]) -> None:
        self.heard.extend(publications)

    def see(self, *events: Event) -> None:
        logged = tuple(LoggedEvent(i, event) for i, event in enumerate(events, start=1))
        self.meter.observe(Committed(logged, ()))

    def pulse(self, seconds: int = 0) -> UniversePulse:
        self.now_at = UnixMicros(NOW + seconds * 1_000_000)
        return self.meter.universe_pulse()


def newcomer(number: int) -> PlayerRegistered:
    player_id = PlayerId(f"pl_{number:03}")
    ship = (ShipId(f"ship-{player_id}"), ShipClass.LIGHT_FREIGHTER)
    return PlayerRegistered(
        player_id, CommandId("c"), NOW, *ship, ALPHA, HAVEN, Turns(500, NOW), ()
    )


def test_what_a_player_does_is_counted_where_he_does_it() -> None:
    room = Room()
    room.see(*perform(room.world, Trade(Side.BUY, "ore", 3)))
    room.see(*perform(room.world, Undock()))
    room.see(*perform(room.world, Travel(BETA)))
    later = UnixMicros(NOW + 5_000_000)
    room.see(*perform(room.world, CompleteJourney(), now=later))
    room.see(*perform(room.world, Dock(RESORT), now=later))
    pulse = room.pulse(5)
    assert (pulse.trades, pulse.arrivals, pulse.dockings, pulse.newcomers) == (1, 1, 1, 0)
    beta, alpha = pulse.activity
    assert (beta.sector_id, beta.arrivals, beta.dockings, beta.trades) == (BETA, 1, 1, 0)
    assert (alpha.sector_id, alpha.trades) == (ALPHA, 1)
    assert beta.players == alpha.players
    assert PLAYER not in beta.players[0]


def test_activity_is_forgotten_after_its_window() -> None:
    room = Room()
    room.see(newcomer(1))
    assert room.pulse(60).newcomers == 1
    assert room.pulse(61).activity == []


def test_counts_and_players_are_bounded() -> None:
    room = Room()
    room.see(*(newcomer(number) for number in range(150)))
    pulse = room.pulse()
    assert pulse.newcomers == 100
    assert pulse.players_online == 100
    assert len(pulse.activity[0].players) == 5


def test_a_pseudonym_does_not_last() -> None:
    room = Room()
    room.see(newcomer(1))
    first = room.pulse().activity[0].players
    hour_micros = 3_600_000_000
    boundary = UnixMicros((NOW // hour_micros + 1) * hour_micros)
    room.see(
        PlayerRegistered(
            PlayerId("pl_001"),
            CommandId("c"),
            boundary,
            ShipId("s"),
            ShipClass.LIGHT_FREIGHTER,
            ALPHA,
            HAVEN,
            Turns(500, NOW),
            (),
        )
    )
    room.now_at = boundary
    assert room.meter.universe_pulse().activity[0].players != first


def test_it_is_published_every_twenty_seconds() -> None:
    room = Room()
    for second in range(41):
        room.see(TickAdvanced(Tick(second), UnixMicros(NOW + second * 1_000_000), ()))
    assert [(heard.at - NOW) // 1_000_000 for heard in room.heard] == [0, 20, 40]
    assert all(isinstance(heard.data, UniversePulse) for heard in room.heard)
