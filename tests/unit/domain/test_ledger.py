"""Double entry."""

import pytest

from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.ledger import (
    MINT,
    TRADE_TAX,
    UNLIMITED_ACCOUNTS,
    Ledger,
    Posting,
    UnbalancedPostingsError,
    player_account,
    port_account,
)
from sectorwars.domain.values import Credits

ALICE = player_account(PlayerId("a"))


def test_postings_move_credits_between_accounts() -> None:
    ledger = Ledger([(ALICE, Credits(10)), (MINT, Credits(-10))])
    ledger.post([Posting(ALICE, Credits(-4)), Posting(TRADE_TAX, Credits(4))])
    assert (ledger.balance(ALICE), ledger.balance(TRADE_TAX)) == (6, 4)
    assert ledger.total() == 0


def test_an_unknown_account_holds_nothing() -> None:
    assert Ledger().balance(ALICE) == 0


def test_unbalanced_postings_change_nothing() -> None:
    ledger = Ledger()
    with pytest.raises(UnbalancedPostingsError):
        ledger.post(iter([Posting(ALICE, Credits(5)), Posting(MINT, Credits(-4))]))
    assert ledger.balances == {}


def test_a_generator_of_postings_is_posted_whole() -> None:
    ledger = Ledger()
    ledger.post(Posting(account, Credits(sum_)) for account, sum_ in ((ALICE, 5), (MINT, -5)))
    assert ledger.balance(ALICE) == 5


def test_accounts_of_players_and_ports_are_limited_and_distinct() -> None:
    assert player_account(PlayerId("x")) != port_account(PortId("x"))
    assert ALICE not in UNLIMITED_ACCOUNTS
