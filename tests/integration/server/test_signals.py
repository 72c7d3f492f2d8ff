"""Trading signals, forecasts and ARIA on channels of their own, beside the account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.contract.asyncapi.document import assert_sent
from tests.integration.server.players import Meeting, NativePlayer, RestPlayer
from tests.integration.server.process import Server, running_for_a_while
from websockets.asyncio.client import ClientConnection, connect

from sectorwars.domain.commodity import COMMODITIES
from sectorwars.sdk.keyring import Keyring

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]

ALWAYS = {"type": "price_above", "value": 0, "comparison": "greater_than"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of this module's own, on which no other test's orders rest."""
    with running_for_a_while() as server:
        yield server


@pytest.fixture(scope="module")
def hasty_server() -> Iterator[Server]:
    """A server on which a game hour passes each second."""
    with running_for_a_while({"SECTORWARS_TIME_SCALE": "3600"}) as server:
        yield server


def socket(server: Server) -> connect:
    return connect(f"ws://127.0.0.1:{server.port}/ws/realtime")


class Feed:
    """A native connection that keeps what is published, each frame as documented and signed."""

    def __init__(
        self, player: NativePlayer, keyring: Keyring, places: dict[str, dict[str, Any]]
    ) -> None:
        self.player = player
        self.places = places
        self.texts: list[str] = []
        self._keyring = keyring

    @classmethod
    async def follow(
        cls, line: ClientConnection, http: httpx.AsyncClient, owner: RestPlayer, *channels: str
    ) -> Feed:
        """Sign in and subscribe."""
        keyring = Keyring()
        keyring.load((await http.get("/.well-known/jwks.json")).json())
        player = await NativePlayer.authenticate(line, owner.token)
        answer = await player.ask("subscribe", {"channels": list(channels)})
        assert answer["type"] == "subscribed", answer
        places = {place["channel"]: place for place in answer["data"]["channels"]}
        return cls(player, keyring, places)

    async def next(self, channel: str, kind: str | None = None) -> dict[str, Any]:
        """Return the next frame of a channel, and of a type of data."""
        while True:
            text = await self.player.socket.recv()
            assert isinstance(text, str)
            frame: dict[str, Any] = json.loads(text)
            if "offset" not in frame:
                continue
            self.texts.append(text)
            assert_sent(frame["channel"], frame)
            self._keyring.check(frame)
            if frame["channel"] == channel and kind in {None, frame["data"]["type"]}:
                return frame


async def test_an_own_trade_is_a_signal_under_the_id_of_the_receipt_and_the_account(
    server: Server, http: httpx.AsyncClient
) -> None:
    owner = await RestPlayer.register(http)
    good = await owner.cheapest_good()
    async with socket(server) as line:
        feed = await Feed.follow(line, http, owner, "account", "signals")
        assert feed.places["signals"]["snapshot"] == {}
        order = {"command_id": "c-1", "commodity": good, "quantity": 3}
        receipt = await owner.perform("/trading/buy", order)
        account = await feed.next("account", "account_update")
        signal = await feed.next("signals")
    assert signal["player_id"] == owner.grant["player_id"]
    assert signal["data"]["type"] == "trade"
    assert signal["data"]["trade"] == receipt["trade"] == account["data"]["trade"]
    assert signal["data"]["command_id"] == "c-1"


async def test_another_players_channels_are_unknown_when_subscribing_and_coming_back(
    server: Server, http: httpx.AsyncClient
) -> None:
    victim, thief = await RestPlayer.register(http), await RestPlayer.register(http)
    names = [f"{name}.{victim.grant['player_id']}" for name in ("signals", "aria", "account")]
    async with socket(server) as theirs, socket(server) as first, socket(server) as second:
        feed = await Feed.follow(theirs, http, victim, "signals", "aria", "account")
        line = await NativePlayer.authenticate(first, thief.token)
        for name in names:
            refused = await line.ask("subscribe", {"channels": [name]})
            assert refused["data"]["code"] == "unknown_channel"
        positions = [
            {"channel": name, "epoch": feed.places[name.partition(".")[0]]["epoch"], "offset": 0}
            for name in names
        ]
        data = {"token": thief.token, "positions": positions, "commands": []}
        await NativePlayer(second).send("resume", data)
        resumed = json.loads(await second.recv())
        assert {entry["outcome"] for entry in resumed["data"]["channels"]} == {"lost"}


