"""Faults of open orders, quotes and the risk gate."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from tests.simulation.mutation import Mutations, Patch, change_events

from sectorwars.application.galaxy import running as galaxy
from sectorwars.application.rows import StoredState
from sectorwars.application.state import recovery
from sectorwars.application.writing import writer
from sectorwars.application.writing.writer import Writer
from sectorwars.domain import order
from sectorwars.domain.event import Event, GoodsTraded, OrderClosed
from sectorwars.domain.ids import PortId
from sectorwars.domain.market import Fill, trade_tax
from sectorwars.domain.order import CloseReason, LimitOrder
from sectorwars.domain.player import Player
from sectorwars.domain.port import Port
from sectorwars.domain.quote import Quote
from sectorwars.domain.risk import RiskGate, TradeWindow
from sectorwars.domain.values import MICROS_PER_SECOND, Credits, UnixMicros
from sectorwars.engine import berth, matching, world
from sectorwars.engine.handlers import quoting, trading
from sectorwars.engine.matching import Taker, Walk
from sectorwars.engine.world import Deadline, World

ORDERS = Mutations()

_HOUR_MICROS = 3_600 * MICROS_PER_SECOND


@ORDERS.found_as("passes over who comes first")
def the_worst_price_first(patch: Patch) -> None:
    priority = order._priority
    patch.setattr(order, "_priority", lambda one: (-priority(one)[0], priority(one)[1]))


@ORDERS.found_as("passes over who comes first")
def the_latest_order_first(patch: Patch) -> None:
    priority = order._priority
    patch.setattr(order, "_priority", lambda one: (priority(one)[0], -priority(one)[1]))


@ORDERS.found_as("passes over who comes first")
def open_orders_before_the_port_at_any_price(patch: Patch) -> None:
    curve_units = matching._curve_units

    def nothing_better(taker: Taker, most: int, limit: int | None) -> int:
        is_limit_of_order = limit is not None and (
            taker.order is None or limit != taker.order.limit_credits
        )
        return 0 if is_limit_of_order else curve_units(taker, most, limit)

    patch.setattr(matching, "_curve_units", nothing_better)


@ORDERS.found_as("meets its own order")
def a_player_who_meets_himself(patch: Patch) -> None:
    def everybody(one: World, taker: Taker, now: UnixMicros) -> Iterator[tuple[LimitOrder, int]]:
        book = one.books[taker.port.spec.port_id].get(taker.commodity)
        for resting in book or ():
            if resting.side is not taker.side and matching.is_active(one, resting):
                yield resting, resting.remaining

    patch.setattr(matching, "_makers", everybody)


@ORDERS.found_as("goes beyond the limit of")
def a_limit_that_is_not_kept(patch: Patch) -> None:
    curve_units = matching._curve_units
    patch.setattr(
        matching, "_curve_units", lambda taker, most, limit: curve_units(taker, most, None)
    )


@ORDERS.found_as("a wrong fee")
def a_tax_that_is_rounded_up_with_every_fill(patch: Patch) -> None:
    patch.setattr(LimitOrder, "tax_on", lambda one, total: trade_tax(total))


@ORDERS.found_as("is not at the order's price")
def a_trade_between_players_at_another_price(patch: Patch) -> None:
    def dearer(_: World, event: Event) -> Event:
        if not isinstance(event, GoodsTraded):
            return event
        crossings = tuple(
            replace(crossing, price_credits=Credits(crossing.price_credits + 1))
            for crossing in event.crossings
        )
        return replace(event, crossings=crossings)

    change_events(patch, dearer)


def _change_closes(patch: Patch, change: Callable[[OrderClosed], OrderClosed | None]) -> None:
    def changed(_: World, event: Event) -> Event | None:
        return change(event) if isinstance(event, OrderClosed) else event

    change_events(patch, changed)


@ORDERS.found_as("has put aside another sum than his orders need")
def a_release_that_is_forgotten(patch: Patch) -> None:
    _change_closes(patch, lambda close: replace(close, postings=()))


@ORDERS.found_as("is filled and stays open")
def a_filled_order_that_stays_open(patch: Patch) -> None:
    _change_closes(patch, lambda close: None if close.reason is CloseReason.FILLED else close)


@ORDERS.found_as("without that cause")
def a_wrong_reason_for_a_close(patch: Patch) -> None:
    _change_closes(patch, lambda close: replace(close, reason=CloseReason.FILLED))


@ORDERS.found_as("tells of other fills")
def a_close_that_forgets_a_fill(patch: Patch) -> None:
    _change_closes(patch, lambda close: replace(close, filled=type(close.filled)(0)))


@ORDERS.found_as("lives on after its time")
def an_order_that_outlives_its_expiry(patch: Patch) -> None:
    deadline = world._order_deadline

    def later(one: LimitOrder) -> Deadline:
        due = deadline(one)
        return due._replace(at=UnixMicros(due.at + _HOUR_MICROS))

    patch.setattr(world, "_order_deadline", later)


@ORDERS.found_as("lives on after its time")
def a_quote_that_outlives_its_expiry(patch: Patch) -> None:
    deadline = world._quote_deadline

    def later(one: Quote) -> Deadline:
        due = deadline(one)
        return due._replace(at=UnixMicros(due.at + _HOUR_MICROS))

    patch.setattr(world, "_quote_deadline", later)


@ORDERS.found_as("rests though")
def orders_that_are_matched_on_every_other_tick(patch: Patch) -> None:
    match = Writer._match_orders

    def seldom(
        self: Writer, now: UnixMicros, ports: Iterable[PortId] | None = None
    ) -> tuple[Event, ...]:
        return match(self, now, ports) if self.world.tick % 2 else ()

    patch.setattr(Writer, "_match_orders", seldom)


@ORDERS.found_as("than is aboard")
def cargo_that_is_offered_twice(patch: Patch) -> None:
    patch.setattr(Player, "free_units", lambda player, good: player.ship.units(good))


@ORDERS.found_as("other prices than its quote")
def a_quote_whose_price_is_not_honoured(patch: Patch) -> None:
    def dearer(quote: Quote) -> Walk:
        fills = tuple(Fill(Credits(run.price_credits + 1), run.quantity) for run in quote.fills)
        total = Credits(quote.total_credits + quote.quantity)
        return Walk(fills, quote.quantity, total, quote.quantity, total)

    patch.setattr(trading, "quoted", dearer)


@ORDERS.found_as("takes too much for one")
def a_quote_on_all_that_there_is(patch: Patch) -> None:
    patch.setattr(quoting, "QUOTE_SHARE_PERCENT", 100)
    patch.setattr(quoting, "QUOTES_SHARE_PERCENT", 100)


@ORDERS.found_as("leads to a wrong wait")
def quotes_that_may_be_let_expire_for_nothing(patch: Patch) -> None:
    patch.setattr(quoting, "quote_wait_micros", lambda missed: 0)


@ORDERS.found_as("other prices than the curve")
def promised_units_that_are_sold_to_others(patch: Patch) -> None:
    patch.setattr(Port, "ask_stock", lambda port, position: port.stock[position])


@ORDERS.found_as("has put aside another sum than its quotes need")
def a_quote_without_cash_behind_it(patch: Patch) -> None:
    def changed(_: World, event: Event) -> Event:
        return replace(event, postings=()) if type(event).__name__ == "QuoteClosed" else event

    change_events(patch, changed)


@ORDERS.found_as("passes a gate that is closed")
def a_halt_that_does_nothing(patch: Patch) -> None:
    for module in (berth, matching):
        patch.setattr(module, "state_refusal", lambda *_: None)


@ORDERS.found_as("where a cap allows")
def a_window_of_trades_that_is_always_empty(patch: Patch) -> None:
    patch.setattr(TradeWindow, "_within", lambda window, now, slots: [])


@ORDERS.found_as("where a cap allows")
def caps_that_makers_need_not_keep(patch: Patch) -> None:
    patch.setattr(matching, "_may_fill", lambda *_: True)


def _restore_without(patch: Patch, **absent: Any) -> None:
    def forgetful(state: StoredState) -> World:
        return recovery.restore(replace(state, **absent))

    patch.setattr(galaxy, "restore", forgetful)


@ORDERS.found_as("the restored world differs from the replayed log in its books")
def a_recovery_that_forgets_orders(patch: Patch) -> None:
    _restore_without(patch, orders=())


@ORDERS.found_as("the restored world differs from the replayed log in its players")
def a_recovery_that_forgets_quotes(patch: Patch) -> None:
    _restore_without(patch, quote_desks=())


@ORDERS.found_as("the restored world differs from the replayed log in its risk")
def a_recovery_that_forgets_a_halt(patch: Patch) -> None:
    _restore_without(patch, risk=RiskGate())


@ORDERS.found_as("the restored world differs from the replayed log in its windows")
def a_recovery_that_forgets_what_was_traded(patch: Patch) -> None:
    _restore_without(patch, traded=())


@ORDERS.found_as("the restored world differs from the replayed log in its order_sequence")
def a_recovery_that_counts_orders_anew(patch: Patch) -> None:
    _restore_without(patch, orders=(), order_sequence=0)


@ORDERS.found_as("the projection differs from the replayed log in its risk")
def a_gate_that_writer_and_projection_share(patch: Patch) -> None:
    patch.setattr(recovery, "deepcopy", lambda gate: gate)


@ORDERS.found_as("the restored world differs from the replayed log in its players")
def fills_that_are_not_written(patch: Patch) -> None:
    patch.setattr(writer, "order_progress", lambda one, events: ())


@ORDERS.found_as("the restored world differs from the replayed log in its players")
def quotes_that_are_not_written(patch: Patch) -> None:
    patch.setattr(writer, "quote_desk_rows", lambda one, events: ())
