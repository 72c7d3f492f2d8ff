"""The outermost layer: what it does when the application inside fails."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sectorwars.api.errors import problem_response
from sectorwars.api.http_edge import HttpEdge
from sectorwars.application.audit.trail import AddressPseudonyms, DenialCounts
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.values import UnixMicros
from sectorwars.observability.http_metrics import HttpMetrics
from sectorwars.persistence.memory.audit_trail import MemoryAuditTrail

BODY_BYTES_MAX = 10


class FakeClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> UnixMicros:
        return UnixMicros(0)

    def monotonic(self) -> float:
        self.seconds += 0.25
        return self.seconds


class Bench:
    def __init__(self, app: ASGIApp) -> None:
        self.registry = CollectorRegistry()
        self.trail = MemoryAuditTrail()
        self.denials = DenialCounts(self.trail, AddressPseudonyms(bytes))
        edge = HttpEdge(
            app,
            clock=FakeClock(),
            metrics=HttpMetrics(self.registry),
            new_request_id=lambda: "r-1",
            body_bytes_max=BODY_BYTES_MAX,
            denials=self.denials,
            trusted_proxies=(),
        )
        self._transport = httpx.ASGITransport(edge)

    async def get(self, url: str = "http://game.test/api/v1/x") -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport) as http:
            return await http.get(url)


async def fine(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("fine")(scope, receive, send)


async def test_a_failure_becomes_a_problem_that_tells_nothing() -> None:
    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("the secret is 42")

    bench = Bench(failing)
    answer = await bench.get()
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "42" not in answer.text
    assert answer.headers["x-request-id"] == "r-1"
    assert b'route="unmatched",status="500"} 1.0' in generate_latest(bench.registry)


async def test_a_failure_in_the_middle_of_an_answer_sends_no_second_one() -> None:
    sent: list[Message] = []

    async def breaking(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    async def send(message: Message) -> None:
        sent.append(message)

    await _edge(breaking)(_scope(), _no_body, send)
    assert [message["type"] for message in sent] == ["http.response.start"]


async def test_a_caller_who_goes_away_is_no_failure() -> None:
    sent: list[Message] = []

    async def reading(scope: Scope, receive: Receive, _send: Send) -> None:
        await Request(scope, receive).body()

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await _edge(reading)(_scope(), gone, send)
    assert sent == []
    with pytest.raises(ClientDisconnect):
        await reading(_scope(), gone, send)


async def test_over_tls_browsers_are_told_to_stay_with_it() -> None:
    plain = await Bench(fine).get()
    assert "strict-transport-security" not in plain.headers
    secure = await Bench(fine).get("https://game.test/api/v1/x")
    assert secure.headers["strict-transport-security"].startswith("max-age=31536000")


async def test_what_is_not_http_is_handed_on() -> None:
    seen: list[str] = []

    async def inner(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    async def never(_message: Message) -> None:
        raise AssertionError("nothing is to be sent")

    await _edge(inner)({"type": "lifespan"}, _no_body, never)
    assert seen == ["lifespan"]


async def test_time_is_measured_from_arrival_to_the_end() -> None:
    bench = Bench(fine)
    await bench.get()
    assert b'duration_seconds_sum{method="GET",route="unmatched"} 0.25' in generate_latest(
        bench.registry
    )


def _edge(app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> HttpEdge:
    return HttpEdge(
        app,
        clock=FakeClock(),
        metrics=HttpMetrics(CollectorRegistry()),
        new_request_id=lambda: "r-1",
        body_bytes_max=BODY_BYTES_MAX,
        denials=DenialCounts(MemoryAuditTrail(), AddressPseudonyms(bytes)),
        trusted_proxies=(),
    )


def _scope() -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "path": "/x",
        "scheme": "http",
        "headers": [],
        "query_string": b"",
    }


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def test_denials_are_counted_for_the_audit() -> None:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["player_id"] = "pl_1"
        code = scope["path"].removeprefix("/")
        await problem_response(Refusal(code, Retry.LATER, "No."))(scope, receive, send)

    bench = Bench(refuse)
    denied = ("trade_rate_limited", "token_invalid", "auth_busy", "trade_rate_limited")
    for code in (*denied, "not_found", "busy"):
        await bench.get(f"http://game.test/{code}")
    await bench.denials.close()
    entries = [record.entry for record in await bench.trail.records(0, 10)]
    assert {entry.actor for entry in entries} == {"pl_1"}
    assert [(entry.details["code"], entry.details["count"]) for entry in entries] == [
        ("auth_busy", 1),
        ("token_invalid", 1),
        ("trade_rate_limited", 2),
    ]