async def test_what_a_rule_trades_is_a_signal_with_its_reasoning(
    server: Server, http: httpx.AsyncClient
) -> None:
    owner = await RestPlayer.register(http)
    good = await owner.cheapest_good()
    rule = {
        "name": "Some of it",
        "commodity": good,
        "buyConditions": [ALWAYS],
        "sellConditions": [],
        "riskLevel": "conservative",
        "maxInvestment": 1_000,
    }
    async with socket(server) as line:
        feed = await Feed.follow(line, http, owner, "signals")
        rule_id = (await owner.post("/trading/automation/rules", rule)).json()["id"]
        await owner.perform(f"/trading/automation/rules/{rule_id}/toggle", {"active": True})
        await owner.perform("/trading/automation/toggle", {"active": True})
        steps = [(await feed.next("signals"))["data"] for _ in range(3)]
        traded = (await feed.next("signals"))["data"]
    assert [(step["type"], step["event"], step["rule_id"]) for step in steps] == [
        ("automation", "rule_created", rule_id),
        ("automation", "rule_toggled", rule_id),
        ("automation", "switched", None),
    ]
    assert [step["automation"]["isActive"] for step in steps] == [False, False, True]
    assert (traded["type"], traded["trade"]["rule_id"]) == ("trade", rule_id)
    assert "by the rule Some of it" in traded["reasoning"]
    assert traded["automation"]["lastAction"]["reasoning"] == traded["reasoning"]
    (kept,) = (await owner.read("/trading/history"))["items"]
    assert traded["trade"] == kept


async def test_who_has_an_order_resting_is_told_when_another_fills_it(
    server: Server, http: httpx.AsyncClient
) -> None:
    maker, taker, _, good, price = await Meeting.arrange(http)
    order = {"commodity": good, "quantity": 4, "limit_price": price}
    async with socket(server) as line:
        feed = await Feed.follow(line, http, maker, "signals")
        placed = (await maker.perform("/trading/orders", {"side": "sell", **order}))["order"]
        await taker.perform("/trading/orders", {"side": "buy", **order})
        filled = (await feed.next("signals"))["data"]
    assert filled["trade"]["order_id"] == placed["order_id"]
    assert (filled["trade"]["side"], filled["trade"]["quantity"]) == ("sell", 4)
    sale = (await maker.read("/trading/history"))["items"][0]
    assert filled["trade"]["trade_id"] == sale["trade_id"]


async def test_what_was_missed_of_signals_comes_again_byte_for_byte(
    server: Server, http: httpx.AsyncClient
) -> None:
    owner = await RestPlayer.register(http)
    good = await owner.cheapest_good()
    async with socket(server) as line:
        feed = await Feed.follow(line, http, owner, "signals")
        for _ in range(3):
            await owner.perform("/trading/buy", {"commodity": good, "quantity": 1})
            await feed.next("signals")
    place = feed.places["signals"]
    first = json.loads(feed.texts[0])
    position = {"channel": "signals", "epoch": place["epoch"], "offset": first["offset"]}
    unknown = {"channel": "aria", "epoch": place["epoch"], "offset": 1}
    async with socket(server) as line:
        data = {"token": owner.token, "positions": [position, unknown], "commands": []}
        await NativePlayer(line).send("resume", data)
        resumed = json.loads(await line.recv())["data"]["channels"]
        assert [(each["outcome"], each["missed"]) for each in resumed] == [
            ("replay", 2),
            ("lost", 0),
        ]
        assert [await line.recv() for _ in range(2)] == feed.texts[1:]


