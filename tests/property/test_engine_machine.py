"""The engine against a naive model: dicts, and prices one unit at a time."""

from collections.abc import Sequence

import pytest
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.small_galaxy import (
    ALPHA,
    BETA,
    GAMMA,
    HAVEN,
    MINE,
    NOW,
    RESORT,
    envelope,
    small_universe,
)

from sectorwars.application.rows import (
    AccountRow,
    PlayerRow,
    StockCheckpoint,
    StoredState,
    TradedMinute,
)
from sectorwars.application.state.recovery import account_rows, player_rows, restore
from sectorwars.domain.command import (
    AdvanceTick,
    Command,
    CompleteJourney,
    Dock,
    RegisterPlayer,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.commodity import COMMODITIES, COMMODITY_SPECS, Commodity
from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    JourneyStarted,
    PortsSettled,
    ShipDocked,
    TickAdvanced,
)
from sectorwars.domain.ids import AccountId, PlayerId, PortId, SectorId
from sectorwars.domain.ledger import UNLIMITED_ACCOUNTS
from sectorwars.domain.market import Side, ask_price, bid_price
from sectorwars.domain.port import PortSpec
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.decision import Accepted
from sectorwars.engine.execute import execute
from sectorwars.engine.world import World
from sectorwars.simulation.digest import differences, world_digest

PLAYERS = [PlayerId("pl_1"), PlayerId("pl_2")]
SPECS: dict[PortId, PortSpec] = {spec.port_id: spec for spec in small_universe().ports}


