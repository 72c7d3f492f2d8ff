"""The news of the economy, against figures reckoned by hand."""

from dataclasses import replace

from tests.small_galaxy import HAVEN, MINE, NOW, RESORT, small_world

from sectorwars.application.reading.news import market_news
from sectorwars.domain.values import game_rfc3339, rfc3339
from sectorwars.engine.world import World
from sectorwars.protocol.shapes.market import MarketRealtime, NewsItem

ORE = MarketRealtime("ore", 60.5, 58.0, 62.0, 0, 0.0, 61.0, 60.0, "flat", None, 0, rfc3339(NOW), "")


def _index(commodity: str, change: float) -> MarketRealtime:
    return replace(ORE, commodity=commodity, change_24h=change)


def _world(mine_ore: int, resort_luxury: int) -> World:
    """Return the small galaxy, where a mine's target of ore is 100, a resort's of luxury 400."""
    world = small_world()
    world.ports[MINE].stock[0] = mine_ore
    world.ports[RESORT].stock[:] = [40, resort_luxury]
    return world


def test_the_three_largest_moves_come_first_whichever_way() -> None:
    indices = [
        _index("ore", 1.25),
        _index("fuel", -7.5),
        _index("gourmet_food", 3.0),
        _index("energy", 0.0),
        _index("luxury", -2.0),
    ]
    news = market_news(_world(100, 400), indices, NOW)
    assert [(item.kind, item.commodity, item.change_24h) for item in news.items] == [
        ("fall", "fuel", -7.5),
        ("rise", "gourmet_food", 3.0),
        ("fall", "luxury", -2.0),
    ]
    assert [item.title for item in news.items[:2]] == [
        "Fuel down 7.50 % within a game day to 60.50 credits",
        "Gourmet food up 3.00 % within a game day to 60.50 credits",
    ]
    assert (news.version, news.as_of, news.game_time) == (
        0,
        rfc3339(NOW),
        game_rfc3339(small_world().tick),
    )


def test_what_does_not_move_is_no_news() -> None:
    assert market_news(_world(100, 400), [ORE], NOW).items == []


def test_ports_that_run_short_or_over_are_told_with_their_stock() -> None:
    news = market_news(_world(39, 565), [], NOW)
    assert news.items == [
        NewsItem(
            "shortage",
            "Deep Mine runs short of ore: 39 units, 39 % of its target",
            "ore",
            MINE,
            None,
            None,
            39,
            100,
        ),
        NewsItem(
            "glut",
            "Resort has more than enough luxury: 565 units, 141 % of its target",
            "luxury",
            RESORT,
            None,
            None,
            565,
            400,
        ),
    ]
    assert market_news(_world(40, 560), [], NOW).items == []


def test_the_worst_three_of_each_are_told() -> None:
    world = _world(10, 40)
    world.ports[HAVEN].stock[:] = [600, 400, 4_000]
    world.ports[MINE].stock[1] = 300
    kinds = [(item.kind, item.port_id, item.stock) for item in market_news(world, [], NOW).items]
    assert kinds == [
        ("shortage", MINE, 10),
        ("shortage", RESORT, 40),
        ("shortage", HAVEN, 400),
        ("glut", MINE, 300),
        ("glut", HAVEN, 4_000),
    ]
