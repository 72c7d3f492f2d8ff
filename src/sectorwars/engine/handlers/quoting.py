"""Decide on binding quotes: what a port promises a player for a few seconds (ADR 0008)."""

from typing import Final

from sectorwars.domain.command import RequestQuote, Trade
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import QuoteClosed, QuoteIssued
from sectorwars.domain.ids import CommandId, QuoteId, quote_id
from sectorwars.domain.ledger import Posting, held_account, port_account
from sectorwars.domain.market import Side, ladder_total, trade_tax
from sectorwars.domain.player import Player
from sectorwars.domain.quote import (
    QUOTE_LIFE_SECONDS,
    QUOTE_SHARE_PERCENT,
    QUOTES_SHARE_PERCENT,
    Quote,
    QuoteEnd,
    quote_wait_micros,
)
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.values import MICROS_PER_SECOND, Credits, Quantity, UnixMicros, div_ceil
from sectorwars.engine.berth import berth, dealing_refusal, form_refusal
from sectorwars.engine.decision import Accepted, Decision
from sectorwars.engine.matching import Taker, curve_ladder, port_units
from sectorwars.engine.world import World

_SERIAL_DIGITS_MAX: Final = 18


def request(
    world: World, player: Player, command: RequestQuote, command_id: CommandId, now: UnixMicros
) -> Decision:
    """Promise a player exact prices for QUOTE_LIFE_SECONDS, and put aside what they need."""
    refusal = form_refusal(command.commodity, command.quantity, None)
    if refusal is not None:
        return refusal
    commodity = Commodity(command.commodity)
    taker = berth(world, player, command.side, commodity, command.quantity, None, now)
    if isinstance(taker, Rejection):
        return taker
    refusal = (
        dealing_refusal(taker)
        or _desk_refusal(taker, now)
        or _share_refusal(taker, command.quantity)
    )
    if refusal is not None:
        return refusal
    fills = curve_ladder(taker, command.quantity)
    total = ladder_total(fills)
    port = taker.port
    postings: tuple[Posting, ...] = ()
    if command.side is Side.SELL:
        cash = world.ledger.balance(port_account(port.spec.port_id))
        if total > cash:
            return Rejection(
                RejectionCode.PORT_INSUFFICIENT_CREDITS,
                f"{port.spec.name} cannot pay {total} credits just now.",
            )
        postings = (
            Posting(port_account(port.spec.port_id), Credits(-total)),
            Posting(held_account(port.spec.port_id), total),
        )
    serial = player.quotes.serial + 1
    quote = Quote(
        quote_id=quote_id(player.player_id, serial),
        player_id=player.player_id,
        port_id=port.spec.port_id,
        side=command.side,
        commodity=commodity,
        quantity=Quantity(command.quantity),
        fills=fills,
        total_credits=total,
        fees_credits=trade_tax(total),
        market_version=port.version,
        issued_at=now,
        expires_at=UnixMicros(now + QUOTE_LIFE_SECONDS * MICROS_PER_SECOND),
    )
    return Accepted(
        (QuoteIssued(player.player_id, command_id, now, world.tick, serial, quote, postings),)
    )


def expire(world: World, player: Player, quote: QuoteId, now: UnixMicros) -> Decision:
    """End a quote whose time is over; asked twice, or too early, nothing happens."""
    live = player.quotes.live.get(quote)
    if live is None or live.expires_at > now:
        return Accepted(())
    missed = player.quotes.missed + 1
    allowed_at = UnixMicros(now + quote_wait_micros(missed))
    return Accepted((_closed(world, live, QuoteEnd.EXPIRED, missed, allowed_at, now),))


def withdraw_all(world: World, player: Player, now: UnixMicros) -> tuple[QuoteClosed, ...]:
    """End the quotes of a player who leaves the port; that counts as letting them expire."""
    closed = []
    for nth, live in enumerate(player.quotes.live.values(), start=1):
        missed = player.quotes.missed + nth
        allowed_at = UnixMicros(now + quote_wait_micros(missed))
        closed.append(_closed(world, live, QuoteEnd.WITHDRAWN, missed, allowed_at, now, nth))
    return tuple(closed)


