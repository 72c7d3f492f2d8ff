"""Rules over HTTP: as the Foundation client sends them, and as nobody should."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.integration.api.stack import Player, Stack

RULES = "/trading/automation/rules"
STATUS_FIELDS = {
    "isActive",
    "totalProfitToday",
    "tradesExecuted",
    "rulesActive",
    "lastAction",
    "pauseOnDisconnect",
    "pausedAt",
}
CONDITION = {"type": "price_below", "value": 0, "comparison": "less_than"}


def rule(**changes: Any) -> dict[str, Any]:
    """A rule as the Foundation client's form makes it."""
    return {
        "id": "rule_1795405020708",
        "name": "Cheap organics",
        "commodity": "organics",
        "buyConditions": [CONDITION],
        "sellConditions": [{"type": "margin_exceeds", "value": 5.5, "comparison": "greater_than"}],
        "riskLevel": "moderate",
        "maxInvestment": 5_000,
        "isActive": True,
        **changes,
    }


@pytest.fixture
async def player(stack: Stack) -> Player:
    return await stack.register()


async def created(player: Player, **changes: Any) -> dict[str, Any]:
    answer = await player.post(RULES, rule(**changes))
    assert answer.status_code == 201, answer.text
    stored: dict[str, Any] = answer.json()
    return stored


async def test_a_rule_is_stored_under_the_servers_id_and_starts_inactive(player: Player) -> None:
    assert (await player.get(RULES)).json() == []
    stored = await created(player)
    assert stored == rule(id=f"r-{player.grant['player_id']}-1", isActive=False, portId=None)
    assert (await player.get(RULES)).json() == [stored]


