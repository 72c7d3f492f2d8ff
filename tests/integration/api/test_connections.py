"""Operators look at connections and close one, and the audit knows of it."""

from __future__ import annotations

from tests.integration.api.stack import Stack
from tests.unit.gateway.native_line import Line, live
from tests.unit.gateway.sockets import PlayerSocket

from sectorwars.application.account import AccountRole
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.gateway.gateway import Gateway
from sectorwars.protocol.close_codes import CloseCode


async def line_of(stack: Stack, player_id: str) -> Line:
    """A native connection that speaks for a player of the stack."""
    known = stack.around.tokens.principals["good"]
    assert not isinstance(known, Refusal)
    stack.around.tokens.principals[player_id] = known.__class__(
        PlayerId(player_id), "x", known.sid, known.role, known.expires_at, known.session_expires_at
    )
    return await live(stack.around, player_id)


async def test_connections_are_listed_by_player_and_explained(stack: Stack) -> None:
    operator = await stack.staff("operator", AccountRole.MODERATOR)
    subject = await stack.register("subject")
    me = subject.grant["player_id"]
    line = await line_of(stack, me)
    await line.ask("subscribe", {"channels": ["market.ore"]})
    await line.ask("execute_trade", {"command_id": "c-1", "side": "buy it"})
    PlayerSocket(stack.around)

    page = (await operator.get("/admin/connections")).json()
    assert (page["open"], page["left_out"], len(page["connections"])) == (2, 0, 2)
    first = (await operator.get("/admin/connections?limit=1")).json()
    assert (first["open"], first["left_out"], len(first["connections"])) == (2, 1, 1)
    (only,) = (await operator.get("/admin/connections?player=subject")).json()["connections"]
    assert (only["player_id"], only["dialect"], only["refused"]) == (me, "native", 1)
    assert only["address"].startswith("address:")
    assert "192.0.2.1" not in str(page)

    whole = (await operator.get(f"/admin/connections/{only['connection_id']}")).json()
    assert whole["open"] == only
    assert whole["closed"] is None
    assert [channel["channel"] for channel in whole["followed"]] == ["market.ore"]
    assert [refused["command_id"] for refused in whole["recent_refusals"]] == ["c-1"]
    unknown = await operator.get("/admin/connections/nobodys-1")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_connection")
    nobody = await operator.get("/admin/connections?player=nobody")
    assert nobody.json()["connections"] == []

    rows = (await operator.get("/admin/audit?kind=connections_viewed")).json()["rows"]
    subjects = [row["subject"] for row in reversed(rows)]
    assert subjects[:3] == ["connections", me, only["connection_id"]]
    assert {row["actor"] for row in rows} == {operator.grant["player_id"]}


async def test_closing_needs_a_reason_and_is_held_against_the_operator(stack: Stack) -> None:
    operator = await stack.staff("operator", AccountRole.MODERATOR)
    line = await line_of(stack, operator.grant["player_id"])
    gateway: Gateway = stack.around.gateway
    (connection,) = gateway.registry.connections
    place = f"/admin/connections/{connection.history.connection_id}"
    for body in ({}, {"reason": ""}, {"reason": "x", "why": "y"}):
        assert (await operator.post(f"{place}/close", body)).status_code == 422
    assert not connection.closing
    answer = await operator.post(f"{place}/close", {"reason": "it hangs"})
    assert (answer.status_code, answer.json()["status"]) == (200, "closed")
    line.take()
    assert line.socket.close_code == CloseCode.CLOSED_BY_OPERATOR
    again = await operator.post(f"{place}/close", {"reason": "it hangs"})
    assert (again.status_code, again.json()["code"]) == (404, "unknown_connection")

    closed = (await operator.get(place)).json()
    assert (closed["open"], closed["closed"]["code"]) == (None, CloseCode.CLOSED_BY_OPERATOR)
    (row,) = (await operator.get("/admin/audit?kind=connection_closed")).json()["rows"]
    assert (row["actor"], row["details"]["reason"]) == (operator.grant["player_id"], "it hangs")
    assert (row["before"], row["after"]) == ({"connection": "open"}, {"connection": "closed"})
