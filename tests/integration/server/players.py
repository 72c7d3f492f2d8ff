"""Players of a running server, by each of its doors: REST, native frames, Foundation frames."""

from __future__ import annotations

import hashlib
import itertools
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx
from websockets.asyncio.client import ClientConnection

from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.signing import SessionKey

PASSWORD = "correct horse battery staple"


def real_now() -> UnixMicros:
    """Return real time, as a client's own clock tells it."""
    return UnixMicros(time.time_ns() // 1_000)


class RestPlayer:
    """A signed-in player who speaks REST."""

    def __init__(self, http: httpx.AsyncClient, grant: Mapping[str, Any]) -> None:
        self._http = http
        self.grant = grant

    @classmethod
    async def register(cls, http: httpx.AsyncClient) -> RestPlayer:
        """Open an account under a name that nobody has."""
        body = {"username": f"p_{secrets.token_hex(8)}", "password": PASSWORD}
        answer = await http.post("/api/v1/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        return cls(http, answer.json())

    @property
    def token(self) -> str:
        token = self.grant["access_token"]
        assert isinstance(token, str)
        return token

    async def sign_in_again(self) -> None:
        """Begin a new session."""
        body = {"username": self.grant["username"], "password": PASSWORD}
        answer = await self._http.post("/api/v1/auth/login", json=body)
        assert answer.status_code == 200, answer.text
        self.grant = answer.json()

    async def get(self, path: str) -> httpx.Response:
        return await self._http.get(f"/api/v1{path}", headers=self._headers())

    async def post(
        self, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return await self._http.post(
            f"/api/v1{path}", json=body, headers={**self._headers(), **(headers or {})}
        )

    async def post_bytes(self, path: str, body: bytes) -> httpx.Response:
        headers = {**self._headers(), "Content-Type": "application/json"}
        return await self._http.post(f"/api/v1{path}", content=body, headers=headers)

    async def read(self, path: str) -> dict[str, Any]:
        """Return what a GET that must succeed answers."""
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def perform(self, path: str, body: Any = None) -> dict[str, Any]:
        """Return the receipt of a command that must succeed."""
        answer = await self.post(path, body)
        assert answer.status_code == 200, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    async def state(self) -> dict[str, Any]:
        """Return all that the player has; what refills by itself is left out."""
        state = await self.read("/player/state")
        del state["turns"]
        return state

    async def port_goods(self) -> list[dict[str, Any]]:
        """Return the goods of the port where the ship is docked."""
        port_id = (await self.state())["docked_port_id"]
        goods: list[dict[str, Any]] = (await self.read(f"/trading/market/{port_id}"))["goods"]
        return goods

    async def cheapest_good(self) -> str:
        """Return the cheapest good that the port both buys and sells."""
        both = [good for good in await self.port_goods() if good["buys"] and good["sells"]]
        cheapest = min(both, key=lambda good: good["ask_price"])
        name = cheapest["commodity"]
        assert isinstance(name, str)
        return name

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class NativePlayer:
    """A player's native connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.session_id = f"n-{secrets.token_hex(8)}"
        self._key: SessionKey | None = None
        self._counter = itertools.count(1)

    @classmethod
    async def authenticate(cls, socket: ClientConnection, token: str) -> NativePlayer:
        """Sign in on a fresh connection."""
        player = cls(socket)
        await player.send("authenticate", {"token": token})
        answer = await player.receive()
        assert answer["type"] == "auth_success", answer
        player._key = SessionKey(bytes.fromhex(answer["data"]["session_key"]))
        return player

    def frame(self, kind: str, data: Any, **members: Any) -> str:
        """Return the next frame; `members` replace what it would be made of."""
        counter = next(self._counter)
        frame: dict[str, Any] = {
            "type": kind,
            "id": str(counter),
            "counter": counter,
            "data": data,
            "timestamp": rfc3339(real_now()),
            "session_id": self.session_id,
            **members,
        }
        if self._key is not None and "signature" not in frame:
            frame["signature"] = self._key.sign(canonical_json(frame))
        return json.dumps(frame)

    async def send(self, kind: str, data: Any, **members: Any) -> None:
        await self.socket.send(self.frame(kind, data, **members))

    async def receive(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self.socket.recv())
        return frame

    async def receive_type(self, *kinds: str) -> dict[str, Any]:
        """Return the next frame of these types, passing over others."""
        while True:
            frame = await self.receive()
            if frame["type"] in kinds:
                return frame

    async def ask(self, kind: str, data: Any, **members: Any) -> dict[str, Any]:
        """Send a request and return its own answer."""
        text = self.frame(kind, data, **members)
        await self.socket.send(text)
        return await self.answer_to(json.loads(text)["id"])

    async def answer_to(self, frame_id: str) -> dict[str, Any]:
        while True:
            frame = await self.receive()
            if frame.get("id") == frame_id:
                return frame


class FoundationPlayer:
    """A player's connection by the unchanged Foundation client."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.session_id = f"session_{real_now() // 1_000}_{secrets.token_hex(5)[:9]}"

    @classmethod
    async def authenticate(cls, socket: ClientConnection, token: str) -> FoundationPlayer:
        """Sign in on a fresh connection."""
        player = cls(socket)
        data = {"action": "authenticate", "token": token, "session_id": player.session_id}
        await socket.send(player.frame("ai_alert", data, covered={"token": token}))
        answer = await player.receive("ai_alert")
        assert answer["data"]["action"] == "auth_success", answer
        return player

    def frame(self, kind: str, data: Any, covered: Any = None, **members: Any) -> str:
        """Return a frame with its digest, over `covered` instead of `data` where it is given."""
        text = json.dumps(data if covered is None else covered, separators=(",", ":"))
        frame = {
            "type": kind,
            "data": data,
            "timestamp": rfc3339(real_now()),
            "signature": hashlib.sha256((text + self.session_id).encode()).hexdigest(),
            "session_id": self.session_id,
            **members,
        }
        return json.dumps(frame, separators=(",", ":"))

    def order(self, action: str, commodity: Any, amount: Any) -> str:
        """Return a trade as its form sends it."""
        now = rfc3339(real_now())
        command = {
            "commodity": commodity,
            "action": action,
            "amount": amount,
            "aiAssisted": False,
        }
        data = {"action": "execute_trade", "command": command, "timestamp": now}
        return self.frame("trading_signal", data)

    async def receive(self, kind: str) -> dict[str, Any]:
        """Return the next frame of a type, passing over others."""
        while True:
            frame: dict[str, Any] = json.loads(await self.socket.recv())
            if frame["type"] == kind:
                return frame


class Meeting(NamedTuple):
    """Two players at one port: the maker has four units of a good, which `price` is fair for."""

    maker: RestPlayer
    taker: RestPlayer
    port_id: str
    good: str
    price: int

    @classmethod
    async def arrange(cls, http: httpx.AsyncClient) -> Meeting:
        """Register players until two are at the same port, and let one of them buy."""
        maker, taker = await RestPlayer.register(http), await RestPlayer.register(http)
        port_id = (await maker.state())["docked_port_id"]
        while (await taker.state())["docked_port_id"] != port_id:
            taker = await RestPlayer.register(http)
        good = await maker.cheapest_good()
        await maker.perform("/trading/buy", {"commodity": good, "quantity": 4})
        (shown,) = [each for each in await maker.port_goods() if each["commodity"] == good]
        price = (shown["ask_price"] + shown["bid_price"]) // 2
        return cls(maker, taker, port_id, good, price)
