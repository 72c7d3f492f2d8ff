"""A native client against a gateway without a network: every refusal, every answer."""

import json
from typing import Any

import pytest
from tests.unit.gateway.doubles import (
    NOW,
    OTHER,
    PLAYER,
    FixedGalaxy,
    principal,
    surroundings,
)
from tests.unit.gateway.native_client import NativeClient
from tests.unit.gateway.native_line import Line, live
from tests.unit.gateway.sockets import client_frame

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.market import Side
from sectorwars.domain.values import UnixMicros
from sectorwars.gateway.client_address import ClientAddress
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.protocol.dialect import SessionLimits
from sectorwars.protocol.framing import Opcode
from sectorwars.protocol.publication import FrameType, Publication, account_channel

ORDER = {"command_id": "c-1", "side": "buy", "commodity": "ore", "quantity": 10}


def refused(answer: dict[str, Any]) -> str:
    assert answer["type"] == "error"
    assert answer["data"]["reason"]
    assert answer["data"]["retry"] in {"never", "same_id", "new_id", "later"}
    code: str = answer["data"]["code"]
    return code


async def test_ping_is_answered_with_its_id() -> None:
    line = await live()
    answer = await line.ask("ping", {})
    assert (answer["type"], answer["id"]) == ("pong", "2")
    assert line.client.is_ours(answer)


async def test_nothing_but_authentication_comes_first() -> None:
    line = Line()
    assert refused(await line.ask("ping", {})) == "not_authenticated"
    await line.ask("authenticate", {"token": 7})
    assert refused(await line.ask("ping", {})) == "not_authenticated"


@pytest.mark.parametrize("payload", [b"{", b"[]", b'{"type":"x"}', b'{"type":"x","data":{}}'])
async def test_first_frame_that_is_none_is_refused_and_the_connection_lives(payload: bytes) -> None:
    line = Line()
    await line.socket.send(payload)
    (answer,) = line.take()
    assert refused(answer) in {"malformed_frame", "invalid_request", "not_authenticated"}
    assert (await line.sign_in())["type"] == "auth_success"


async def test_session_key_is_not_given_to_listeners() -> None:
    line = Line(client=ClientAddress("192.0.2.1", confidential=False))
    answer = await line.ask("authenticate", {"token": "good"})
    assert (answer["type"], answer["data"]["code"]) == ("auth_failed", "insecure_transport")
    assert line.socket.close_code == 4502
    resuming = Line(client=ClientAddress("192.0.2.1", confidential=False))
    answer = await resuming.ask("resume", {"token": "good", "positions": []})
    assert answer["data"]["code"] == "insecure_transport"


async def test_path_of_another_player_is_refused() -> None:
    line = Line(path_player_id=OTHER)
    answer = await line.sign_in()
    assert (answer["type"], answer["data"]["code"]) == ("auth_failed", "player_mismatch")
    assert (await Line(path_player_id=PLAYER).sign_in())["type"] == "auth_success"


async def test_forged_signature_does_nothing() -> None:
    line = await live()
    answer = await line.ask("execute_trade", ORDER, signature="0" * 64)
    assert refused(answer) == "invalid_signature"
    assert line.around.commands.submitted == []


async def test_signature_covers_quantity() -> None:
    line = await live()
    frame = json.loads(line.client.frame("execute_trade", ORDER))
    frame["data"]["quantity"] = 99
    await line.socket.send(json.dumps(frame).encode())
    (answer,) = line.take()
    assert refused(answer) == "invalid_signature"


async def test_replayed_frame_is_refused() -> None:
    line = await live()
    frame = line.client.frame("execute_trade", ORDER)
    await line.socket.send(frame)
    await line.socket.send(frame)
    executed, again = line.take()
    assert executed["type"] == "trade_executed"
    assert refused(again) == "counter_not_rising"
    assert len(line.around.commands.submitted) == 1


async def test_frame_without_a_canonical_form_is_malformed() -> None:
    line = await live()
    answer = await line.ask("ping", {"n": 2**60}, signature="")
    assert refused(answer) == "malformed_frame"


