"""Authentication without a network: what the interface's tests do not reach."""

import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sectorwars.application.account import AccountStore, SessionId
from sectorwars.application.accounts.authentication import Authenticator, Grant
from sectorwars.application.accounts.enrolment import Enrolment
from sectorwars.application.accounts.password import HashCost, PasswordHasher
from sectorwars.application.accounts.sign_in_throttle import SignInThrottle
from sectorwars.application.accounts.tokens import AccessTokens, Principal
from sectorwars.application.audit.trail import AddressPseudonyms, SignInAudit
from sectorwars.application.keys import SigningKey, signing_key
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.application.writing.refusals import STOPPING
from sectorwars.domain.command import CommandEnvelope, RegisterPlayer
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.persistence.memory.account_store import MemoryAccountStore
from sectorwars.persistence.memory.audit_trail import MemoryAuditTrail

NOW = UnixMicros(1_800_000_000_000_000)
PASSWORD = "correct horse battery"
TTL_SECONDS = 900
SESSION_SECONDS = 86_400


class FakeClock:
    def now(self) -> UnixMicros:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class FakeCore:
    """Knows the players whose registration it was not too busy for."""

    def __init__(self) -> None:
        self.players: set[PlayerId] = set()
        self.envelopes: list[CommandEnvelope] = []
        self.refusal: Refusal | None = None

    async def submit(
        self, envelope: CommandEnvelope, received_monotonic: float
    ) -> Receipt | Refusal:
        assert received_monotonic == 0.0
        self.envelopes.append(envelope)
        if self.refusal is not None:
            return self.refusal
        assert envelope.player_id is not None
        self.players.add(envelope.player_id)
        key = ReceiptKey(envelope.player_id, envelope.command_id)
        return Receipt(key, b"", "executed", None, b"{}", NOW)


class Bench:
    def __init__(
        self,
        store: AccountStore,
        cost: HashCost | None = None,
        key: SigningKey | None = None,
        service_key: bytes | None = None,
    ) -> None:
        self.core = FakeCore()
        self.trail = MemoryAuditTrail()
        self.key = key or signing_key(Ed25519PrivateKey.generate())
        self.hasher = PasswordHasher(cost or HashCost(memory_kib=64, passes=1))
        counter = itertools.count(1)
        self.authenticator = Authenticator(
            store,
            self.hasher,
            AccessTokens(self.key, TTL_SECONDS, SESSION_SECONDS),
            (SignInThrottle(10), SignInThrottle(10)),
            Enrolment(self.core, self.core.players.__contains__, FakeClock()),
            lambda size: next(counter).to_bytes(size, "big"),
            SESSION_SECONDS,
            SignInAudit(self.trail, AddressPseudonyms(bytes)),
            service_key,
        )

    async def register(self) -> Grant:
        grant = await self.authenticator.register("alice", PASSWORD, None, "10.0.0.1", NOW)
        assert isinstance(grant, Grant)
        return grant


@pytest.fixture
def store() -> AccountStore:
    return MemoryAccountStore()


@pytest.fixture
def bench(store: AccountStore) -> Bench:
    return Bench(store)


def seconds_later(seconds: int) -> UnixMicros:
    return UnixMicros(NOW + seconds * MICROS_PER_SECOND)


async def test_a_login_brings_a_player_into_the_galaxy_where_registering_failed(
    bench: Bench,
) -> None:
    bench.core.refusal = STOPPING
    refused = await bench.authenticator.register("alice", PASSWORD, None, "10.0.0.1", NOW)
    assert refused == STOPPING
    bench.core.refusal = None
    for _ in range(2):
        grant = await bench.authenticator.login("alice", PASSWORD, "10.0.0.1", NOW)
        assert isinstance(grant, Grant)
    assert bench.core.players == {grant.player_id}
    first, second = bench.core.envelopes
    assert first == second
    assert first.command == RegisterPlayer()
    assert first.command_id == f"register-{grant.player_id}"


