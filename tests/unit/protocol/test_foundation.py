"""The Foundation dialect beyond the recorded frames: every refusal and every other door."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.contract.foundation.foundation_client import sent_frame
from tests.contract.foundation.page import RECORDED, SESSION_ID, TOKEN, Page, updates
from tests.unit.gateway.doubles import (
    NOW,
    PLAYER,
    FixedGalaxy,
    frame_signer,
    surroundings,
    trade_report,
)
from tests.unit.gateway.sockets import PlayerSocket, client_frame

from sectorwars.application.rows import ReceiptKey
from sectorwars.domain.command import SwitchAutomation, Trade
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.ids import CommandId
from sectorwars.domain.market import Side
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.protocol.dialect import SessionLimits
from sectorwars.protocol.foundation_broadcast import market_update_frame
from sectorwars.protocol.framing import Opcode
from sectorwars.protocol.publication import FrameType, Publication, account_channel
from sectorwars.protocol.shapes.account import AccountUpdate
from sectorwars.protocol.shapes.forecast import Prediction

ORDER = {"commodity": "organics", "action": "buy", "amount": 10}


def trade(**changes: Any) -> dict[str, Any]:
    return {"action": "execute_trade", "command": {**ORDER, **changes}}


def news(command_id: str | None, *, side: Side = Side.SELL, with_trade: bool = True) -> Publication:
    """The player's own publication of a trade, or of something else that changed his state."""
    key = ReceiptKey(PLAYER, CommandId("c-rest"))
    update = AccountUpdate(
        type="account_update",
        state=FixedGalaxy().player_state(PLAYER, "vera"),
        trade=trade_report(Trade(side, "organics", 10), key) if with_trade else None,
        command_id=command_id,
    )
    return Publication(account_channel(PLAYER), FrameType.TRADING_SIGNAL, update, NOW, PLAYER)


async def live(limits: SessionLimits | None = None) -> Page:
    page = Page(surroundings(GatewayLimits(session=limits or SessionLimits())))
    (answer,) = await page.sign_in()
    assert answer["data"]["action"] == "auth_success"
    return page


def codes(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["data"]["code"] for frame in frames]


async def test_frame_that_is_no_request_of_anybody_is_refused() -> None:
    page = Page()
    assert codes(await page.say("ai_alert", {"action": "ping"})) == ["not_authenticated"]
    (answer,) = await page.sign_in()
    assert answer["data"]["action"] == "auth_success"


@pytest.mark.parametrize(
    "data",
    [
        {"action": "authenticate"},
        {"action": "authenticate", "token": "", "session_id": SESSION_ID},
        {"action": "authenticate", "token": 7, "session_id": SESSION_ID},
        {"action": "authenticate", "token": TOKEN, "session_id": "another"},
    ],
)
async def test_sign_in_that_is_none_fails_and_is_closed(data: dict[str, Any]) -> None:
    page = Page()
    payload = sent_frame("ai_alert", {"token": None, **data}, SESSION_ID, NOW)
    (answer,) = await page.send(payload)
    assert answer["data"]["action"] == "auth_failed"
    assert answer["data"]["code"] in {"invalid_request", "session_mismatch"}
    assert page.socket.close_code == 1000


async def test_sign_in_with_a_wrong_digest_fails() -> None:
    page = Page()
    frame = json.loads(RECORDED[0])
    frame["signature"] = "0" * 64
    (answer,) = await page.send(json.dumps(frame))
    assert answer["data"]["code"] == "invalid_signature"
    assert page.socket.close_code == 1000


async def test_second_sign_in_on_a_connection_is_refused() -> None:
    page = await live()
    assert codes(await page.send(RECORDED[0])) == ["already_authenticated"]


@pytest.mark.parametrize("payload", ["{", '{"type":"ai_alert","data":[],"session_id":"s"}'])
async def test_malformed_frame_is_answered_as_an_alert(payload: str) -> None:
    page = await live()
    (answer,) = await page.send(payload)
    assert answer["type"] == "ai_alert"
    assert answer["data"]["type"] == "trade_refused"
    assert answer["data"]["code"] in {"malformed_frame", "invalid_request"}