async def test_frame_of_another_session_is_refused() -> None:
    line = await live()
    assert refused(await line.ask("ping", {}, session_id="other")) == "session_mismatch"


@pytest.mark.parametrize("offset_seconds", [-301, 301])
async def test_stale_trade_is_refused_but_a_known_one_gets_its_receipt(
    offset_seconds: int,
) -> None:
    line = await live()
    await line.ask("execute_trade", ORDER)
    line.around.clock.wall = UnixMicros(NOW + 10**9)
    stale = UnixMicros(line.around.clock.wall + offset_seconds * 1_000_000)
    await line.socket.send(line.client.frame("execute_trade", ORDER, stale))
    await line.socket.send(
        line.client.frame("execute_trade", {**ORDER, "command_id": "c-2"}, stale)
    )
    await line.socket.send(line.client.frame("ping", {}, stale))
    known, unknown, ping = line.take()
    kinds = {frame["id"]: frame for frame in (known, unknown, ping)}
    assert kinds["3"]["type"] == "trade_executed"
    assert refused(kinds["4"]) == "stale_timestamp"
    assert kinds["4"]["data"]["command_id"] == "c-2"
    assert refused(kinds["5"]) == "stale_timestamp"
    assert len(line.around.commands.submitted) == 1


async def test_fate_of_a_command_is_told_to_whoever_sent_it() -> None:
    line = await live()
    executed = await line.ask("execute_trade", ORDER)
    await line.ask("execute_trade", {**ORDER, "command_id": "c-2", "quantity": 101})
    told = await line.ask("get_command", {"command_id": "c-1"})
    assert (told["type"], told["id"]) == ("command_fate", "4")
    assert line.client.is_ours(told)
    assert told["data"]["status"] == "executed"
    assert told["data"]["receipt"] == executed["data"]
    rejected = (await line.ask("get_command", {"command_id": "c-2"}))["data"]
    assert (rejected["status"], rejected["code"]) == ("rejected", "insufficient_hold")
    assert (rejected["number"], rejected["retry"]) == (502, "new_id")
    unseen = (await line.ask("get_command", {"command_id": "c-3"}))["data"]
    assert (unseen["status"], unseen["retry"]) == ("never_seen", "same_id")
    other = await live(line.around, "other")
    foreign = (await other.ask("get_command", {"command_id": "c-1"}))["data"]
    assert foreign["status"] == "never_seen"
    assert refused(await line.ask("get_command", {})) == "invalid_request"
    limits = GatewayLimits(session=SessionLimits(requests_in_flight_max=0))
    full = await live(surroundings(limits))
    assert refused(await full.ask("get_command", {"command_id": "c-1"})) == "too_many_requests"


@pytest.mark.parametrize("timestamp", ["", "yesterday", "2026-11-23T03:37:01"])
async def test_timestamp_without_a_meaning_is_refused(timestamp: str) -> None:
    line = await live()
    assert refused(await line.ask("ping", {}, timestamp=timestamp)) == "invalid_request"


@pytest.mark.parametrize("members", [{"id": ""}, {"id": 7}, {"counter": "1"}, {"counter": -1}])
async def test_envelope_with_a_wrong_member_is_refused(members: dict[str, Any]) -> None:
    line = await live()
    assert refused(await line.ask("ping", {}, **members)) == "invalid_request"


async def test_unknown_request_is_refused() -> None:
    line = await live()
    assert refused(await line.ask("teleport", {})) == "unknown_request"


async def test_rejection_by_the_engine_keeps_its_code() -> None:
    line = await live()
    answer = await line.ask("execute_trade", {**ORDER, "quantity": 101})
    assert refused(answer) == "insufficient_hold"
    assert answer["data"]["command_id"] == "c-1"


