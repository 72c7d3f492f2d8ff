"""Slow readers, silent peers, and both halves of the closing handshake."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from tests.contract.foundation.foundation_client import sent_frame
from tests.unit.gateway.doubles import (
    NOW,
    PLAYER,
    SESSION_ENDS,
    Ledgerless,
    Surroundings,
    surroundings,
)
from tests.unit.gateway.native_client import NativeClient
from tests.unit.gateway.sockets import PlayerSocket, client_frame, server_frames

from sectorwars.application.account import AccountRole
from sectorwars.application.rows import Receipt
from sectorwars.domain.command import CommandEnvelope
from sectorwars.domain.rejection import Refusal
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.framing import Opcode
from sectorwars.protocol.publication import FrameType, Publication, account_channel


async def subscribed(around: Surroundings) -> tuple[PlayerSocket, NativeClient]:
    """A native connection that follows ore, fuel and its own account."""
    socket, client = PlayerSocket(around), NativeClient()
    await socket.send(client.frame("authenticate", {"token": "good"}))
    client.take_key(json.loads(socket.take()[0]))
    channels = ["market.ore", "market.fuel", "account"]
    await socket.send(client.frame("subscribe", {"channels": channels}))
    socket.take()
    return socket, client


def price(channel: str, number: int) -> Publication:
    data = {"number": number}
    return Publication(channel, FrameType.MARKET_UPDATE, data, NOW, conflatable=True)


def fill(number: int) -> Publication:
    channel = account_channel(PLAYER)
    return Publication(channel, FrameType.TRADING_SIGNAL, {"number": number}, NOW, PLAYER)


def received(socket: PlayerSocket) -> list[dict[str, Any]]:
    return [json.loads(payload) for payload in socket.take()]


async def test_slow_reader_gets_every_fill_the_newest_prices_and_the_count() -> None:
    around = surroundings()
    socket, client = await subscribed(around)
    socket.connection.pause_writing()
    socket.connection.pause_writing()
    for number in range(5):
        around.hub.publish([price("market.ore", number), fill(number)])
    around.hub.publish([price("market.fuel", 0)])
    await socket.send(client.frame("ping", {}))
    assert received(socket) == []
    socket.connection.resume_writing()
    *frames, conflated = received(socket)
    named = [(frame.get("channel"), frame["data"].get("number")) for frame in frames]
    assert named == [
        *(("account", number) for number in range(5)),
        (None, None),
        ("market.ore", 4),
        ("market.fuel", 0),
    ]
    assert conflated["data"] == {"channels": [{"channel": "market.ore", "skipped": 4}]}
    assert client.is_ours(conflated)


async def test_reader_may_fall_behind_and_catch_up_between_batches() -> None:
    around = surroundings()
    socket, _ = await subscribed(around)
    around.hub.publish([price("market.ore", 1)])
    socket.connection.pause_writing()
    around.hub.publish([price("market.ore", 2)])
    assert [frame["data"]["number"] for frame in received(socket)] == [1]
    socket.connection.resume_writing()
    around.hub.publish([price("market.ore", 3)])
    assert [frame["data"]["number"] for frame in received(socket)] == [2, 3]
    socket.connection.close(CloseCode.NORMAL)
    socket.take()
    around.hub.publish([price("market.ore", 4)])
    assert received(socket) == []


async def test_reader_who_was_never_slow_is_left_alone() -> None:
    around = surroundings()
    socket, _ = await subscribed(around)
    socket.connection.resume_writing()
    socket.connection.pause_writing()
    socket.connection.resume_writing()
    assert received(socket) == []


async def test_reader_who_takes_nothing_for_too_long_is_closed() -> None:
    around = surroundings()
    socket, client = await subscribed(around)
    socket.connection.pause_writing()
    around.clock.advance(29.9)
    await socket.send(client.frame("ping", {}))
    around.gateway.beat()
    assert not socket.connection.closing
    around.clock.advance(0.1)
    around.gateway.beat()
    *_, (_, close) = server_frames(bytes(socket.transport.written))
    assert close == (4001).to_bytes(2) + b"nothing was read for too long: slow_seconds_max=30"


@pytest.mark.parametrize("limit", [{"backlog_frames_max": 2}, {"backlog_bytes_max": 900}])
async def test_fills_beyond_the_backlog_close_rather_than_drop(limit: dict[str, int]) -> None:
    around = surroundings(GatewayLimits(**limit))
    socket, _ = await subscribed(around)
    socket.connection.pause_writing()
    around.hub.publish([fill(1), fill(2), fill(3), price("market.ore", 1)])
    socket.take()
    assert socket.close_code == 4001
    assert around.gateway.players_online == 0


async def test_one_batch_is_one_write() -> None:
    around = surroundings()
    socket, _ = await subscribed(around)
    writes: list[bytes] = []
    socket.transport.write = writes.append  # type: ignore[method-assign,assignment]
    around.hub.publish([price("market.ore", 1), price("market.fuel", 1), fill(1)])
    await asyncio.sleep(0)
    (written,) = writes
    assert len(server_frames(written)) == 3


async def test_answers_of_one_turn_are_one_write_at_its_end() -> None:
    around = surroundings()
    socket, client = await subscribed(around)
    writes: list[bytes] = []
    socket.transport.write = writes.append  # type: ignore[method-assign,assignment]
    asked = [client_frame(Opcode.TEXT, client.frame("ping", {})) for _ in range(3)]
    socket.connection.feed(asked[0])
    socket.connection.feed(b"".join(asked[1:]))
    assert writes == []
    await asyncio.sleep(0)
    (written,) = writes
    assert [json.loads(payload)["type"] for _, payload in server_frames(written)] == ["pong"] * 3


async def test_frames_come_behind_the_answers_that_were_given_before() -> None:
    around = surroundings()
    (reader, _), (asker, client) = await subscribed(around), await subscribed(around)
    asker.connection.feed(client_frame(Opcode.TEXT, client.frame("ping", {})))
    around.hub.publish([price("market.ore", 1)])
    assert [frame["type"] for frame in received(asker)] == ["pong", "market_update"]
    assert [frame["type"] for frame in received(reader)] == ["market_update"]


async def test_answers_go_before_the_close_frame() -> None:
    around = surroundings()
    socket, client = await subscribed(around)
    socket.connection.feed(client_frame(Opcode.TEXT, client.frame("ping", {})))
    socket.connection.close(CloseCode.NORMAL)
    frames = server_frames(bytes(socket.transport.written))
    assert [opcode for opcode, _ in frames] == [Opcode.TEXT, Opcode.CLOSE]


async def test_answer_to_who_is_gone_is_dropped() -> None:
    around = surroundings()
    socket, client = await subscribed(around)
    socket.connection.feed(client_frame(Opcode.TEXT, client.frame("ping", {})))
    socket.transport.close()
    await asyncio.sleep(0)
    assert received(socket) == []


async def test_publication_for_nobody_is_forgotten() -> None:
    around = surroundings()
    assert not around.hub.wants("market.ore")
    around.hub.publish([price("market.ore", 1)])
    socket, _ = await subscribed(around)
    assert around.hub.wants("market.ore")
    socket.lose()
    around.clock.advance(59)
    around.gateway.beat()
    assert around.hub.wants("market.ore")
    around.clock.advance(1)
    around.gateway.beat()
    assert not around.hub.wants("market.ore")


async def test_channel_that_begins_again_does_so_in_a_new_epoch() -> None:
    around = surroundings()
    epochs = []
    for _ in range(2):
        socket, client = PlayerSocket(around), NativeClient()
        await socket.send(client.frame("authenticate", {"token": "good"}))
        client.take_key(received(socket)[0])
        await socket.send(client.frame("subscribe", {"channels": ["market.ore"]}))
        epochs.append(received(socket)[0]["data"]["channels"][0]["epoch"])
        socket.lose()
        around.clock.advance(61)
        around.gateway.beat()
    assert epochs[0] != epochs[1]


@pytest.mark.parametrize(("seconds", "closed"), [(14.9, False), (15.0, True)])
async def test_authentication_must_come_in_time(seconds: float, closed: bool) -> None:
    around = surroundings()
    socket = PlayerSocket(around)
    around.clock.advance(seconds)
    around.gateway.beat()
    socket.take()
    assert (socket.close_code == 4000) is closed


async def test_connection_ends_with_its_sign_in_session() -> None:
    around = surroundings()
    socket, _ = await subscribed(around)
    around.clock.wall = SESSION_ENDS
    around.gateway.beat()
    socket.take()
    assert socket.close_code == 4500


async def test_silent_peer_is_pinged_then_closed() -> None:
    around = surroundings()
    socket, _ = await subscribed(around)

    def pings() -> int:
        around.gateway.answers.flush()
        frames = server_frames(bytes(socket.transport.written))
        return sum(opcode is Opcode.PING for opcode, _ in frames)

    around.clock.advance(29)
    around.gateway.beat()
    assert pings() == 0
    around.clock.advance(1)
    around.gateway.beat()
    around.gateway.beat()
    assert pings() == 1
    around.clock.advance(30)
    around.gateway.beat()
    assert pings() == 2
    around.clock.advance(15)
    around.gateway.beat()
    socket.transport.written[:] = socket.transport.written[4:]
    socket.take()
    assert socket.close_code == 4002


async def test_ping_is_answered_with_its_payload() -> None:
    socket = PlayerSocket(surroundings())
    socket.connection.feed(client_frame(Opcode.PING, b"abc"))
    await asyncio.sleep(0)
    assert server_frames(bytes(socket.transport.written)) == [(Opcode.PONG, b"abc")]


@pytest.mark.parametrize("code", [None, 1000, 1001, 4321])
async def test_peers_close_is_answered_in_kind(code: int | None) -> None:
    around = surroundings()
    socket, _ = await subscribed(around)
    payload = b"" if code is None else code.to_bytes(2)
    socket.connection.feed(client_frame(Opcode.CLOSE, payload))
    assert server_frames(bytes(socket.transport.written)) == [(Opcode.CLOSE, payload)]
    assert socket.transport.closed
    assert around.gateway.players_online == 0


async def test_after_its_own_close_only_the_peers_is_awaited() -> None:
    around = surroundings()
    socket, client = await subscribed(around)
    await around.gateway.drain()
    socket.take()
    assert socket.close_code == 1012
    await socket.send(client.frame("ping", {}))
    around.hub.publish([price("market.ore", 1)])
    assert received(socket) == []
    assert not socket.transport.closed
    socket.connection.feed(client_frame(Opcode.CLOSE, (1012).to_bytes(2)))
    assert socket.transport.closed


async def test_peer_who_never_answers_a_close_is_cut_off() -> None:
    around = surroundings(GatewayLimits(close_timeout_seconds=0.0))
    socket, _ = await subscribed(around)
    await around.gateway.drain()
    await socket.transport.gone.wait()
    assert socket.transport.aborted


async def test_broken_frame_closes_with_its_code_and_counts_nothing_after_it() -> None:
    around = surroundings()
    socket, _ = await subscribed(around)
    socket.connection.feed(b"\xc1\x80\x00\x00\x00\x00")
    socket.take()
    assert socket.close_code == 1002
    assert socket.transport.ended
    # Its peer may still be sending; closing now would take the close frame back.
    socket.connection.feed(b"\x00garbage")
    assert not socket.transport.closed


async def test_peer_who_breaks_the_protocol_after_our_close_is_hung_up_on() -> None:
    around = surroundings()
    socket, _ = await subscribed(around)
    await around.gateway.drain()
    socket.connection.feed(b"\xc1\x80\x00\x00\x00\x00")
    assert socket.transport.closed


async def test_ended_session_closes_native_and_foundation_connections() -> None:
    around = surroundings()
    native, _ = await subscribed(around)
    foundation = PlayerSocket(around)
    sign_in = {"action": "authenticate", "token": "good", "session_id": "session_1_a"}
    await foundation.send(sent_frame("ai_alert", sign_in, "session_1_a", NOW))
    other = PlayerSocket(around)
    await other.send(NativeClient().frame("authenticate", {"token": "other"}))
    around.gateway.revoke(around.tokens.principals["good"].sid)
    for socket in (native, foundation, other):
        socket.take()
    assert (native.close_code, foundation.close_code, other.close_code) == (4501, 1000, None)
    assert around.gateway.registry.foundation.find(PLAYER, "session_1_a") is None


async def test_drained_gateway_tells_each_when_to_come_back() -> None:
    around = surroundings()
    sockets = [PlayerSocket(around) for _ in range(4)]
    await around.gateway.drain()
    reasons = [server_frames(bytes(s.transport.written))[0][1][2:].decode() for s in sockets]
    waits = [int(reason.split()[-2]) for reason in reasons]
    assert waits == [0, 1_250, 2_500, 3_750]


async def test_connections_of_an_address_are_limited_but_superseded_ones_do_not_count() -> None:
    around = surroundings(GatewayLimits(connections_per_address=2))

    async def foundation(session_id: str) -> str:
        socket = PlayerSocket(around)
        data = {"action": "authenticate", "token": "good", "session_id": session_id}
        await socket.send(sent_frame("ai_alert", data, session_id, NOW))
        action: str = json.loads(socket.take()[0])["data"]["action"]
        return action

    assert await foundation("session_1_a") == "auth_success"
    assert await foundation("session_1_a") == "auth_success"
    assert await foundation("session_2_b") == "auth_success"
    assert await foundation("session_2_b") == "auth_success"
    assert await foundation("session_3_c") == "auth_failed"
    native = PlayerSocket(around)
    await native.send(NativeClient().frame("authenticate", {"token": "good"}))
    (answer,) = received(native)
    assert answer["data"]["code"] == "too_many_connections"
    assert answer["data"]["limit"] == "connections_per_address=2"
    assert answer["data"]["remaining"] == 0
    assert native.close_code == 4003


async def test_places_of_lost_connections_are_free_again() -> None:
    around = surroundings(GatewayLimits(connections_per_address=1))
    for _ in range(3):
        socket, _ = await subscribed(around)
        assert around.gateway.players_online == 1
        socket.lose()
        socket.lose()
        assert around.gateway.players_online == 0


async def test_service_accounts_are_not_limited() -> None:
    around = surroundings(GatewayLimits(connections_per_address=1))
    good = around.tokens.principals["good"]
    around.tokens.principals["good"] = replace(good, role=AccountRole.SERVICE)
    for _ in range(3):
        await subscribed(around)
    assert len(around.gateway.registry.connections) == 3


async def test_failed_request_is_reported_and_closes_the_connection() -> None:
    class Broken(Ledgerless):
        async def submit(
            self, envelope: CommandEnvelope, received_monotonic: float
        ) -> Receipt | Refusal:
            raise OSError("the store is gone")

    around = surroundings(commands=Broken())
    socket, client = await subscribed(around)
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    order = {"command_id": "c-1", "side": "buy", "commodity": "ore", "quantity": 1}
    await socket.send(client.frame("execute_trade", order))
    await asyncio.sleep(0)
    assert [str(context["exception"]) for context in reported] == ["the store is gone"]
    socket.take()
    assert socket.close_code == 1011
