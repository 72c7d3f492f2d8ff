"""The market at one port: colluding players, every type of order, and no gain from any of it.

Each trade is held against a matcher that goes unit by unit, each event against what must hold
after all of them; at the end all is closed and sold back, and the port must not have lost.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
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
from sectorwars.domain.event import Event, GoodsTraded, MarketChange
from sectorwars.domain.ids import OrderId, PlayerId, QuoteId
from sectorwars.domain.ledger import UNLIMITED_ACCOUNTS, held_account, port_account
from sectorwars.domain.market import Side, ask_price, bid_price
from sectorwars.domain.order import ORDER_LIFE_SECONDS_MAX, LimitOrder
from sectorwars.domain.player import Player
from sectorwars.domain.quote import QUOTE_SHARE_PERCENT, QUOTES_SHARE_PERCENT
from sectorwars.domain.risk import NO_CAPS, TradeCaps, TradingScope, TradingState
from sectorwars.engine.apply import apply
from sectorwars.engine.decision import Accepted
from sectorwars.engine.execute import execute
from sectorwars.engine.world import DeadlineKind, World
from sectorwars.simulation.digest import differences

ORE = Commodity.ORE
BASE, TARGET = 52, 2_000
OPERATOR = PlayerId("op_1")
NAMES = ("anna", "bert", "carl")
players = st.sampled_from([PlayerId(name) for name in NAMES])
sides = st.sampled_from(Side)
quantities = st.one_of(st.integers(1, 8), st.integers(1, 160))
offsets = st.integers(-8, 8)
"""How far a limit or bound lies from the middle of the port's prices."""


_LETS_THROUGH = {
    Side.BUY: (TradingState.ACTIVE,),
    Side.SELL: (TradingState.ACTIVE, TradingState.REDUCING),
}


def one_by_one(world: World, trade: GoodsTraded) -> Iterator[tuple[int, OrderId | None]]:
    """Yield what each unit of a trade should cost and who should give or take it, before it."""
    port = world.ports[HAVEN]
    buying = trade.side is Side.BUY
    taken: Counter[OrderId] = Counter()
    makers = _makers(world, trade)
    from_port = 0
    for _ in range(trade.quantity):
        offers: list[tuple[int, int, int, OrderId | None]] = []
        if buying:
            price = ask_price(BASE, port.ask_stock(0) - from_port, TARGET)
        else:
            price = bid_price(BASE, port.bid_stock(0) + from_port, TARGET)
        if price is not None:
            offers.append((price if buying else -price, 0, 0, None))
        for order in makers:
            if taken[order.order_id] < order.remaining:
                limit = order.limit_credits
                key = limit if buying else -limit
                offers.append((key, 1, order.sequence, order.order_id))
        key, _, _, order_id = min(offers, key=lambda offer: offer[:3])
        if order_id is None:
            from_port += 1
        else:
            taken[order_id] += 1
        yield abs(key), order_id


def _makers(world: World, trade: GoodsTraded) -> list[LimitOrder]:
    """Return the orders that may take part: those surely, and of the doubtful those that did.

    Doubtful is whom hold or caps may keep from it; that is for the tests of one rule at a time.
    """
    own = world.players[trade.player_id].orders.get(trade.order_id or OrderId(""))
    took_part = {crossing.order_id for crossing in trade.crossings}
    return [
        order
        for player in world.players.values()
        if player.player_id != trade.player_id and player.ship.docked_port_id == HAVEN
        for order in player.orders.values()
        if order.side is not trade.side
        and order.expires_at > trade.at
        and world.risk.state(TradingScope.PLAYER, player.player_id) in _LETS_THROUGH[order.side]
        and (own is None or order.sequence < own.sequence)
        and (order.order_id in took_part or _is_free(world, player, order))
    ]


def _is_free(world: World, player: Player, order: LimitOrder) -> bool:
    if world.risk.caps(player.player_id) != NO_CAPS:
        return False
    room = player.ship.cargo_capacity - player.ship.units_aboard()
    wanted = sum(other.remaining for other in player.orders.values() if other.side is Side.BUY)
    return order.side is Side.SELL or wanted <= room


