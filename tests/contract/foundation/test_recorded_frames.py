"""The Foundation client's own frames, as recorded in a browser, against a real gateway session."""

import json
from typing import Any

import pytest
from tests.contract.foundation.foundation_client import (
    javascript_json,
    sent_frame,
)
from tests.contract.foundation.page import RECORDED, SESSION_ID, TOKEN, VECTORS, Page, updates
from tests.unit.gateway.doubles import NOW, PLAYER, principal
from tests.unit.gateway.sockets import PlayerSocket

from sectorwars.domain.market import Side
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, parse_rfc3339
from sectorwars.protocol.pacing import BEAT_SECONDS
from sectorwars.protocol.signing import foundation_digest


@pytest.mark.parametrize("vector", VECTORS)
def test_digest_is_over_the_bytes_that_were_sent(vector: dict[str, str]) -> None:
    covered = vector["digest_over"]
    session_id = json.loads(vector["text"])["session_id"]
    data = covered.removesuffix(session_id)
    assert foundation_digest(data.encode(), session_id) == vector["digest"]


async def test_signs_in_with_the_first_frame() -> None:
    page = Page()
    (answer,) = await page.sign_in()
    assert answer["type"] == "ai_alert"
    assert answer["data"]["action"] == "auth_success"
    assert answer["player_id"] == PLAYER
    assert answer["session_id"] == SESSION_ID


async def test_every_recorded_frame_is_answered_and_shown() -> None:
    page = Page()
    answers = []
    for text in RECORDED:
        page.around.clock.wall = parse_rfc3339(json.loads(text)["timestamp"])
        answers.append(await page.send(text))
    subscribed = json.loads(RECORDED[1])["data"]["commodities"]
    assert updates(answers[1]) == subscribed
    assert [frame["type"] for frame in answers[2]] == ["universe_pulse"]
    assert answers[3] == []
    (toggled,) = answers[8]
    assert toggled["data"]["type"] == "automation_update"
    assert toggled["data"]["status"]["isActive"] is True
    for asked in (answers[4], answers[5]):
        assert [frame["data"]["action"] for frame in asked] == ["predictions_response"]
    (executed,) = answers[6]
    assert executed["data"]["type"] == "trade_executed"
    (refused,) = answers[7]
    assert (refused["type"], refused["data"]["type"]) == ("trading_signal", "trade_refused")
    assert refused["data"]["code"] == "insufficient_hold"
    assert answers[9][0]["data"] == {"action": "pong"}
    assert answers[10][0]["data"]["code"] == "session_mismatch"
    assert page.client.dropped == []


async def test_trade_is_the_players_own_and_named_by_its_digest() -> None:
    page = Page()
    await page.sign_in()
    (answer,) = await page.send(RECORDED[6])
    (envelope,) = page.around.commands.submitted
    digest = json.loads(RECORDED[6])["signature"]
    assert envelope.command_id == answer["data"]["command_id"] == f"f-{digest}"
    assert envelope.player_id == PLAYER
    trade = answer["data"]["trade"]
    assert (trade["type"], trade["commodity"], trade["amount"]) == ("buy", "minerals", 1)
    assert trade["profit"] == 0
    assert trade["reasoning"] == "Bought 1 minerals at 62 credits at Haven"


async def test_same_bytes_again_are_a_receipt_here_and_the_trade_on_a_new_connection() -> None:
    page = Page()
    await page.sign_in()
    (first,) = await page.send(RECORDED[6])
    (again,) = await page.send(RECORDED[6])
    assert (again["type"], again["data"]["action"]) == ("ai_alert", "receipt")
    assert again["data"]["command_id"] == first["data"]["command_id"]
    page.socket = PlayerSocket(page.around)
    await page.sign_in()
    (returned,) = await page.send(RECORDED[6])
    assert returned["data"] == first["data"]
    assert len(page.around.commands.receipts) == 1


async def test_old_bytes_get_their_receipt_but_never_a_new_trade() -> None:
    page = Page()
    await page.sign_in()
    (first,) = await page.send(RECORDED[6])
    page.around.clock.advance(3_600)
    page.socket = PlayerSocket(page.around)
    page.around.tokens.principals[TOKEN] = principal(
        expires_at=UnixMicros(NOW + 7_200 * MICROS_PER_SECOND)
    )
    await page.send(RECORDED[0])
    (known,) = await page.send(RECORDED[6])
    assert known["data"] == first["data"]
    (unknown,) = await page.send(RECORDED[7])
    assert unknown["data"]["code"] == "stale_timestamp"
    assert len(page.around.commands.submitted) == 1


