"""Denials counted by the minute, under pseudonyms."""

import itertools
from collections.abc import Sequence

import pytest

from sectorwars.application.audit.trail import OTHERS, AddressPseudonyms, DenialCounts
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.rows import AuditEntry
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.persistence.memory.audit_trail import MemoryAuditTrail

NOW = UnixMicros(1_800_057_600 * MICROS_PER_SECOND)
ANN = PlayerId("pl_ann")


def later(seconds: int) -> UnixMicros:
    return UnixMicros(NOW + seconds * MICROS_PER_SECOND)


class AwayTrail(MemoryAuditTrail):
    """A trail that can be away."""

    away = False

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        if self.away:
            raise StoreUnavailableError("away")
        await super().append(entries)


class Bench:
    def __init__(self) -> None:
        keys = itertools.count(1)
        self.trail = AwayTrail()
        self.pseudonyms = AddressPseudonyms(lambda size: next(keys).to_bytes(size, "big"))
        self.denials = DenialCounts(self.trail, self.pseudonyms)

    async def entered(self) -> list[tuple[str | None, str | int, str | int]]:
        return [
            (record.entry.actor, record.entry.details["code"], record.entry.details["count"])
            for record in await self.trail.records(0, 100_000)
        ]


def test_an_address_has_one_name_a_day_and_another_the_next() -> None:
    pseudonyms = Bench().pseudonyms
    today = pseudonyms.pseudonym("203.0.113.7", NOW)
    assert today == pseudonyms.pseudonym("203.0.113.7", later(60))
    assert today != pseudonyms.pseudonym("203.0.113.8", later(61))
    assert "203" not in today
    assert pseudonyms.pseudonym("203.0.113.7", later(86_400)) != today


async def test_a_minute_is_entered_once_it_is_over() -> None:
    bench = Bench()
    for code in ("invalid_signature", "invalid_signature", "token_invalid"):
        bench.denials.count(ANN, "203.0.113.7", code, NOW)
    bench.denials.count(None, "203.0.113.7", "token_invalid", later(1))
    bench.denials.count(ANN, "203.0.113.7", "token_invalid", later(60))
    await bench.denials.flush(later(59))
    assert await bench.entered() == []
    await bench.denials.flush(later(60))
    address = bench.pseudonyms.pseudonym("203.0.113.7", NOW)
    assert await bench.entered() == [
        (address, "token_invalid", 1),
        (ANN, "invalid_signature", 2),
        (ANN, "token_invalid", 1),
    ]
    assert {record.entry.at for record in await bench.trail.records(0, 9)} == {NOW}
    await bench.denials.flush(later(90))
    assert len(await bench.entered()) == 3
    await bench.denials.close()
    assert (await bench.entered())[3:] == [(ANN, "token_invalid", 1)]


async def test_counts_wait_for_a_trail_that_is_away() -> None:
    bench = Bench()
    bench.denials.count(ANN, "203.0.113.7", "token_invalid", NOW)
    bench.trail.away = True
    with pytest.raises(StoreUnavailableError):
        await bench.denials.flush(later(60))
    bench.denials.count(ANN, "203.0.113.7", "token_invalid", NOW)
    bench.trail.away = False
    await bench.denials.flush(later(60))
    assert await bench.entered() == [(ANN, "token_invalid", 2)]
    await bench.denials.close()
    assert len(await bench.entered()) == 1


async def test_actors_without_end_are_counted_together() -> None:
    bench = Bench()
    for number in range(10_005):
        bench.denials.count(None, f"address {number}", "token_invalid", NOW)
    await bench.denials.close()
    entered = await bench.entered()
    assert len(entered) == 10_001
    assert (OTHERS, "token_invalid", 5) in entered
