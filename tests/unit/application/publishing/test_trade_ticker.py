"""Trades gathered into messages of bounded length."""

from __future__ import annotations

from tests.small_galaxy import HAVEN, NOW

from sectorwars.application.publishing.trade_ticker import TICKER_TRADES_MAX, TickerTape
from sectorwars.application.reading.tape import tape_entries
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import HaulerCalled
from sectorwars.domain.hauler import HaulerDeal
from sectorwars.domain.ids import hauler_id
from sectorwars.domain.values import Credits, Quantity, Tick, UnixMicros


def call(units: int) -> HaulerCalled:
    """A hauler sells so many units, and buys as many."""
    deal = HaulerDeal(Commodity.ORE, Quantity(units), Credits(500), Credits(5), Quantity(1_900))
    return HaulerCalled(
        tick=Tick(1),
        at=NOW,
        hauler_id=hauler_id(0),
        port_id=HAVEN,
        sold=deal,
        bought=HaulerDeal(
            Commodity.FUEL, Quantity(units), Credits(500), Credits(5), Quantity(1_900)
        ),
        grant_credits=Credits(0),
        upkeep_credits=Credits(0),
        market_version=7,
        destination_id=HAVEN,
        calls_at=Tick(90),
    )


def test_of_too_many_trades_the_newest_are_shown_and_the_others_counted() -> None:
    tape = TickerTape(100_000)
    for units in range(1, TICKER_TRADES_MAX + 1):
        tape.take(tape_entries(units, call(units)))
    message = tape.due(NOW)
    assert message is not None
    assert message.data.left_out == TICKER_TRADES_MAX
    assert [trade.quantity for trade in message.data.trades[-2:]] == [TICKER_TRADES_MAX] * 2
    assert [trade.side for trade in message.data.trades[-2:]] == ["sell", "buy"]
    assert len(message.data.trades) == TICKER_TRADES_MAX
    assert tape.newest_at is None


def test_nothing_is_told_before_its_time_or_where_nothing_happened() -> None:
    tape = TickerTape(100_000)
    assert tape.due(NOW) is None
    tape.take(tape_entries(1, call(1)))
    assert tape.due(NOW) is not None
    tape.take(tape_entries(2, call(2)))
    assert tape.due(UnixMicros(NOW + 99_999)) is None
    message = tape.due(UnixMicros(NOW + 100_000))
    assert message is not None
    assert (len(message.data.trades), message.data.left_out) == (2, 0)
