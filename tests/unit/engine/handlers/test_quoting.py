"""Binding quotes: what is promised, kept, used, ended, and refused."""

import pytest
from tests.small_galaxy import (
    HAVEN,
    HAVEN_WALLET,
    MINE,
    NOW,
    PLAYER,
    join,
    later,
    perform,
    refusal,
    world_with_player,
)

from sectorwars.domain.command import (
    Dock,
    Execution,
    ExpireQuote,
    RequestQuote,
    Trade,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import GoodsTraded, QuoteClosed, QuoteIssued
from sectorwars.domain.ids import PlayerId, PortId, QuoteId
from sectorwars.domain.ledger import held_account, player_account, port_account
from sectorwars.domain.market import Side, buy_ladder, ladder_total, sell_ladder, trade_tax
from sectorwars.domain.quote import QUOTE_LIFE_SECONDS, Quote, QuoteEnd
from sectorwars.domain.rejection import RejectionCode
from sectorwars.domain.values import Credits, UnixMicros
from sectorwars.engine.world import World

SHARE = 100
"""What one quote may promise at Haven: 5 % of stock or target."""


def _quoted(
    world: World,
    side: Side,
    quantity: int,
    player: PlayerId = PLAYER,
    now: UnixMicros = NOW,
    commodity: str = "ore",
) -> Quote:
    (event,) = perform(world, RequestQuote(side, commodity, quantity), player, now)
    assert isinstance(event, QuoteIssued)
    assert event.market_version == event.quote.market_version + 1
    assert event.port_id == event.quote.port_id
    return event.quote


def _use(quote: Quote, quantity: int | None = None, bound: int | None = None) -> Trade:
    return Trade(
        quote.side,
        quote.commodity.value,
        quote.quantity if quantity is None else quantity,
        bound,
        quote_id=quote.quote_id,
    )


def _used(world: World, quote: Quote, now: UnixMicros = NOW) -> GoodsTraded:
    (event,) = perform(world, _use(quote), quote.player_id, now)
    assert isinstance(event, GoodsTraded)
    return event


def _expired(world: World, quote: Quote) -> QuoteClosed:
    (event,) = perform(world, ExpireQuote(quote.quote_id), quote.player_id, quote.expires_at)
    assert isinstance(event, QuoteClosed)
    return event


def _at_mine(world: World) -> None:
    perform(world, Undock())
    perform(world, Dock(MINE))


def _with_cargo(units: int = 120) -> World:
    world = world_with_player()
    world.players[PLAYER].ship.load(Commodity.ORE, units, 6_000)
    return world


def test_a_quote_names_the_exact_ladder_of_a_purchase_with_fees_version_and_end() -> None:
    world = world_with_player()
    quote = _quoted(world, Side.BUY, SHARE)
    assert quote.fills == buy_ladder(52, 2_000, 2_000, SHARE)
    assert quote.total_credits == ladder_total(quote.fills)
    assert quote.fees_credits == trade_tax(quote.total_credits)
    assert (quote.market_version, world.ports[HAVEN].version) == (0, 1)
    assert (quote.issued_at, quote.expires_at) == (NOW, later(QUOTE_LIFE_SECONDS))
    assert world.next_deadline() == quote.expires_at
    assert world.players[PLAYER].quotes.on(HAVEN, Commodity.ORE) == quote
    assert world.players[PLAYER].quotes.on(MINE, Commodity.ORE) is None


def test_a_purchase_gets_what_was_quoted_whatever_happened_since() -> None:
    world = world_with_player()
    (other,) = join(world, "pl_2")
    quote = _quoted(world, Side.BUY, 50)
    perform(world, Trade(Side.BUY, "ore", 140), other)
    event = _used(world, quote, later(9))
    assert event.fills == quote.fills
    assert (event.total_credits, event.fees_credits) == (quote.total_credits, quote.fees_credits)
    assert event.quote_id == quote.quote_id
    assert event.stock_after == world.ports[HAVEN].stock[0] == 1_810
    assert world.players[PLAYER].quotes.live == {}
    assert world.ports[HAVEN].promised_units == [0, 0, 0]
    assert world.next_deadline() is None


def test_a_sale_gets_what_was_quoted_from_cash_put_aside() -> None:
    world = _with_cargo()
    (other,) = join(world, "pl_2")
    quote = _quoted(world, Side.SELL, SHARE)
    assert quote.fills == sell_ladder(52, 2_000, 2_000, SHARE)
    held, wallet = held_account(HAVEN), port_account(HAVEN)
    assert world.ledger.balance(held) == quote.total_credits
    assert world.ledger.balance(wallet) == HAVEN_WALLET - quote.total_credits
    world.ledger.balances[wallet] = Credits(0)
    world.players[other].ship.load(Commodity.ORE, 10, 500)
    assert refusal(world, Trade(Side.SELL, "ore", 10), other) is (
        RejectionCode.PORT_INSUFFICIENT_CREDITS
    )
    event = _used(world, quote)
    assert event.total_credits == quote.total_credits
    assert world.ledger.balance(held) == 0
    assert event.stock_after == 2_100
    assert world.ports[HAVEN].promised_room == [0, 0, 0]


def test_a_quote_is_worth_what_an_order_at_once_would_be() -> None:
    for side in Side:
        world = _with_cargo()
        quote = _quoted(world, side, 30)
        (plain,) = perform(_with_cargo(), Trade(side, "ore", 30))
        used = _used(world, quote)
        assert isinstance(plain, GoodsTraded)
        assert (used.fills, used.fees_credits) == (plain.fills, plain.fees_credits)
        assert used.credits_after == plain.credits_after == world.credits(PLAYER)


def test_promised_units_are_dearer_for_others_and_nobody_else_gets_them() -> None:
    world = world_with_player()
    (other,) = join(world, "pl_2")
    ask, bid = world.ports[HAVEN].ask(0), world.ports[HAVEN].bid(0)
    _quoted(world, Side.BUY, SHARE)
    assert (world.ports[HAVEN].ask(0) or 0) > (ask or 0)
    assert world.ports[HAVEN].bid(0) == bid
    _at_mine(world)
    for promised, code in ((4, None), (1, RejectionCode.INSUFFICIENT_STOCK)):
        world = world_with_player()
        (other,) = join(world, "pl_2")
        world.ports[HAVEN].stock[0] = 84
        _quoted(world, Side.BUY, promised)
        take = Trade(Side.BUY, "ore", 84 - promised + (code is not None))
        if code is None:
            perform(world, take, other)
        else:
            assert refusal(world, take, other) is code


def test_promised_room_is_kept_from_other_sellers() -> None:
    world = _with_cargo()
    (other,) = join(world, "pl_2")
    world.players[other].ship.load(Commodity.ORE, 20, 900)
    world.ports[HAVEN].stock[0] = 7_990
    _quoted(world, Side.SELL, 4)
    assert refusal(world, Trade(Side.SELL, "ore", 7), other) is RejectionCode.PORT_FULL
    perform(world, Trade(Side.SELL, "ore", 6), other)


def test_one_quote_promises_a_twentieth_and_all_together_a_quarter() -> None:
    for side in Side:
        world = world_with_player()
        players = join(world, *(f"pl_{n}" for n in range(2, 8)))
        command = RequestQuote(side, "ore", SHARE + 1)
        assert refusal(world, command, players[0]) is RejectionCode.QUOTE_SHARE
        for player in players[:4]:
            _quoted(world, side, SHARE, player)
        _quoted(world, side, SHARE - 1, players[4])
        one = RequestQuote(side, "ore", 1)
        perform(world, one, players[5])
        assert refusal(world, one) is RejectionCode.QUOTE_SHARE


def test_one_quote_is_live_per_player_port_and_good() -> None:
    world = world_with_player()
    _quoted(world, Side.BUY, 10)
    for side in Side:
        assert refusal(world, RequestQuote(side, "ore", 1)) is RejectionCode.QUOTE_OPEN
    _quoted(world, Side.BUY, 10, commodity="energy")


def test_each_quote_left_to_expire_doubles_the_wait_and_a_used_one_clears_it() -> None:
    world = world_with_player()
    now = NOW
    for missed, wait_seconds in ((1, 5), (2, 10), (3, 20)):
        quote = _quoted(world, Side.BUY, 10, now=now)
        event = _expired(world, quote)
        assert (event.end, event.missed) == (QuoteEnd.EXPIRED, missed)
        assert event.allowed_at == later(wait_seconds, quote.expires_at)
        just_before = UnixMicros(event.allowed_at - 1)
        code = refusal(world, RequestQuote(Side.BUY, "ore", 1), now=just_before)
        assert code is RejectionCode.QUOTE_WAIT
        now = event.allowed_at
    used = _quoted(world, Side.BUY, 10, now=now)
    _used(world, used, now)
    again = _expired(world, _quoted(world, Side.BUY, 10, now=now))
    assert again.missed == 3


def test_an_expired_sale_gives_the_port_its_cash_and_room_back() -> None:
    world = _with_cargo()
    event = _expired(world, _quoted(world, Side.SELL, SHARE))
    assert event.market_version == world.ports[HAVEN].version == 2
    assert world.ledger.balance(port_account(HAVEN)) == HAVEN_WALLET
    assert world.ledger.balance(held_account(HAVEN)) == 0
    assert world.ports[HAVEN].promised_room == [0, 0, 0]


def test_a_quote_ends_once_and_not_before_its_time() -> None:
    world = world_with_player()
    quote = _quoted(world, Side.BUY, 10)
    early = UnixMicros(quote.expires_at - 1)
    assert perform(world, ExpireQuote(quote.quote_id), now=early) == ()
    _expired(world, quote)
    assert perform(world, ExpireQuote(quote.quote_id), now=quote.expires_at) == ()


def test_leaving_the_port_withdraws_all_quotes_and_counts_as_letting_them_expire() -> None:
    world = _with_cargo()
    quotes = [
        _quoted(world, Side.SELL, 10),
        _quoted(world, Side.BUY, 10, commodity="energy"),
    ]
    version = world.ports[HAVEN].version
    *closed, _ = perform(world, Undock())
    ends = [event for event in closed if isinstance(event, QuoteClosed)]
    assert [event.quote_id for event in ends] == [quote.quote_id for quote in quotes]
    assert [event.end for event in ends] == [QuoteEnd.WITHDRAWN] * 2
    assert [event.missed for event in ends] == [1, 2]
    assert [event.market_version for event in ends] == [version + 1, version + 2]
    assert world.ledger.balance(held_account(HAVEN)) == 0
    perform(world, Dock(HAVEN))
    asked = RequestQuote(Side.BUY, "ore", 1)
    assert refusal(world, asked, now=later(9.9)) is RejectionCode.QUOTE_WAIT
    perform(world, asked, now=later(10))


@pytest.mark.parametrize(
    "quote_id",
    ["", "q", "q-pl_1-2", "q-pl_1-0", "q-pl_1-01", "q-pl_2-1", "t-pl_1-1", "q-pl_1-" + "9" * 9_999],
)
def test_a_quote_that_was_never_given_is_unknown(quote_id: str) -> None:
    world = world_with_player()
    _quoted(world, Side.BUY, 10)
    command = Trade(Side.BUY, "ore", 10, quote_id=QuoteId(quote_id))
    assert refusal(world, command) is RejectionCode.UNKNOWN_QUOTE


def test_a_used_or_expired_quote_is_closed() -> None:
    world = world_with_player()
    used = _quoted(world, Side.BUY, 10)
    _used(world, used)
    assert refusal(world, _use(used)) is RejectionCode.QUOTE_CLOSED
    late = _quoted(world, Side.BUY, 10)
    assert refusal(world, _use(late), now=late.expires_at) is RejectionCode.QUOTE_CLOSED
    _expired(world, late)
    assert refusal(world, _use(late)) is RejectionCode.QUOTE_CLOSED


def test_a_quote_is_for_its_own_side_good_and_quantity() -> None:
    world = _with_cargo(10)
    quote = _quoted(world, Side.BUY, 10)
    for command in (
        Trade(Side.SELL, "ore", 10, quote_id=quote.quote_id),
        Trade(Side.BUY, "energy", 10, quote_id=quote.quote_id),
        Trade(Side.BUY, "ore", 9, execution=Execution.PARTIAL, quote_id=quote.quote_id),
    ):
        assert refusal(world, command) is RejectionCode.QUOTE_MISMATCH


def test_a_quote_does_not_excuse_from_hold_cargo_bound_or_credits() -> None:
    world = world_with_player()
    quote = _quoted(world, Side.BUY, 10)
    assert refusal(world, _use(quote, bound=54)) is RejectionCode.PRICE_ABOVE_BOUND
    wallet = player_account(PLAYER)
    world.ledger.balances[wallet] = Credits(quote.total_credits)
    assert refusal(world, _use(quote)) is RejectionCode.INSUFFICIENT_CREDITS
    world.players[PLAYER].ship.load(Commodity.FUEL, 145, 1)
    assert refusal(world, _use(quote)) is RejectionCode.INSUFFICIENT_HOLD
    sale = _quoted(world_with_player(), Side.SELL, 10)
    poor = world_with_player()
    _quoted(poor, Side.SELL, 10)
    assert refusal(poor, _use(sale)) is RejectionCode.INSUFFICIENT_CARGO
    poor.players[PLAYER].ship.load(Commodity.ORE, 10, 1)
    assert refusal(poor, _use(sale, bound=50)) is RejectionCode.PRICE_BELOW_BOUND


@pytest.mark.parametrize(("side", "bound"), [(Side.BUY, 55), (Side.SELL, 49)])
def test_a_quote_is_used_within_a_bound_that_it_keeps(side: Side, bound: int) -> None:
    world = _with_cargo(10)
    quote = _quoted(world, side, 10)
    (event,) = perform(world, _use(quote, bound=bound))
    assert isinstance(event, GoodsTraded)
    assert event.fills == quote.fills


def test_requests_are_refused_in_the_published_order() -> None:
    """Each request has every fault of those after it, and one more."""
    world = world_with_player()
    given = [
        refusal(world, RequestQuote(Side.BUY, "unobtainium", 0)),
        refusal(world, RequestQuote(Side.BUY, "luxury", 0)),
    ]
    perform(world, Undock())
    given.append(refusal(world, RequestQuote(Side.BUY, "luxury", 5_000)))
    perform(world, Dock(HAVEN))
    given.append(refusal(world, RequestQuote(Side.BUY, "luxury", 5_000)))
    _quoted(world, Side.BUY, 10)
    given.append(refusal(world, RequestQuote(Side.BUY, "ore", 5_000)))
    perform(world, Undock())
    perform(world, Dock(HAVEN))
    given.append(refusal(world, RequestQuote(Side.BUY, "ore", 5_000)))
    given.append(refusal(world, RequestQuote(Side.BUY, "ore", 5_000), now=later(30)))
    assert given == [
        RejectionCode.UNKNOWN_COMMODITY,
        RejectionCode.INVALID_QUANTITY,
        RejectionCode.NOT_DOCKED,
        RejectionCode.NOT_SOLD_HERE,
        RejectionCode.QUOTE_OPEN,
        RejectionCode.QUOTE_WAIT,
        RejectionCode.QUOTE_SHARE,
    ]
    assert given == sorted(given, key=lambda code: code.number)


@pytest.mark.parametrize(
    ("side", "commodity", "code"),
    [
        (Side.BUY, "energy", RejectionCode.NOT_SOLD_HERE),
        (Side.SELL, "ore", RejectionCode.NOT_BOUGHT_HERE),
    ],
)
def test_a_port_quotes_only_where_it_deals_even_to_one_who_has_to_wait(
    side: Side, commodity: str, code: RejectionCode
) -> None:
    world = world_with_player()
    _quoted(world, Side.BUY, 10)
    _at_mine(world)
    assert refusal(world, RequestQuote(side, commodity, 1)) is code


def test_a_port_quotes_what_room_and_cash_it_has() -> None:
    world = world_with_player()
    world.ports[HAVEN].stock[0] = 7_990
    assert refusal(world, RequestQuote(Side.SELL, "ore", 11)) is RejectionCode.PORT_FULL
    _quoted(world, Side.SELL, 10)
    world = world_with_player()
    _at_mine(world)
    three = RequestQuote(Side.SELL, "energy", 3)
    assert refusal(world, three) is RejectionCode.PORT_INSUFFICIENT_CREDITS
    _quoted(world, Side.SELL, 1, commodity="energy")


def test_what_is_promised_stays_promised_when_the_stock_shrinks() -> None:
    world = world_with_player()
    (other,) = join(world, "pl_2")
    world.ports[HAVEN].stock[0] = 400
    quote = _quoted(world, Side.BUY, 20)
    perform(world, Trade(Side.BUY, "ore", 150), other)
    world.players[other].ship.unload(Commodity.ORE, 150)
    perform(world, Trade(Side.BUY, "ore", 150), other)
    world.players[other].ship.unload(Commodity.ORE, 150)
    too_many = Trade(Side.BUY, "ore", 81)
    assert refusal(world, too_many, other) is RejectionCode.INSUFFICIENT_STOCK
    assert refusal(world, RequestQuote(Side.BUY, "ore", 6), other) is RejectionCode.QUOTE_SHARE
    assert _used(world, quote).total_credits == quote.total_credits
    assert PortId(quote.port_id) == HAVEN