async def test_a_token_is_good_until_it_is_over(bench: Bench) -> None:
    grant = await bench.register()
    verify = bench.authenticator.verify
    principal = verify(grant.access_token, seconds_later(TTL_SECONDS - 1))
    assert isinstance(principal, Principal)
    assert (principal.player_id, principal.username) == (grant.player_id, "alice")
    over = verify(grant.access_token, seconds_later(TTL_SECONDS))
    assert isinstance(over, Refusal)
    assert (over.code, over.retry.value) == ("token_expired", "same_id")


async def test_an_expired_token_still_tells_whose_session_it_was(bench: Bench) -> None:
    grant = await bench.register()
    inspect = bench.authenticator.inspect_expired
    live = inspect(grant.access_token, seconds_later(SESSION_SECONDS - 1))
    assert isinstance(live, Principal)
    over = inspect(grant.access_token, seconds_later(SESSION_SECONDS))
    assert isinstance(over, Refusal)
    await bench.authenticator.logout(live, "10.0.0.1", seconds_later(1))
    ended = inspect(grant.access_token, seconds_later(2))
    assert isinstance(ended, Refusal)
    assert ended.code == "session_revoked"


async def test_a_token_from_the_future_is_not_genuine(bench: Bench) -> None:
    grant = await bench.register()
    early = Bench(MemoryAccountStore())
    early.authenticator = Authenticator(
        MemoryAccountStore(),
        early.hasher,
        AccessTokens(bench.key, TTL_SECONDS, SESSION_SECONDS),
        (SignInThrottle(10), SignInThrottle(10)),
        Enrolment(early.core, early.core.players.__contains__, FakeClock()),
        lambda size: bytes(size),
        SESSION_SECONDS,
        SignInAudit(early.trail, AddressPseudonyms(bytes)),
    )
    refused = early.authenticator.verify(grant.access_token, seconds_later(-61))
    assert isinstance(refused, Refusal)
    assert refused.code == "token_invalid"
    assert isinstance(early.authenticator.verify(grant.access_token, NOW), Principal)


async def test_an_ended_session_stays_ended_after_a_restart(
    bench: Bench, store: AccountStore
) -> None:
    grant = await bench.register()
    principal = bench.authenticator.verify(grant.access_token, NOW)
    assert isinstance(principal, Principal)
    await bench.authenticator.logout(principal, "10.0.0.1", NOW)
    restarted = Authenticator(
        store,
        bench.hasher,
        AccessTokens(bench.key, TTL_SECONDS, SESSION_SECONDS),
        (SignInThrottle(10), SignInThrottle(10)),
        Enrolment(bench.core, bench.core.players.__contains__, FakeClock()),
        lambda size: bytes(size),
        SESSION_SECONDS,
        SignInAudit(bench.trail, AddressPseudonyms(bytes)),
    )
    await restarted.start(NOW)
    refused = restarted.verify(grant.access_token, NOW)
    assert isinstance(refused, Refusal)
    assert refused.code == "session_revoked"


async def test_listeners_hear_of_each_ended_session_once(bench: Bench) -> None:
    grant = await bench.register()
    principal = bench.authenticator.verify(grant.access_token, NOW)
    assert isinstance(principal, Principal)
    heard: list[SessionId] = []
    bench.authenticator.on_revoked(heard.append)
    await bench.authenticator.logout(principal, "10.0.0.1", NOW)
    await bench.authenticator.logout(principal, "10.0.0.1", NOW)
    assert heard == [principal.sid]


async def test_forgetting_leaves_no_trace_of_sessions_that_are_over(bench: Bench) -> None:
    grant = await bench.register()
    assert await bench.authenticator.forget_expired(NOW) == 0
    assert await bench.authenticator.forget_expired(seconds_later(SESSION_SECONDS)) == 1
    refused = await bench.authenticator.refresh(grant.refresh_token, "10.0.0.1", NOW)
    assert isinstance(refused, Refusal)
    assert refused.code == "refresh_token_invalid"


async def test_an_old_hash_is_renewed_at_the_next_login(store: AccountStore) -> None:
    await Bench(store).register()
    before = await store.find_by_username("alice")
    stronger = Bench(store, HashCost(memory_kib=128, passes=1))
    for _ in range(2):
        grant = await stronger.authenticator.login("alice", PASSWORD, "10.0.0.1", NOW)
        assert isinstance(grant, Grant)
    after = await store.find_by_username("alice")
    assert before is not None
    assert after is not None
    assert before.password_hash != after.password_hash
    assert not stronger.hasher.is_outdated(after.password_hash)


