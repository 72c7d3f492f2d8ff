"""Stock FastAPI on uvicorn's `websockets-sansio`, fanning out as its documentation shows.

    stock.py PORT FRAME ANSWER

The text of FRAME goes to all connections of `/ws/fan`, once for all made ready, nothing signed;
`/ws/echo` says ANSWER to whatever comes; `/ws/ask` does what ours does with a request: checks
its shape and its HMAC, and signs the answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pace import INPUT, read_pace
from pydantic import BaseModel

KEY = bytes(32)
_MARK = '"timestamp":"'


class Request(BaseModel):
    """A request as native clients make it."""

    type: str
    id: str
    counter: int
    data: dict[str, Any]
    timestamp: datetime
    signature: str
    session_id: str


class Fan:
    """The connections, and the pace that the standard input sets."""

    def __init__(self, frame: str) -> None:
        begin = frame.rindex(_MARK) + len(_MARK)
        self._before, self._after = frame[:begin], frame[frame.index('"', begin) :]
        self._connections: set[WebSocket] = set()
        self._pace = (0, 0.0)
        self._told = asyncio.Event()

    async def hold(self, websocket: WebSocket) -> None:
        await websocket.accept()
        self._connections.add(websocket)
        try:
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            self._connections.discard(websocket)

    async def run(self) -> None:
        asyncio.get_running_loop().add_reader(INPUT, self._read_pace)
        due = time.time()
        while True:
            frames, per_second = self._pace
            if frames == 0:
                self._told.clear()
                await self._told.wait()
                due = time.time()
            elif per_second == 0:
                await self._broadcast(frames, time.time())
                await asyncio.sleep(0)
            else:
                await asyncio.sleep(due - time.time())
                await self._broadcast(frames, due)
                due += 1 / per_second

    async def _broadcast(self, frames: int, at: float) -> None:
        stamp = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        text = self._before + stamp + self._after
        for websocket in list(self._connections):
            try:
                for _ in range(frames):
                    await websocket.send_text(text)
            except (WebSocketDisconnect, RuntimeError):
                self._connections.discard(websocket)

    def _read_pace(self) -> None:
        pace = read_pace()
        if pace is None:
            asyncio.get_running_loop().remove_reader(INPUT)
            return
        self._pace = pace
        self._told.set()


def signature(frame: dict[str, Any]) -> str:
    """Return the HMAC over a frame with sorted keys and without white space."""
    canonical = json.dumps(frame, sort_keys=True, separators=(",", ":"))
    return hmac.new(KEY, canonical.encode(), hashlib.sha256).hexdigest()


async def ask(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            text = await websocket.receive_text()
            request = Request.model_validate_json(text)
            covered = json.loads(text)
            del covered["signature"]
            if not hmac.compare_digest(signature(covered), request.signature):
                await websocket.close(1008)
                return
            answer = {
                "type": "pong",
                "id": request.id,
                "data": {},
                "timestamp": datetime.now(UTC).isoformat(),
                "session_id": request.session_id,
            }
            answer["signature"] = signature(answer)
            await websocket.send_json(answer)
    except WebSocketDisconnect:
        pass


async def serve(port: int, frame: str, answer: str) -> None:
    fan = Fan(frame)
    app = FastAPI()
    app.add_api_websocket_route("/ws/fan", fan.hold)
    app.add_api_websocket_route("/ws/ask", ask)

    @app.websocket("/ws/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.receive_text()
                await websocket.send_text(answer)
        except WebSocketDisconnect:
            pass

    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=port,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            backlog=4_096,
            log_level="error",
        )
    )
    async with asyncio.TaskGroup() as group:
        fanning = group.create_task(fan.run())
        await server.serve()
        fanning.cancel()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1]), *(Path(name).read_text() for name in sys.argv[2:4])))
