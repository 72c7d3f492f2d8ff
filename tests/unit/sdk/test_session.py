"""The session over lost connections, on virtual time: no command is lost or doubled."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.sdk.serving import SESSION, START, Serving, at

from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.sdk.errors import (
    ForgedFrameError,
    InvalidRequestError,
    RejectedError,
    UnavailableError,
)
from sectorwars.sdk.event import MarketChange, Snapshot
from sectorwars.sdk.keyring import Keyring
from sectorwars.sdk.session import Admitted, Answered, ClientSession, NotAdmitted

TRADE = {"command_id": "c1", "side": "buy", "commodity": "ore", "quantity": 3}
INDEX = {
    "commodity": "ore",
    "price": 51.5,
    "bid": 50.0,
    "ask": 53.0,
    "volume_24h": 1,
    "change_24h": 0.5,
    "high_24h": 60.0,
    "low_24h": 40.0,
    "trend": "up",
    "prediction": None,
    "version": 1,
    "as_of": "2026-01-01T00:00:00Z",
    "game_time": "2102-01-01T00:00:00Z",
}


def opened(serving: Serving) -> ClientSession:
    keyring = Keyring()
    keyring.load(serving.jwks)
    session = ClientSession(SESSION, keyring, lambda: 0.5)
    session.opened("token", at(0))
    return session


def admitted(serving: Serving) -> ClientSession:
    session = opened(serving)
    assert session.receive(serving.resumed(), at(0)) == [Admitted("pl_1")]
    return session


def due(session: ClientSession, seconds: float) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in session.due(at(seconds))]


def reconnected(session: ClientSession, serving: Serving, fates: list[Any]) -> Any:
    session.lost()
    first = json.loads(session.opened("token", at(1)))
    return first["data"], session.receive(serving.resumed(commands=fates), at(1))


def test_nothing_is_sent_before_the_server_has_let_the_client_in() -> None:
    serving = Serving()
    session = opened(serving)
    session.request("c1", "execute_trade", TRADE)
    assert session.due(at(0)) == []
    assert session.next_due() is None
    session.receive(serving.resumed(), at(0))
    [frame] = session.due(at(0))
    assert serving.is_signed(frame)
    assert json.loads(frame)["data"] == TRADE


def test_counters_rise_and_requests_in_flight_stay_below_the_limit() -> None:
    serving = Serving(in_flight_max=2)
    session = admitted(serving)
    for name in ("a", "b", "c"):
        session.request(name, "execute_trade", {**TRADE, "command_id": name})
    frames = session.due(at(0))
    assert [json.loads(frame)["counter"] for frame in frames] == [2, 3]
    session.receive(serving.answer("trade_executed", {"receipt": 1}, frames[0]), at(0))
    assert [frame["data"]["command_id"] for frame in due(session, 0)] == ["c"]


def test_messages_stay_below_the_announced_rate() -> None:
    session = admitted(Serving(per_second=2))
    for name in ("a", "b", "c"):
        session.request(name, "execute_trade", {**TRADE, "command_id": name})
    assert len(due(session, 0)) == 2
    assert session.next_due() == 0.5
    assert due(session, 0.4) == []
    assert len(due(session, 0.5)) == 1


def test_an_answer_settles_its_command_once() -> None:
    serving = Serving()
    session = admitted(serving)
    session.request("c1", "execute_trade", TRADE)
    [frame] = session.due(at(0))
    answer = serving.answer("trade_executed", {"command_id": "c1"}, frame)
    assert session.receive(answer, at(0)) == [Answered("c1", {"command_id": "c1"})]
    assert session.receive(answer, at(0)) == ()
    assert session.due(at(99)) == []


def test_a_second_request_under_a_key_is_not_taken() -> None:
    session = admitted(Serving())
    session.request("c1", "execute_trade", TRADE)
    with pytest.raises(ValueError, match="under way"):
        session.request("c1", "execute_trade", TRADE)


@pytest.mark.parametrize(
    ("status", "sent_again"), [("never_seen", True), ("pending", True), ("executed", False)]
)
def test_a_returning_client_asks_for_fates_and_sends_what_is_not_done_under_the_same_id(
    status: str, sent_again: bool
) -> None:
    serving = Serving()
    session = admitted(serving)
    session.request("c1", "execute_trade", TRADE)
    session.due(at(0))
    receipt = {"command_id": "c1"} if status == "executed" else None
    fate = {"command_id": "c1", "status": status, "receipt": receipt}
    said, outcomes = reconnected(session, serving, [fate])
    assert said["commands"] == ["c1"]
    assert (Answered("c1", {"command_id": "c1"}) in outcomes) is not sent_again
    assert [frame["data"] for frame in due(session, 1)] == ([TRADE] if sent_again else [])


def test_a_rejection_that_was_missed_is_told_with_code_number_and_class() -> None:
    serving = Serving()
    session = admitted(serving)
    session.request("c1", "execute_trade", TRADE)
    session.due(at(0))
    fate = {
        "command_id": "c1",
        "status": "rejected",
        "code": "insufficient_stock",
        "number": 501,
        "retry": "new_id",
        "detail": "There is no ore.",
    }
    _, [_, answered] = reconnected(session, serving, [fate])
    assert isinstance(answered.answer, RejectedError)
    assert (answered.answer.code, answered.answer.number) == ("insufficient_stock", 501)
    assert due(session, 1) == []


def test_a_temporary_refusal_is_repeated_under_the_same_id_after_the_wait() -> None:
    serving = Serving()
    session = admitted(serving)
    session.request("c1", "execute_trade", TRADE)
    [frame] = session.due(at(0))
    refusal = {"code": "busy", "retry": "later", "reason": "Busy.", "retry_after_ms": 2_000}
    assert session.receive(serving.answer("error", refusal, frame), at(0)) == ()
    # The wait that was asked for, and half of the first bound of a quarter of a second.
    assert session.next_due() == 2.125
    assert due(session, 2.1) == []
    assert [frame["data"] for frame in due(session, 2.125)] == [TRADE]


def test_a_final_refusal_ends_the_command() -> None:
    serving = Serving()
    session = admitted(serving)
    session.request("c1", "execute_trade", TRADE)
    [frame] = session.due(at(0))
    refusal = {"code": "unknown_commodity", "retry": "never", "reason": "No such good."}
    [answered] = session.receive(serving.answer("error", refusal, frame), at(0))
    assert isinstance(answered, Answered)
    assert isinstance(answered.answer, InvalidRequestError)


def test_a_withdrawn_command_is_not_sent_again() -> None:
    serving = Serving()
    session = admitted(serving)
    session.request("c1", "execute_trade", TRADE)
    session.due(at(0))
    session.withdraw("c1")
    said, _ = reconnected(session, serving, [])
    assert said["commands"] == []
    assert due(session, 1) == []


def subscribed(serving: Serving, offset: int) -> ClientSession:
    session = admitted(serving)
    session.request("sub", "subscribe", {"channels": ["market.ore"]})
    [frame] = session.due(at(0))
    [snapshot, answered] = session.receive(snapshot_answer(serving, frame, offset), at(0))
    assert isinstance(snapshot, Snapshot)
    assert isinstance(answered, Answered)
    return session


def snapshot_answer(serving: Serving, frame: bytes, offset: int) -> bytes:
    entry = {"channel": "market.ore", "epoch": "e1", "offset": offset, "snapshot": INDEX}
    return serving.answer("subscribed", {"channels": [entry]}, frame)


def test_events_come_once_in_order_and_tell_what_was_skipped() -> None:
    serving = Serving()
    session = subscribed(serving, 7)
    [event] = session.receive(serving.published("market.ore", 8, INDEX), at(1))
    assert isinstance(event, MarketChange)
    assert (event.offset, event.skipped, event.market.price) == (8, 0, 51.5)
    assert session.receive(serving.published("market.ore", 8, INDEX), at(1)) == ()
    [event] = session.receive(serving.published("market.ore", 12, INDEX), at(1))
    assert isinstance(event, MarketChange)
    assert event.skipped == 3


def test_the_servers_word_that_prices_grow_old_holds_for_its_connection() -> None:
    serving = Serving()
    session = admitted(serving)
    request = session.reauthenticate("newer", at(0))
    assert not session.is_stale
    for stale in (True, False, True):
        assert session.receive(serving.answer("stale", {"stale": stale}, request), at(1)) == ()
        assert session.is_stale is stale
    session.lost()
    assert not session.is_stale


def test_a_returning_client_says_where_it_was_and_goes_on_from_there() -> None:
    serving = Serving()
    session = subscribed(serving, 7)
    session.lost()
    first = json.loads(session.opened("token", at(1)))
    position = {"channel": "market.ore", "epoch": "e1", "offset": 7}
    assert first["data"]["positions"] == [position]
    session.receive(serving.resumed([{**position, "outcome": "replay", "missed": 1}]), at(1))
    assert session.due(at(1)) == []
    [event] = session.receive(serving.published("market.ore", 8, INDEX), at(1))
    assert isinstance(event, MarketChange)
    assert event.skipped == 0


@pytest.mark.parametrize("outcome", ["snapshot", "lost"])
def test_what_cannot_be_replayed_is_subscribed_anew_and_the_gap_is_told(outcome: str) -> None:
    serving = Serving()
    session = subscribed(serving, 7)
    session.lost()
    session.opened("token", at(1))
    channel = {"channel": "market.ore", "epoch": "e1", "offset": 50, "missed": 43}
    session.receive(serving.resumed([{**channel, "outcome": outcome}]), at(1))
    [frame] = session.due(at(1))
    assert json.loads(frame)["type"] == "subscribe"
    [snapshot, _] = session.receive(snapshot_answer(serving, frame, 50), at(1))
    assert isinstance(snapshot, Snapshot)
    assert snapshot.skipped == 43


def test_frames_that_are_not_the_servers_are_told() -> None:
    serving = Serving()
    session = subscribed(serving, 7)
    other = Serving()
    genuine = serving.published("market.ore", 8, INDEX)
    for forged in (
        other.published("market.ore", 8, INDEX),
        genuine.replace(b"51.5", b"99.5"),
        genuine.replace(b'"offset":8', b'"offset":9'),
        b"[]",
        b"{",
        b'{"type":"trade_executed","data":{},"session_id":"s-1"}',
    ):
        with pytest.raises(ForgedFrameError):
            session.receive(forged, at(1))
    assert session.receive(genuine, at(1))


def test_an_answer_without_the_sessions_hmac_settles_nothing() -> None:
    serving = Serving()
    session = admitted(serving)
    session.request("c1", "execute_trade", TRADE)
    [frame] = session.due(at(0))
    answer = serving.answer("trade_executed", {"command_id": "c1"}, frame)
    with pytest.raises(ForgedFrameError):
        session.receive(answer.replace(b'"c1"', b'"c2"'), at(0))


def test_a_key_that_is_not_known_yet_is_noticed() -> None:
    session = opened(Serving())
    assert session.unknown_kid(Serving().resumed())
    assert not session.unknown_kid(b"{")


def test_who_is_not_let_in_learns_why() -> None:
    serving = Serving()
    session = opened(serving)
    refusal = {"code": "too_many_connections", "retry": "later", "reason": "Too many."}
    [outcome] = session.receive(serving.signed("auth_failed", refusal), at(0))
    assert isinstance(outcome, NotAdmitted)
    assert isinstance(outcome.error, UnavailableError)


def test_requests_bear_the_servers_time_where_this_machines_clock_is_wrong() -> None:
    hour = 3_600_000_000
    serving = Serving(ahead_micros=hour)
    session = admitted(serving)
    session.request("c1", "execute_trade", TRADE)
    [frame] = due(session, 2)
    assert frame["timestamp"] == rfc3339(UnixMicros(START + hour + 2_000_000))


def test_a_newer_token_is_brought_in_band() -> None:
    serving = Serving()
    session = admitted(serving)
    frame = json.loads(session.reauthenticate("newer", at(1)))
    assert (frame["type"], frame["data"], frame["counter"]) == (
        "authenticate",
        {"token": "newer"},
        2,
    )
