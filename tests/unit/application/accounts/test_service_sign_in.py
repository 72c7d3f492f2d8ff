"""Who proves to know the service key is not limited by address, and enters the audit as such."""

import pytest
from tests.unit.application.accounts.test_authentication import NOW, PASSWORD, Bench

from sectorwars.application.account import AccountRole
from sectorwars.application.accounts.authentication import (
    INVALID_CREDENTIALS,
    SERVICE_PROOF_INVALID,
    Grant,
)
from sectorwars.application.accounts.tokens import Principal
from sectorwars.application.rows import AuditEntry
from sectorwars.domain.rejection import Refusal
from sectorwars.persistence.memory.account_store import MemoryAccountStore
from sectorwars.protocol.service_proof import service_proof

KEY = bytes(range(32))
HERE = "10.0.0.1"
LIMIT = 10


@pytest.fixture
def bench() -> Bench:
    return Bench(MemoryAccountStore(), service_key=KEY)


def proof(username: str, key: bytes = KEY) -> str:
    return service_proof(key, username, NOW)


async def _entries(bench: Bench) -> list[AuditEntry]:
    return [record.entry for record in await bench.trail.records(0, 100)]


async def test_services_register_and_sign_in_as_often_as_they_like(bench: Bench) -> None:
    for number in range(LIMIT + 2):
        name = f"bot_{number}"
        grant = await bench.authenticator.register(name, PASSWORD, None, HERE, NOW, proof(name))
        assert isinstance(grant, Grant)
        principal = bench.authenticator.verify(grant.access_token, NOW)
        assert isinstance(principal, Principal)
        assert principal.role is AccountRole.SERVICE
        again = await bench.authenticator.login(name, PASSWORD, HERE, NOW, proof(name))
        assert isinstance(again, Grant)
    entries = await _entries(bench)
    assert [entry.details for entry in entries] == [{"outcome": "success", "by": "service"}] * (
        2 * (LIMIT + 2)
    )
    assert KEY.hex() not in repr(entries)


async def test_a_player_who_registers_beside_them_is_none(bench: Bench) -> None:
    principal = bench.authenticator.verify((await bench.register()).access_token, NOW)
    assert isinstance(principal, Principal)
    assert principal.role is AccountRole.PLAYER
    assert "by" not in (await _entries(bench))[0].details


@pytest.mark.parametrize("wrong", ["nonsense", proof("bot_2"), proof("bot_1", bytes(32))])
async def test_a_wrong_proof_is_refused_and_counts_against_the_address(
    bench: Bench, wrong: str
) -> None:
    call = bench.authenticator
    outcomes: list[Grant | Refusal] = [
        await call.login("bot_1", PASSWORD, HERE, NOW, wrong) for _ in range(LIMIT)
    ]
    assert outcomes == [SERVICE_PROOF_INVALID] * LIMIT
    last = await call.login("bot_1", PASSWORD, HERE, NOW)
    assert isinstance(last, Refusal)
    assert last.code == "auth_rate_limited"
    refused = await call.register("bot_1", PASSWORD, None, HERE, NOW, wrong)
    assert refused == SERVICE_PROOF_INVALID


async def test_where_there_is_no_service_key_no_proof_is_good() -> None:
    bench = Bench(MemoryAccountStore())
    outcome = await bench.authenticator.register("bot_1", PASSWORD, None, HERE, NOW, proof("bot_1"))
    assert outcome == SERVICE_PROOF_INVALID


async def test_a_service_may_not_guess_passwords(bench: Bench) -> None:
    await bench.register()
    outcomes = [
        await bench.authenticator.login("alice", "a wrong one", HERE, NOW, proof("alice"))
        for _ in range(LIMIT + 1)
    ]
    assert outcomes[:LIMIT] == [INVALID_CREDENTIALS] * LIMIT
    assert isinstance(outcomes[LIMIT], Refusal)
    assert outcomes[LIMIT].code == "sign_in_delayed"
    assert (await _entries(bench))[-1].details == {
        "outcome": "invalid_credentials",
        "by": "service",
    }