async def test_every_sign_in_is_audited_without_name_or_address(bench: Bench) -> None:
    grant = await bench.register()
    for username, password in (("alice", PASSWORD), ("alice", "not it"), ("nobody", PASSWORD)):
        await bench.authenticator.login(username, password, "10.0.0.1", NOW)
    entries = [record.entry for record in await bench.trail.records(0, 10)]
    assert [(entry.kind, entry.actor, entry.details["outcome"]) for entry in entries] == [
        ("registration", grant.player_id, "success"),
        ("login", grant.player_id, "success"),
        ("login", grant.player_id, "invalid_credentials"),
        ("login", None, "invalid_credentials"),
    ]
    first, again, wrong, _ = entries
    assert first.session != again.session
    assert first.session is not None
    assert again.session is not None
    assert wrong.session is None
    assert {entry.address for entry in entries} == {first.address}
    assert not any(word in repr(entries) for word in ("alice", "nobody", "10.0.0.1"))


async def test_a_sign_out_and_a_stolen_refresh_token_are_audited(bench: Bench) -> None:
    grant = await bench.register()
    principal = bench.authenticator.verify(grant.access_token, NOW)
    assert isinstance(principal, Principal)
    await bench.authenticator.refresh(grant.refresh_token, "10.0.0.2", NOW)
    await bench.authenticator.refresh(grant.refresh_token, "10.0.0.3", NOW)
    await bench.authenticator.logout(principal, "10.0.0.1", NOW)
    entries = [record.entry for record in await bench.trail.records(1, 10)]
    assert [(entry.kind, entry.actor, entry.details["outcome"]) for entry in entries] == [
        ("refresh", grant.player_id, "refresh_token_reused"),
        ("logout", grant.player_id, "success"),
    ]
    assert [entry.session for entry in entries] == [principal.sid, principal.sid]
    assert entries[0].address != entries[1].address


async def test_a_sign_in_that_the_core_is_too_busy_for_is_audited_as_refused(bench: Bench) -> None:
    bench.core.refusal = STOPPING
    await bench.authenticator.register("alice", PASSWORD, None, "10.0.0.1", NOW)
    await bench.authenticator.login("alice", PASSWORD, "10.0.0.1", NOW)
    entries = [record.entry for record in await bench.trail.records(0, 10)]
    assert [(entry.kind, entry.session, entry.details["outcome"]) for entry in entries] == [
        ("registration", None, STOPPING.code),
        ("login", None, STOPPING.code),
    ]


async def test_a_session_ended_here_is_announced_once_and_one_ended_elsewhere_is_not(
    bench: Bench,
) -> None:
    grant = await bench.register()
    principal = bench.authenticator.verify(grant.access_token, NOW)
    assert isinstance(principal, Principal)
    announced: list[SessionId] = []
    heard: list[SessionId] = []
    bench.authenticator.announce_to(lambda sid, _: announced.append(sid))
    bench.authenticator.on_revoked(heard.append)
    bench.authenticator.note_ended(SessionId("s_elsewhere"), seconds_later(9), NOW)
    bench.authenticator.note_ended(SessionId("s_over"), NOW, NOW)
    await bench.authenticator.logout(principal, "10.0.0.1", NOW)
    await bench.authenticator.logout(principal, "10.0.0.1", NOW)
    assert announced == [principal.sid]
    assert heard == ["s_elsewhere", principal.sid]


async def test_sessions_ended_elsewhere_unheard_are_learned_from_the_store(
    bench: Bench, store: AccountStore
) -> None:
    grant = await bench.register()
    principal = bench.authenticator.verify(grant.access_token, NOW)
    assert isinstance(principal, Principal)
    heard: list[SessionId] = []
    bench.authenticator.on_revoked(heard.append)
    await store.revoke_session(principal.sid, NOW)
    await bench.authenticator.learn_ended(NOW)
    await bench.authenticator.learn_ended(NOW)
    assert heard == [principal.sid]
    assert isinstance(bench.authenticator.verify(grant.access_token, NOW), Refusal)
