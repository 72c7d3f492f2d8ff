"""The haulers that a universe is born with."""

from sectorwars.domain.ids import hauler_id
from sectorwars.domain.ledger import hauler_account
from sectorwars.engine.economy.haulers import hauler_budget
from sectorwars.engine.genesis import create_universe
from sectorwars.engine.genesis.fleet import (
    FIRST_CALLS_WITHIN,
    HAULERS_PER_PORT,
    HOLD_MAX,
    HOLD_MIN,
)

BORN = create_universe(1)


def test_every_port_has_its_haulers_with_ids_in_their_order() -> None:
    assert len(BORN.haulers) == HAULERS_PER_PORT * len(BORN.ports) == 120
    assert [h.hauler_id for h in BORN.haulers] == [hauler_id(i) for i in range(120)]
    assert [h.home_port_id for h in BORN.haulers] == [
        port.port_id for port in BORN.ports for _ in range(HAULERS_PER_PORT)
    ]
    assert sorted(h.hauler_id for h in BORN.haulers) == [h.hauler_id for h in BORN.haulers]


def test_holds_differ_within_their_bounds() -> None:
    holds = [hauler.hold for hauler in BORN.haulers]
    assert HOLD_MIN <= min(holds) < max(holds) <= HOLD_MAX
    assert len(set(holds)) > 50


def test_first_calls_are_spread_over_the_first_hours() -> None:
    waits = [calls_at - BORN.tick for calls_at in BORN.first_calls]
    assert min(waits) >= 1
    assert max(waits) <= FIRST_CALLS_WITHIN
    assert len(set(waits)) > 50


def test_each_is_born_with_its_working_capital() -> None:
    wallets = dict(BORN.postings)
    for hauler in BORN.haulers:
        assert wallets[hauler_account(hauler.hauler_id)] == hauler_budget(hauler) > 0
    assert sum(wallets.values()) == 0