async def test_the_same_command_stores_one_rule(player: Player) -> None:
    key = {"Idempotency-Key": "make-it-once"}
    answers = [await player.post(RULES, rule(), key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert len((await player.get(RULES)).json()) == 1


async def test_toggles_and_deletions_come_with_a_json_type_and_no_body(
    stack: Stack, player: Player
) -> None:
    stored = await created(player)
    path = f"/api/v1{RULES}/{stored['id']}"
    headers = {**player.headers, "Content-Type": "application/json"}
    toggled = [await stack.http.post(f"{path}/toggle", headers=headers) for _ in range(2)]
    assert [answer.json()["isActive"] for answer in toggled] == [True, False]
    deleted = await stack.http.delete(path, headers=headers)
    assert (deleted.status_code, deleted.json()["rule_id"]) == (200, stored["id"])
    assert (await player.get(RULES)).json() == []
    again = await stack.http.delete(path, headers=headers)
    assert (again.status_code, again.json()["code"]) == (404, "unknown_rule")


async def test_a_toggle_says_what_it_wants_or_flips(player: Player) -> None:
    path = f"{RULES}/{(await created(player))['id']}/toggle"
    for body, active in (({"active": True}, True), ({"active": True}, True), ({}, False)):
        assert (await player.post(path, body)).json()["isActive"] is active


async def test_the_status_has_every_field_and_follows_the_switch(player: Player) -> None:
    status = (await player.get("/trading/automation/status")).json()
    assert status == {
        "isActive": False,
        "totalProfitToday": 0,
        "tradesExecuted": 0,
        "rulesActive": 0,
        "lastAction": None,
        "pauseOnDisconnect": False,
        "pausedAt": None,
    }
    stored = await created(player)
    await player.post(f"{RULES}/{stored['id']}/toggle")
    for body, active in (({"active": True}, True), (None, False), ({"active": False}, False)):
        answer = await player.post("/trading/automation/toggle", body)
        assert (answer.status_code, answer.json()["active"]) == (200, active)
        status = (await player.get("/trading/automation/status")).json()
        assert (set(status), status["isActive"]) == (STATUS_FIELDS, active)
        assert status["rulesActive"] == 1


async def test_the_choice_of_a_pause_is_kept_and_a_retry_gets_its_receipt(player: Player) -> None:
    choice = {"active": True, "command_id": "c-pause"}
    first = await player.post("/trading/automation/disconnect-pause", choice)
    again = await player.post("/trading/automation/disconnect-pause", choice)
    assert (first.status_code, again.content) == (200, first.content)
    assert first.json() == {"command_id": "c-pause", "status": "executed", "active": True}
    status = (await player.get("/trading/automation/status")).json()
    assert (status["pauseOnDisconnect"], status["pausedAt"]) == (True, None)
    conflict = await player.post(
        "/trading/automation/disconnect-pause", {**choice, "active": False}
    )
    assert (conflict.status_code, conflict.json()["code"]) == (409, "command_id_conflict")


async def test_every_template_is_a_rule_that_can_be_stored(player: Player) -> None:
    templates = (await player.get("/trading/automation/templates")).json()
    assert len(templates) >= 3
    for template in templates:
        del template["template_id"], template["description"]
        stored = await created(player, **template)
        assert {name: stored[name] for name in template} == template


async def test_values_are_kept_to_the_thousandth(player: Player) -> None:
    values = [0, -12.3456, 0.0004, 1e9, 0.7]
    conditions = [{**CONDITION, "value": value} for value in values]
    stored = await created(player, buyConditions=conditions)
    assert [condition["value"] for condition in stored["buyConditions"]] == [
        0, -12.346, 0, 1e9, 0.7,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "ab"},
        {"name": "   "},
        {"name": "x" * 51},
        {"name": "<b>bold</b>"},
        {"name": "two\nlines"},
        {"name": "right\u202eleft"},
        {"name": "nul\x00"},
        {"name": 7},
        {"commodity": "unobtainium"},
        {"commodity": None},
        {"buyConditions": [], "sellConditions": []},
        {"buyConditions": [CONDITION] * 11},
        {"buyConditions": [{**CONDITION, "value": 1e300}]},
        {"buyConditions": [{**CONDITION, "value": "10"}]},
        {"buyConditions": [{**CONDITION, "value": True}]},
        {"buyConditions": [{**CONDITION, "value": None}]},
        {"buyConditions": [{**CONDITION, "type": "moon_phase"}]},
        {"buyConditions": [{**CONDITION, "comparison": "roughly"}]},
        {"buyConditions": [[CONDITION]]},
        {"buyConditions": "all of them"},
        {"riskLevel": "reckless"},
        {"maxInvestment": 0},
        {"maxInvestment": 100_001},
        {"maxInvestment": 10.5},
        {"maxInvestment": "100"},
        {"portId": "p9999"},
        {"unheard_of": 1},
    ],
    ids=repr,
)
async def test_a_rule_that_is_none_is_refused_and_not_half_stored(
    player: Player, bad: dict[str, Any]
) -> None:
    answer = await player.post(RULES, rule(**bad))
    assert answer.status_code in {404, 422}, answer.text
    assert answer.json()["code"] in {"invalid_request", "invalid_rule", "unknown_commodity"}
    assert (await player.get(RULES)).json() == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_numbers_that_are_none_are_refused(stack: Stack, player: Player, number: str) -> None:
    body = json.dumps(rule()).replace('"value": 0', f'"value": {number}')
    headers = {**player.headers, "Content-Type": "application/json"}
    answer = await stack.http.post(f"/api/v1{RULES}", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert (await player.get(RULES)).json() == []


async def test_deep_nesting_is_refused(stack: Stack, player: Player) -> None:
    headers = {**player.headers, "Content-Type": "application/json"}
    for depth, codes in (
        (10, {"invalid_request"}),
        (20, {"malformed_json"}),
        (30_000, {"malformed_json"}),
    ):
        nested = "[" * depth + "]" * depth
        body = json.dumps(rule(buyConditions="HERE")).replace('"HERE"', nested)
        answer = await stack.http.post(f"/api/v1{RULES}", content=body, headers=headers)
        assert answer.json()["code"] in codes, answer.text
    assert (await player.get(RULES)).json() == []


async def test_the_eleventh_rule_is_refused(player: Player) -> None:
    for _ in range(10):
        await created(player)
    answer = await player.post(RULES, rule())
    assert (answer.status_code, answer.json()["code"]) == (409, "rule_limit")
    assert len((await player.get(RULES)).json()) == 10


async def test_another_players_rule_is_no_rule(stack: Stack, player: Player) -> None:
    stored = await created(player)
    thief = await stack.register("mallory")
    path = f"{RULES}/{stored['id']}"
    answers = [
        await thief.post(f"{path}/toggle"),
        await stack.http.delete(f"/api/v1{path}", headers=thief.headers),
        await thief.get(f"{path}/traces"),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_rule")
    assert (await player.get(RULES)).json() == [stored]
    assert (await thief.get(RULES)).json() == []


async def test_the_limits_are_those_that_rules_are_held_to(stack: Stack) -> None:
    player = await stack.register()
    limits = (await player.get("/trading/automation/limits")).json()
    assert limits == {
        "rules": 10,
        "conditions_of_a_side": 10,
        "name_length_min": 3,
        "name_length_max": 50,
        "investment_credits": 100_000,
        "trades_per_hour": 20,
        "seconds_between_trades": 30,
        "loss_credits_in_24_hours": 500_000,
        "share_of_credits_percent": 10,
    }


async def test_nobody_keeps_rules_without_a_token(stack: Stack) -> None:
    for path in (
        RULES,
        *(f"/trading/automation/{name}" for name in ("status", "templates", "limits")),
    ):
        assert (await stack.http.get(f"/api/v1{path}")).json()["code"] == "token_missing"


async def test_a_rule_that_was_never_judged_has_no_traces(player: Player) -> None:
    stored = await created(player)
    answer = await player.get(f"{RULES}/{stored['id']}/traces")
    assert answer.json() == {"items": [], "next_cursor": None}
    missing = await player.get(f"{RULES}/r-nobody-1/traces")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_rule")
