"""Operators' changes of accounts: none without its entry, and what races do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sectorwars.application.account import Account, AccountRole, SessionId
from sectorwars.application.accounts.opening import AccountOpening
from sectorwars.application.accounts.password import HashCost, PasswordHasher
from sectorwars.application.accounts.tokens import Principal
from sectorwars.application.audit.trail import AddressPseudonyms, Operator, OperatorAudit
from sectorwars.application.operators.account_administration import (
    ADMIN_EXISTS,
    OWN_ROLE,
    ROLE_CHANGED_MEANWHILE,
    UNKNOWN_ACCOUNT,
    AccountAdministration,
)
from sectorwars.application.operators.permissions import Authority, Permission
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.rows import AuditEntry
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.memory.account_store import MemoryAccountStore
from sectorwars.persistence.memory.audit_trail import MemoryAuditTrail

NOW = UnixMicros(1_800_000_000_000_000)
ALICE = Account(PlayerId("pl_alice"), "Alice", "alice", "$", None, AccountRole.PLAYER, NOW)
ROOT = Operator("pl_root", SessionId("s_root"), "203.0.113.7")


class Trail(MemoryAuditTrail):
    """A trail that can be away."""

    away = False

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        if self.away:
            raise StoreUnavailableError("away")
        await super().append(entries)


class Bench:
    def __init__(self) -> None:
        self.store = MemoryAccountStore()
        self.trail = Trail()
        self.administration = AccountAdministration(
            self.store, OperatorAudit(self.trail, AddressPseudonyms(bytes))
        )

    async def entries(self) -> list[AuditEntry]:
        return [record.entry for record in await self.trail.records(0, 99)]

    async def role(self) -> AccountRole:
        account = await self.store.find_by_player(ALICE.player_id)
        assert account is not None
        return account.role


@pytest.fixture
async def bench() -> Bench:
    bench = Bench()
    await bench.store.add_account(ALICE)
    return bench


async def test_a_role_is_changed_and_entered_under_a_pseudonym(bench: Bench) -> None:
    changed = await bench.administration.change_role(ROOT, "ALICE", AccountRole.ADMIN, NOW)
    assert isinstance(changed, Account)
    assert (changed.role, await bench.role()) == (AccountRole.ADMIN, AccountRole.ADMIN)
    (entry,) = await bench.entries()
    assert (entry.actor, entry.session, entry.subject) == ("pl_root", "s_root", "pl_alice")
    assert (entry.before, entry.after) == ({"role": "player"}, {"role": "admin"})
    assert "203.0.113.7" not in repr(entry)


async def test_what_cannot_be_entered_is_not_done(bench: Bench) -> None:
    bench.trail.away = True
    with pytest.raises(StoreUnavailableError):
        await bench.administration.change_role(ROOT, "alice", AccountRole.ADMIN, NOW)
    assert await bench.role() is AccountRole.PLAYER


async def test_of_two_changes_at_once_one_is_told_and_entered_as_too_late(bench: Bench) -> None:
    class Overtaken(MemoryAuditTrail):
        """Another's change comes between the entry of this one and the change itself."""

        async def append(self, entries: Sequence[AuditEntry]) -> None:
            await super().append(entries)
            await bench.store.change_role(
                ALICE.player_id, AccountRole.MODERATOR, AccountRole.PLAYER
            )

    trail = Overtaken()
    late = AccountAdministration(bench.store, OperatorAudit(trail, AddressPseudonyms(bytes)))
    outcome = await late.change_role(ROOT, "alice", AccountRole.ADMIN, NOW)
    assert outcome == ROLE_CHANGED_MEANWHILE
    assert await bench.role() is AccountRole.MODERATOR
    entries = [record.entry for record in await trail.records(0, 9)]
    assert [(entry.details["outcome"], entry.after) for entry in entries] == [
        ("success", {"role": "admin"}),
        ("role_changed", None),
    ]


async def test_nobody_has_no_role(bench: Bench) -> None:
    change = bench.administration.change_role
    assert await change(ROOT, "bob", AccountRole.ADMIN, NOW) == UNKNOWN_ACCOUNT
    assert await bench.entries() == []


async def test_an_administrator_cannot_take_his_own_role(bench: Bench) -> None:
    alice = Operator(ALICE.player_id)
    await bench.store.change_role(ALICE.player_id, AccountRole.ADMIN, AccountRole.PLAYER)

    outcome = await bench.administration.change_role(alice, "alice", AccountRole.PLAYER, NOW)

    assert outcome == OWN_ROLE
    assert await bench.role() is AccountRole.ADMIN
    assert await bench.entries() == []


async def test_only_the_first_administrator_needs_no_other(bench: Bench) -> None:
    hasher = PasswordHasher(HashCost(memory_kib=64, passes=1))
    ids = iter((b"first", b"later"))
    opening = AccountOpening(bench.store, hasher, lambda _: next(ids))
    password = "correct horse battery"
    create = bench.administration.create_admin
    first = await create(None, opening, "first", password, NOW)
    assert isinstance(first, Account)
    assert await create(None, opening, "other", password, NOW) == ADMIN_EXISTS
    later = await create(Operator(first.player_id), opening, "later", password, NOW)
    assert isinstance(later, Account)
    assert await bench.administration.staff() == [first, later]
    assert [entry.actor for entry in await bench.entries()] == [
        "data_directory_owner",
        first.player_id,
    ]
    hasher.close()


async def test_an_administrator_who_could_not_be_entered_is_a_player(bench: Bench) -> None:
    hasher = PasswordHasher(HashCost(memory_kib=64, passes=1))
    opening = AccountOpening(bench.store, hasher, lambda _: b"first")
    bench.trail.away = True
    with pytest.raises(StoreUnavailableError):
        await bench.administration.create_admin(None, opening, "first", "a good phrase", NOW)
    assert await bench.administration.staff() == []
    hasher.close()


async def test_authority_is_the_accounts_not_the_tokens(bench: Bench) -> None:
    authority = Authority(bench.store)
    token = Principal(ALICE.player_id, "Alice", SessionId("s_1"), AccountRole.ADMIN, NOW, NOW)
    refused = await authority.operator(token, Permission.READ_AUDIT, "203.0.113.7")
    assert isinstance(refused, Refusal)
    assert (refused.code, "audit:read" in refused.detail) == ("permission_denied", True)
    await bench.store.change_role(ALICE.player_id, AccountRole.MODERATOR, AccountRole.PLAYER)
    operator = await authority.operator(token, Permission.READ_AUDIT, "203.0.113.7")
    assert operator == Operator(ALICE.player_id, SessionId("s_1"), "203.0.113.7")
    assert isinstance(
        await authority.operator(token, Permission.CHANGE_ROLES, "203.0.113.7"), Refusal
    )
    erased = Principal(PlayerId("pl_x"), "X", SessionId("s_2"), AccountRole.ADMIN, NOW, NOW)
    assert isinstance(await authority.operator(erased, Permission.READ_AUDIT, "x"), Refusal)