async def test_wrong_digest_trades_nothing() -> None:
    page = Page()
    await page.sign_in()
    forged = RECORDED[6].replace('"amount":1,', '"amount":9,')
    (answer,) = await page.send(forged)
    assert (answer["type"], answer["data"]["type"]) == ("trading_signal", "trade_refused")
    assert answer["data"]["code"] == "invalid_signature"
    assert page.around.commands.submitted == []


async def test_market_updates_keep_the_promised_pace_within_the_clients_limit() -> None:
    page = Page()
    await page.sign_in()
    for text in RECORDED[1:4]:
        await page.send(text)
    seen: dict[str, float] = {}
    clock = page.around.clock
    started = clock.monotonic()
    last_update = started
    while clock.monotonic() - started < 300:
        shown = len(page.client.shown)
        page.wait(BEAT_SECONDS)
        now = clock.monotonic()
        for good in updates(page.client.shown[shown:]):
            assert now - seen.get(good, now) <= 7.0, f"{good} came too rarely"
            assert now - last_update <= 1.0
            seen[good] = last_update = now
    assert len(seen) == 6
    assert now - last_update <= 1.0
    assert page.client.dropped == []


async def test_five_reconnections_in_a_minute_stay_within_the_limit() -> None:
    page = Page()
    await page.sign_in()
    everything = {
        "type": "subscribe",
        "channel": "market_data",
        "commodities": [],
        "real_time": True,
    }
    now = page.around.clock.now()
    await page.send(sent_frame("market_update", everything, SESSION_ID, now))
    for _ in range(8):
        page.wait(15)
        page.socket.lose()
        page.socket = PlayerSocket(page.around)
        await page.sign_in()
    page.wait(120)
    assert [fault for fault, _ in page.client.dropped] == []


async def test_returning_session_gets_its_subscriptions_back() -> None:
    page = Page()
    await page.sign_in()
    for text in RECORDED[1:4]:
        await page.send(text)
    page.socket.lose()
    page.around.clock.advance(10)
    page.socket = PlayerSocket(page.around)
    shown = await page.send(RECORDED[0])
    assert shown[0]["data"]["action"] == "auth_success"
    assert set(updates(shown)) == set(json.loads(RECORDED[1])["data"]["commodities"])


async def restarted(page: Page, seconds: float) -> Page:
    """Return the page in front of the server's next run, which starts `seconds` later."""
    rows = page.around.gateway.foundation_sessions()
    after = Page()
    after.around.clock.wall = page.around.clock.wall
    after.around.clock.advance(seconds)
    after.around.gateway.restore_foundation_sessions(rows)
    return after


async def test_restart_gives_a_session_its_subscriptions_back() -> None:
    page = Page()
    await page.sign_in()
    for text in RECORDED[1:4]:
        await page.send(text)
    after = await restarted(page, 10)
    shown = await after.send(RECORDED[0])
    assert shown[0]["data"]["action"] == "auth_success"
    assert set(updates(shown)) == set(json.loads(RECORDED[1])["data"]["commodities"])
    assert shown[-1]["type"] == "universe_pulse"


@pytest.mark.parametrize(("seconds_away", "comes_back"), [(49.0, True), (61.0, False)])
async def test_expired_token_brings_a_session_back_over_a_restart(
    seconds_away: float, comes_back: bool
) -> None:
    page = Page()
    await page.sign_in()
    page.wait(910)
    after = await restarted(page, seconds_away)
    (answer,) = await after.send(RECORDED[0])
    assert (answer["data"]["action"] == "auth_success") is comes_back


async def test_session_lost_before_a_restart_is_not_given_its_minute_again() -> None:
    page = Page()
    await page.sign_in()
    page.wait(910)
    page.socket.lose()
    page.around.clock.advance(40)
    after = await restarted(page, 21)
    (answer,) = await after.send(RECORDED[0])
    assert answer["data"]["code"] == "token_expired"


async def test_session_that_nobody_comes_back_to_is_no_longer_kept() -> None:
    page = Page()
    await page.sign_in()
    after = await restarted(page, 10)
    after.wait(55)
    assert after.around.gateway.foundation_sessions() == []


