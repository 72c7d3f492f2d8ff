"""Ids of another player's things, wherever an id is taken: they read like ids of nothing."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.integration.server.players import NativePlayer, RestPlayer, real_now
from tests.integration.server.process import Server
from websockets.asyncio.client import ClientConnection, connect

from sectorwars.application.backtest.store import (
    KEPT_MAX,
    BacktestId,
    BacktestSubject,
    StoredBacktest,
)
from sectorwars.domain.ids import PlayerId
from sectorwars.persistence.postgres.backtest_store import PostgresBacktestStore
from sectorwars.persistence.postgres.cluster import running_dsn
from sectorwars.persistence.postgres.connection import pool_of

pytestmark = pytest.mark.postgres

IDS_OF_ALL = {"commodity", "sector_id", "port_id"}
"""Parameters of paths that name nobody's things."""
IDS_OF_OPERATORS = {"account", "player", "connection_id"}
"""Only operators get so far as to name these; their routes are tried by players elsewhere."""
RULE = {
    "name": "Buy cheap",
    "commodity": "ore",
    "buyConditions": [{"type": "price_below", "value": 1, "comparison": "less_than"}],
    "sellConditions": [],
    "riskLevel": "moderate",
    "maxInvestment": 1_000,
}


@dataclass(frozen=True)
class Things:
    """What a player has, by the names that paths give to its id; and what nobody has."""

    ids: dict[str, str]
    good: str

    @property
    def made_up(self) -> dict[str, str]:
        """Ids of the same form that are nobody's."""
        return {name: text[:-1] + "78"[text[-1] == "7"] for name, text in self.ids.items()}


@pytest.fixture
async def stranger(http: httpx.AsyncClient) -> RestPlayer:
    return await RestPlayer.register(http)


@pytest.fixture
async def owner(http: httpx.AsyncClient) -> RestPlayer:
    return await RestPlayer.register(http)


async def stored_backtest(server: Server, owner: RestPlayer) -> BacktestId:
    """Store a backtest of the owner's; to have one run takes a past that a new server has not."""
    now = real_now()
    subject = BacktestSubject("p0001", [], 1_000, "empty")
    backtest = StoredBacktest(
        BacktestId(f"bt_{secrets.token_hex(16)}"),
        PlayerId(owner.grant["player_id"]),
        now,
        subject,
        "queued",
        0,
        now,
    )
    async with pool_of(running_dsn(server.data_dir), connections_max=1) as pool:
        assert await PostgresBacktestStore(pool).add(backtest, KEPT_MAX)
    return backtest.backtest_id


