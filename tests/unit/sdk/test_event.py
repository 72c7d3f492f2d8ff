"""Events that wait to be read."""

from __future__ import annotations

from sectorwars.sdk.event import Event, Mailbox


def test_of_a_channel_of_states_only_the_newest_waits_and_tells_what_it_replaced() -> None:
    mailbox = Mailbox()
    for offset in range(1, 4):
        mailbox.put(Event("market.ore", "e", offset, 0))
    assert mailbox.take() == Event("market.ore", "e", 3, 2)
    assert mailbox.take() is None


def test_account_events_all_wait_up_to_the_limit_and_an_overflow_is_told() -> None:
    mailbox = Mailbox(account_events_max=2)
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