@pytest.mark.parametrize(
    ("order", "side", "bound"),
    [
        ({**ORDER, "max_price": 70}, Side.BUY, 70),
        ({**ORDER, "side": "sell", "min_price": 50}, Side.SELL, 50),
        (ORDER, Side.BUY, None),
    ],
)
async def test_order_arrives_as_it_was_meant(
    order: dict[str, Any], side: Side, bound: int | None
) -> None:
    line = await live()
    await line.ask("execute_trade", order)
    (envelope,) = line.around.commands.submitted
    assert envelope.player_id == PLAYER
    assert envelope.command.side is side
    assert envelope.command.price_bound == bound


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({**ORDER, "min_price": 50}, "invalid_price_bound"),
        ({**ORDER, "side": "sell", "max_price": 50}, "invalid_price_bound"),
        ({**ORDER, "quantity": 1.5}, "invalid_quantity"),
        (
            {name: value for name, value in ORDER.items() if name != "command_id"},
            "invalid_request",
        ),
    ],
)
async def test_order_that_makes_no_sense_is_refused(order: dict[str, Any], code: str) -> None:
    line = await live()
    assert refused(await line.ask("execute_trade", order)) == code


async def test_too_many_undecided_orders_are_refused() -> None:
    line = await live(surroundings(GatewayLimits(session=SessionLimits(requests_in_flight_max=2))))
    line.around.commands.gate.clear()
    for number in range(3):
        order = {**ORDER, "command_id": f"c-{number}"}
        line.socket.connection.feed(
            client_frame(Opcode.TEXT, line.client.frame("execute_trade", order))
        )
    (answer,) = line.take()
    assert refused(answer) == "too_many_requests"
    line.around.commands.gate.set()
    await line.around.gateway.settled()
    assert [frame["type"] for frame in line.take()] == ["trade_executed"] * 2


async def test_subscription_is_all_or_nothing() -> None:
    line = await live()
    channels = ["market.ore", "port.p9999"]
    assert refused(await line.ask("subscribe", {"channels": channels})) == "unknown_channel"
    assert not line.around.hub.wants("market.ore")


@pytest.mark.parametrize(
    "name", ["market.gold", "port.", "account.pl_fedcba9876543210", "everything", "market"]
)
async def test_channel_that_does_not_exist_is_refused(name: str) -> None:
    line = await live()
    assert refused(await line.ask("subscribe", {"channels": [name]})) == "unknown_channel"


@pytest.mark.parametrize("channels", [[], ["x" * 65], [7], "market.ore"])
@pytest.mark.parametrize("kind", ["subscribe", "unsubscribe"])
async def test_list_of_channels_that_is_none_is_refused(kind: str, channels: Any) -> None:
    line = await live()
    assert refused(await line.ask(kind, {"channels": channels})) == "invalid_request"


async def test_subscriptions_are_limited() -> None:
    line = await live(surroundings(GatewayLimits(session=SessionLimits(subscriptions_max=2))))
    two = ["market.ore", "market.fuel"]
    assert (await line.ask("subscribe", {"channels": two}))["type"] == "subscribed"
    assert (await line.ask("subscribe", {"channels": two}))["type"] == "subscribed"
    answer = await line.ask("subscribe", {"channels": ["market.energy"]})
    assert refused(answer) == "too_many_subscriptions"
    assert answer["data"]["limit"] == "subscriptions_max=2"
    assert answer["data"]["remaining"] == 0
    await line.ask("unsubscribe", {"channels": ["market.ore"]})
    answer = await line.ask("subscribe", {"channels": ["market.energy"]})
    assert answer["type"] == "subscribed"


async def test_account_is_the_players_own() -> None:
    mine, other = await live(), None
    other = await live(mine.around, "other")
    for line in (mine, other):
        answer = await line.ask("subscribe", {"channels": ["account"]})
        player = answer["data"]["channels"][0]["snapshot"]["player_id"]
        assert player == (PLAYER if line is mine else OTHER)
    news = Publication(account_channel(PLAYER), FrameType.TRADING_SIGNAL, {"n": 1}, NOW, PLAYER)
    mine.around.hub.publish([news])
    (frame,) = mine.take()
    assert (frame["channel"], frame["player_id"]) == ("account", PLAYER)
    assert other.take() == []