async def test_binary_message_is_refused() -> None:
    page = await live()
    page.socket.connection.feed(client_frame(Opcode.BINARY, b"\0"))
    page.take()
    assert codes(page.client.shown[-1:]) == ["binary_not_supported"]


async def test_stale_request_that_is_no_trade_is_refused() -> None:
    page = await live()
    page.around.clock.advance(301)
    assert codes(await page.send(RECORDED[1])) == ["stale_timestamp"]


async def test_more_goods_than_subscriptions_are_refused_with_what_remains() -> None:
    page = await live(SessionLimits(subscriptions_max=3))
    data = {"type": "subscribe", "channel": "market_data", "commodities": ["ore", "fuel"]}
    await page.say("market_update", data)
    (refused,) = await page.say("market_update", {**data, "commodities": ["ore"] * 10_000})
    assert refused["data"]["code"] == "too_many_subscriptions"
    assert (refused["data"]["limit"], refused["data"]["remaining"]) == ("subscriptions_max=3", 1)


@pytest.mark.parametrize("commodities", [["gold"], ["Organics"], "ore", [7]])
async def test_subscription_to_what_does_not_exist_is_refused(commodities: Any) -> None:
    page = await live()
    data = {"type": "subscribe", "channel": "market_data", "commodities": commodities}
    (code,) = codes(await page.say("market_update", data))
    assert code in {"unknown_commodity", "invalid_request"}
    page.wait(3)
    assert updates(page.client.shown) == []


async def test_empty_list_is_all_goods_each_once() -> None:
    page = await live()
    data = {"type": "subscribe", "channel": "market_data", "commodities": []}
    assert updates(await page.say("market_update", data)) == list(COMMODITIES)


@pytest.mark.parametrize(
    ("kind", "channel"),
    [
        ("market_update", "market_data"),
        ("universe_pulse", "universe_pulse"),
        ("trading_signal", "trading_signals"),
    ],
)
async def test_what_is_subscribed_to_is_to_be_kept_at_once(kind: str, channel: str) -> None:
    page = await live()
    changed = page.around.gateway.registry.foundation.changed
    changed.clear()
    await page.say(kind, {"type": "subscribe", "channel": channel})
    assert changed.is_set()


async def test_same_good_twice_is_one_snapshot() -> None:
    page = await live()
    data = {"type": "subscribe", "channel": "market_data", "commodities": ["ore", "ore"]}
    assert updates(await page.say("market_update", data)) == ["ore"]


async def test_sixth_pulse_subscription_in_a_minute_brings_no_pulse() -> None:
    page = await live()
    shown = [await page.send(RECORDED[2]) for _ in range(8)]
    assert [len(frames) for frames in shown] == [1] * 6 + [0] * 2


async def test_trading_can_be_switched_off() -> None:
    page = await live(SessionLimits(foundation_trading=False))
    (answer,) = await page.say("trading_signal", trade())
    assert (answer["type"], answer["data"]["code"]) == ("trading_signal", "trading_disabled")
    assert page.around.commands.submitted == []


async def test_too_many_undecided_trades_are_refused() -> None:
    page = await live(SessionLimits(requests_in_flight_max=1))
    page.around.commands.gate.clear()
    for amount in (1, 2):
        payload = sent_frame(
            "trading_signal", trade(amount=amount), SESSION_ID, page.around.clock.now()
        )
        page.socket.connection.feed(client_frame(Opcode.TEXT, payload))
    page.take()
    assert codes(page.client.shown[-1:]) == ["too_many_requests"]
    page.around.commands.gate.set()
    await page.around.gateway.settled()
    page.take()
    assert page.client.shown[-1]["data"]["type"] == "trade_executed"