@pytest.fixture
async def things(
    http: httpx.AsyncClient, server: Server, owner: RestPlayer
) -> AsyncIterator[Things]:
    """One of each thing that has an id and an owner."""
    good = await owner.cheapest_good()
    (shown,) = [each for each in await owner.port_goods() if each["commodity"] == good]
    order = {"side": "buy", "commodity": good, "quantity": 2}
    resting = {**order, "limit_price": shown["bid_price"] // 2}
    placed = await owner.perform("/trading/orders", resting)
    quoted = await owner.perform("/trading/quotes", order)
    bought = await owner.perform("/trading/buy", {"commodity": good, "quantity": 1})
    rule = (await owner.post("/trading/automation/rules", RULE)).json()
    watched = {"commodity": good, "condition": "price_above", "value": 1_000_000}
    await owner.post("/alerts", watched)
    (alert,) = (await owner.read("/alerts"))["set"]
    asked = await owner.perform("/aria/messages", {"message": f"buy 1 {good}"})
    yield Things(
        {
            "order_id": placed["order"]["order_id"],
            "quote_id": quoted["quote"]["quote_id"],
            "command_id": bought["command_id"],
            "rule_id": rule["id"],
            "alert_id": alert["alert_id"],
            "backtest_id": await stored_backtest(server, owner),
            "conversation_id": asked["conversation_id"],
            "proposal_id": asked["proposals"][0]["proposal_id"],
        },
        good,
    )
    cancelled = await http.delete("/api/v1/trading/orders", headers=authorization(owner))
    assert cancelled.status_code == 200, cancelled.text


@pytest.fixture
async def socket(server: Server) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as client:
        yield client


def authorization(player: RestPlayer) -> dict[str, str]:
    return {"Authorization": f"Bearer {player.token}"}


def anonymous(text: str, ids: dict[str, str]) -> str:
    """The text without the ids themselves, which whoever asks knows."""
    for name, value in ids.items():
        text = text.replace(value, f"<{name}>")
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<time>", text)


async def test_paths_tell_nothing_of_other_players_things(
    http: httpx.AsyncClient, owner: RestPlayer, stranger: RestPlayer, things: Things
) -> None:
    document = (await http.get("/openapi.json")).json()
    before = await owner.state()
    tried = set()
    for path, operations in document["paths"].items():
        names = set(re.findall(r"{(\w+)}", path))
        if not names or names & (IDS_OF_ALL | IDS_OF_OPERATORS):
            continue
        assert names <= things.ids.keys(), f"{path}: say here whose ids these are"
        for method in operations:
            answers = []
            for ids in (things.ids, things.made_up):
                answer = await http.request(
                    method, path.format(**ids), headers=authorization(stranger), json={}
                )
                assert answer.status_code == 404, answer.text
                answers.append((answer.json()["code"], anonymous(answer.text, ids)))
            assert answers[0] == answers[1]
            tried |= names
    assert tried == things.ids.keys() - {"quote_id"}
    assert await owner.state() == before
    order = await owner.read(f"/trading/orders/{things.ids['order_id']}")
    assert order["close_reason"] is None


async def test_bodies_tell_nothing_of_other_players_things(
    stranger: RestPlayer, things: Things
) -> None:
    answers = []
    for ids in (things.ids, things.made_up):
        order = {"commodity": things.good, "quantity": 2, "quote_id": ids["quote_id"]}
        bought = await stranger.post("/trading/buy", order)
        said = {"message": "Hello", "conversation_id": ids["conversation_id"]}
        told = await stranger.post("/aria/messages", said)
        answers.append([anonymous(answer.text, ids) for answer in (bought, told)])
        codes = [answer.json()["code"] for answer in (bought, told)]
        assert codes == ["unknown_quote", "unknown_conversation"]
    assert answers[0] == answers[1]


async def test_frames_tell_nothing_of_other_players_things(
    socket: ClientConnection, stranger: RestPlayer, owner: RestPlayer, things: Things
) -> None:
    native = await NativePlayer.authenticate(socket, stranger.token)
    heard = []
    for number, ids in enumerate((things.ids, things.made_up)):
        cancel = {"command_id": f"c-{number}", "order_id": ids["order_id"]}
        order = {
            "command_id": f"t-{number}",
            "side": "buy",
            "commodity": things.good,
            "quantity": 2,
            "quote_id": ids["quote_id"],
        }
        said = {"message": "Hello", "conversation_id": ids["conversation_id"]}
        answers = [
            await native.ask("cancel_order", cancel),
            await native.ask("execute_trade", order),
            await native.ask("get_command", {"command_id": ids["command_id"]}),
            await native.ask("aria_message", said),
        ]
        data: list[dict[str, Any]] = [answer["data"] for answer in answers]
        verdicts = [each.get("code") or each["status"] for each in data]
        assert verdicts == ["unknown_order", "unknown_quote", "never_seen", "unknown_conversation"]
        own = {"cancel": cancel["command_id"], "trade": str(order["command_id"])}
        heard.append([anonymous(str(each), {**ids, **own}) for each in data])
    assert heard[0] == heard[1]
    order = await owner.read(f"/trading/orders/{things.ids['order_id']}")
    assert (order["close_reason"], order["filled"]) == (None, 0)


async def test_resumption_tells_nothing_of_another_player(
    socket: ClientConnection,
    server: Server,
    stranger: RestPlayer,
    owner: RestPlayer,
    things: Things,
) -> None:
    # What the server itself calls the owner's channel, to which he listens.
    private = f"account.{owner.grant['player_id']}"
    listening = await connect(f"ws://127.0.0.1:{server.port}/ws/realtime")
    line = await NativePlayer.authenticate(listening, owner.token)
    await line.ask("subscribe", {"channels": ["account"]})
    native = await NativePlayer.authenticate(socket, stranger.token)
    order = {
        "command_id": things.ids["command_id"],
        "side": "buy",
        "commodity": things.good,
        "quantity": 3,
    }
    executed = await native.ask("execute_trade", order)
    assert (executed["type"], executed["data"]["trade"]["quantity"]) == ("trade_executed", 3)
    resumed = NativePlayer(await connect(f"ws://127.0.0.1:{server.port}/ws/realtime"))
    await resumed.send(
        "resume",
        {
            "token": stranger.token,
            "positions": [{"channel": private, "epoch": "e", "offset": 0}],
            "commands": [things.ids["command_id"], things.made_up["command_id"]],
        },
    )
    answer = (await resumed.receive())["data"]
    (nothing,) = answer["channels"]
    assert (nothing["outcome"], nothing["epoch"], nothing["offset"]) == ("lost", "", 0)
    mine, unseen = answer["commands"]
    assert mine["receipt"]["trade"]["quantity"] == 3
    assert unseen["status"] == "never_seen"
    await resumed.socket.close()
    await listening.close()