async def test_unsubscribed_channel_is_silent() -> None:
    line = await live()
    await line.ask("subscribe", {"channels": ["market.ore"]})
    answer = await line.ask("unsubscribe", {"channels": ["market.ore", "market.fuel"]})
    assert answer["data"] == {"channels": ["market.ore"]}

    data = FixedGalaxy().market_realtime(Commodity.ORE)
    line.around.hub.publish([Publication("market.ore", FrameType.MARKET_UPDATE, data, NOW)])
    assert line.take() == []


async def test_authenticating_again_keeps_key_and_stream() -> None:
    line = await live()
    await line.ask("subscribe", {"channels": ["market.ore"]})
    again = await line.ask("authenticate", {"token": "good"})
    assert again["type"] == "auth_success"
    assert (await line.ask("ping", {}))["type"] == "pong"
    assert line.around.hub.wants("market.ore")


@pytest.mark.parametrize(
    ("token", "code"), [("other", "player_mismatch"), ("forged", "token_invalid")]
)
async def test_authenticating_as_somebody_else_changes_nothing(token: str, code: str) -> None:
    line = await live()
    answer = await line.ask("authenticate", {"token": token})
    assert (answer["type"], answer["data"]["code"]) == ("auth_failed", code)
    assert (await line.ask("ping", {}))["type"] == "pong"


async def test_authenticating_again_under_another_session_id_is_refused() -> None:
    line = await live()
    answer = await line.ask("authenticate", {"token": "good"}, session_id="other")
    assert answer["data"]["code"] == "session_mismatch"


async def test_expired_token_is_refused() -> None:
    around = surroundings()
    around.tokens.principals["old"] = principal(expires_at=NOW)
    answer = await Line(around).sign_in("old")
    assert answer["data"]["code"] == "token_expired"


async def test_message_rate_is_the_players_over_all_his_connections() -> None:
    around = surroundings(GatewayLimits(session=SessionLimits(messages_per_second=5)))
    first, second = await live(around), await live(around)
    for _ in range(3):
        assert (await first.ask("ping", {}))["type"] == "pong"
    for _ in range(2):
        assert (await second.ask("ping", {}))["type"] == "pong"
    answer = await second.ask("ping", {})
    assert refused(answer) == "message_rate_exceeded"
    assert answer["id"] == str(second.client.counter)
    assert answer["data"]["limit"] == "message_rate_limit=5/s"
    assert answer["data"]["remaining"] == 0
    assert around.denials.seen == [(PLAYER, "message_rate_exceeded")]
    assert 0 < answer["data"]["retry_after_ms"] <= 201
    around.clock.advance(0.2)
    assert (await first.ask("ping", {}))["type"] == "pong"


async def test_message_rate_before_authentication_is_the_connections() -> None:
    line = Line(surroundings(GatewayLimits(session=SessionLimits(messages_per_second=1))))
    await line.socket.send(b"{")
    await line.socket.send(b"{")
    first, second = line.take()
    assert (refused(first), refused(second)) == ("malformed_frame", "message_rate_exceeded")
    assert "id" not in second


async def test_binary_messages_count_too() -> None:
    line = Line(surroundings(GatewayLimits(session=SessionLimits(messages_per_second=1))))
    for code in ("binary_not_supported", "message_rate_exceeded"):
        line.socket.connection.feed(client_frame(Opcode.BINARY, b"\x00"))
        (answer,) = line.take()
        assert refused(answer) == code


async def test_binary_message_is_refused_and_the_connection_lives() -> None:
    line = await live()
    line.socket.connection.feed(client_frame(Opcode.BINARY, b"\x00"))
    (answer,) = line.take()
    assert refused(answer) == "binary_not_supported"
    assert (await line.ask("ping", {}))["type"] == "pong"


async def test_resume_is_for_the_first_frame_only() -> None:
    line = await live()
    answer = await line.ask("resume", {"token": "good", "positions": []})
    assert refused(answer) == "already_authenticated"


async def test_resume_with_a_bad_token_is_refused_and_closed() -> None:
    line = Line()
    answer = await line.ask("resume", {"token": "forged", "positions": []})
    assert (answer["type"], answer["data"]["code"]) == ("auth_failed", "token_invalid")
    line.take()
    assert line.socket.close_code == 4502


