"""Players who speak REST beside the one at the page."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import httpx
from tests.e2e.pilot import PASSWORD, Pilot
from tests.integration.server.process import Server

NEWCOMERS_MAX = 12


class Trader:
    """A player who speaks REST."""

    def __init__(self, server: Server, door: str, username: str) -> None:
        self._root = f"{server.url}/api/v1"
        self._headers: dict[str, str] = {}
        self.grant = self.send(f"/auth/{door}", {"username": username, "password": PASSWORD})
        self._headers["Authorization"] = f"Bearer {self.grant['access_token']}"

    def read(self, path: str) -> dict[str, Any]:
        return self._ask("GET", path, None)

    def send(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._ask("POST", path, body)

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._ask("PUT", path, body)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        response = httpx.request(
            method, f"{self._root}{path}", json=body, headers=self._headers, timeout=30
        )
        answer: dict[str, Any] = response.raise_for_status().json()
        return answer

    @property
    def port_id(self) -> str:
        port_id = self.read("/player/state")["docked_port_id"]
        assert isinstance(port_id, str)
        return port_id


def himself(server: Server, pilot: Pilot) -> Trader:
    """Look things up as the same player."""
    return Trader(server, "login", pilot.username)


def another_at(server: Server, port_id: str) -> Trader:
    """Let newcomers arrive until one begins at a port."""
    for _ in range(NEWCOMERS_MAX):
        trader = Trader(server, "register", f"other_{uuid.uuid4().hex[:10]}")
        if trader.port_id == port_id:
            return trader
    raise AssertionError("no newcomer begins there")
