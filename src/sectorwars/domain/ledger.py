"""Double entry: every credit moves between named accounts and all balances sum to zero."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from sectorwars.domain.ids import AccountId, HaulerId, PlayerId, PortId
from sectorwars.domain.values import Credits


class Posting(NamedTuple):
    """A change of one account's balance; the postings of an event sum to zero."""

    account: AccountId
    amount: Credits


MINT: Final = AccountId("faucet:mint")
"""Gives newcomers and newly opened ports their first credits."""
CONSUMPTION: Final = AccountId("faucet:consumption")
"""The population, which pays ports for the goods it consumes."""
WAGES: Final = AccountId("sink:wages")
"""The work force, which ports pay for the goods they produce."""
FREIGHT: Final = AccountId("treasury:freight")
"""Freighters from beyond the galaxy, which pay ports for what they carry off and are paid for
what they bring; a faucet or a sink by its sign."""
BUDGET: Final = AccountId("treasury:budget")
"""Grants to poor ports and haulers and levies on rich ones; a faucet or a sink by its sign."""
TRADE_TAX: Final = AccountId("sink:trade_tax")
DOCKING_FEES: Final = AccountId("sink:docking_fees")
DEPARTURE_FEES: Final = AccountId("sink:departure_fees")
UPKEEP: Final = AccountId("sink:upkeep")
"""Crews and yards, which haulers pay for every tick under way or at berth, ports each hour."""

UNLIMITED_ACCOUNTS: Final = frozenset(
    {MINT, CONSUMPTION, WAGES, FREIGHT, BUDGET, TRADE_TAX, DOCKING_FEES, DEPARTURE_FEES, UPKEEP}
)
"""Faucets and sinks: the only accounts whose balance may be negative."""


def player_account(player: PlayerId) -> AccountId:
    """Name the account that holds a player's credits."""
    return AccountId(f"player:{player}")


def port_account(port: PortId) -> AccountId:
    """Name the account that holds a port's wallet."""
    return AccountId(f"port:{port}")


def hauler_account(hauler: HaulerId) -> AccountId:
    """Name the account that holds a hauler's wallet."""
    return AccountId(f"hauler:{hauler}")


def held_account(owner: PlayerId | PortId) -> AccountId:
    """Name the account that holds what is reserved of a player's or a port's credits.

    A player's are reserved for his open purchases, a port's for the quotes on which it will buy.
    """
    return AccountId(f"held:{owner}")


class UnbalancedPostingsError(Exception):
    """The postings of one event do not sum to zero: a bug, never a refusal."""


class Ledger:
    """The balances of all accounts.

    >>> ledger = Ledger()
    >>> ledger.post([Posting(MINT, Credits(-5)), Posting(AccountId("player:a"), Credits(5))])
    >>> ledger.balance(AccountId("player:a"))
    5
    """

    __slots__ = ("balances",)

    def __init__(self, balances: Iterable[tuple[AccountId, Credits]] = ()) -> None:
        """Start from the given balances."""
        self.balances: dict[AccountId, Credits] = dict(balances)

    def balance(self, account: AccountId) -> Credits:
        """Return an account's balance; an account nobody has posted to holds nothing."""
        return self.balances.get(account, Credits(0))

    def post(self, postings: Iterable[Posting]) -> None:
        """Apply the postings of one event.

        Raises:
            UnbalancedPostingsError: they do not sum to zero; nothing is changed then.
        """
        postings = tuple(postings)
        if sum(amount for _, amount in postings) != 0:
            raise UnbalancedPostingsError(postings)
        balances = self.balances
        for account, amount in postings:
            balances[account] = Credits(balances.get(account, 0) + amount)

    def total(self) -> int:
        """Sum all balances; anything but zero is a bug."""
        return sum(self.balances.values())
