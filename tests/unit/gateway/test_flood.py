"""Floods: a connection that sends far more than its player may is closed, whatever it sends."""

import pytest
from tests.unit.gateway.doubles import PLAYER, Ledgerless, surroundings
from tests.unit.gateway.native_line import Line, live
from tests.unit.gateway.sockets import client_frame, server_frames

from sectorwars.application.rows import Receipt, ReceiptKey
from sectorwars.application.writing.refusals import trades_too_fast
from sectorwars.domain.command import CommandEnvelope
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.rejection import Refusal
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.protocol.dialect import SessionLimits
from sectorwars.protocol.framing import Opcode
from sectorwars.protocol.shapes.command import CommandFate

FIVE_A_SECOND = GatewayLimits(session=SessionLimits(messages_per_second=5))
PING = client_frame(Opcode.PING, b"")


def close_frame(line: Line) -> bytes:
    """The close frame that is the last thing written."""
    opcode, payload = server_frames(bytes(line.socket.transport.written))[-1]
    assert opcode is Opcode.CLOSE
    return payload


@pytest.mark.parametrize(
    "flood", [PING, client_frame(Opcode.PONG, b""), client_frame(Opcode.TEXT, b"{")]
)
async def test_flood_ends_its_connection_and_is_counted(flood: bytes) -> None:
    line = await live(surroundings(FIVE_A_SECOND))
    line.socket.connection.feed(flood * 50)
    assert not line.socket.connection.closing
    line.socket.connection.feed(flood)
    assert close_frame(line) == (4006).to_bytes(2) + (
        b"too many messages or pings: frames_per_second=50; reconnect in 1000 ms"
    )
    assert line.around.denials.seen[-1] == (PLAYER, "too_many_messages")


async def test_stranger_may_send_much_less() -> None:
    line = Line(surroundings(FIVE_A_SECOND))
    line.socket.connection.feed(PING * 10)
    assert not line.socket.connection.closing
    line.socket.connection.feed(PING)
    assert b"frames_per_second=10;" in close_frame(line)
    assert line.around.denials.seen == [(None, "too_many_messages")]


async def test_nothing_that_a_flooder_still_sends_is_looked_at() -> None:
    line = await live(surroundings(FIVE_A_SECOND))
    line.socket.connection.feed(PING * 51)
    assert line.socket.transport.ended
    line.socket.connection.feed(client_frame(Opcode.CLOSE, b""))
    assert not line.socket.transport.closed


async def test_pings_at_a_pace_are_answered_for_ever() -> None:
    line = await live(surroundings(FIVE_A_SECOND))
    for _ in range(3):
        line.around.clock.advance(1)
        line.socket.connection.feed(PING * 50)
    assert not line.socket.connection.closing


async def test_limits_that_are_met_again_and_again_are_counted_as_denials() -> None:
    class Tired(Ledgerless):
        async def submit(
            self, envelope: CommandEnvelope, received_monotonic: float
        ) -> Receipt | Refusal:
            return trades_too_fast(30, 1_000)

    limits = GatewayLimits(session=SessionLimits(subscriptions_max=1))
    line = await live(surroundings(limits, Tired()))
    order = {"command_id": "c", "side": "buy", "commodity": "ore", "quantity": 1}
    refused = await line.ask("execute_trade", order)
    assert refused["data"]["code"] == "trade_rate_limited"
    await line.ask("subscribe", {"channels": ["market.ore", "market.fuel"]})
    await line.ask("execute_trade", {**order, "quantity": 1.5})
    assert line.around.denials.seen == [
        (PLAYER, "trade_rate_limited"),
        (PLAYER, "too_many_subscriptions"),
    ]


async def test_snapshots_count_as_messages() -> None:
    line = await live(surroundings(FIVE_A_SECOND))
    channels = [f"market.{commodity}" for commodity in COMMODITIES]
    answer = await line.ask("subscribe", {"channels": channels})
    assert len(answer["data"]["channels"]) == 10
    # Ten snapshots are two and a half messages more, of five.
    assert (await line.ask("ping", {}))["type"] == "pong"
    refused = (await line.ask("ping", {}))["data"]
    assert refused["code"] == "message_rate_exceeded"
    assert 100 <= refused["retry_after_ms"] <= 101


async def test_one_resumption_is_done_after_the_other() -> None:
    class Slow(Ledgerless):
        asked = 0

        async def fate(self, key: ReceiptKey) -> Receipt | CommandFate:
            self.asked += 1
            await self.gate.wait()
            return await super().fate(key)

    slow = Slow()
    slow.gate.clear()
    line = Line(surroundings(commands=slow))
    data = {"token": "good", "positions": [], "commands": ["c-1"]}
    for _ in range(3):
        frame = line.client.frame("resume", data)
        line.socket.connection.feed(client_frame(Opcode.TEXT, frame))
    refused = line.take()
    assert [answer["data"]["code"] for answer in refused] == ["too_many_requests"] * 2
    assert refused[0]["data"]["limit"] == "resumptions_in_flight_max=1"
    slow.gate.set()
    await line.around.gateway.settled()
    (resumed,) = line.take()
    assert (resumed["type"], slow.asked) == ("resumed", 1)
    line.client.take_key(resumed)
    assert (await line.ask("ping", {}))["type"] == "pong"
