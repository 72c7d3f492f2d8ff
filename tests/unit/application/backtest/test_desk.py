"""The desk: what it takes on, what it refuses, and what it shows."""

from __future__ import annotations

import pytest
from tests.unit.application.backtest.at_desk import (
    HOUR,
    begun,
    draft,
    refused,
)
from tests.unit.application.backtest.recorded_life import (
    ALICE,
    BOB,
    RecordedLife,
    goods_both_ways,
    trader,
)

from sectorwars.application.backtest.desk import DRAFT, Asked
from sectorwars.application.backtest.store import KEPT_MAX
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.domain.command import Undock
from sectorwars.domain.ids import PlayerId, PortId, RuleId
from sectorwars.domain.rejection import Retry
from sectorwars.domain.rule import RuleSpec
from sectorwars.domain.values import Credits, Tick
from sectorwars.protocol.shapes.backtest import Backtest


async def test_a_draft_is_tested_and_shown_with_all_it_did(life: RecordedLife) -> None:
    tested = await life.tested(ALICE, Asked(draft(life), credits=Credits(10_000)))
    assert (tested.status, tested.progress, tested.credits) == ("done", 100, 10_000)
    assert [rule.id for rule in tested.rules] == [DRAFT]
    assert tested.headline is not None
    assert tested.result is not None
    assert tested.headline.span.ticks == HOUR + 1
    assert tested.headline.trades_count == len(tested.result.trades) >= 2
    bought, sold = tested.result.trades[:2]
    assert (bought.trade.side, sold.trade.side) == ("buy", "sell")
    assert "by the rule" in bought.reasoning
    assert bought.trade.credits_after < 10_000
    assert bought.trace.verdict == "fired"
    assert sold.tick - bought.tick >= 30
    # Bought and sold back at once, which always loses.
    assert tested.headline.profit_credits < 0
    headline = tested.headline
    assert (headline.sales_count, headline.wins, headline.win_rate) == (1, 0, 0)
    assert tested.headline.max_drawdown_credits >= -tested.headline.profit_credits
    assert set(tested.result.blocked) == {"automation_cooldown"}
    assert tested.result.equity[0].equity == 10_000
    # It was looked at only.
    assert life.trades(ALICE) == []
    assert life.player(ALICE).automation.rules == {}


