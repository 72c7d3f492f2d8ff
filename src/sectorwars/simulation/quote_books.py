"""The referee's own books of binding quotes: what was promised, how much, and to whom."""

from collections import Counter

from sectorwars.domain.event import Event, GoodsTraded, QuoteClosed, QuoteIssued
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.ledger import held_account
from sectorwars.domain.market import Side, trade_tax
from sectorwars.domain.quote import (
    QUOTE_LIFE_SECONDS,
    QUOTE_SHARE_PERCENT,
    QUOTE_WAIT_SECONDS_MAX,
    QUOTE_WAIT_SECONDS_MIN,
    QUOTES_SHARE_PERCENT,
    QuoteEnd,
)
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.simulation.findings import Findings
from sectorwars.simulation.market_books import MarketBooks


class QuoteBooks:
    """Judges quotes before the market books have entered them."""

    def __init__(self, findings: Findings, market: MarketBooks) -> None:
        """Read prices, stock and live quotes from `market`; report to `findings`."""
        self._check = findings.check
        self._market = market
        self._missed: Counter[PlayerId] = Counter()
        self._allowed_at: dict[PlayerId, int] = {}

    def see(self, event: Event) -> None:
        """Judge an event that has become durable, and enter it."""
        match event:
            case QuoteIssued():
                self._see_issue(event)
            case QuoteClosed():
                self._see_close(event)
            case GoodsTraded():
                if event.quote_id is not None:
                    self._see_use(event)
            case _:
                pass

    def see_clock(self, at: UnixMicros) -> None:
        """Judge, when the timetable has been met, whether a quote has outlived its time."""
        for quote in self._market.quotes.values():
            self._check(quote.expires_at > at, f"{quote.quote_id} lives on after its time")

    def see_reserves(self) -> None:
        """Judge whether ports have put aside just what their live quotes need."""
        needed: Counter[str] = Counter()
        for quote in self._market.quotes.values():
            if quote.side is Side.SELL:
                needed[quote.port_id] += quote.total_credits
        for port_id in self._market.specs:
            self._check(
                self._market.balance(held_account(port_id)) == needed[port_id],
                f"{port_id} has put aside another sum than its quotes need",
            )

    def _see_issue(self, event: QuoteIssued) -> None:
        quote, market = event.quote, self._market
        name, commodity, side = quote.quote_id, quote.commodity, quote.side
        self._check(
            market.berths.get(event.player_id) == quote.port_id, f"{name} is given from afar"
        )
        prices = [fill.price_credits for fill in quote.fills for _ in range(fill.quantity)]
        self._check(
            prices
            == [market.price(quote.port_id, commodity, side, k) for k in range(quote.quantity)],
            f"{name} quotes other prices than the curve",
        )
        self._check(quote.total_credits == sum(prices), f"{name} has a wrong total")
        self._check(quote.fees_credits == trade_tax(sum(prices)), f"{name} has a wrong fee")
        self._check(
            quote.expires_at == event.at + QUOTE_LIFE_SECONDS * MICROS_PER_SECOND,
            f"{name} has a wrong life",
        )
        self._check(
            self._allowed_at.get(event.player_id, 0) <= event.at, f"{name} is given too soon"
        )
        same = (event.player_id, quote.port_id, commodity)
        self._check(
            all((q.player_id, q.port_id, q.commodity) != same for q in market.quotes.values()),
            f"{name} is the second live one on a good",
        )
        good = market.good(quote.port_id, commodity)
        target = good.target if good else 0
        whole = market.stock(quote.port_id, commodity) if side is Side.BUY else target
        promised = market.promised(quote.port_id, commodity, side)
        self._check(
            100 * quote.quantity <= whole * QUOTE_SHARE_PERCENT, f"{name} takes too much for one"
        )
        self._check(
            100 * (promised + quote.quantity) <= whole * QUOTES_SHARE_PERCENT,
            f"{name} takes too much with the others",
        )

    def _see_close(self, event: QuoteClosed) -> None:
        name = event.quote_id
        quote = self._market.quotes.get(name)
        self._check(quote is not None, f"{name} ends twice")
        if quote is not None and event.end is QuoteEnd.EXPIRED:
            self._check(quote.expires_at <= event.at, f"{name} ends before its time")
        missed = self._missed[event.player_id] = self._missed[event.player_id] + 1
        wait_seconds = min(QUOTE_WAIT_SECONDS_MIN * 2 ** (missed - 1), QUOTE_WAIT_SECONDS_MAX)
        allowed_at = event.at + wait_seconds * MICROS_PER_SECOND
        self._check(
            (event.missed, event.allowed_at) == (missed, allowed_at),
            f"the end of {name} leads to a wrong wait",
        )
        self._allowed_at[event.player_id] = allowed_at

    def _see_use(self, event: GoodsTraded) -> None:
        name = event.trade_id
        quote = self._market.quotes.get(event.quote_id) if event.quote_id else None
        if quote is None:
            self._check(False, f"{name} uses a quote that is not live")
            return
        self._check(quote.expires_at > event.at, f"{name} uses a quote that has expired")
        self._check(
            (quote.player_id, quote.port_id, quote.side, quote.commodity, quote.quantity)
            == (event.player_id, event.port_id, event.side, event.commodity, event.quantity),
            f"{name} uses a quote for something else",
        )
        self._missed[event.player_id] = max(0, self._missed[event.player_id] - 1)