class MarketMachine(RuleBasedStateMachine):
    """Three players, one good, no ticks."""

    @initialize(stock=st.integers(300, 7_850))
    def open_market(self, stock: int) -> None:
        self.world = small_world()
        self.twin = small_world()
        for world in (self.world, self.twin):
            world.ports[HAVEN].stock[0] = stock
            join(world, *NAMES)
        self.stock = stock
        self.now = NOW
        self.start = sum(map(self.world.credits, self.world.players))
        for name in NAMES:
            self.act(Trade(Side.BUY, ORE, 40), PlayerId(name))

    def attempt(self, command: Command, player: PlayerId | None) -> tuple[Event, ...]:
        decision = execute(self.world, envelope(command, player), self.now)
        if not isinstance(decision, Accepted):
            return ()
        for event in decision.events:
            version = self.world.ports[HAVEN].version
            if isinstance(event, GoodsTraded):
                self.check(event)
            apply(self.world, event)
            apply(self.twin, event)
            assert self.world.ledger.total() == 0
            if isinstance(event, MarketChange):
                assert self.world.ports[HAVEN].version == version + 1 == event.market_version
        return decision.events

    def check(self, trade: GoodsTraded) -> None:
        """Hold a trade against the matcher that goes unit by unit, or its quote."""
        prices: Counter[int] = Counter()
        if trade.quote_id is not None:
            quote = self.world.players[trade.player_id].quotes.live[trade.quote_id]
            assert (trade.fills, trade.fees_credits) == (quote.fills, quote.fees_credits)
            return
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

    def act(self, command: Command, player: PlayerId) -> tuple[Event, ...]:
        """Do as the writer does: what is due, the command, then all that can be filled."""
        for deadline in self.world.due(self.now):
            if deadline.kind is DeadlineKind.ORDER:
                self.attempt(ExpireOrder(OrderId(deadline.subject)), deadline.player_id)
            else:
                self.attempt(ExpireQuote(QuoteId(deadline.subject)), deadline.player_id)
        events = self.attempt(command, player)
        while filled := self.attempt(MatchOrders(HAVEN), None):
            events += filled
        return events

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
        player=players,
        side=sides,
        quantity=quantities,
        offset=offsets,
        life=st.integers(1, 60),
    )
    def place(self, player: PlayerId, side: Side, quantity: int, offset: int, life: int) -> None:
        self.act(PlaceOrder(side, ORE, quantity, self.near(offset), life), player)

    @rule(player=players, side=sides, quantity=quantities)
    def ask_for_a_quote(self, player: PlayerId, side: Side, quantity: int) -> None:
        port = self.world.ports[HAVEN]
        ask, bid = port.ask(0), port.bid(0)
        if self.act(RequestQuote(side, ORE, quantity), player) and not self.world.books:
            assert (port.ask(0) or 10**6) >= (ask or 10**6)
            assert (port.bid(0) or 0) <= (bid or 0)

    @rule(player=players)
    def use_a_quote(self, player: PlayerId) -> None:
        for quote in tuple(self.world.players[player].quotes.live.values()):
            command = Trade(quote.side, ORE, quote.quantity, quote_id=quote.quote_id)
            self.act(command, player)

    @rule(player=players)
    def cancel(self, player: PlayerId) -> None:
        self.act(CancelOrders(), player)

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
            open_orders = player.orders.values()
            assert world.ledger.balance(held_account(player.player_id)) == sum(
                order.held_credits for order in open_orders
            )
            assert player.free_units(ORE) >= 0
            assert player.ship.units_aboard() <= player.ship.cargo_capacity
            for order in open_orders:
                assert 0 <= order.filled < order.quantity
        quotes = [q for p in world.players.values() for q in p.quotes.live.values()]
        port = world.ports[HAVEN]
        assert port.promised_units[0] == sum(q.quantity for q in quotes if q.side is Side.BUY)
        assert port.promised_room[0] == sum(q.quantity for q in quotes if q.side is Side.SELL)
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
            assert not aboard or self.act(Trade(Side.SELL, ORE, aboard), player)
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
