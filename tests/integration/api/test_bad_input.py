"""Every field of every request, at and beyond what OpenAPI allows: coded, and nothing is done."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from tests.integration.api.faults import DEEP, Fault, FaultySchema, twice
from tests.integration.api.stack import Player, Stack

from sectorwars.api.field_faults import OTHERWISE
from sectorwars.application.account import AccountRole
from sectorwars.domain.rejection import NUMBERS
from sectorwars.protocol.codec import MalformedJsonError, decode_json
from sectorwars.protocol.refusal import CODE_BY_FIELD
from sectorwars.simulation.digest import world_digest

PREFIX = "#/components/schemas/"
OWN_CODES = {
    **{field: {code.value} for field, code in CODE_BY_FIELD.items()},
    "commodity": {"unknown_commodity", "invalid_request"},
    "rule.commodity": {"unknown_commodity", "invalid_request"},
    "username": {"invalid_username", "invalid_request", "invalid_credentials"},
    "password": {"password_too_weak", "invalid_request", "invalid_credentials"},
    "email": {"invalid_email", "invalid_request"},
    "message": {"message_too_long", "message_empty", "invalid_request"},
}
"""The codes of faults in these fields; a fault in any other is an `invalid_request`."""
BROKEN_BODIES: tuple[bytes, ...] = (
    *(b"{", b"[1,]", b"{'a':1}", b"\xff", b"\xef\xbb\xbf{}", b"{} {}", b'{"a":01}', b"NaN"),
    *(b'{"a":"\\ud800"}', b'{"\\udfff":1}', b'{"a":1e400}', b"9" * 5_000, b'"a\x00b"'),
    *(json.dumps(DEEP).encode(), b"[" * 60_000, b'{"a":' * 9_000),
)
ODD_TEXTS = ("x" * 1_000, "\x00", "a\x00b", "a\nb", "<b>", "é", "' OR 1=1 --", "...", "%", "٣")


@dataclass(frozen=True)
class Operation:
    """An operation that OpenAPI documents."""

    method: str
    path: str
    described: Mapping[str, Any]
    definitions: Mapping[str, Any]

    def url(self, **given: str) -> str:
        """Return its path with `given` put in, and else an id that names nothing."""
        path = self.path
        for parameter in self.parameters("path"):
            text = quote(given.get(parameter["name"], "nothing-of-that-name"), safe="")
            path = path.replace("{" + parameter["name"] + "}", text)
        return path

    @property
    def is_sign_in(self) -> bool:
        return self.path.startswith("/api/v1/auth/")

    def parameters(self, where: str) -> list[dict[str, Any]]:
        return [one for one in self.described.get("parameters", ()) if one["in"] == where]

    def body(self) -> FaultySchema | None:
        """Return the schema of its body, where it takes one."""
        if "requestBody" not in self.described:
            return None
        schema = self.described["requestBody"]["content"]["application/json"]["schema"]
        return FaultySchema(schema, self.definitions, PREFIX)

    def codes(self) -> set[str]:
        """Return all codes that it is said to refuse with."""
        told = (response["description"] for response in self.described["responses"].values())
        return {code.strip() for text in told for code in text.partition(":")[2].split(",")}

    def documents(self, answer: httpx.Response) -> bool:
        """Tell whether a refusal is one that the operation is said to give."""
        told = self.described["responses"].get(str(answer.status_code), {"description": ""})
        return answer.json()["code"] in told["description"]


class Probe:
    """Sends an operator's requests, and notes what should not be."""

    def __init__(self, stack: Stack, operator: Player) -> None:
        self._stack = stack
        self._operator = operator
        self.findings: list[str] = []
        self.refused = 0

    async def operations(self) -> list[Operation]:
        document = (await self._stack.http.get("/openapi.json")).json()
        definitions = document["components"]["schemas"]
        listed = [
            Operation(method.upper(), path, described, definitions)
            for path, methods in document["paths"].items()
            for method, described in methods.items()
        ]
        # Last, since the operator's token does not outlive the time that these take.
        return sorted(listed, key=lambda operation: operation.is_sign_in)

    async def state(self) -> tuple[str, ...]:
        """Return all that a refused request must leave as it was."""
        kept = ("/player/state", "/trading/orders", "/trading/quotes", "/alerts", "/auth/me")
        more = ("/trading/automation/rules", "/trading/automation/status", "/aria/conversations")
        texts = [(await self._operator.get(path)).text for path in (*kept, *more)]
        return (world_digest(self._stack.world()), *texts)

    async def send(
        self, operation: Operation, url: str, content: bytes, **headers: str
    ) -> httpx.Response:
        sent = {**self._operator.headers, **headers}
        if content:
            sent["Content-Type"] = "application/json"
        if operation.is_sign_in:
            # Registrations and sign-ins are few a minute for an address.
            self._stack.clock.ahead_seconds += 7
        return await self._stack.http.request(operation.method, url, content=content, headers=sent)

    async def expect(
        self, operation: Operation, what: object, answer: httpx.Response, codes: set[str]
    ) -> None:
        """Note an answer that is no documented refusal with one of the codes."""
        said = f"{operation.method} {operation.path} {what}: {answer.status_code} {answer.text}"
        if not 400 <= answer.status_code < 500:
            self.findings.append(said)
            return
        self.refused += 1
        problem = answer.json()
        good = problem["code"] in codes and operation.documents(answer)
        if not good or problem.get("number") != NUMBERS.get(problem["code"]):
            self.findings.append(said)
        if any(fault["message"] == OTHERWISE for fault in problem.get("errors", ())):
            self.findings.append(f"Nothing is said of the fault: {said}")