class NaiveGalaxy:
    """What a careful child with pencil and paper would keep."""

    def __init__(self) -> None:
        created = small_universe()
        self.stock = {
            (spec.port_id, good.commodity): units
            for spec, stock in zip(created.ports, created.stocks, strict=True)
            for good, units in zip(spec.goods, stock, strict=True)
        }
        self.port_credits = {
            spec.port_id: posting.amount
            for spec, posting in zip(created.ports, created.postings[1:], strict=True)
        }
        self.credits: dict[PlayerId, int] = {}
        self.turns: dict[PlayerId, int] = {}
        self.cargo: dict[tuple[PlayerId, Commodity], list[int]] = {}
        self.dock: dict[PlayerId, PortId | None] = {}
        self.sector: dict[PlayerId, SectorId] = {}
        self.flight: dict[PlayerId, tuple[SectorId, int]] = {}

    def trade(self, player: PlayerId, command: Trade) -> tuple[list[int], int] | None:
        """Trade unit by unit; return the prices and fee, or None, undone, if it cannot be."""
        port_id = self.dock.get(player)
        if player in self.flight or port_id is None or command.quantity < 1:
            return None
        good = next((g for g in SPECS[port_id].goods if g.commodity == command.commodity), None)
        if good is None or not (good.sells if command.side is Side.BUY else good.buys):
            return None
        base = COMMODITY_SPECS[good.commodity].base_price_credits
        stock = self.stock[port_id, good.commodity]
        units = self.cargo.setdefault((player, good.commodity), [])
        prices = []
        for _ in range(command.quantity):
            quote = ask_price if command.side is Side.BUY else bid_price
            price = quote(base, stock, good.target)
            if price is None:
                return None
            prices.append(int(price))
            stock += -1 if command.side is Side.BUY else 1
        fee = -(-sum(prices) // 100)
        if command.side is Side.BUY:
            aboard = sum(len(u) for (p, _), u in self.cargo.items() if p == player)
            if aboard + len(prices) > 150 or sum(prices) + fee > self.credits[player]:
                return None
            if command.price_bound is not None and max(prices) > command.price_bound:
                return None
            units.extend(prices)
            self.credits[player] -= sum(prices) + fee
            self.port_credits[port_id] += sum(prices)
        else:
            if len(units) < len(prices) or sum(prices) > self.port_credits[port_id]:
                return None
            if command.price_bound is not None and min(prices) < command.price_bound:
                return None
            del units[: len(prices)]
            self.credits[player] += sum(prices) - fee
            self.port_credits[port_id] -= sum(prices)
        self.stock[port_id, good.commodity] = stock
        return prices, fee


class Tables:
    """The tables a store keeps, written batch by batch as the writer would."""

    def __init__(self, world: World, created: Event) -> None:
        self.checkpoint = StockCheckpoint(
            1,
            world.tick,
            tuple(tuple(port.stock) for port in world.ports_by_index),
            tuple(port.version for port in world.ports_by_index),
        )
        self.tail: list[TickAdvanced | GoodsTraded] = []
        self.players: dict[PlayerId, PlayerRow] = {}
        self.accounts: dict[AccountId, AccountRow] = {}
        self.write(world, [created])

    def write(self, world: World, events: Sequence[Event]) -> None:
        self.tail.extend(e for e in events if isinstance(e, TickAdvanced | GoodsTraded))
        self.players.update((row.player_id, row) for row in player_rows(world, events))
        self.accounts.update((row.account, row) for row in account_rows(world, events))

    def state(self) -> StoredState:
        created = small_universe()
        return StoredState(
            last_offset=1,
            seed=created.seed,
            sectors=created.sectors,
            ports=created.ports,
            checkpoint=self.checkpoint,
            market_tail=tuple(self.tail),
            players=tuple(self.players.values()),
            accounts=tuple(self.accounts.values()),
            volumes=tuple(
                (e.tick, e.commodity, e.quantity) for e in self.tail if isinstance(e, GoodsTraded)
            ),
            traded=self.traded(),
        )

    def traded(self) -> tuple[TradedMinute, ...]:
        sums: dict[tuple[int, PlayerId, Commodity], list[int]] = {}
        for event in self.tail:
            if isinstance(event, GoodsTraded):
                key = event.at // (60 * MICROS_PER_SECOND), event.player_id, event.commodity
                row = sums.setdefault(key, [0, 0, 0])
                for i, amount in enumerate((1, event.quantity, event.total_credits)):
                    row[i] += amount
        return tuple(
            TradedMinute(player, minute, commodity, *sums[minute, player, commodity])
            for minute, player, commodity in sorted(sums)
        )


class EngineMachine(RuleBasedStateMachine):
    """Drives engine and naive model with the same commands."""

    def __init__(self) -> None:
        super().__init__()
        created = small_universe()
        self.world = World(created.seed, created.tick)
        apply(self.world, created)
        self.events: list[Event] = [created]
        self.naive = NaiveGalaxy()
        self.tables = Tables(self.world, created)
        self.now = int(NOW)

    def perform(
        self, command: Command, player: PlayerId | None, *, possible: bool
    ) -> tuple[Event, ...]:
        """Decide and apply; the engine must grant exactly what is possible."""
        before = world_digest(self.world)
        decision = execute(self.world, envelope(command, player), UnixMicros(self.now))
        assert world_digest(self.world) == before
        assert isinstance(decision, Accepted) == possible, (command, decision)
        if not isinstance(decision, Accepted):
            return ()
        for event in decision.events:
            apply(self.world, event)
            assert self.world.ledger.total() == 0
        self.events.extend(decision.events)
        self.tables.write(self.world, decision.events)
        return decision.events

    @rule(player=st.sampled_from(PLAYERS))
    def register(self, player: PlayerId) -> None:
        new = player not in self.naive.credits
        self.perform(RegisterPlayer(), player, possible=new)
        if new:
            self.naive.credits[player] = 50_000
            self.naive.turns[player] = 500
            self.naive.dock[player] = HAVEN
            self.naive.sector[player] = ALPHA

    @rule(player=st.sampled_from(PLAYERS), port_id=st.sampled_from([HAVEN, MINE, RESORT, "p9"]))
    def dock(self, player: PlayerId, port_id: PortId) -> None:
        naive = self.naive
        possible = (
            naive.dock.get(player, HAVEN) is None
            and player not in naive.flight
            and port_id in SPECS
            and SPECS[port_id].sector_id == naive.sector[player]
        )
        events = self.perform(Dock(port_id), player, possible=possible)
        if possible:
            fee = min(5, naive.credits[player])
            naive.credits[player] -= fee
            naive.dock[player] = port_id
            (event,) = events
            assert isinstance(event, ShipDocked)
            assert (event.fee_credits, event.credits_after) == (fee, naive.credits[player])

    @rule(player=st.sampled_from(PLAYERS))
    def undock(self, player: PlayerId) -> None:
        possible = self.naive.dock.get(player) is not None
        self.perform(Undock(), player, possible=possible)
        if possible:
            self.naive.credits[player] -= min(5, self.naive.credits[player])
            self.naive.dock[player] = None

    @rule(player=st.sampled_from(PLAYERS), to=st.sampled_from([ALPHA, BETA, GAMMA]))
    def travel(self, player: PlayerId, to: SectorId) -> None:
        naive = self.naive
        links = {ALPHA: [BETA], BETA: [ALPHA, GAMMA], GAMMA: [BETA]}
        possible = (
            player in naive.credits
            and naive.dock[player] is None
            and player not in naive.flight
            and to in links[naive.sector[player]]
        )
        events = self.perform(Travel(to), player, possible=possible)
        if possible:
            (event,) = events
            assert isinstance(event, JourneyStarted)
            seconds = 5 if GAMMA not in (to, naive.sector[player]) else 10
            naive.flight[player] = (to, self.now + seconds * MICROS_PER_SECOND)
            assert event.journey.arrives_at == naive.flight[player][1]

    @rule(seconds=st.integers(0, 12))
    def wait(self, seconds: int) -> None:
        self.now += seconds * MICROS_PER_SECOND
        due = [deadline.player_id for deadline in self.world.due(UnixMicros(self.now))]
        expected = [p for p, (_, at) in self.naive.flight.items() if at <= self.now]
        assert sorted(due) == sorted(expected)
        for player in due:
            assert len(self.perform(CompleteJourney(), player, possible=True)) == 1
            self.naive.sector[player] = self.naive.flight.pop(player)[0]

    @rule(player=st.sampled_from(PLAYERS))
    def arrive_out_of_turn(self, player: PlayerId) -> None:
        """Asked too early, or of a ship that is not under way, nothing happens."""
        assume(player in self.naive.credits)
        assume(self.naive.flight.get(player, ("", self.now + 1))[1] > self.now)
        assert self.perform(CompleteJourney(), player, possible=True) == ()

    @rule(
        player=st.sampled_from(PLAYERS),
        side=st.sampled_from(Side),
        commodity=st.sampled_from([Commodity.ORE, Commodity.ENERGY, *COMMODITIES, "gold"]),
        quantity=st.one_of(st.integers(0, 12), st.integers(1, 200)),
        bound=st.one_of(st.none(), st.none(), st.integers(1, 200)),
    )
    def trade(
        self, player: PlayerId, side: Side, commodity: str, quantity: int, bound: int | None
    ) -> None:
        command = Trade(side, commodity, quantity, bound)
        outcome = self.naive.trade(player, command)
        events = self.perform(command, player, possible=outcome is not None)
        if outcome is None:
            return
        prices, fee = outcome
        (event,) = events
        assert isinstance(event, GoodsTraded)
        units = [fill.price_credits for fill in event.fills for _ in range(fill.quantity)]
        assert units == prices
        assert (event.total_credits, event.fees_credits) == (sum(prices), fee)
        assert event.credits_after == self.naive.credits[player]
        assert event.cargo_after == len(self.naive.cargo[player, event.commodity])
        assert event.stock_after == self.naive.stock[event.port_id, event.commodity]

    @rule(ticks=st.sampled_from([1, 1, 2, 60]))
    def tick(self, ticks: int) -> None:
        for _ in range(ticks):
            for event in self.perform(AdvanceTick(), None, possible=True):
                if isinstance(event, TickAdvanced):
                    self._move_stock(event)
                elif isinstance(event, PortsSettled):
                    for port_id in SPECS:
                        self.naive.port_credits[port_id] += sum(
                            amount for who, amount in event.postings if who == f"port:{port_id}"
                        )

    def _move_stock(self, event: TickAdvanced) -> None:
        for spec, deltas in zip(SPECS.values(), event.deltas, strict=True):
            for good, delta in zip(spec.goods, deltas, strict=True):
                self.naive.stock[spec.port_id, good.commodity] += delta

    @invariant()
    def agrees_with_the_naive_galaxy(self) -> None:
        world, naive = self.world, self.naive
        for (port_id, commodity), units in naive.stock.items():
            port = world.ports[port_id]
            position = port.position(commodity)
            assert position is not None
            assert port.stock[position] == units >= 0
        for port_id, balance in naive.port_credits.items():
            assert world.ledger.balance(AccountId(f"port:{port_id}")) == balance
        for player, balance in naive.credits.items():
            ship = world.players[player].ship
            assert world.credits(player) == balance
            assert ship.docked_port_id == naive.dock[player]
            assert ship.sector_id == naive.sector[player]
            assert (ship.journey is not None) == (player in naive.flight)
            for commodity in COMMODITIES:
                assert ship.units(commodity) == len(naive.cargo.get((player, commodity), ()))

    @invariant()
    def nobody_owes_and_no_hold_bursts(self) -> None:
        for account, balance in self.world.ledger.balances.items():
            assert balance >= 0 or account in UNLIMITED_ACCOUNTS
        for player in self.world.players.values():
            assert 0 <= player.ship.units_aboard() <= player.ship.cargo_capacity
            assert 0 <= player.turns.count <= 500

    @invariant()
    def the_tables_restore_the_world(self) -> None:
        assert differences(restore(self.tables.state()), self.world) == []

    def teardown(self) -> None:
        replayed = World(self.world.seed, small_universe().tick)
        for event in self.events:
            apply(replayed, event)
        assert differences(replayed, self.world) == []


EngineMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, print_blob=True
)
TestEngineMachine = pytest.mark.timeout(300)(EngineMachine.TestCase)