async def test_prices_of_a_trade_are_told_as_they_were() -> None:
    page = await live()
    (bought,) = await page.say("trading_signal", trade())
    assert bought["data"]["trade"]["reasoning"] == ("Bought 10 organics at 61-62 credits at Haven")
    (sold,) = await page.say("trading_signal", trade(action="sell"))
    assert sold["data"]["trade"]["profit"] == 15
    assert sold["data"]["trade"]["reasoning"].startswith("Sold 10 organics at ")


async def test_trade_by_another_door_is_shown_once_to_who_asked_for_signals() -> None:
    page = await live()
    page.around.hub.publish([news("c-rest")])
    page.take()
    assert page.client.shown[1:] == []
    await page.send(RECORDED[3])
    page.around.hub.publish([news("c-rest"), news(None), news("c", with_trade=False)])
    page.take()
    shown = page.client.shown[1:]
    assert [frame["data"].get("command_id") for frame in shown] == ["c-rest", None]
    assert {frame["data"]["type"] for frame in shown} == {"trade_executed"}


async def test_own_trade_is_answered_but_not_shown_again() -> None:
    page = await live()
    await page.send(RECORDED[3])
    (answer,) = await page.say("trading_signal", trade())
    page.around.hub.publish([news(answer["data"]["command_id"])])
    page.take()
    trades = [f for f in page.client.shown if f["data"].get("type") == "trade_executed"]
    assert len(trades) == 1


async def test_oldest_trades_of_a_connection_are_forgotten_beyond_the_limit() -> None:
    page = await live(SessionLimits(messages_per_second=10_000))
    (first,) = await page.say("trading_signal", {**trade(), "timestamp": "0"})
    for number in range(1, 1_025):
        await page.say("trading_signal", {**trade(), "timestamp": str(number)})
    page.around.clock.advance(60)  # until when the client shows no more frames
    (again,) = await page.say("trading_signal", {**trade(), "timestamp": "0"})
    assert again["data"]["command_id"] == first["data"]["command_id"]
    assert again["data"]["type"] == "trade_executed"


def test_prediction_is_shown_where_there_is_one() -> None:
    figures = FixedGalaxy().market_realtime(Commodity.ORE)
    foretold = replace(figures, prediction=Prediction("1h", 50.0, 55.5, 0.71, "Why.", "low"))
    data = json.loads(market_update_frame(foretold, "stream-1", NOW, frame_signer()))["data"]
    assert (data["predicted_price"], data["confidence"]) == (55.5, 0.71)
    plain = json.loads(market_update_frame(figures, "stream-1", NOW, frame_signer()))["data"]
    assert plain == {"commodity": "ore", "price": 52.0, "volume": 120}


@pytest.mark.parametrize(
    ("reference", "predicted", "price", "shown"),
    [
        (50.0, 55.5, 49.0, True),
        (50.0, 55.5, 55.4, True),
        (50.0, 55.5, 55.5, False),
        (50.0, 55.5, 56.0, False),
        (60.0, 55.5, 61.0, True),
        (60.0, 55.5, 55.6, True),
        (60.0, 55.5, 55.5, False),
        (60.0, 55.5, 54.0, False),
    ],
)
def test_prediction_that_the_price_has_passed_is_not_shown(
    reference: float, predicted: float, price: float, shown: bool
) -> None:
    prediction = Prediction("1h", reference, predicted, 0.71, "Why.", "low")
    figures = FixedGalaxy().market_realtime(Commodity.ORE)
    passed = replace(figures, price=price, prediction=prediction)
    data = json.loads(market_update_frame(passed, "stream-1", NOW, frame_signer()))["data"]
    assert ("predicted_price" in data, "confidence" in data) == (shown, shown)


async def test_returning_session_gets_the_pulse_that_is_due() -> None:
    page = await live()
    await page.send(RECORDED[2])
    page.socket.lose()
    page.around.clock.advance(30)
    page.socket = PlayerSocket(page.around)
    shown = await page.send(RECORDED[0])
    assert [frame["type"] for frame in shown] == ["ai_alert", "universe_pulse"]


