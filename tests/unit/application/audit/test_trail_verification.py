"""Proof of both chains, and of the signed heads beside them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sectorwars.application.audit.chain_heads import ChainWitness
from sectorwars.application.audit.hash_chain import GENESIS_HASH, chain_hash
from sectorwars.application.audit.store_verification import LogHeads, LogRecord
from sectorwars.application.audit.trail_verification import AuditClaim, verify_audit
from sectorwars.application.keys import signing_key
from sectorwars.application.rows import (
    AuditEntry,
    AuditQuery,
    ChainedEvent,
)
from sectorwars.domain.event import TickAdvanced
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.persistence.memory.audit_trail import MemoryAuditTrail

NOW = UnixMicros(1_800_000_000_000_000)
ENTRY = AuditEntry(NOW, "login", "pl_1", {"outcome": "success"})
KEY = signing_key(Ed25519PrivateKey.generate())
KEYS = {KEY.kid: KEY.public}


class Log:
    """A log of text in two chains, in which a capital letter stands for a tick."""

    def __init__(self, letters: str) -> None:
        self.log: list[LogRecord] = []
        hashes = {True: GENESIS_HASH, False: GENESIS_HASH}
        for offset, letter in enumerate(letters, 1):
            tick = letter.isupper()
            hashes[tick] = chain_hash(hashes[tick], offset, letter.encode())
            event = TickAdvanced(Tick(offset), NOW, ())
            self.log.append(LogRecord(offset, letter.encode(), hashes[tick], event, tick))
        self._end = LogHeads(len(letters), hashes[False], hashes[True], 0, 0, GENESIS_HASH)
        self.audit = MemoryAuditTrail()

    async def heads(self) -> LogHeads:
        return self._end

    async def records(self) -> AsyncIterator[LogRecord]:
        for record in self.log:
            yield record

    async def head(self) -> tuple[int, bytes]:
        """Return the head as an event archive does."""
        return self._end.last_offset, self._end.event_hash

    async def search(self, query: AuditQuery, before: int | None, limit: int) -> list[ChainedEvent]:
        raise AssertionError("nobody searches")


class Journal:
    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def append(self, line: bytes) -> None:
        self.lines.append(line)


async def attest(log: Log, journal: Journal, seconds: int = 0) -> None:
    witness = ChainWitness(log.audit, log, journal, KEY)
    await witness.attest(UnixMicros(NOW + seconds * 1_000_000))


async def findings(log: Log, lines: Sequence[bytes] | None) -> dict[AuditClaim, list[str]]:
    proofs = await verify_audit(log, lines, KEYS)
    return {proof.claim: proof.findings for proof in proofs if proof.findings}


async def test_honest_chains_and_all_their_heads_are_believed() -> None:
    journal = Journal()
    for letters, entries in (("", 0), ("aTb", 1), ("aTbTT", 1), ("aTbTTcd", 3)):
        log = Log(letters)
        await log.audit.append([ENTRY] * entries)
        await attest(log, journal)
    proofs = await verify_audit(log, journal.lines, KEYS)
    assert [(proof.claim, proof.looked_at, proof.findings) for proof in proofs] == [
        (AuditClaim.TRAIL, 3, []),
        (AuditClaim.LOG, 7, []),
        (AuditClaim.HEADS, 4, []),
    ]


async def test_a_changed_record_of_the_log_is_one_finding() -> None:
    log = Log("abTc")
    log.log[1] = replace(log.log[1], payload=b"B")
    assert await findings(log, []) == {AuditClaim.LOG: ["the record at offset 2 breaks its chain"]}


async def test_a_record_that_cannot_be_read_is_a_finding() -> None:
    log = Log("ab")
    log.log[0] = replace(log.log[0], event="it is damaged")
    assert await findings(log, []) == {AuditClaim.LOG: ["offset 1: it is damaged"]}


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
async def test_a_lost_record_of_the_log_is_found(lost: int) -> None:
    log = Log("abTc")
    del log.log[lost]
    assert AuditClaim.LOG in await findings(log, [])


async def test_chains_made_anew_are_not_the_ones_that_were_signed() -> None:
    honest, forged, journal = Log("abc"), Log("axcd"), Journal()
    await honest.audit.append([ENTRY, ENTRY])
    await attest(honest, journal)
    await forged.audit.append([ENTRY, replace(ENTRY, actor="pl_2"), ENTRY])
    at = "2027-01-15T08:00:00.000000Z"
    assert await findings(forged, journal.lines) == {
        AuditClaim.HEADS: [
            f"the audit trail up to 2 is not the one signed at {at}",
            f"the event log up to 3 is not the one signed at {at}",
        ]
    }


async def test_chains_that_were_cut_off_are_shorter_than_what_was_signed() -> None:
    honest, cut, journal = Log("abc"), Log("ab"), Journal()
    await honest.audit.append([ENTRY, ENTRY])
    await attest(honest, journal)
    await cut.audit.append([ENTRY])
    said = (await findings(cut, journal.lines))[AuditClaim.HEADS]
    assert [words.split(";")[0] for words in said] == [
        "the audit trail ends at 1",
        "the event log ends at 2",
    ]


async def test_heads_that_are_not_good_say_so() -> None:
    log, journal = Log("abc"), Journal()
    await attest(log, journal)
    (line,) = journal.lines
    forged = {**json.loads(line), "audit_entry": 9}
    foreign = {**json.loads(line), "kid": "another"}
    lines = [line, json.dumps(forged).encode(), json.dumps(foreign).encode(), b"[]", b'{"at": 1}']
    assert (await findings(log, lines))[AuditClaim.HEADS] == [
        "the signature of line 2 is not good",
        "line 3 is signed with a key that is not the server's",
        "line 4 holds no signed heads",
        "line 5 holds no signed heads",
    ]
    assert await findings(log, None) == {AuditClaim.HEADS: ["there are none"]}
