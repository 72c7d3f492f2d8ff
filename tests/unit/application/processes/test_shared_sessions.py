"""Sessions that end at one gateway end at all, whether the others listened or not."""

from __future__ import annotations

import asyncio

from tests.unit.application.accounts.test_authentication import NOW, Bench

from sectorwars.application.accounts.tokens import Principal
from sectorwars.application.bus import SessionEnded
from sectorwars.application.processes.shared_sessions import SharedSessions
from sectorwars.bus.limits import BusLimits
from sectorwars.bus.memory.broker import MemoryBroker
from sectorwars.bus.memory.event_bus import MemoryEventBus
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.memory.account_store import MemoryAccountStore


class StillClock:
    """It is always NOW."""

    def now(self) -> UnixMicros:
        return NOW

    def monotonic(self) -> float:
        return 0.0


async def test_a_logout_at_one_gateway_ends_the_session_at_the_other() -> None:
    store, bus = MemoryAccountStore(), MemoryEventBus(MemoryBroker(), BusLimits())
    a = Bench(store)
    b = Bench(store, key=a.key)
    SharedSessions(a.authenticator, bus, StillClock())
    elsewhere = SharedSessions(b.authenticator, bus, StillClock())
    grant = await a.register()
    principal = a.authenticator.verify(grant.access_token, NOW)
    assert isinstance(principal, Principal)
    async with bus.listen() as messages:
        await a.authenticator.logout(principal, "10.0.0.1", NOW)
        message = await asyncio.wait_for(anext(messages), 1)
    assert isinstance(b.authenticator.verify(grant.access_token, NOW), Principal)
    assert isinstance(message, SessionEnded)
    elsewhere.note_ended(message)
    assert isinstance(b.authenticator.verify(grant.access_token, NOW), Refusal)


async def test_what_was_not_heard_is_learned_from_the_store() -> None:
    store, bus = MemoryAccountStore(), MemoryEventBus(MemoryBroker(), BusLimits())
    a = Bench(store)
    b = Bench(store, key=a.key)
    grant = await a.register()
    principal = a.authenticator.verify(grant.access_token, NOW)
    assert isinstance(principal, Principal)
    await a.authenticator.logout(principal, "10.0.0.1", NOW)
    await SharedSessions(b.authenticator, bus, StillClock()).catch_up()
    assert isinstance(b.authenticator.verify(grant.access_token, NOW), Refusal)