async def test_refused_requests_beyond_the_limit_are_only_counted() -> None:
    page = await live(SessionLimits(refusals_per_minute=2))
    shown = [await page.say("market_update", {"action": str(n)}) for n in range(4)]
    assert [len(frames) for frames in shown] == [1, 1, 0, 0]


TOGGLE = {"action": "toggle_automation", "active": True, "timestamp": "2026-11-23T03:37:01.164Z"}


async def test_toggle_is_answered_with_the_committed_status() -> None:
    page = await live()
    (answer,) = await page.say("trading_signal", TOGGLE)
    assert answer["type"] == "trading_signal"
    assert answer["data"]["type"] == "automation_update"
    assert answer["data"]["status"] == {
        "isActive": True,
        "totalProfitToday": -3,
        "tradesExecuted": 2,
        "rulesActive": 1,
        "lastAction": None,
        "pauseOnDisconnect": False,
        "pausedAt": None,
    }
    (envelope,) = page.around.commands.submitted
    assert envelope.command == SwitchAutomation(True)
    assert envelope.command_id == answer["data"]["command_id"]


async def test_toggle_without_a_wish_flips() -> None:
    page = await live()
    await page.say("trading_signal", {"action": "toggle_automation"})
    assert page.around.commands.submitted[0].command == SwitchAutomation(None)


async def test_toggle_that_is_none_switches_nothing() -> None:
    page = await live()
    frames = await page.say("trading_signal", {**TOGGLE, "active": "yes"})
    assert codes(frames) == ["invalid_request"]
    assert page.around.commands.submitted == []


async def test_automation_can_always_be_stopped_but_only_started_where_trading_is_on() -> None:
    page = await live(SessionLimits(foundation_trading=False))
    assert codes(await page.say("trading_signal", TOGGLE)) == ["trading_disabled"]
    (stopped,) = await page.say("trading_signal", {**TOGGLE, "active": False})
    assert stopped["data"]["type"] == "automation_update"
    assert [e.command for e in page.around.commands.submitted] == [SwitchAutomation(False)]


async def test_automated_trade_is_shown_once_with_its_reasoning_and_the_new_status() -> None:
    page = await live()
    await page.say("trading_signal", {"type": "subscribe", "channel": "trading_signals"})
    status = FixedGalaxy().automation_status(PLAYER)
    by_rule = news("rule-r-1-buy-7")
    by_rule = replace(
        by_rule, data=replace(by_rule.data, automation=status, reasoning="ask below 61")
    )
    before = len(page.client.shown)
    page.around.hub.publish([by_rule])
    page.take()
    executed, updated = (frame["data"] for frame in page.client.shown[before:])
    assert (executed["type"], executed["trade"]["reasoning"]) == ("trade_executed", "ask below 61")
    assert (updated["type"], updated["status"]["tradesExecuted"]) == ("automation_update", 2)


async def test_automation_is_not_shown_to_who_follows_no_signals() -> None:
    page = await live()
    before = len(page.client.shown)
    switched = news("c-rest", with_trade=False)
    status = FixedGalaxy().automation_status(PLAYER)
    page.around.hub.publish([replace(switched, data=replace(switched.data, automation=status))])
    page.take()
    assert page.client.shown[before:] == []


async def test_forged_frames_and_failed_sign_ins_are_counted_for_the_audit() -> None:
    page = await live()
    frame = json.loads(sent_frame("trading_signal", trade(), SESSION_ID, page.around.clock.now()))
    await page.send(json.dumps({**frame, "signature": "0" * 64}))
    await page.send(json.dumps({**frame, "session_id": "another"}))
    assert page.around.denials.seen == [
        (PLAYER, "invalid_signature"),
        (PLAYER, "session_mismatch"),
    ]
    stranger = Page()
    stranger.around.tokens.principals.clear()
    await stranger.sign_in()
    assert stranger.around.denials.seen == [(None, "token_invalid")]