async def test_resume_that_makes_no_sense_is_refused() -> None:
    line = Line(surroundings(GatewayLimits(session=SessionLimits(subscriptions_max=1))))
    answer = await line.ask("resume", {"token": "good"})
    assert refused(answer) == "invalid_request"
    positions = [{"channel": f"market.{n}", "epoch": "e", "offset": 0} for n in range(2)]
    answer = await line.ask("resume", {"token": "good", "positions": positions})
    assert refused(answer) == "too_many_subscriptions"


async def test_resume_after_everything_was_forgotten_says_lost() -> None:
    line = Line()
    positions = [{"channel": "market.ore", "epoch": "e", "offset": 7}]
    answer = await line.ask("resume", {"token": "good", "positions": positions})
    (outcome,) = answer["data"]["channels"]
    assert outcome["outcome"] == "lost"


async def test_resume_tells_the_fate_of_rejected_commands() -> None:
    around = surroundings()
    line = await live(around)
    await line.ask("execute_trade", {**ORDER, "quantity": 101})
    returning = Line(around)
    answer = await returning.ask(
        "resume", {"token": "good", "positions": [], "commands": ["c-1", "c-9"]}
    )
    rejected, unknown = answer["data"]["commands"]
    assert (rejected["status"], rejected["code"]) == ("rejected", "insufficient_hold")
    assert (unknown["status"], unknown["retry"]) == ("never_seen", "same_id")


async def test_resume_continues_what_it_can_and_says_so_of_the_rest() -> None:
    around = surroundings(GatewayLimits(history_frames_max=1))
    line = await live(around)
    answer = await line.ask("subscribe", {"channels": ["market.ore", "market.fuel"]})
    places = {entry["channel"]: entry for entry in answer["data"]["channels"]}
    news = [
        Publication(name, FrameType.MARKET_UPDATE, {"n": 1}, NOW, conflatable=True)
        for name in ("market.ore", "market.fuel", "market.fuel")
    ]
    around.hub.publish(news)
    returning = Line(around)
    positions = [
        {"channel": name, "epoch": place["epoch"], "offset": place["offset"]}
        for name, place in places.items()
    ]
    data = {"token": "good", "positions": positions}
    await returning.socket.send(returning.client.frame("resume", data))
    resumed, missed = returning.take()
    outcomes = {entry["channel"]: entry["outcome"] for entry in resumed["data"]["channels"]}
    assert outcomes == {"market.ore": "replay", "market.fuel": "snapshot"}
    assert (missed["channel"], missed["offset"]) == ("market.ore", 1)


async def test_token_of_the_header_needs_no_first_frame() -> None:
    line = Line()
    moment = line.around.gateway.moment()
    effects = line.socket.connection.session.receive_header_token("good", moment)
    line.socket.connection.carry_out(effects, moment)
    (answer,) = line.take()
    assert answer["type"] == "auth_success"
    line.client = NativeClient(answer["session_id"])
    line.client.take_key(answer)
    assert (await line.ask("ping", {}))["type"] == "pong"


async def test_token_of_the_header_brings_no_key_to_listeners() -> None:
    line = Line(client=ClientAddress("192.0.2.1", confidential=False))
    moment = line.around.gateway.moment()
    effects = line.socket.connection.session.receive_header_token("good", moment)
    line.socket.connection.carry_out(effects, moment)
    assert line.take()[0]["data"]["code"] == "insecure_transport"
    assert line.socket.close_code == 4502


async def test_forged_frames_and_failed_sign_ins_are_counted_for_the_audit() -> None:
    line = await live()
    await line.ask("ping", {}, signature="0" * 64)
    await line.ask("ping", {}, counter=0)
    assert line.around.denials.seen == [
        (PLAYER, "invalid_signature"),
        (PLAYER, "counter_not_rising"),
    ]
    stranger = Line()
    await stranger.sign_in("unknown")
    assert stranger.around.denials.seen == [(None, "token_invalid")]
