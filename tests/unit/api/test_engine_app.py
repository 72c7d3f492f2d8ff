"""What an engine of its own answers: whether it lives and writes, and its metrics."""

from __future__ import annotations

import httpx
from prometheus_client import CollectorRegistry, Counter

from sectorwars.api.engine_app import create_engine_app
from sectorwars.api.services import ApiLimits


class Engine:
    """The application of an engine that waits until a test lets it write."""

    def __init__(self, limits: ApiLimits | None = None) -> None:
        registry = CollectorRegistry()
        Counter("commits", "Commits.", registry=registry).inc(3)
        self.waits_for: str | None = "Another engine is at work; this one waits."
        app = create_engine_app(registry, lambda: self.waits_for, limits or ApiLimits())
        self._app = app

    async def get(self, path: str, client: str = "127.0.0.1", **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(self._app, client=(client, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://engine") as http:
            return await http.get(path, headers=headers)


async def test_it_lives_while_it_waits_and_is_ready_once_it_writes() -> None:
    engine = Engine()
    assert (await engine.get("/healthz")).json() == {"status": "ok"}
    waiting = await engine.get("/readyz")
    assert (waiting.status_code, waiting.json()["code"]) == (503, "not_ready")
    assert waiting.json()["detail"] == engine.waits_for
    engine.waits_for = None
    assert (await engine.get("/readyz")).json() == {"status": "ready"}


async def test_metrics_are_for_this_machine_or_for_who_has_the_token() -> None:
    assert "commits_total 3.0" in (await Engine().get("/metrics")).text
    assert (await Engine().get("/metrics", client="10.0.0.7")).status_code == 403
    engine = Engine(ApiLimits(metrics_token="a token of the settings"))
    assert (await engine.get("/metrics")).status_code == 403
    shown = await engine.get("/metrics", "10.0.0.7", Authorization="Bearer a token of the settings")
    assert shown.status_code == 200


async def test_it_has_nothing_for_players() -> None:
    assert (await Engine().get("/api/v1/status")).status_code == 404
