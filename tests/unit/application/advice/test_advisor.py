"""The advisor reckons an answer once for each tick and position, and never gives an old one."""

import pytest
from tests.small_galaxy import HAVEN, NOW, PLAYER, RESORT, perform, world_with_player

from sectorwars.application.advice import advisor as advisor_module
from sectorwars.application.advice.advisor import Advisor
from sectorwars.application.advice.survey import Surveyor
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.market_board import MarketBoard
from sectorwars.application.reading.projection import Projection
from sectorwars.domain.command import AdvanceTick, RegisterPlayer, Trade, Undock
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.market_archive import MemoryMarketArchive
from sectorwars.persistence.memory.profile_store import MemoryProfileStore


class Moment:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> UnixMicros:
        return self.at

    def monotonic(self) -> float:
        return 0.0


class Room:
    def __init__(self) -> None:
        self.world = world_with_player()
        self.world.ports[RESORT].stock[0] = 4
        self.clock = Moment()
        self.projection = Projection(self.world, MarketBoard(ForecastBoard()), 1)
        self.advisor = Advisor(
            self.projection,
            MemoryMarketArchive(MemoryDisk()),
            MemoryProfileStore(),
            ForecastBoard(),
            self.clock,
        )


@pytest.fixture
def room() -> Room:
    return Room()


def test_the_same_question_at_one_tick_and_place_is_reckoned_once(room: Room) -> None:
    advised, tour = room.advisor.recommendations(PLAYER), room.advisor.tour(PLAYER, 2)
    assert advised.recommendations
    assert tour.stops
    assert room.advisor.recommendations(PLAYER) is advised
    assert room.advisor.tour(PLAYER, 2) is tour
    assert room.advisor.tour(PLAYER, 1) is not tour


def test_a_tick_a_trade_a_flight_and_a_second_each_make_a_new_answer(room: Room) -> None:
    answers = [room.advisor.recommendations(PLAYER)]
    perform(room.world, AdvanceTick(), None)
    answers.append(room.advisor.recommendations(PLAYER))
    assert answers[-1].tick == answers[0].tick + 1
    room.projection.offset += len(perform(room.world, Trade(Side.BUY, "ore", 20)))
    answers.append(room.advisor.recommendations(PLAYER))
    assert "sale" in {recommended.kind for recommended in answers[-1].recommendations}
    perform(room.world, Undock())
    answers.append(room.advisor.recommendations(PLAYER))
    room.clock.at = UnixMicros(NOW + 1_000_000)
    answers.append(room.advisor.recommendations(PLAYER))
    assert answers[-1].as_of > answers[0].as_of
    assert len({id(answer) for answer in answers}) == len(answers)


def test_another_player_gets_his_own_answer(room: Room) -> None:
    other = PlayerId("pl_2")
    perform(room.world, RegisterPlayer(), other)
    assert room.advisor.recommendations(PLAYER).player_id == PLAYER
    assert room.advisor.recommendations(other).player_id == other


def test_no_more_answers_are_kept_than_the_limit(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisor_module, "ANSWERS_KEPT_MAX", 2)
    tours = [room.advisor.tour(PLAYER, stops) for stops in (1, 2, 3)]
    assert room.advisor.tour(PLAYER, 3) is tours[2]
    assert room.advisor.tour(PLAYER, 1) is not tours[0]


def test_a_survey_is_made_anew_when_the_galaxy_has_changed(room: Room) -> None:
    surveyor = Surveyor(room.projection)
    survey = surveyor.survey()
    assert surveyor.survey() is survey
    before = {bid.port.spec.port_id: bid.price for bid in survey.bids[Commodity.ORE]}
    room.projection.offset += len(perform(room.world, Trade(Side.BUY, "ore", 150)))
    after = {bid.port.spec.port_id: bid.price for bid in surveyor.survey().bids[Commodity.ORE]}
    assert after[HAVEN] > before[HAVEN]
    assert after[RESORT] == before[RESORT]
