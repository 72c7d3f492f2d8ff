"""Operators: what their role permits, at once, and what is held against them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.api.stack import Player, Stack
from tests.unit.gateway.sockets import PlayerSocket

from sectorwars.application.account import AccountRole
from sectorwars.application.operators.permissions import ROLE_PERMISSIONS, Permission
from sectorwars.application.operators.trading_controls import TradingControls
from sectorwars.domain.risk import TradingScope
from sectorwars.protocol.shapes.risk import TradeCapsView

Asked = tuple[str, str]
"""Method and path below /api/v1/admin."""

NEEDED: dict[Asked, Permission] = {
    ("GET", "/audit"): Permission.READ_AUDIT,
    ("GET", "/accounts/{account}"): Permission.READ_ACCOUNTS,
    ("PUT", "/accounts/{account}/role"): Permission.CHANGE_ROLES,
    ("GET", "/connections"): Permission.READ_CONNECTIONS,
    ("GET", "/connections/{connection_id}"): Permission.READ_CONNECTIONS,
    ("POST", "/connections/{connection_id}/close"): Permission.CLOSE_CONNECTIONS,
    ("GET", "/trading-state"): Permission.READ_TRADING_CONTROLS,
    ("PUT", "/trading-state"): Permission.HALT_MARKETS,
    ("GET", "/trading-state/ports/{port_id}"): Permission.READ_TRADING_CONTROLS,
    ("PUT", "/trading-state/ports/{port_id}"): Permission.HALT_MARKETS,
    ("GET", "/trading-state/players/{player}"): Permission.READ_TRADING_CONTROLS,
    ("PUT", "/trading-state/players/{player}"): Permission.HALT_PLAYERS,
    ("GET", "/trade-caps"): Permission.READ_TRADING_CONTROLS,
    ("PUT", "/trade-caps"): Permission.SET_TRADE_CAPS,
    ("GET", "/trade-caps/players/{player}"): Permission.READ_TRADING_CONTROLS,
    ("PUT", "/trade-caps/players/{player}"): Permission.SET_TRADE_CAPS,
}
HALT = {"state": "halted", "reason": "a probe"}
ACTIVE = {"state": "active", "scope": None, "reason": None}
BODIES: dict[str, Any] = {
    "accounts": {"role": "moderator"},
    "connections": {"reason": "a probe"},
    "trading-state": HALT,
    "trade-caps": {"caps": {"trades_per_hour": 3}, "reason": "a probe"},
}
NAMES = {
    "account": "subject",
    "player": "subject",
    "port_id": "p0001",
    "connection_id": "stream-1-1",
}


def test_every_route_of_operators_is_probed_here(stack: Stack) -> None:
    routes = {
        (method.upper(), path.removeprefix("/api/v1/admin"))
        for path, operations in stack.app.openapi()["paths"].items()
        if path.startswith("/api/v1/admin")
        for method in operations
    }
    assert routes == set(NEEDED)


async def ask(player: Player, asked: Asked) -> Any:
    method, path = asked
    place = f"/admin{path.format(**NAMES)}"
    if method == "GET":
        return await player.get(place)
    send = player.post if method == "POST" else player.put
    return await send(place, BODIES[path.split("/")[1]])


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
@pytest.mark.parametrize("asked", NEEDED, ids=" ".join)
@pytest.mark.parametrize("role", AccountRole)
async def test_a_role_may_do_what_it_is_permitted_and_nothing_else(
    stack: Stack, role: AccountRole, asked: Asked
) -> None:
    await stack.register("subject")
    PlayerSocket(stack.around)
    operator = await stack.staff("operator", role)
    answer = await ask(operator, asked)
    if NEEDED[asked] in ROLE_PERMISSIONS[role]:
        assert answer.status_code == 200, answer.text
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert answer.headers["content-type"] == "application/problem+json"
        assert await nothing_changed(stack)


async def nothing_changed(stack: Stack) -> bool:
    """Tell whether the subject's role, states and caps are as they were at first."""
    subject = await stack.stores.accounts.find_by_username("subject")
    assert subject is not None
    controls: TradingControls = stack.app.state.services.trading_controls
    states = {
        controls.state(TradingScope.GAME, None).state,
        controls.state(TradingScope.PORT, NAMES["port_id"]).state,
        controls.state(TradingScope.PLAYER, subject.player_id).state,
    }
    caps = [controls.caps(None), controls.caps(subject.player_id)]
    return (subject.role, states, caps) == (
        AccountRole.PLAYER,
        {"active"},
        [TradeCapsView(), TradeCapsView()],
    )


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
@pytest.mark.parametrize("asked", NEEDED, ids=" ".join)
async def test_nobody_may_do_anything(stack: Stack, asked: Asked) -> None:
    stranger = Player(stack.http, {"access_token": ""})
    stranger.headers = {}
    answer = await ask(stranger, asked)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


