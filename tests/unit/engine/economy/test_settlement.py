"""Ports are paid for what is consumed, pay wages, and never run dry or hoard for long."""

from dataclasses import replace

import pytest

from sectorwars.domain.ledger import (
    BUDGET,
    CONSUMPTION,
    FREIGHT,
    WAGES,
    Posting,
    port_account,
)
from sectorwars.domain.values import TICKS_PER_GAME_HOUR, Credits, Tick
from sectorwars.engine.apply import apply
from sectorwars.engine.economy import advance
from sectorwars.engine.economy.settlement import BUDGET_FLOOR_DIVISOR, port_budget
from sectorwars.engine.genesis import create_universe
from sectorwars.engine.world import World


def hour_end(seed: int = 1) -> World:
    """A world whose next tick ends a game hour."""
    birth = replace(create_universe(seed, 20), tick=Tick(TICKS_PER_GAME_HOUR - 1))
    world = World(seed, birth.tick)
    apply(world, birth)
    return world


def give(world: World, amount: int) -> None:
    account = port_account(world.ports_by_index[0].spec.port_id)
    world.ledger.post((Posting(account, Credits(amount)), Posting(BUDGET, Credits(-amount))))


def first_wallet(world: World) -> int:
    return world.ledger.balance(port_account(world.ports_by_index[0].spec.port_id))


def settled(world: World) -> World:
    world.ledger.post(advance(world).postings)
    return world


def test_nothing_is_settled_within_the_hour() -> None:
    world = hour_end()
    world.tick = Tick(TICKS_PER_GAME_HOUR - 2)
    assert advance(world).postings == ()
    world.tick = Tick(-1)
    assert advance(world).postings


def test_the_postings_of_an_hour_sum_to_zero_and_name_each_port_once() -> None:
    postings = advance(hour_end()).postings
    assert sum(posting.amount for posting in postings) == 0
    accounts = [posting.account for posting in postings]
    assert len(set(accounts)) == len(accounts) == 12 + 5
    amounts = dict(postings)
    assert amounts[CONSUMPTION] < 0 < amounts[WAGES]
    assert {FREIGHT, BUDGET} < set(amounts)


def test_a_budget_is_half_the_base_value_of_the_stores() -> None:
    spec = create_universe(1, 20).ports[0]
    budget = port_budget(spec)
    doubled = replace(spec, goods=tuple(replace(g, target=2 * g.target) for g in spec.goods))
    assert port_budget(doubled) in {2 * budget, 2 * budget + 1}
    assert budget > 0


@pytest.mark.parametrize("credits_off_budget", [400_000, -100_000])
def test_a_wallet_closes_a_quarter_of_the_distance_to_its_budget(credits_off_budget: int) -> None:
    plain, moved = settled(hour_end()), hour_end()
    give(moved, credits_off_budget)
    left = first_wallet(settled(moved)) - first_wallet(plain)
    assert left == pytest.approx(credits_off_budget * 3 / 4, abs=1)


def test_a_wallet_holds_a_quarter_of_its_budget_after_each_hour() -> None:
    world = hour_end()
    give(world, -first_wallet(world))
    budget = port_budget(world.ports_by_index[0].spec)
    assert first_wallet(settled(world)) >= budget // BUDGET_FLOOR_DIVISOR


def test_a_trade_of_goods_for_their_base_price_is_worth_the_same_to_a_port() -> None:
    """Over a day without players, what stores gain or lose in base value wallets lose or gain."""
    birth = create_universe(5, 20)
    world = World(5, birth.tick)
    apply(world, birth)

    def stores() -> int:
        return sum(
            units * base
            for port in world.ports_by_index
            for units, (_, base, _) in zip(port.stock, port.terms, strict=True)
        )

    before, turnover, paid = stores(), 0, 0
    for tick in range(world.tick + 1, world.tick + 1_441):
        step = advance(world)
        paid += sum(
            posting.amount
            for posting in step.postings
            if posting.account in {CONSUMPTION, WAGES, FREIGHT}
        )
        turnover += sum(
            abs(posting.amount) for posting in step.postings if posting.account == CONSUMPTION
        )
        world.tick = Tick(tick)
        for port, deltas in zip(world.ports_by_index, step.deltas, strict=True):
            port.stock = [units + delta for units, delta in zip(port.stock, deltas, strict=True)]
    # `paid` left the wallets; the hours are settled at the rates of their last ticks, hence about.
    assert abs((stores() - before) - paid) < turnover // 50