@pytest.fixture
async def probe(stack: Stack) -> AsyncIterator[Probe]:
    """An operator, who may do all, and at the end: nothing found, nothing changed."""
    probe = Probe(stack, await stack.staff("root", AccountRole.ADMIN))
    before = await probe.state()
    yield probe
    stack.clock.ahead_seconds = 0
    assert not probe.findings, "\n".join(probe.findings[:20])
    assert await probe.state() == before
    assert probe.refused > 100


def _codes(fault: Fault) -> set[str]:
    try:
        decode_json(json.dumps(fault.body).encode())
    except MalformedJsonError:
        return {"malformed_json"}
    return OWN_CODES.get(fault.field, {"invalid_request"})


def _broken(body: FaultySchema) -> Iterator[bytes]:
    yield from BROKEN_BODIES
    yield twice(body.example()).encode()


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
async def test_every_fault_in_every_body_is_refused_by_its_code(probe: Probe) -> None:
    for operation in await probe.operations():
        body = operation.body()
        if body is None:
            continue
        for broken in _broken(body):
            answer = await probe.send(operation, operation.url(), broken)
            await probe.expect(operation, broken[:40], answer, {"malformed_json"})
        for fault in body.faults():
            content = json.dumps(fault.body).encode()
            answer = await probe.send(operation, operation.url(), content)
            await probe.expect(operation, fault, answer, _codes(fault))


async def test_odd_ids_and_queries_are_refused_or_harmless(probe: Probe) -> None:
    for operation in await probe.operations():
        for parameter in operation.parameters("path"):
            for text in ODD_TEXTS:
                answer = await probe.send(
                    operation, operation.url(**{parameter["name"]: text}), b""
                )
                what = f"{parameter['name']}={text[:20]!r}"
                await probe.expect(operation, what, answer, operation.codes())
        for parameter in operation.parameters("query"):
            for text in ODD_TEXTS:
                url = f"{operation.url()}?{parameter['name']}={quote(text, safe='')}"
                answer = await probe.send(operation, url, b"")
                if answer.status_code >= 400:
                    what = f"?{parameter['name']}={text[:20]!r}"
                    await probe.expect(operation, what, answer, operation.codes())
        if operation.parameters("header"):
            for key in ("", "a b", "x" * 129, "\x01"):
                content = b"" if operation.body() is None else b"{}"
                answer = await probe.send(
                    operation, operation.url(), content, **{"Idempotency-Key": key}
                )
                await probe.expect(
                    operation,
                    f"key {key[:9]!r}",
                    answer,
                    {"invalid_request"} | set(CODE_BY_FIELD.values()),
                )


async def test_what_is_odd_but_allowed_never_fails_the_server(stack: Stack) -> None:
    probe = Probe(stack, await stack.staff("root", AccountRole.ADMIN))
    for operation in await probe.operations():
        body = operation.body()
        for fault in () if body is None else body.allowed_oddities():
            content = json.dumps(fault.body).encode()
            answer = await probe.send(operation, operation.url(), content)
            assert answer.status_code < 500, f"{operation.path} {fault}: {answer.text}"