async def test_denials_are_counted_against_who_was_denied(stack: Stack) -> None:
    operator = await stack.staff("operator", AccountRole.ADMIN)
    curious = await stack.register("curious")
    for _ in range(3):
        await curious.get("/admin/audit")
    await stack.app.state.services.denials.close()
    rows = (await operator.get("/admin/audit?actor=curious&kind=denials")).json()["rows"]
    assert sum(row["details"]["count"] for row in rows) == 3
    assert {row["details"]["code"] for row in rows} == {"permission_denied"}


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


async def test_a_halt_bites_and_is_entered_with_before_and_after(stack: Stack) -> None:
    operator = await stack.staff("operator", AccountRole.ADMIN)
    subject = await stack.register("subject")
    good = await subject.affordable_good()
    order = {"commodity": good["commodity"], "quantity": 1}
    path = "/admin/trading-state/players/subject"
    body = {"state": "halted", "reason": "wash trading", "command_id": "halt-1"}
    receipt = await operator.put(path, body)
    assert receipt.status_code == 200, receipt.text
    assert receipt.json() == {
        "command_id": "halt-1",
        "status": "executed",
        "scope": "player",
        "subject": subject.grant["player_id"],
        "before": "active",
        "after": "halted",
        "reason": "wash trading",
    }
    refused = await subject.post("/trading/buy", order)
    assert (refused.status_code, refused.json()["code"]) == (409, "player_halted")
    assert (await subject.state())["trading_state"] == {
        "state": "halted",
        "scope": "player",
        "reason": "wash trading",
    }
    assert (await operator.get(path)).json()["state"] == "halted"
    entry, event = [
        row
        for row in (await operator.get("/admin/audit?player=subject")).json()["rows"]
        if row["actor"] == operator.grant["player_id"]
    ][::-1]
    assert (entry["log"], entry["kind"]) == ("audit_log", "trading_state_changed")
    assert (event["log"], event["kind"]) == ("events", "trading_state_set")
    for row in (entry, event):
        assert row["subject"] == subject.grant["player_id"]
        assert (row["before"], row["after"]) == ({"state": "active"}, {"state": "halted"})
        assert row["details"]["reason"] == "wash trading"
        assert row["details"]["command_id"] == "halt-1"
    assert entry["session"].startswith("s_")
    resumed = await operator.put(path, {"state": "active", "reason": "it was none"})
    assert resumed.json()["before"] == "halted"
    assert (await subject.state())["trading_state"] == ACTIVE
    assert (await subject.post("/trading/buy", order)).status_code == 200


async def test_a_port_says_to_everybody_what_is_restricted_there(stack: Stack) -> None:
    operator = await stack.staff("operator", AccountRole.ADMIN)
    player = await stack.register("somebody")
    port_id = (await player.state())["docked_port_id"]
    market = f"/trading/market/{port_id}"
    assert (await player.get(market)).json()["trading_state"] == ACTIVE
    for path, scope in ((f"/ports/{port_id}", "port"), ("", "game")):
        body = {"state": "reducing", "reason": f"a rush in the {scope}"}
        assert (await operator.put(f"/admin/trading-state{path}", body)).status_code == 200
        expected = {"state": "reducing", "scope": scope, "reason": body["reason"]}
        assert (await player.get(market)).json()["trading_state"] == expected
        assert (await player.state())["trading_state"] == expected


