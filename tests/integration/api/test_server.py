"""What the server says of itself, its page, and how HTTP's own errors look."""

import base64

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.integration.api.stack import Stack

PROBLEM_MEMBERS = {"type", "title", "status", "detail", "code", "retry"}


async def test_health_readiness_and_status(stack: Stack) -> None:
    assert (await stack.http.get("/healthz")).json() == {"status": "ok"}
    assert (await stack.http.get("/readyz")).json() == {"status": "ready"}
    stack.not_ready.append("The store is away.")
    waiting = await stack.http.get("/readyz")
    assert (waiting.status_code, waiting.json()["detail"]) == (503, "The store is away.")
    status = (await stack.http.get("/api/v1/status")).json()
    assert status["universe"] == {"seed": 2102, "sectors": 20, "ports": status["universe"]["ports"]}
    assert status["game_time"] == "2102-01-01T00:00:00.000000Z"


async def test_the_published_key_verifies_a_token(stack: Stack) -> None:
    token = (await stack.register()).grant["access_token"]
    keys = (await stack.http.get("/.well-known/jwks.json")).json()["keys"]
    [key] = [key for key in keys if key["kid"] == stack.token_key.kid]
    assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    claims = jwt.decode(token, public, algorithms=["EdDSA"], audience="sectorwars")
    assert claims["name"] == "alice"


async def test_the_market_is_open_to_everybody(stack: Stack) -> None:
    ore = (await stack.http.get("/api/v1/market/realtime/ore")).json()
    assert ore["bid"] < ore["price"] < ore["ask"]
    overview = (await stack.http.get("/api/v1/market/realtime")).json()
    assert len(overview["goods"]) == 10
    candles = await stack.http.get("/api/v1/market/candles/ore?interval=1m&limit=30")
    assert candles.status_code == 200
    assert len(candles.json()["candles"]) == 30
    news = (await stack.http.get("/api/v1/market/news")).json()
    assert {item["kind"] for item in news["items"]} <= {"rise", "fall", "shortage", "glut"}
    assert news["items"][0]["title"]
    refused = {
        "realtime/spice": (404, "unknown_commodity"),
        "candles/spice": (404, "unknown_commodity"),
        "candles/ore?port_id=p9999": (404, "unknown_port"),
        "candles/ore?interval=2m": (422, "invalid_request"),
        "candles/ore?limit=0": (422, "invalid_request"),
        "candles/ore?limit=1501": (422, "invalid_request"),
        "trades?commodity=spice": (404, "unknown_commodity"),
        "trades?port_id=p9999": (404, "unknown_port"),
        "trades?cursor=newest": (422, "invalid_request"),
        "trades?limit=201": (422, "invalid_request"),
    }
    for path, expected in refused.items():
        answer = await stack.http.get(f"/api/v1/market/{path}")
        assert (answer.status_code, answer.json()["code"]) == expected, path


async def test_the_tape_is_paged_and_names_nobody(stack: Stack) -> None:
    player = await stack.register()
    good = (await player.affordable_good())["commodity"]
    for _ in range(3):
        assert (await player.post("/trading/buy", {"commodity": good, "quantity": 2})).is_success
    state = await player.state()
    path = f"/api/v1/market/trades?commodity={good}&port_id={state['docked_port_id']}&limit=2"
    first = await stack.http.get(path)
    assert state["player_id"] not in first.text
    page = first.json()
    assert [(trade["by"], trade["quantity"]) for trade in page["items"]] == [("player", 2)] * 2
    second = (await stack.http.get(f"{path}&cursor={page['next_cursor']}")).json()
    assert (second["items"][0]["by"], second["items"][0]["quantity"]) == ("player", 2)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v1/status/", 404, "not_found"),
        ("GET", "/api", 404, "not_found"),
        ("GET", "/ws/realtime", 404, "not_found"),
        ("GET", "/asyncapi.json/x.js", 404, "not_found"),
        ("GET", "/assets/none.js", 404, "not_found"),
        ("GET", "/api/v1/auth/login", 405, "method_not_allowed"),
        ("POST", "/api/v1/player/state", 405, "method_not_allowed"),
        ("BREW", "/api/v1/status", 405, "method_not_allowed"),
        ("POST", "/", 405, "method_not_allowed"),
        ("GET", "/api/v1/player/state", 401, "token_missing"),
    ],
)
async def test_the_frameworks_errors_are_problems(
    stack: Stack, method: str, path: str, status: int, code: str
) -> None:
    answer = await stack.http.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) >= PROBLEM_MEMBERS
    if status == 405:
        assert answer.headers["allow"]


async def test_large_and_foreign_bodies_are_refused(stack: Stack) -> None:
    headers = {"Content-Type": "application/json"}
    large = await stack.http.post("/api/v1/auth/login", content=b" " * 65_537, headers=headers)
    assert (large.status_code, large.json()["code"]) == (413, "request_too_large")

    async def endless() -> object:
        for _ in range(160):
            yield b" " * 65_536

    chunked = await stack.http.post("/api/v1/auth/login", content=endless(), headers=headers)
    assert (chunked.status_code, chunked.json()["code"]) == (413, "request_too_large")
    assert chunked.json()["limit"] == "body_bytes_max=65536"
    form = await stack.http.post("/api/v1/auth/login", data={"username": "a", "password": "b"})
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")


async def test_every_answer_has_the_security_headers_and_an_id(stack: Stack) -> None:
    answers = [
        await stack.http.get(path)
        for path in ("/", "/api/v1/status", "/api/v1/nothing", "/assets/index-1a2b3c.js")
    ]
    for answer in answers:
        assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)
    assert answers[1].headers["cache-control"] == "no-store"


async def test_a_hostile_host_header_stays_out_of_the_policy(stack: Stack) -> None:
    answer = await stack.http.get("/", headers={"Host": "evil; script-src *"})
    assert "evil" not in answer.headers["content-security-policy"]


async def test_the_page_and_its_assets_are_served(stack: Stack) -> None:
    for path in ("/", "/market/ore", "/index.html"):
        page = await stack.http.get(path)
        assert page.status_code == 200
        assert "<title>page</title>" in page.text
        assert page.headers["cache-control"] == "no-cache"
        assert page.headers["content-encoding"] == "gzip"
    script = await stack.http.get("/assets/index-1a2b3c.js")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    known = {"If-None-Match": script.headers["etag"]}
    assert (await stack.http.get("/assets/index-1a2b3c.js", headers=known)).status_code == 304


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/assets/..%2f..%2fsecret.txt", "/%2e%2e/secret.txt", "/a%00.txt"]
)
async def test_nothing_outside_the_page_is_served(stack: Stack, path: str) -> None:
    url = httpx.URL("http://game.test").copy_with(raw_path=path.encode())
    answer = await stack.http.get(url)
    assert "outside" not in answer.text
    assert answer.status_code == 404


async def test_metrics_count_requests_by_route_not_by_path(stack: Stack) -> None:
    player = await stack.register()
    await player.get("/trading/commands/some-id")
    await stack.http.request("BREW", "/api/v1/status")
    text = (await stack.http.get("/metrics")).text
    assert 'route="/api/v1/trading/commands/{command_id}",status="404"' in text
    assert "some-id" not in text
    assert 'method="other"' in text
    assert "BREW" not in text
