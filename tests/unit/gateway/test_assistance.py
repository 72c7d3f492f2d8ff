"""ARIA, alerts and the pulse on WebSockets of both dialects."""

import json
from typing import Any

from tests.contract.foundation.page import RECORDED, Page
from tests.unit.gateway.doubles import NOW, PLAYER, Surroundings, surroundings
from tests.unit.gateway.native_client import NativeClient
from tests.unit.gateway.sockets import PlayerSocket

from sectorwars.domain.values import rfc3339
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.protocol.dialect import SessionLimits
from sectorwars.protocol.publication import FrameType, Publication, account_channel
from sectorwars.protocol.shapes.advice import AIAlert, AlertSignal, ExpectedOutcome

ALERT = AIAlert(
    alert_id="al_1-1",
    kind="price",
    priority=4,
    title="ore below 50",
    message="All over the galaxy ore is at 49 credits, below your 50.",
    created_at=rfc3339(NOW),
    expires_at=rfc3339(NOW),
    commodity="ore",
    expected_outcome=ExpectedOutcome(49, "credits a unit"),
)
SIGNAL = AlertSignal("ai_alert", ALERT, 4, ALERT.title, ALERT.expected_outcome)
NEWS = Publication(account_channel(PLAYER), FrameType.TRADING_SIGNAL, SIGNAL, NOW, PLAYER)


class Line:
    """A native connection that is signed in."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.client = NativeClient()
        self.socket = PlayerSocket(around)

    async def ask(self, kind: str, data: Any) -> dict[str, Any]:
        await self.socket.send(self.client.frame(kind, data, self.around.clock.wall))
        (answer,) = self.take()
        return answer

    def take(self) -> list[dict[str, Any]]:
        return [json.loads(payload) for payload in self.socket.take()]


async def live(limits: SessionLimits | None = None) -> Line:
    line = Line(surroundings(GatewayLimits(session=limits or SessionLimits())))
    line.client.take_key(await line.ask("authenticate", {"token": "good"}))
    return line


async def test_aria_answers_in_the_players_name() -> None:
    line = await live()
    answer = await line.ask("aria_message", {"message": "hi", "conversation_id": "c_7"})
    assert (answer["type"], answer["id"]) == ("aria_answer", "2")
    assert answer["data"]["answer"] == f"{PLAYER}: hi"
    assert answer["data"]["conversation_id"] == "c_7"
    assert line.client.is_ours(answer)


async def test_what_aria_refuses_is_an_error_and_the_next_question_is_answered() -> None:
    line = await live(SessionLimits(requests_in_flight_max=1))
    unknown = await line.ask("aria_message", {"message": "hi", "conversation_id": "c_0"})
    assert (unknown["type"], unknown["data"]["code"]) == ("error", "unknown_conversation")
    line.around.assistant.away = True
    away = await line.ask("aria_message", {"message": "hi"})
    assert (away["data"]["code"], away["data"]["retry"]) == ("store_unavailable", "later")
    line.around.assistant.away = False
    assert (await line.ask("aria_message", {"message": "hi"}))["type"] == "aria_answer"


async def test_a_message_that_is_none_is_refused() -> None:
    line = await live()
    for data in ({}, {"message": 7}, {"message": "hi", "conversation_id": ""}):
        answer = await line.ask("aria_message", data)
        assert (answer["type"], answer["data"]["code"]) == ("error", "invalid_request")


async def test_too_many_questions_at_once_are_refused() -> None:
    line = await live(SessionLimits(requests_in_flight_max=0))
    answer = await line.ask("aria_message", {"message": "hi"})
    assert answer["data"]["code"] == "too_many_requests"


async def test_the_pulse_is_a_channel_with_a_snapshot() -> None:
    line = await live()
    answer = await line.ask("subscribe", {"channels": ["pulse"]})
    (channel,) = answer["data"]["channels"]
    assert channel["snapshot"]["trades"] == 1
    assert channel["snapshot"]["activity"][0]["players"] == ["0123456789ab"]


async def test_an_alert_reaches_a_native_account() -> None:
    line = await live()
    await line.ask("subscribe", {"channels": ["account"]})
    line.around.hub.publish([NEWS])
    (frame,) = line.take()
    assert (frame["type"], frame["data"]["type"]) == ("trading_signal", "ai_alert")
    assert frame["data"]["alert"]["alert_id"] == "al_1-1"


async def test_an_alert_reaches_a_foundation_client_that_follows_signals() -> None:
    page = Page()
    await page.sign_in()
    before = len(page.client.shown)
    page.around.hub.publish([NEWS])
    await page.send(RECORDED[3])
    page.take()
    assert len(page.client.shown) == before
    page.around.hub.publish([NEWS])
    page.take()
    (frame,) = page.client.shown[before:]
    assert (frame["type"], frame["data"]["type"]) == ("trading_signal", "ai_alert")
    assert "commodity" not in frame["data"]
    assert (frame["data"]["priority"], frame["data"]["title"]) == (4, "ore below 50")
    assert frame["data"]["expected_outcome"]["value"] == 49


async def test_the_pulse_of_a_foundation_client_names_nobody() -> None:
    page = Page()
    await page.sign_in()
    (frame,) = await page.send(RECORDED[2])
    assert frame["type"] == "universe_pulse"
    assert frame["data"]["trades"] == 1
    assert PLAYER not in json.dumps(frame["data"])