async def test_a_retry_of_an_act_is_one_act_with_one_entry(stack: Stack) -> None:
    operator = await stack.staff("operator", AccountRole.ADMIN)
    body = {"state": "reducing", "reason": "a rush"}
    first, again = [
        await operator.put("/admin/trading-state", body, {"Idempotency-Key": "reduce-1"})
        for _ in range(2)
    ]
    assert (first.status_code, first.content) == (200, again.content)
    other = await operator.put("/admin/trading-state", HALT, {"Idempotency-Key": "reduce-1"})
    assert (other.status_code, other.json()["code"]) == (409, "command_id_conflict")
    rows = (await operator.get("/admin/audit?kind=trading_state_changed")).json()["rows"]
    assert [row["after"] for row in rows] == [{"state": "reducing"}]


async def test_caps_are_set_whole_and_bite(stack: Stack) -> None:
    operator = await stack.staff("operator", AccountRole.ADMIN)
    subject = await stack.register("subject")
    good = await subject.affordable_good()
    path = "/admin/trade-caps/players/subject"
    first = {"caps": {"units_per_trade": 2, "trades_per_hour": 9}, "reason": "a trial"}
    assert (await operator.put(path, first)).status_code == 200
    refused = await subject.post("/trading/buy", {"commodity": good["commodity"], "quantity": 3})
    assert refused.json()["code"] == "cap_trade_units"
    receipt = (await operator.put(path, {"caps": {}, "reason": "over"})).json()
    assert receipt["before"]["units_per_trade"] == 2
    assert set(receipt["after"].values()) == {None}
    assert set((await operator.get(path)).json().values()) == {None}
    rows = (await operator.get("/admin/audit?kind=trade_caps_changed")).json()["rows"]
    caps = {"units_per_trade": 2, "trades_per_hour": 9}
    assert [(row["before"], row["after"]) for row in rows] == [(caps, {}), ({}, caps)]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/admin/trading-state/ports/p9999", "unknown_port"),
        ("/admin/trading-state/players/nobody", "unknown_player"),
    ],
)
async def test_what_is_not_there_cannot_be_halted(stack: Stack, path: str, code: str) -> None:
    operator = await stack.staff("operator", AccountRole.ADMIN)
    for answer in (await operator.get(path), await operator.put(path, HALT)):
        assert (answer.status_code, answer.json()["code"]) == (404, code)
    rows = (await operator.get("/admin/audit?kind=trading_state_changed")).json()["rows"]
    assert rows == []


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/admin/trading-state", {"state": "open", "reason": "x"}),
        ("/admin/trading-state", {"state": "halted"}),
        ("/admin/trading-state", {"state": "halted", "reason": ""}),
        ("/admin/trading-state", {"state": "halted", "reason": "x" * 201}),
        ("/admin/trading-state", {"state": "halted", "reason": "a\x00b"}),
        ("/admin/trading-state", {"state": "halted", "reason": "a\nb"}),
        ("/admin/trade-caps", {"caps": {"units_per_trade": -1}, "reason": "x"}),
        ("/admin/trade-caps", {"caps": {"units_per_trade": 2**53}, "reason": "x"}),
        ("/admin/trade-caps", {"caps": {"units_per_trade": 1.5}, "reason": "x"}),
        ("/admin/trade-caps", {"caps": {"a_cap": 1}, "reason": "x"}),
        ("/admin/trade-caps", {"reason": "x"}),
    ],
)
async def test_acts_that_are_none_change_nothing(stack: Stack, path: str, body: Any) -> None:
    operator = await stack.staff("operator", AccountRole.ADMIN)
    await stack.register("subject")
    answer = await operator.put(path, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert await nothing_changed(stack)