async def test_an_alert_is_told_by_aria_and_in_the_account_under_one_id(
    server: Server, http: httpx.AsyncClient
) -> None:
    owner = await RestPlayer.register(http)
    async with socket(server) as line:
        feed = await Feed.follow(line, http, owner, "account", "aria")
        assert feed.places["aria"]["snapshot"] == {}
        alert = {"commodity": "ore", "condition": "price_above", "value": 1}
        assert (await owner.post("/alerts", alert)).status_code == 201
        told: dict[str, list[str]] = {"account": [], "aria": []}
        while not all(told.values()):
            frame = json.loads(await line.recv())
            if "offset" in frame and frame["data"].get("type") == "ai_alert":
                assert_sent(frame["channel"], frame)
                if frame["data"]["alert"]["kind"] == "price":
                    told[frame["channel"]].append(frame["data"]["alert"]["alert_id"])
    assert told["account"] == told["aria"]
    received = (await owner.read("/alerts"))["received"]
    assert told["aria"][0] in {each["alert_id"] for each in received}


async def propose(owner: RestPlayer, good: str) -> dict[str, Any]:
    said = {"message": f"Buy 2 {good.replace('_', ' ')}"}
    (proposal,) = (await owner.perform("/aria/messages", said))["proposals"]
    assert isinstance(proposal, dict)
    return proposal


async def test_what_becomes_of_proposals_is_told_without_a_word_of_the_conversation(
    server: Server, http: httpx.AsyncClient
) -> None:
    owner = await RestPlayer.register(http)
    good = await owner.cheapest_good()
    async with socket(server) as line:
        feed = await Feed.follow(line, http, owner, "aria", "signals")
        first, second = await propose(owner, good), await propose(owner, good)
        await owner.perform(f"/aria/proposals/{first['proposal_id']}/decline")
        receipt = await owner.perform(f"/aria/proposals/{second['proposal_id']}/confirm")
        traded = (await feed.next("signals"))["data"]
        told = [json.loads(text)["data"] for text in feed.texts if '"aria"' in text]
        while len(proposals := [data for data in told if data["type"] == "proposal"]) < 4:
            told.append((await feed.next("aria"))["data"])
    assert [(data["proposal_id"], data["status"]) for data in proposals] == [
        (first["proposal_id"], "open"),
        (second["proposal_id"], "open"),
        (first["proposal_id"], "declined"),
        (second["proposal_id"], "executed"),
    ]
    assert [data["expires_at"] for data in proposals] == [
        *(first["expires_at"], second["expires_at"]),
        *(None, None),
    ]
    assert proposals[-1]["trade_id"] == receipt["trade"]["trade_id"] == traded["trade"]["trade_id"]
    assert not any("Buy 2" in text for text in feed.texts)


async def test_forecasts_are_published_to_all_alike_as_each_game_hour_ends(
    hasty_server: Server,
) -> None:
    async with (
        httpx.AsyncClient(base_url=hasty_server.url, timeout=60) as http,
        socket(hasty_server) as first,
        socket(hasty_server) as second,
    ):
        one, other = await RestPlayer.register(http), await RestPlayer.register(http)
        feed = await Feed.follow(first, http, one, "predictions")
        before = feed.places["predictions"]["snapshot"]
        assert before["type"] == "predictions"
        theirs = await Feed.follow(second, http, other, "predictions")
        frames = [await feed.next("predictions") for _ in range(2)]
        while theirs.places["predictions"]["offset"] >= frames[-1]["offset"]:
            frames.append(await feed.next("predictions"))
        while len(theirs.texts) < 1 or json.loads(theirs.texts[-1]) not in frames:
            await theirs.next("predictions")
        assert theirs.texts[-1] in feed.texts
    for frame in frames:
        assert (frame["type"], "player_id" in frame) == ("trading_signal", False)
        forecasts = frame["data"]["forecasts"]
        assert {forecast["commodity"] for forecast in forecasts} == set(COMMODITIES)
        assert len({forecast["made_at"] for forecast in forecasts}) == 1
    made = [frame["data"]["forecasts"][0]["made_at"] for frame in frames]
    assert made == sorted(set(made))
    assert made[0] > max(forecast["made_at"] for forecast in before["forecasts"])
