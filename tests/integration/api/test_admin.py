"""Operators: what their role permits, at once, and what is held against them."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import APIRoute
from tests.integration.api.stack import Player, Stack

from sectorwars.api.routes import admin
from sectorwars.application.account import AccountRole
from sectorwars.application.permissions import ROLE_PERMISSIONS, Permission

Asked = tuple[str, str]
"""Method and path below /api/v1/admin."""

NEEDED: dict[Asked, Permission] = {
    ("GET", "/audit"): Permission.READ_AUDIT,
    ("GET", "/accounts/{account}"): Permission.READ_ACCOUNTS,
    ("PUT", "/accounts/{account}/role"): Permission.CHANGE_ROLES,
}
BODIES: dict[str, Any] = {"/accounts/{account}/role": {"role": "moderator"}}
NAMES = {"account": "subject"}


def test_every_route_of_operators_is_probed_here() -> None:
    routes = {
        (method, route.path.removeprefix("/api/v1/admin"))
        for route in admin.router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
    }
    assert routes == set(NEEDED)


async def ask(player: Player, asked: Asked) -> Any:
    method, path = asked
    place = f"/admin{path.format(**NAMES)}"
    return await (player.get(place) if method == "GET" else player.put(place, BODIES[path]))


@pytest.mark.parametrize("asked", NEEDED, ids=" ".join)
@pytest.mark.parametrize("role", AccountRole)
async def test_a_role_may_do_what_it_is_permitted_and_nothing_else(
    stack: Stack, role: AccountRole, asked: Asked
) -> None:
    await stack.register("subject")
    operator = await stack.staff("operator", role)
    answer = await ask(operator, asked)
    if NEEDED[asked] in ROLE_PERMISSIONS[role]:
        assert answer.status_code == 200, answer.text
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert answer.headers["content-type"] == "application/problem+json"
        subject = await stack.stores.accounts.find_by_username("subject")
        assert subject is not None
        assert subject.role is AccountRole.PLAYER


@pytest.mark.parametrize("asked", NEEDED, ids=" ".join)
async def test_nobody_may_do_anything(stack: Stack, asked: Asked) -> None:
    stranger = Player(stack.http, {"access_token": ""})
    stranger.headers = {}
    answer = await ask(stranger, asked)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


def test_what_no_role_is_given_is_denied() -> None:
    assert set(ROLE_PERMISSIONS) == set(AccountRole)
    assert ROLE_PERMISSIONS[AccountRole.PLAYER] == frozenset()
    assert ROLE_PERMISSIONS[AccountRole.SERVICE] == frozenset()
    assert ROLE_PERMISSIONS[AccountRole.MODERATOR] < ROLE_PERMISSIONS[AccountRole.ADMIN]
    assert Permission.CHANGE_ROLES not in ROLE_PERMISSIONS[AccountRole.MODERATOR]


async def test_a_demotion_binds_the_token_that_is_in_hand(stack: Stack) -> None:
    first = await stack.staff("first", AccountRole.ADMIN)
    second = await stack.staff("second", AccountRole.ADMIN)
    assert (await second.get("/admin/audit")).status_code == 200
    demoted = await first.put("/admin/accounts/second/role", {"role": "player"})
    assert (demoted.status_code, demoted.json()["role"]) == (200, "player")
    for asked in NEEDED:
        assert (await ask(second, asked)).status_code == 403
    await first.put("/admin/accounts/second/role", {"role": "moderator"})
    assert (await second.get("/admin/audit")).status_code == 200


async def test_a_change_of_role_is_entered_with_who_where_and_what(stack: Stack) -> None:
    operator = await stack.staff("operator", AccountRole.ADMIN)
    subject = await stack.register("subject")
    await operator.put("/admin/accounts/subject/role", {"role": "moderator"})
    (row,) = (await operator.get("/admin/audit?kind=role_changed")).json()["rows"]
    assert row["log"] == "audit_log"
    assert row["actor"] == operator.grant["player_id"]
    assert row["subject"] == subject.grant["player_id"]
    assert row["session"].startswith("s_")
    assert row["address"].startswith("address:")
    assert (row["before"], row["after"]) == ({"role": "player"}, {"role": "moderator"})
    assert row["details"] == {"outcome": "success"}
    mine = (await operator.get("/admin/audit?actor=operator&kind=login&kind=registration")).json()
    assert [entry["session"] for entry in mine["rows"]] == [row["session"]]


async def test_both_logs_are_searched_by_name_and_by_id(stack: Stack) -> None:
    operator = await stack.staff("operator", AccountRole.ADMIN)
    subject = await stack.register("subject")
    await operator.put("/admin/accounts/subject/role", {"role": "moderator"})
    await subject.post("/trading/undock")
    by_name = (await operator.get("/admin/audit?player=SUBJECT")).json()
    by_id = (await operator.get(f"/admin/audit?player={subject.grant['player_id']}")).json()
    assert by_name == by_id
    assert [(row["log"], row["kind"]) for row in by_name["rows"]] == [
        ("events", "ship_undocked"),
        ("audit_log", "role_changed"),
        ("events", "player_registered"),
        ("audit_log", "registration"),
    ]
    assert by_name["next_cursor"] is None
    assert (await operator.get("/admin/audit?player=nobody")).json()["rows"] == []


async def test_pages_of_the_search_join_without_a_gap(stack: Stack) -> None:
    operator = await stack.staff("operator", AccountRole.ADMIN)
    await stack.register("other")
    whole = (await operator.get("/admin/audit")).json()["rows"]
    assert len(whole) >= 4
    joined: list[Any] = []
    cursor = ""
    while cursor is not None:
        page = (await operator.get(f"/admin/audit?limit=1{cursor}")).json()
        joined += page["rows"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert joined == whole


async def test_the_search_has_a_window(stack: Stack) -> None:
    operator = await stack.staff("operator", AccountRole.ADMIN)
    (row,) = (await operator.get("/admin/audit?kind=registration")).json()["rows"]
    at = row["at"]
    assert len((await operator.get(f"/admin/audit?since={at}")).json()["rows"]) >= 1
    before = (await operator.get(f"/admin/audit?until={at}&kind=registration")).json()
    assert before["rows"] == []
    for bad in (
        "since=yesterday",
        "until=2026-01-01T00:00:00",
        "cursor=7",
        "limit=0",
        "limit=9999",
    ):
        answer = await operator.get(f"/admin/audit?{bad}")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_accounts_that_are_none_and_roles_that_are_none(stack: Stack) -> None:
    operator = await stack.staff("operator", AccountRole.ADMIN)
    shown = (await operator.get("/admin/accounts/OPERATOR")).json()
    assert (shown["username"], shown["role"]) == ("operator", "admin")
    assert "email" not in shown
    for answer in (
        await operator.get("/admin/accounts/nobody"),
        await operator.put("/admin/accounts/nobody/role", {"role": "admin"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_account")
    for body in ({"role": "king"}, {}, {"role": "admin", "more": 1}, {"role": None}):
        answer = await operator.put("/admin/accounts/operator/role", body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
