"""The market at one port: colluding players, every type of order, and no gain from any of it.

Each trade is held against a matcher that goes unit by unit, each event against what must hold
after all of them; at the end all is closed and sold back, and the port must not have lost.
"""

from collections import Counter
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)
from tests.property.promises import Orders, Promises
from tests.property.unit_matcher import BASE, TARGET, one_by_one
from tests.small_galaxy import (
    HAVEN,
    HAVEN_WALLET,
    NOW,
    envelope,
    join,
    later,
    small_world,
)

from sectorwars.domain.command import (
    CancelOrder,
    CancelOrders,
    Command,
    Dock,
    Execution,
    ExpireOrder,
    ExpireQuote,
    MatchOrders,
    PlaceOrder,
    RequestQuote,
    SetTradeCaps,
    SetTradingState,
    Trade,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import GoodsTraded, MarketChange, OrderPlaced, QuoteIssued
from sectorwars.domain.ids import OrderId, PlayerId, QuoteId
from sectorwars.domain.ledger import UNLIMITED_ACCOUNTS, held_account, port_account
from sectorwars.domain.market import Side, ask_price, bid_price
from sectorwars.domain.order import ORDER_LIFE_SECONDS_MAX, CloseReason
from sectorwars.domain.quote import QUOTE_SHARE_PERCENT, QUOTES_SHARE_PERCENT
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.risk import NO_CAPS, TradeCaps, TradingScope, TradingState
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.decision import Accepted, Decision
from sectorwars.engine.execute import execute
from sectorwars.engine.world import DeadlineKind
from sectorwars.simulation.digest import differences

ORE = Commodity.ORE
QUOTE_SECONDS = 10
OPERATOR = PlayerId("op_1")
NAMES = ("anna", "bert", "carl")
players = st.sampled_from([PlayerId(name) for name in NAMES])
sides = st.sampled_from(Side)
quantities = st.one_of(st.integers(1, 8), st.integers(1, 160))
offsets = st.integers(-8, 8)
"""How far a limit or bound lies from the middle of the port's prices."""


class MarketMachine(RuleBasedStateMachine):
    """Three players, one good, no ticks."""

    given_quotes = Bundle("given_quotes")
    placed_orders = Bundle("placed_orders")

    @initialize(stock=st.integers(300, 7_850))
    def open_market(self, stock: int) -> None:
        self.world = small_world()
        self.twin = small_world()
        for world in (self.world, self.twin):
            world.ports[HAVEN].stock[0] = stock
            join(world, *NAMES)
        self.stock = stock
        self.now = NOW
        self.promises, self.orders = Promises(), Orders()
        self.start = sum(map(self.world.credits, self.world.players))
        for name in NAMES:
            self.act(Trade(Side.BUY, ORE, 40), PlayerId(name))

    def attempt(self, command: Command, player: PlayerId | None) -> Decision:
        decision = execute(self.world, envelope(command, player), self.now)
        if not isinstance(decision, Accepted):
            return decision
        for event in decision.events:
            version = self.world.ports[HAVEN].version
            if isinstance(event, GoodsTraded):
                self.check(event)
            apply(self.world, event)
            apply(self.twin, event)
            self.promises.see(event)
            self.orders.see(event)
            assert self.world.ledger.total() == 0
            if isinstance(event, MarketChange):
                assert self.world.ports[HAVEN].version == version + 1 == event.market_version
        return decision

    def check(self, trade: GoodsTraded) -> None:
        """Hold a trade against the matcher that goes unit by unit; one at a quote is its port's."""
        if trade.quote_id is not None:
            assert trade.crossings == ()
            return
        prices: Counter[int] = Counter()
        met: Counter[OrderId] = Counter()
        for price, order_id in one_by_one(self.world, trade):
            prices[price] += 1
            if order_id is not None:
                met[order_id] += 1
        assert {fill.price_credits: fill.quantity for fill in trade.fills} == prices
        assert {crossing.order_id: crossing.quantity for crossing in trade.crossings} == met
        limits = [fill.price_credits for fill in trade.fills]
        if trade.order_id is not None:
            own = self.world.players[trade.player_id].orders[trade.order_id]
            worst = max(limits) if trade.side is Side.BUY else -min(limits)
            assert worst <= own.limit_credits * (1 if trade.side is Side.BUY else -1)

    def meet_deadlines(self) -> None:
        for deadline in self.world.due(self.now):
            if deadline.kind is DeadlineKind.ORDER:
                self.attempt(ExpireOrder(OrderId(deadline.subject)), deadline.player_id)
            else:
                self.attempt(ExpireQuote(QuoteId(deadline.subject)), deadline.player_id)
        self.match()

    def match(self) -> None:
        while True:
            decision = self.attempt(MatchOrders(HAVEN), None)
            assert isinstance(decision, Accepted)
            if not decision.events:
                break

    def act(self, command: Command, player: PlayerId) -> Decision:
        """Do as the writer does: what is due, the command, then all that can be filled."""
        self.meet_deadlines()
        decision = self.attempt(command, player)
        self.match()
        return decision

    def near(self, offset: int) -> int:
        port = self.world.ports[HAVEN]
        return max(1, ((port.ask(0) or 1) + (port.bid(0) or 1)) // 2 + offset)

    @rule(
        player=players,
        side=sides,
        quantity=quantities,
        offset=st.none() | offsets,
        execution=st.sampled_from(Execution),
    )
    def trade(
        self,
        player: PlayerId,
        side: Side,
        quantity: int,
        offset: int | None,
        execution: Execution,
    ) -> None:
        bound = None if offset is None else self.near(offset)
        self.act(Trade(side, ORE, quantity, bound, execution=execution), player)

    @rule(
        target=placed_orders,
        player=players,
        side=sides,
        quantity=quantities,
        offset=offsets,
        life=st.integers(1, 60),
    )
    def place(self, player: PlayerId, side: Side, quantity: int, offset: int, life: int) -> Any:
        decision = self.act(PlaceOrder(side, ORE, quantity, self.near(offset), life), player)
        if isinstance(decision, Rejection):
            return multiple()
        (placed,) = (event for event in decision.events if isinstance(event, OrderPlaced))
        return placed.order_id

    @rule(name=placed_orders, player=players)
    def cancel_one(self, name: OrderId, player: PlayerId) -> None:
        """Cancel an order in whatever state it is: open, partly filled, closed, another's."""
        self.meet_deadlines()
        order = self.orders.all[name]
        is_his = order.placed.player_id == player
        was_open = order.close is None
        decision = self.act(CancelOrder(name), player)
        if is_his and was_open:
            assert order.close is CloseReason.CANCELLED
        else:
            assert isinstance(decision, Rejection)
            assert decision.code is RejectionCode.UNKNOWN_ORDER

    @rule(player=players)
    def cancel_all(self, player: PlayerId) -> None:
        self.act(CancelOrders(), player)
        assert not any(self.orders.open(player))

    @rule(
        target=given_quotes,
        player=players,
        side=sides,
        quantity=st.one_of(st.integers(1, 8), quantities),
    )
    def ask_for_a_quote(self, player: PlayerId, side: Side, quantity: int) -> Any:
        return self.ask(player, side, quantity)

    @rule(target=given_quotes, player=players, side=sides, more=st.integers(-1, 1))
    def ask_for_as_much_as_is_quoted(self, player: PlayerId, side: Side, more: int) -> Any:
        self.be_free_to_ask(player)
        return self.ask(player, side, max(1, self.share(side) + more))

    @rule(
        target=given_quotes,
        player=players,
        side=sides,
        misses=st.integers(1, 4),
        micros=st.integers(-1, 0),
    )
    def ask_when_the_wait_is_over(
        self, player: PlayerId, side: Side, misses: int, micros: int
    ) -> Any:
        """Let quotes run out, and ask in the last moment of the wait for the next, or after it."""
        for _ in range(misses):
            self.skip_the_wait(player, 0)
            self.ask(player, Side.BUY, 1)
            self.now = later(QUOTE_SECONDS, self.now)
            self.meet_deadlines()
        self.skip_the_wait(player, micros)
        return self.ask(player, side, 1)

    def be_free_to_ask(self, player: PlayerId) -> None:
        """Let what the player was quoted run out, and the wait for the next quote."""
        for quote in self.promises.live(player):
            self.now = max(self.now, quote.expires_at)
        self.meet_deadlines()
        self.skip_the_wait(player, 0)

    def skip_the_wait(self, player: PlayerId, micros: int) -> None:
        allowed_at = self.promises.allowed_at.get(player, self.now)
        self.now = max(self.now, UnixMicros(allowed_at + micros))

    def ask(self, player: PlayerId, side: Side, quantity: int) -> Any:
        """Ask for a quote, which is given unless something known stands in its way."""
        self.meet_deadlines()
        faults = self.faults_in_asking(player, side, quantity)
        port = self.world.ports[HAVEN]
        ask, bid = port.ask(0), port.bid(0)
        fills = Counter(
            ask_price(BASE, port.ask_stock(0) - unit, TARGET)
            if side is Side.BUY
            else bid_price(BASE, port.bid_stock(0) + unit, TARGET)
            for unit in range(quantity)
        )
        decision = self.act(RequestQuote(side, ORE, quantity), player)
        if isinstance(decision, Rejection):
            assert decision.code is min(faults, key=lambda code: code.number), faults
            return multiple()
        assert faults == set()
        (issued,) = (event for event in decision.events if isinstance(event, QuoteIssued))
        quote = issued.quote
        assert {fill.price_credits: fill.quantity for fill in quote.fills} == fills
        assert quote.expires_at == later(QUOTE_SECONDS, self.now)
        if not self.world.books:
            assert (port.ask(0) or 10**6) >= (ask or 10**6)
            assert (port.bid(0) or 0) <= (bid or 0)
        return quote.quote_id

    def share(self, side: Side) -> int:
        """Return how many units of a side one more quote may promise."""
        whole = self.world.ports[HAVEN].stock[0] if side is Side.BUY else TARGET
        one, together = whole * QUOTE_SHARE_PERCENT // 100, whole * QUOTES_SHARE_PERCENT // 100
        return min(one, together - self.promises.units(side))

    def faults_in_asking(self, player: PlayerId, side: Side, quantity: int) -> set[RejectionCode]:
        world, port = self.world, self.world.ports[HAVEN]
        state = world.risk.state(TradingScope.PLAYER, player)
        most = world.risk.caps(player).units_per_trade
        promised = self.promises.units(side)
        buying = side is Side.BUY
        room = port.stock[0] - promised if buying else 4 * TARGET - port.stock[0] - promised
        faults = {
            RejectionCode.PLAYER_HALTED: state is TradingState.HALTED,
            RejectionCode.REDUCING_ONLY: state is TradingState.REDUCING and buying,
            RejectionCode.CAP_TRADE_UNITS: most is not None and quantity > most,
            RejectionCode.NOT_DOCKED: world.players[player].ship.docked_port_id is None,
            RejectionCode.QUOTE_OPEN: bool(self.promises.live(player)),
            RejectionCode.QUOTE_WAIT: self.promises.allowed_at.get(player, 0) > self.now,
            RejectionCode.QUOTE_SHARE: quantity > self.share(side),
            RejectionCode.INSUFFICIENT_STOCK: buying and quantity > room,
            RejectionCode.PORT_FULL: not buying and quantity > room,
        }
        return {code for code, stands in faults.items() if stands}

    def use(self, name: QuoteId, player: PlayerId, side: Side, quantity: int) -> None:
        """Trade at a quote; it is kept to the letter, or refused for a reason that is true."""
        self.meet_deadlines()
        fault = self.promises.fault_in_using(name, player, side, quantity, self.now)
        promise = self.promises.all[name]
        before = promise.state
        trader = self.world.players[player]
        had, room = self.world.credits(player), trader.ship.cargo_capacity
        room -= trader.ship.units_aboard()
        free = trader.free_units(ORE)
        decision = self.act(Trade(side, ORE, quantity, quote_id=name), player)
        if isinstance(decision, Accepted):
            assert fault is None
            assert promise.state == "used"
            return
        assert promise.state == before
        if fault is not None:
            assert decision.code is fault or decision.code.number < fault.number
            return
        cost = promise.quote.total_credits + promise.quote.fees_credits
        state = self.world.risk.state(TradingScope.PLAYER, player)
        most = self.world.risk.caps(player).units_per_trade
        assert {
            RejectionCode.PLAYER_HALTED: state is TradingState.HALTED,
            RejectionCode.REDUCING_ONLY: state is TradingState.REDUCING and side is Side.BUY,
            RejectionCode.CAP_TRADE_UNITS: most is not None and quantity > most,
            RejectionCode.INSUFFICIENT_HOLD: side is Side.BUY and quantity > room,
            RejectionCode.INSUFFICIENT_CARGO: side is Side.SELL and quantity > free,
            RejectionCode.INSUFFICIENT_CREDITS: side is Side.BUY and cost > had,
        }[decision.code]

    @rule(name=given_quotes)
    def use_a_quote(self, name: QuoteId) -> None:
        """Use a quote by its terms, for the first time or again, in time or not."""
        quote = self.promises.all[name].quote
        self.use(name, quote.player_id, quote.side, quote.quantity)

    @rule(name=given_quotes, micros=st.integers(-1, 0))
    def use_a_quote_at_its_end(self, name: QuoteId, micros: int) -> None:
        """Use a quote in its last moment, or the moment after."""
        quote = self.promises.all[name].quote
        self.now = max(self.now, UnixMicros(quote.expires_at + micros))
        self.use(name, quote.player_id, quote.side, quote.quantity)

    @rule(name=given_quotes, player=players, side=sides, more=st.integers(-1, 1))
    def misuse_a_quote(self, name: QuoteId, player: PlayerId, side: Side, more: int) -> None:
        """Use a quote as another player, for another side or other units, or rightly after all."""
        quote = self.promises.all[name].quote
        self.use(name, player, side, max(1, quote.quantity + more))

    @rule(player=players, seconds=st.sampled_from([0, 1, 5, 30]))
    def wait(self, player: PlayerId, seconds: int) -> None:
        self.now = later(seconds, self.now)
        self.act(MatchOrders(HAVEN), player)

    @rule(player=players)
    def leave_or_come(self, player: PlayerId) -> None:
        away = self.world.players[player].ship.docked_port_id is None
        self.act(Dock(HAVEN) if away else Undock(), player)

    @rule(player=players, state=st.sampled_from([TradingState.ACTIVE] * 4 + [*TradingState]))
    def restrict(self, player: PlayerId, state: TradingState) -> None:
        self.act(SetTradingState(TradingScope.PLAYER, player, state, "test"), OPERATOR)

    @rule(player=players, most=st.sampled_from([None, None, None, 0, 5, 20]))
    def cap(self, player: PlayerId, most: int | None) -> None:
        self.act(SetTradeCaps(player, TradeCaps(units_per_trade=most), "test"), OPERATOR)

    @invariant()
    def what_is_held_is_what_is_needed(self) -> None:
        if not hasattr(self, "world"):
            return
        world = self.world
        for player in world.players.values():
            resting = list(self.orders.open(player.player_id))
            assert {(name, order.filled) for name, order in player.orders.items()} == {
                (order.placed.order_id, order.filled) for order in resting
            }
            assert world.ledger.balance(held_account(player.player_id)) == sum(
                order.held_credits for order in resting
            )
            offered = sum(o.remaining for o in resting if o.placed.side is Side.SELL)
            assert player.free_units(ORE) == player.ship.units(ORE) - offered >= 0
            assert player.ship.units_aboard() <= player.ship.cargo_capacity
            for order in resting:
                assert 0 <= order.filled < order.placed.quantity
        port, quotes = world.ports[HAVEN], self.promises.live()
        assert port.promised_units[0] == self.promises.units(Side.BUY)
        assert port.promised_room[0] == self.promises.units(Side.SELL)
        assert 0 <= port.ask_stock(0) <= port.bid_stock(0) <= 4 * TARGET
        assert world.ledger.balance(held_account(HAVEN)) == sum(
            q.total_credits for q in quotes if q.side is Side.SELL
        )
        for account, balance in world.ledger.balances.items():
            assert balance >= 0 or account in UNLIMITED_ACCOUNTS

    @invariant()
    def no_quote_promises_more_than_its_share(self) -> None:
        if not hasattr(self, "world"):
            return
        for player in self.world.players.values():
            assert [*player.quotes.live.values()] == self.promises.live(player.player_id)
            assert len(player.quotes.live) <= 1
            for quote in player.quotes.live.values():
                most = 4 * TARGET if quote.side is Side.BUY else TARGET
                assert quote.quantity <= most * QUOTE_SHARE_PERCENT // 100
        assert self.world.ports[HAVEN].promised_room[0] <= TARGET * QUOTES_SHARE_PERCENT // 100

    def teardown(self) -> None:
        """Close everything, sell all back, and see that nobody but the tax gained."""
        if not hasattr(self, "world"):
            return
        assert differences(self.world, self.twin) == []
        world = self.world
        self.now = later(ORDER_LIFE_SECONDS_MAX, self.now)
        for player in world.players:
            self.act(SetTradeCaps(player, NO_CAPS, "test"), OPERATOR)
            free = SetTradingState(TradingScope.PLAYER, player, TradingState.ACTIVE, "test")
            self.act(free, OPERATOR)
            self.act(Dock(HAVEN), player)
        assert (world.books, world.next_deadline()) == ({}, None)
        for player in world.players:
            aboard = world.players[player].ship.units(ORE)
            if aboard:
                assert isinstance(self.act(Trade(Side.SELL, ORE, aboard), player), Accepted)
        assert self.promises.live() == []
        assert world.ports[HAVEN].stock[0] == self.stock
        assert world.ledger.balance(held_account(HAVEN)) == 0
        assert world.ledger.balance(port_account(HAVEN)) >= HAVEN_WALLET
        left = sum(map(world.credits, world.players))
        trades = sum(player.trade_serial for player in world.players.values())
        assert left < self.start or (left == self.start and trades == 0)


MarketMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, print_blob=True
)
TestMarketMachine = pytest.mark.timeout(300)(MarketMachine.TestCase)
