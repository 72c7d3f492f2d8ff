"""What published frames are read as, and events that wait to be read."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.unit.gateway.doubles import FixedGalaxy

from sectorwars.domain.ids import PlayerId
from sectorwars.protocol.shapes.advice import AIAlert, AlertSignal
from sectorwars.protocol.shapes.signal import (
    AutomationSignal,
    ProposalSignal,
    Stateless,
    TradeSignal,
)
from sectorwars.protocol.shapes.trade import FillRun, TradeReport
from sectorwars.sdk.event import (
    OWN_EVENTS_MAX,
    AlertRaised,
    AutomationStepped,
    Event,
    ForecastsIssued,
    Mailbox,
    OwnTrade,
    ProposalMoved,
    snapshot_event,
    update_event,
)

STATUS = FixedGalaxy().automation_status(PlayerId("pl_1"))
TRADE = TradeReport(
    trade_id="t-1",
    port_id="p0001",
    side="buy",
    commodity="ore",
    quantity=2,
    fills=[FillRun(50, 2)],
    total_credits=100,
    fees_credits=1,
    profit_credits=None,
    credits_after=899,
    cargo_after=2,
    stock_after=98,
    market_version=7,
    executed_at="2026-11-23T03:37:01.000000Z",
    game_time="2102-01-01T00:07:00.000000Z",
    rule_id="r-1",
)
ALERT = AIAlert("al_1-1", "price", 4, "ore below 50", "Ore is at 49.", "now", "later")
SIGNALS: list[tuple[str, type[Event], Any]] = [
    ("signals", OwnTrade, TradeSignal("trade", TRADE, "c-1", "Bought.", STATUS)),
    (
        "signals",
        AutomationStepped,
        AutomationSignal("automation", "rule_rearmed", None, "r-1", "buy", None, STATUS),
    ),
    ("aria", AlertRaised, AlertSignal("ai_alert", ALERT, 4, ALERT.title, None)),
    ("account", AlertRaised, AlertSignal("ai_alert", ALERT, 4, ALERT.title, None)),
    (
        "aria",
        ProposalMoved,
        ProposalSignal("proposal", "pr_1", "trade", "executed", None, "t-1"),
    ),
    ("predictions", ForecastsIssued, FixedGalaxy().predictions()),
]


@pytest.mark.parametrize(("channel", "kind", "signal"), SIGNALS)
def test_a_frame_is_read_as_what_its_type_says(
    channel: str, kind: type[Event], signal: Any
) -> None:
    event: Any = update_event(Event(channel, "e", 3, 1), msgspec.to_builtins(signal))
    assert type(event) is kind
    assert event.signal == signal
    assert (event.channel, event.epoch, event.offset, event.skipped) == (channel, "e", 3, 1)


def test_what_a_channel_does_not_carry_is_not_read() -> None:
    for channel in ("signals", "aria", "account", "predictions", "market.ore"):
        with pytest.raises(KeyError):
            update_event(Event(channel, "e", 1, 0), {"type": "of a later release"})


@pytest.mark.parametrize("channel", ["signals", "aria"])
def test_channels_of_events_begin_without_a_state(channel: str) -> None:
    assert snapshot_event(Event(channel, "e", 7, 0), {}).state == Stateless()


@pytest.mark.parametrize("channel", ["account", "aria", "signals"])
def test_of_a_private_channel_every_event_waits(channel: str) -> None:
    mailbox = Mailbox()
    for offset in range(1, OWN_EVENTS_MAX + 1):
        mailbox.put(Event(channel, "e", offset, 0))
    assert mailbox.take() == Event(channel, "e", 1, 0)


def test_of_a_channel_of_states_only_the_newest_waits_and_tells_what_it_replaced() -> None:
    mailbox = Mailbox()
    for offset in range(1, 4):
        mailbox.put(Event("market.ore", "e", offset, 0))
    assert mailbox.take() == Event("market.ore", "e", 3, 2)
    assert mailbox.take() is None


def test_account_events_all_wait_up_to_the_limit_and_an_overflow_is_told() -> None:
    mailbox = Mailbox(own_events_max=2)
    for offset in range(1, 4):
        mailbox.put(Event("account", "e", offset, 0))
    assert [mailbox.take(), mailbox.take()] == [
        Event("account", "e", 2, 1),
        Event("account", "e", 3, 0),
    ]


def test_channels_take_turns() -> None:
    mailbox = Mailbox()
    for offset in (1, 2):
        mailbox.put(Event("account", "e", offset, 0))
    mailbox.put(Event("pulse", "e", 1, 0))
    taken = [mailbox.take() for _ in range(3)]
    assert [event and event.channel for event in taken] == ["account", "pulse", "account"]
