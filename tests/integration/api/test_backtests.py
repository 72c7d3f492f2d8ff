"""Backtests over HTTP: begun, asked for until they are done, listed, deleted; and bad input."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.integration.api.stack import TIME_SCALE, Player, Stack

BACKTESTS = "/trading/automation/backtests"
RULES = "/trading/automation/rules"
ALWAYS = {"type": "price_above", "value": 0, "comparison": "greater_than"}
NEVER = {"type": "price_below", "value": 0, "comparison": "less_than"}
HOUR = 60


async def ticks_pass(stack: Stack, count: int) -> None:
    """Let the economy move by so many ticks."""
    for _ in range(count):
        due = stack.world().tick + 1
        stack.processor.tick()
        for _ in range(10_000):
            if stack.world().tick == due:
                break
            await asyncio.sleep(0.001)
        else:
            raise AssertionError("the tick was not committed")


async def draft(player: Player, **changes: Any) -> dict[str, Any]:
    good = await player.affordable_good()
    return {
        "name": "Buy at once",
        "commodity": good["commodity"],
        "buyConditions": [ALWAYS],
        "sellConditions": [],
        "riskLevel": "moderate",
        "maxInvestment": 5_000,
        **changes,
    }


async def begun(player: Player, body: Any) -> dict[str, Any]:
    answer = await player.post(BACKTESTS, body)
    assert answer.status_code == 202, answer.text
    backtest: dict[str, Any] = answer.json()
    assert backtest["result"] is None
    return backtest


async def done(player: Player, body: Any) -> dict[str, Any]:
    """Return a backtest that was begun and has ended."""
    backtest = await begun(player, body)
    for _ in range(1_000):
        answer = await player.get(f"{BACKTESTS}/{backtest['backtest_id']}")
        assert answer.status_code == 200, answer.text
        backtest = answer.json()
        if backtest["status"] in {"done", "failed"}:
            return backtest
        await asyncio.sleep(0.01)
    raise AssertionError(backtest)


@pytest.fixture
async def player(stack: Stack) -> Player:
    """A player with an hour of recorded past."""
    player = await stack.register()
    await ticks_pass(stack, HOUR)
    return player


async def test_a_draft_is_tested_and_found_again(stack: Stack, player: Player) -> None:
    before = await player.state()
    tested = await done(player, {"rule": await draft(player), "credits": 20_000})
    assert (tested["status"], tested["progress"], tested["failure"]) == ("done", 100, None)
    (traded,) = tested["result"]["trades"]
    assert traded["tick"] == 1
    assert traded["trade"]["side"] == "buy"
    assert traded["trade"]["quantity"] == traded["trace"]["quantity"] > 0
    assert traded["trace"]["verdict"] == "fired"
    assert [one["holds"] for one in traded["trace"]["conditions"]] == [True]
    headline = tested["headline"]
    assert headline["span"]["ticks"] == HOUR
    assert headline["span"]["game_hours"] == 1
    assert headline["trades_count"] == 1
    assert headline["fees_credits"] == traded["trade"]["fees_credits"]
    assert headline["win_rate"] is None
    points = tested["result"]["equity"]
    assert [point["tick"] for point in points] == list(range(HOUR + 1))
    assert points[0] == {
        "tick": 0,
        "game_time": "2102-01-01T00:00:00.000000Z",
        "credits": 20_000,
        "cargo_value": 0,
        "equity": 20_000,
    }
    assert points[-1]["equity"] - 20_000 == headline["profit_credits"]
    listed = (await player.get(BACKTESTS)).json()
    assert listed["items"] == [{**tested, "result": None}]
    assert listed["recorded"]["game_hours"] == 1
    assert await player.state() == before
    assert (await player.get("/trading/history")).json()["items"] == []


async def test_stored_rules_are_tested_together(player: Player) -> None:
    ids = [
        (await player.post(RULES, await draft(player, name=name))).json()["id"]
        for name in ("Rule one", "Rule two")
    ]
    tested = await done(player, {"rule_ids": [*ids, ids[0]], "hours": 1})
    assert [rule["id"] for rule in tested["rules"]] == ids
    assert {traded["trade"]["rule_id"] for traded in tested["result"]["trades"]} <= set(ids)
    assert tested["headline"]["trades_count"] >= 1
    assert tested["port_id"] == (await player.state())["docked_port_id"]


async def test_why_it_did_not_trade_is_counted(player: Player) -> None:
    elsewhere = await draft(player, portId="p0001")
    docked = (await player.state())["docked_port_id"]
    other = "p0001" if docked != "p0001" else "p0002"
    asked = {"rule": {**elsewhere, "portId": None}, "port_id": other}
    tested = await done(player, asked)
    assert tested["port_id"] == other
    assert tested["status"] == "done"
    mismatched = await done(player, {"rule": {**elsewhere, "portId": docked}, "port_id": other})
    assert mismatched["result"]["blocked"] == {"not_docked": 1}
    assert mismatched["result"]["trades"] == []


async def test_a_span_of_the_past_is_named_in_game_time(player: Player) -> None:
    tested = await done(
        player,
        {"rule": await draft(player, buyConditions=[NEVER]), "from": "2101-12-31T23:00:00Z"},
    )
    assert tested["headline"]["span"]["from_game_time"] == "2102-01-01T00:00:00.000000Z"
    assert tested["headline"]["profit_credits"] == 0
    assert tested["result"]["blocked"] == {}
    answer = await player.post(
        BACKTESTS, {"rule": await draft(player), "from": "2102-01-01T00:30:00+00:00"}
    )
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "no_recorded_past")
    assert problem["retry"] == "later"
    assert problem["retry_after_ms"] == 30 * HOUR * 1_000 // TIME_SCALE


async def test_a_newborn_galaxy_has_no_past(stack: Stack) -> None:
    player = await stack.register()
    assert (await player.get(BACKTESTS)).json() == {"items": [], "recorded": None, "kept_max": 20}
    answer = await player.post(BACKTESTS, {"rule": await draft(player)})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_recorded_past")
    assert answer.headers["Retry-After"] == str(HOUR * 60 // TIME_SCALE)


async def test_one_is_in_hand(stack: Stack, player: Player) -> None:
    await begun(player, {"rule": await draft(player)})
    answer = await player.post(BACKTESTS, {"rule": await draft(player)})
    assert (answer.status_code, answer.json()["code"]) == (409, "backtest_in_hand")
    assert answer.json()["remaining"] == 0


async def test_a_backtest_is_deleted(stack: Stack, player: Player) -> None:
    tested = await done(player, {"rule": await draft(player)})
    path = f"{BACKTESTS}/{tested['backtest_id']}"
    stranger = await stack.register("mallory")
    for answer in (await stranger.get(path), await stranger.delete(path)):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_backtest")
    assert (await player.delete(path)).status_code == 204
    for answer in (await player.get(path), await player.delete(path)):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_backtest")


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"rule": None}, {"invalid_request"}),
        ({"rule_ids": ["r-1"]}, {"invalid_request"}),
        ({"rule": None, "rule_ids": []}, {"invalid_request"}),
        ({"rule": None, "rule_ids": ["r-1"] * 11}, {"invalid_request"}),
        ({"rule": None, "rule_ids": ["r-nobody-1"]}, {"unknown_rule"}),
        ({"rule": None, "rule_ids": ["a b"]}, {"invalid_request"}),
        ({"rule": None, "rule_ids": ["x" * 129]}, {"invalid_request"}),
        ({"rule": None, "rule_ids": "r-1"}, {"invalid_request"}),
        ({"port_id": "p9999"}, {"unknown_port"}),
        ({"port_id": "x" * 65}, {"invalid_request"}),
        ({"port_id": ""}, {"invalid_request"}),
        ({"credits": 0}, {"invalid_request"}),
        ({"credits": -1}, {"invalid_request"}),
        ({"credits": 10**12 + 1}, {"invalid_request"}),
        ({"credits": 1.5}, {"invalid_request"}),
        ({"credits": "100"}, {"invalid_request"}),
        ({"hold": "half"}, {"invalid_request"}),
        ({"hours": 0}, {"invalid_request"}),
        ({"hours": 169}, {"invalid_request"}),
        ({"hours": 1.5}, {"invalid_request"}),
        ({"hours": True}, {"invalid_request"}),
        ({"from": "yesterday"}, {"invalid_request"}),
        ({"from": "2102-01-01T00:00:00"}, {"invalid_request"}),
        ({"from": "2102-13-01T00:00:00Z"}, {"invalid_request"}),
        ({"from": 0}, {"invalid_request"}),
        ({"from": "2102-W01-1T00:00Z"}, {"invalid_request"}),
        ({"from": "20380119T031407Z"}, {"invalid_request"}),
        ({"from": "9999-12-31T23:59:59Z"}, {"invalid_request"}),
        ({"unheard_of": 1}, {"invalid_request"}),
    ],
    ids=repr,
)
async def test_what_cannot_be_tested_is_refused(
    stack: Stack, changes: dict[str, Any], codes: set[str]
) -> None:
    player = await stack.register()
    answer = await player.post(BACKTESTS, {"rule": await draft(player), **changes})
    assert answer.status_code in {404, 409, 422}, answer.text
    assert answer.json()["code"] in codes
    assert (await player.get(BACKTESTS)).json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"rule": None}, "body: give either rule_ids or rule."),
        ({"rule": None, "rule_ids": []}, "rule_ids: must have 1 or more items."),
        (
            {"from": ""},
            "from: give an RFC 3339 date-time with its zone, like 2102-01-31T18:00:00Z.",
        ),
        ({"from": "2102-02-30T00:00:00Z"}, "from: there is no such date or time of day."),
        (
            {"from": "2102-01-01T00:01:00Z"},
            "from: this time has not come yet; in the galaxy it is 2102-01-01T00:00:00.000000Z.",
        ),
        ({"hold": "half"}, "hold: must be 'empty' or 'aboard'."),
        ({"unheard_of": 1}, "unheard_of: is not known here."),
    ],
    ids=repr,
)
async def test_what_is_wrong_with_it_is_said_in_words(
    stack: Stack, changes: dict[str, Any], detail: str
) -> None:
    player = await stack.register()
    answer = await player.post(BACKTESTS, {"rule": await draft(player), **changes})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_request")
    assert (problem["detail"], problem["retry"]) == (detail, "never")
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "ab"},
        {"name": "<b>bold</b>"},
        {"commodity": "unobtainium"},
        {"buyConditions": []},
        {"buyConditions": [ALWAYS] * 11},
        {"buyConditions": [{**ALWAYS, "value": 1e300}]},
        {"riskLevel": "reckless"},
        {"maxInvestment": 0},
        {"portId": "p9999"},
    ],
    ids=repr,
)
async def test_a_draft_is_held_to_what_rules_are(stack: Stack, bad: dict[str, Any]) -> None:
    player = await stack.register()
    answer = await player.post(BACKTESTS, {"rule": await draft(player, **bad)})
    assert answer.status_code in {404, 422}, answer.text
    assert answer.json()["code"] in {"invalid_request", "invalid_rule", "unknown_commodity"}


async def test_nobody_tests_without_a_token(stack: Stack) -> None:
    answers = [
        await stack.http.get(f"/api/v1{BACKTESTS}"),
        await stack.http.post(f"/api/v1{BACKTESTS}", json={}),
        await stack.http.get(f"/api/v1{BACKTESTS}/bt_1"),
        await stack.http.delete(f"/api/v1{BACKTESTS}/bt_1"),
    ]
    assert {answer.json()["code"] for answer in answers} == {"token_missing"}
