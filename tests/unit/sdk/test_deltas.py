"""Deltas give the same events as whole frames; what does not fit is asked for again, once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.sdk.serving import SESSION, Serving, at
from tests.unit.sdk.test_session import INDEX

from sectorwars.protocol.delta import checksum, delta_text, whole_text
from sectorwars.sdk.errors import ForgedFrameError
from sectorwars.sdk.event import MarketChange, Snapshot
from sectorwars.sdk.keyring import Keyring
from sectorwars.sdk.session import Admitted, ClientSession

ORE = "market.ore"


class Line:
    """A session that follows ore, from offset 7, and what its server says to it."""

    def __init__(self, *, deltas: bool = True) -> None:
        self.serving = Serving()
        keyring = Keyring()
        keyring.load(self.serving.jwks)
        self.session = ClientSession(SESSION, keyring, lambda: 0.5, deltas=deltas)
        self.greeting = json.loads(self.session.opened("token", at(0)))
        assert self.session.receive(self.serving.resumed(), at(0)) == [Admitted("pl_1")]
        self.session.request("sub", "subscribe", self.session.subscription([ORE]))
        self.answer_subscription(7)

    def answer_subscription(self, offset: int) -> dict[str, Any]:
        """Answer the one request that is due, with the frame at the offset behind the answer."""
        [request] = self.session.due(at(0))
        entry = {"channel": ORE, "epoch": "e1", "offset": offset, "snapshot": INDEX}
        answer = {"channels": [{**entry, "deltas": True}]}
        [snapshot, _] = self.receive(self.serving.answer("subscribed", answer, request))
        assert isinstance(snapshot, Snapshot)
        assert self.receive(self.frame(offset)) == [], "the snapshot says the same"
        asked: dict[str, Any] = json.loads(request)["data"]
        return asked

    def frame(self, offset: int) -> bytes:
        """The whole frame at an offset, each of another price."""
        return self.serving.published(ORE, offset, {**INDEX, "price": float(offset)})

    def delta(self, offset: int, **change: Any) -> bytes:
        """The delta to it from the one before; `change` replaces members of its data."""
        delta = json.loads(delta_text(self.frame(offset - 1), self.frame(offset)))
        delta["data"].update(change)
        return json.dumps(delta).encode()

    def receive(self, payload: bytes) -> list[Any]:
        return list(self.session.receive(payload, at(1)))


def test_deltas_are_asked_for_or_not_wherever_channels_are() -> None:
    for wanted in (True, False):
        line = Line(deltas=wanted)
        assert line.greeting["data"]["deltas"] is wanted
        assert line.session.subscription([ORE]) == {"channels": [ORE], "deltas": wanted}


def test_deltas_give_the_events_of_whole_frames() -> None:
    by_deltas, in_whole = Line(), Line(deltas=False)
    for offset in range(8, 12):
        [event] = by_deltas.receive(by_deltas.delta(offset))
        assert isinstance(event, MarketChange)
        assert event.market.price == offset
        assert [event] == in_whole.receive(in_whole.frame(offset))
    # What comes whole in between, to who was slow, counts from there.
    [event] = by_deltas.receive(by_deltas.frame(20))
    assert event.skipped == 8
    [event] = by_deltas.receive(by_deltas.delta(21))
    assert (event.market.price, event.skipped) == (21, 0)
    assert by_deltas.session.delta_mismatches == 0


@pytest.mark.parametrize(
    "payload",
    [
        lambda line: line.delta(9),
        lambda line: line.delta(8, checksum="00000000"),
        lambda line: line.delta(8, set={"/nowhere/at/all": 1}),
        lambda line: line.delta(8, base="seven"),
        lambda line: b'{"type":"delta","channel":"market.ore"}',
    ],
)
def test_delta_that_does_not_fit_is_asked_for_again_once(payload: Any) -> None:
    line = Line()
    assert line.receive(payload(line)) == []
    assert line.session.delta_mismatches == 1
    # Until the whole frame comes, deltas can fit nothing, and say nothing.
    assert line.receive(line.delta(10)) == []
    assert line.session.delta_mismatches == 1
    assert line.answer_subscription(10) == {"channels": [ORE], "deltas": True}
    [event] = line.receive(line.delta(11))
    assert (event.offset, event.skipped, event.market.price) == (11, 0, 11)
    assert line.session.due(at(2)) == []


def test_delta_that_fits_but_is_not_the_servers_is_forged() -> None:
    line = Line()
    whole = json.loads(line.frame(8))
    whole["data"]["price"] = 99
    text = whole_text(whole)
    changes = {"/offset": 8, "/data/price": 99, "/signature": whole["signature"]}
    with pytest.raises(ForgedFrameError):
        line.receive(line.delta(8, set=changes, checksum=checksum(text)))


def test_deltas_of_what_is_not_followed_are_passed_over() -> None:
    line = Line()
    line.session.forgo([ORE])
    assert line.receive(line.delta(8)) == []
    assert line.session.delta_mismatches == 0
    assert line.session.due(at(2)) == []


def test_after_a_lost_connection_deltas_need_a_whole_frame_first() -> None:
    line = Line()
    line.receive(line.delta(8))
    line.session.lost()
    line.session.opened("token", at(1))
    channel = {"channel": ORE, "epoch": "e1", "offset": 8, "outcome": "replay", "missed": 0}
    line.receive(line.serving.resumed([channel]))
    assert line.receive(line.frame(8)) == [], "it was seen before"
    [event] = line.receive(line.delta(9))
    assert (event.market.price, event.skipped) == (9, 0)
    assert line.session.delta_mismatches == 0


def test_what_was_asked_for_again_on_a_connection_that_is_gone_is_forgotten() -> None:
    line = Line()
    line.receive(line.delta(9))
    line.session.lost()
    line.session.opened("token", at(1))
    channel = {"channel": ORE, "epoch": "e1", "offset": 7, "outcome": "replay", "missed": 0}
    line.receive(line.serving.resumed([channel]))
    line.receive(line.frame(7))
    [event] = line.receive(line.delta(8))
    assert event.offset == 8
