"""What operators may do, and which role may do what. What is not listed is denied."""

from enum import StrEnum
from typing import Final

from sectorwars.application.account import AccountRole, AccountStore
from sectorwars.application.accounts.tokens import Principal
from sectorwars.application.audit.trail import Operator
from sectorwars.domain.rejection import Refusal, Retry


class Permission(StrEnum):
    """Something that not everybody may do."""

    READ_AUDIT = "audit:read"
    READ_ACCOUNTS = "accounts:read"
    CHANGE_ROLES = "roles:change"
    READ_CONNECTIONS = "connections:read"
    CLOSE_CONNECTIONS = "connections:close"
    READ_TRADING_CONTROLS = "trading_controls:read"
    HALT_PLAYERS = "players:halt"
    HALT_MARKETS = "markets:halt"
    """To open, restrict or halt trading at a port or in the whole game."""
    SET_TRADE_CAPS = "trade_caps:set"


ROLE_PERMISSIONS: Final[dict[AccountRole, frozenset[Permission]]] = {
    AccountRole.PLAYER: frozenset(),
    AccountRole.SERVICE: frozenset(),
    AccountRole.MODERATOR: frozenset(
        {
            Permission.READ_AUDIT,
            Permission.READ_ACCOUNTS,
            Permission.READ_CONNECTIONS,
            Permission.CLOSE_CONNECTIONS,
            Permission.READ_TRADING_CONTROLS,
            Permission.HALT_PLAYERS,
        }
    ),
    AccountRole.ADMIN: frozenset(Permission),
}
"""The only table of who may do what."""


def permission_denied(permission: Permission) -> Refusal:
    """Refuse somebody who lacks a permission."""
    return Refusal(
        "permission_denied",
        Retry.NEVER,
        f"Your role has not the permission {permission.value}.",
    )


class Authority:
    """Says who may act as an operator, by the role that his account has at that moment.

    The role in a token is not asked: it may be older than a demotion.
    """

    def __init__(self, accounts: AccountStore) -> None:
        """Ask `accounts`."""
        self._accounts = accounts

    async def operator(
        self, principal: Principal, permission: Permission, address: str
    ) -> Operator | Refusal:
        """Return the principal as an operator who acts from `address`, or why he is none.

        Raises:
            StoreUnavailableError: his account cannot be read, so he must not act.
        """
        account = await self._accounts.find_by_player(principal.player_id)
        if account is None or permission not in ROLE_PERMISSIONS[account.role]:
            return permission_denied(permission)
        return Operator(account.player_id, principal.sid, address)