async def test_of_many_trades_the_first_are_listed(
    life: RecordedLife, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sectorwars.application.backtest.findings.TRADES_MAX", 1)
    tested = await life.tested(ALICE, Asked(draft(life)))
    assert tested.headline is not None
    assert tested.result is not None
    assert [traded.trade.side for traded in tested.result.trades] == ["buy"]
    count = tested.headline.trades_count
    assert count > 1
    assert f"Only the first 1 of {count} trades are listed." in tested.result.notes


async def test_stored_rules_are_tested_as_if_they_were_on(life: RecordedLife) -> None:
    rules = await life.automate(BOB, draft(life))
    tested = await life.tested(BOB, Asked(rules))
    assert tested.headline is not None
    assert tested.headline.trades_count >= 2
    assert tested.credits == life.writer.world.credits(BOB)


async def test_the_hold_is_empty_or_what_is_aboard(life: RecordedLife) -> None:
    commodity, _, bid = goods_both_ways(life)[0]
    await life.automate(ALICE, draft(life))
    await life.live(2)
    assert life.player(ALICE).ship.units(commodity) > 0
    sells_only = trader(commodity, 1, bid - 5)
    sold = await life.tested(ALICE, Asked(sells_only, hold="aboard"))
    nothing = await life.tested(ALICE, Asked(sells_only))
    assert (sold.headline and sold.headline.sales_count, sold.hold) == (1, "aboard")
    assert nothing.result is not None
    assert (nothing.result.trades, nothing.hold) == ([], "empty")
    assert set(nothing.result.blocked) == {"automation_credit_share"}


@pytest.mark.parametrize(
    ("from_tick", "hours", "span"),
    [
        (None, None, (0, 181)),
        (None, 1, (121, 181)),
        (60, None, (60, 181)),
        (60, 1, (60, 120)),
        (-500, 2, (0, 120)),
        (None, 100, (0, 181)),
    ],
)
async def test_the_span_is_what_was_asked_for_within_what_is_recorded(
    life: RecordedLife, from_tick: int | None, hours: int | None, span: tuple[int, int]
) -> None:
    await life.live(2 * HOUR)
    asked = Asked(
        draft(life), from_tick=None if from_tick is None else Tick(from_tick), hours=hours
    )
    tested = await life.tested(ALICE, asked)
    assert tested.result is not None
    ticks = [point.tick for point in tested.result.equity]
    assert (ticks[0], ticks[-1]) == span
    assert ticks == list(range(span[0], span[1] + 1))
    beyond = any("Nothing before" in note for note in tested.result.notes)
    assert beyond is (from_tick == -500 or hours == 100)


async def test_too_little_past_is_refused_with_how_long_to_wait() -> None:
    life = await RecordedLife.born(ALICE)
    desk = life.desk()
    assert (await desk.backtests(ALICE)).recorded is None
    await life.live(10)
    refusal = await refused(life.desk(), Asked(draft(life)))
    assert (refusal.code, refusal.retry_after_ms) == ("no_recorded_past", 50_000)
    recorded = (await life.desk().backtests(ALICE)).recorded
    assert recorded is not None
    assert recorded.game_hours == 0.17
    await life.live(50)
    assert isinstance(await life.desk().begin(ALICE, Asked(draft(life))), Backtest)
    late = await refused(life.desk(), Asked(draft(life), from_tick=Tick(59)))
    assert late.code == "no_recorded_past"


async def test_what_begins_in_the_future_is_refused_for_good(life: RecordedLife) -> None:
    present = await refused(life.desk(), Asked(draft(life), from_tick=Tick(HOUR + 1)))
    assert (present.code, present.retry_after_ms) == ("no_recorded_past", HOUR * 1_000)
    future = await refused(life.desk(), Asked(draft(life), from_tick=Tick(HOUR + 2)))
    assert (future.code, future.retry) == ("invalid_request", Retry.NEVER)
    assert future.retry_after_ms is None
    assert future.detail == (
        "from: this time has not come yet; in the galaxy it is 2102-01-01T01:01:00.000000Z."
    )


async def test_what_is_not_there_is_named(life: RecordedLife) -> None:
    desk = life.desk()
    missing = [
        ("unknown_player", Asked(draft(life)), PlayerId("nobody")),
        ("unknown_rule", Asked((RuleId("r-alice-1"),)), ALICE),
        ("unknown_port", Asked(draft(life), port_id=PortId("p9999")), ALICE),
    ]
    for code, asked, player_id in missing:
        with pytest.raises(UnknownNounError) as caught:
            await desk.begin(player_id, asked)
        assert caught.value.code == code
    commodity, _, _ = goods_both_ways(life)[0]
    invalid = await refused(desk, Asked(trader(commodity, 10**10, 1)))
    assert invalid.code == "invalid_rule"
    await life.do(ALICE, Undock())
    assert (await refused(life.desk(), Asked(draft_of(life)))).code == "not_docked"


def draft_of(life: RecordedLife) -> RuleSpec:
    commodity = next(iter(life.writer.world.ports_by_index)).spec.goods[0].commodity
    return trader(commodity, 2, 1)


async def test_a_rule_that_is_bound_says_the_port(life: RecordedLife) -> None:
    spec = draft(life)
    port = life.player(ALICE).ship.docked_port_id
    await life.do(ALICE, Undock())
    bound = RuleSpec(
        spec.name,
        spec.commodity,
        port,
        spec.buy_conditions,
        spec.sell_conditions,
        spec.risk_level,
        spec.max_investment_credits,
    )
    assert (await begun(life.desk(), Asked(bound))).port_id == port


async def test_anothers_backtest_is_none(life: RecordedLife) -> None:
    desk = life.desk()
    mine = await begun(desk, Asked(draft(life)))
    for attempt in (desk.backtest, desk.delete):
        with pytest.raises(UnknownNounError, match="no such backtest"):
            await attempt(BOB, mine.backtest_id)
    assert (await desk.backtests(BOB)).items == []
    assert len((await desk.backtests(ALICE)).items) == 1


async def test_the_oldest_go(life: RecordedLife) -> None:
    first = await life.tested(ALICE, Asked(draft(life)))
    for _ in range(KEPT_MAX):
        last = await life.tested(ALICE, Asked(draft(life)))
    shown = await life.desk().backtests(ALICE)
    ids = [one.backtest_id for one in shown.items]
    assert (len(ids), shown.kept_max) == (KEPT_MAX, KEPT_MAX)
    assert ids[0] == last.backtest_id
    assert first.backtest_id not in ids
    assert all(one.result is None and one.headline is not None for one in shown.items)