@pytest.mark.parametrize(("seconds_lost", "comes_back"), [(59.0, True), (61.0, False)])
async def test_expired_token_brings_a_session_back_for_a_minute(
    seconds_lost: float, comes_back: bool
) -> None:
    page = Page()
    await page.sign_in()
    page.wait(910)
    page.socket.lose()
    page.around.clock.advance(seconds_lost)
    page.socket = PlayerSocket(page.around)
    (answer,) = await page.send(RECORDED[0])
    assert (answer["data"]["action"] == "auth_success") is comes_back
    if not comes_back:
        assert answer["data"]["code"] == "token_expired"
        assert page.socket.close_code == 1000


async def test_expired_token_of_another_sign_in_brings_nothing_back() -> None:
    page = Page()
    await page.sign_in()
    page.wait(910)
    page.socket.lose()
    page.around.tokens.principals[TOKEN] = principal(sid="sid-of-another-login")
    page.socket = PlayerSocket(page.around)
    (answer,) = await page.send(RECORDED[0])
    assert answer["data"]["code"] == "token_expired"


async def test_older_of_two_connections_is_left_open_and_silent() -> None:
    page = Page()
    await page.sign_in()
    for text in RECORDED[1:4]:
        await page.send(text)
    older = page.socket
    page.socket = PlayerSocket(page.around)
    await page.sign_in()
    older.take()
    page.wait(30)
    assert older.take() == []
    assert older.close_code is None
    assert updates(page.client.shown[-20:]) != []


async def test_refused_sign_in_is_closed_with_1000_and_says_why() -> None:
    page = Page()
    page.around.tokens.principals.clear()
    (answer,) = await page.sign_in()
    assert answer["data"]["action"] == "auth_failed"
    assert (answer["data"]["code"], answer["data"]["retry"]) == ("token_invalid", "never")
    assert page.socket.close_code == 1000


async def test_market_frame_that_a_client_forges_comes_back_to_nobody() -> None:
    page = Page()
    await page.sign_in()
    forged = {"commodity": "ore", "price": 1, "volume": 1}
    now = page.around.clock.now()
    (answer,) = await page.send(sent_frame("market_update", forged, SESSION_ID, now))
    assert answer["type"] == "ai_alert"
    assert answer["data"]["code"] == "unknown_request"


async def test_after_twenty_refusals_a_minute_one_summary() -> None:
    page = Page()
    await page.sign_in()
    for number in range(50):
        command = {"commodity": "ore", "action": "buy", "amount": 1_000 + number}
        data = {"action": "execute_trade", "command": command}
        await page.send(sent_frame("trading_signal", data, SESSION_ID, page.around.clock.now()))
    refused = [frame for frame in page.client.shown if frame["data"].get("type") == "trade_refused"]
    assert len(refused) == 20
    page.wait(61)
    summaries = [
        frame for frame in page.client.shown if frame["data"].get("code") == "refusals_summarised"
    ]
    assert [frame["data"]["count"] for frame in summaries] == [30]
    assert page.client.dropped == []


@pytest.mark.parametrize("amount", [1.5, "10", None, True, [1], {"n": 1}])
async def test_amount_that_is_no_whole_number_is_refused(amount: Any) -> None:
    page = Page()
    await page.sign_in()
    command = {"commodity": "ore", "action": "buy", "amount": amount}
    data = {"action": "execute_trade", "command": command}
    (answer,) = await page.send(
        sent_frame("trading_signal", data, SESSION_ID, page.around.clock.now())
    )
    assert answer["data"]["code"] == "invalid_request"
    assert page.around.commands.submitted == []


async def test_bound_of_the_side_binds() -> None:
    page = Page()
    await page.sign_in()
    command = {"commodity": "ore", "action": "sell", "amount": 2, "minPrice": 55, "maxPrice": 70}
    data = {"action": "execute_trade", "command": command}
    await page.send(sent_frame("trading_signal", data, SESSION_ID, page.around.clock.now()))
    (envelope,) = page.around.commands.submitted
    assert envelope.command.side is Side.SELL
    assert envelope.command.price_bound == 55


def test_javascript_json_is_what_the_client_hashed() -> None:
    for vector in VECTORS:
        assert vector["text"] == javascript_json(json.loads(vector["text"]))