def unknown_refusal(player: Player, quote: QuoteId | None) -> Rejection | None:
    """Say that a player never had a quote that he names."""
    if quote is None or quote in player.quotes.live or _was_issued(player, quote):
        return None
    return Rejection(RejectionCode.UNKNOWN_QUOTE, "You have no such quote.")


def usable(taker: Taker, command: Trade, now: UnixMicros) -> Quote | Rejection:
    """Return the live quote that a trade names, or why it cannot be used."""
    quote = None if command.quote_id is None else taker.player.quotes.live.get(command.quote_id)
    if quote is None or quote.expires_at <= now:
        return Rejection(
            RejectionCode.QUOTE_CLOSED, "This quote has expired or was used; ask for another."
        )
    if (quote.port_id, quote.side, quote.commodity, quote.quantity) != (
        taker.port.spec.port_id,
        command.side,
        taker.commodity,
        command.quantity,
    ):
        return Rejection(
            RejectionCode.QUOTE_MISMATCH,
            f"The quote is to {quote.side} {quote.quantity} {quote.commodity.spoken}"
            f" at {quote.port_id}.",
        )
    return quote


def _was_issued(player: Player, quote: QuoteId) -> bool:
    serial = quote.rpartition("-")[2]
    # Text from outside may hold more digits than Python turns into a number.
    return (
        len(serial) <= _SERIAL_DIGITS_MAX
        and serial.isdecimal()
        and 1 <= int(serial) <= player.quotes.serial
        and quote == quote_id(player.player_id, int(serial))
    )


def _desk_refusal(taker: Taker, now: UnixMicros) -> Rejection | None:
    desk, port = taker.player.quotes, taker.port.spec
    if desk.on(port.port_id, taker.commodity) is not None:
        return Rejection(
            RejectionCode.QUOTE_OPEN,
            f"You have a live quote on {taker.commodity.spoken} here; use it or let it expire.",
        )
    if desk.allowed_at > now:
        seconds = div_ceil(desk.allowed_at - now, MICROS_PER_SECOND)
        quotes = "quote" if desk.missed == 1 else "quotes"
        return Rejection(
            RejectionCode.QUOTE_WAIT,
            f"You let {desk.missed} {quotes} expire; the next is given in {seconds} s.",
        )
    return None


def _share_refusal(taker: Taker, quantity: int) -> Rejection | None:
    """Hold a quote against what the port has, and what part of it may be promised."""
    port, position = taker.port, taker.position
    good = port.spec.goods[position]
    name, spoken = port.spec.name, taker.commodity.spoken
    offered = port_units(port, position, taker.side)
    if taker.side is Side.BUY:
        whole, promised = port.stock[position], port.promised_units[position]
        shortage = Rejection(
            RejectionCode.INSUFFICIENT_STOCK, f"{name} has {offered} units of {spoken}."
        )
    else:
        whole, promised = good.target, port.promised_room[position]
        shortage = Rejection(
            RejectionCode.PORT_FULL, f"{name} has room for {offered} units of {spoken}."
        )
    most = min(whole * QUOTE_SHARE_PERCENT // 100, whole * QUOTES_SHARE_PERCENT // 100 - promised)
    if quantity > most:
        return Rejection(
            RejectionCode.QUOTE_SHARE,
            f"{name} quotes at most {max(0, most)} units of {spoken} just now.",
        )
    return shortage if quantity > offered else None


def _closed(
    world: World,
    quote: Quote,
    end: QuoteEnd,
    missed: int,
    allowed_at: UnixMicros,
    now: UnixMicros,
    version_step: int = 1,
) -> QuoteClosed:
    postings: tuple[Posting, ...] = ()
    if quote.side is Side.SELL:
        postings = (
            Posting(held_account(quote.port_id), Credits(-quote.total_credits)),
            Posting(port_account(quote.port_id), quote.total_credits),
        )
    return QuoteClosed(
        quote.player_id,
        now,
        world.tick,
        quote.quote_id,
        quote.port_id,
        end,
        missed,
        allowed_at,
        world.ports[quote.port_id].version + version_step,
        postings,
    )
