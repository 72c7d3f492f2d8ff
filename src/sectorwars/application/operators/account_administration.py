"""What operators do to accounts: look them up, make an administrator, change a role."""

from dataclasses import replace
from typing import Final

from sectorwars.application.account import (
    Account,
    AccountRole,
    AccountStore,
    find_account,
    player_named,
)
from sectorwars.application.accounts.opening import AccountOpening
from sectorwars.application.audit.trail import (
    DATA_DIRECTORY_OWNER,
    AuditKind,
    Operator,
    OperatorAct,
    OperatorAudit,
)
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.values import UnixMicros

UNKNOWN_ACCOUNT: Final = Refusal(
    "unknown_account", Retry.NEVER, "There is no account of that name or player id."
)
ROLE_CHANGED_MEANWHILE: Final = Refusal(
    "role_changed", Retry.NEW_ID, "The role was changed by another just now; look at it again."
)
ADMIN_EXISTS: Final = Refusal(
    "admin_exists",
    Retry.NEVER,
    "There is an administrator already, and only one of them can make another.",
)
OWN_ROLE: Final = Refusal(
    "own_role",
    Retry.NEVER,
    "Nobody changes his own role; another administrator can, so that one always remains.",
)
STAFF: Final = frozenset({AccountRole.MODERATOR, AccountRole.ADMIN, AccountRole.SERVICE})
"""The roles of those who are more than players."""


class AccountAdministration:
    """Changes accounts for operators, each time with an entry in the audit trail."""

    def __init__(self, store: AccountStore, audit: OperatorAudit) -> None:
        """Change the accounts in `store`."""
        self._store = store
        self._audit = audit

    async def account(self, named: str) -> Account | Refusal:
        """Return the account of a player's id or of a name; ids come first."""
        return await find_account(self._store, named) or UNKNOWN_ACCOUNT

    async def player_named(self, text: str) -> PlayerId:
        """Return the id of the player whose id or name the text is."""
        return await player_named(self._store, text)

    async def staff(self) -> list[Account]:
        """Return the accounts of all who are more than players."""
        return await self._store.accounts_with(STAFF)

    async def create_admin(
        self,
        operator: Operator | None,
        opening: AccountOpening,
        username: str,
        password: str,
        now: UnixMicros,
    ) -> Account | Refusal:
        """Open an administrator's account; the first needs no operator, each later one does."""
        if operator is None and await self._store.accounts_with({AccountRole.ADMIN}):
            return ADMIN_EXISTS
        account = await opening.open(username, password, None, now)
        if isinstance(account, Refusal):
            return account
        # Until the entry is made, the account is an ordinary player's.
        operator = operator or Operator(DATA_DIRECTORY_OWNER)
        return await self._give_role(operator, account, AccountRole.ADMIN, now)

    async def change_role(
        self, operator: Operator, named: str, role: AccountRole, now: UnixMicros
    ) -> Account | Refusal:
        """Give an account another role, which binds its holder from his next request on."""
        account = await self.account(named)
        if isinstance(account, Refusal):
            return account
        if account.player_id == operator.actor:
            return OWN_ROLE
        return await self._give_role(operator, account, role, now)

    async def _give_role(
        self, operator: Operator, account: Account, role: AccountRole, now: UnixMicros
    ) -> Account | Refusal:
        act = OperatorAct(
            AuditKind.ROLE_CHANGED,
            account.player_id,
            before={"role": account.role.value},
            after={"role": role.value},
            details={},
        )
        await self._audit.enter(operator, act, None, now)
        if not await self._store.change_role(account.player_id, role, expected=account.role):
            await self._audit.enter(operator, act, ROLE_CHANGED_MEANWHILE.code, now)
            return ROLE_CHANGED_MEANWHILE
        return replace(account, role=role)
