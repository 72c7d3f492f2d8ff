"""Prove that no record of the audit trail or of the event log was changed, lost or swapped.

Each record is hashed over the one before. The signed heads prove more: that nobody who could write
the database, but not sign, has made a whole chain anew.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sectorwars.application.audit.chain_heads import ChainHead, HeadsFault, read_heads
from sectorwars.application.audit.hash_chain import GENESIS_HASH, ChainWalk
from sectorwars.application.audit.store_verification import LogHeads, LogRecord
from sectorwars.application.ports import AuditChain
from sectorwars.application.rows import AuditEntry
from sectorwars.protocol.canonical import NotCanonicalError, canonical_json

_PAGE: Final = 2_000


class AuditedSnapshot(Protocol):
    """A store as it was at one moment."""

    @property
    def audit(self) -> AuditChain:
        """Return the audit trail."""
        ...

    async def heads(self) -> LogHeads:
        """Return where the log ends."""
        ...

    def records(self) -> AsyncIterator[LogRecord]:
        """Yield the kept records of both logs in the order of their offsets."""
        ...


class AuditClaim(StrEnum):
    """What is proven; the value is the claim in words."""

    TRAIL = "the audit trail is whole"
    LOG = "the event log is whole"
    HEADS = "the signed heads are those of the two chains"


@dataclass(slots=True)
class AuditProof:
    """A claim, how many records were looked at, and what speaks against it."""

    claim: AuditClaim
    looked_at: int = 0
    findings: list[str] = field(default_factory=list)


async def verify_audit(
    snapshot: AuditedSnapshot,
    head_lines: Sequence[bytes] | None,
    keys: Mapping[str, Ed25519PublicKey],
) -> list[AuditProof]:
    """Walk both chains and compare them with the signed heads.

    `head_lines` are what was written out, None where nothing was; `keys` are those that heads may
    be signed with, by their ids. Both must have been read before the snapshot was opened, lest a
    head be newer than what it is compared with.
    """
    heads = AuditProof(AuditClaim.HEADS)
    trail_heads: list[ChainHead] = []
    log_heads: list[ChainHead] = []
    if head_lines is None:
        heads.findings.append("there are none")
    for outcome in read_heads(head_lines or (), keys):
        if isinstance(outcome, HeadsFault):
            heads.findings.append(outcome.sentence)
        else:
            heads.looked_at += 1
            trail_heads.append(outcome.audit)
            log_heads.append(outcome.events)
    trail = await verify_trail(snapshot.audit, _HeadCheck("audit trail", trail_heads, heads))
    log = await _walk_log(snapshot, _HeadCheck("event log", log_heads, heads))
    return [trail, log, heads]


async def verify_trail(chain: AuditChain, heads: "_HeadCheck | None" = None) -> AuditProof:
    """Walk the audit trail; it must not grow meanwhile."""
    proof = AuditProof(AuditClaim.TRAIL)
    heads = heads or _HeadCheck("audit trail", (), proof)
    last, head_hash = await chain.head()
    number, walk = 0, ChainWalk()
    while records := await chain.records(number, _PAGE):
        for record in records:
            heads.before(record.number, walk.hash)
            if record.number != number + 1:
                proof.findings.append(
                    f"{record.number - number - 1} missing before {record.number}"
                )
            number = record.number
            if not walk.follow(number, _canonical(record.entry), record.hash):
                proof.findings.append(f"the record {number} breaks the chain")
    if (number, walk.hash) != (last, head_hash):
        proof.findings.append(f"the chain ends at {number}, its head says {last}")
    heads.end(number, walk.hash)
    proof.looked_at = number
    return proof


class _HeadCheck:
    """Compares the signed heads of one chain with the chain, which is walked once."""

    def __init__(self, chain: str, heads: Sequence[ChainHead], proof: AuditProof) -> None:
        self._chain = chain
        self._heads: Iterator[ChainHead] = iter(sorted(heads, key=lambda head: head.number))
        self._proof = proof
        self._next = next(self._heads, None)

    def before(self, number: int, hash_: bytes) -> None:
        """Compare the heads before the record `number` with the hash that it follows."""
        while self._next is not None and self._next.number < number:
            if self._next.hash != hash_.hex():
                self._proof.findings.append(
                    f"the {self._chain} up to {self._next.number} is not the one signed "
                    f"at {self._next.at}"
                )
            self._next = next(self._heads, None)

    def end(self, last: int, hash_: bytes) -> None:
        """Compare what is left with the end of the chain."""
        self.before(last + 1, hash_)
        if self._next is not None:
            self._proof.findings.append(
                f"the {self._chain} ends at {last}; at {self._next.at} it reached "
                f"{self._next.number}"
            )


async def _walk_log(snapshot: AuditedSnapshot, heads: _HeadCheck) -> AuditProof:
    proof = AuditProof(AuditClaim.LOG)
    ends = await snapshot.heads()
    events, ticks = ChainWalk(GENESIS_HASH), ChainWalk(ends.forgotten_tick_hash)
    last = 0
    async for record in snapshot.records():
        last = record.offset
        proof.looked_at += 1
        if not record.is_tick:
            heads.before(record.offset, events.hash)
        chain = ticks if record.is_tick else events
        if not chain.follow(record.offset, record.payload, record.hash):
            proof.findings.append(f"the record at offset {record.offset} breaks its chain")
        if isinstance(record.event, str):
            proof.findings.append(f"offset {record.offset}: {record.event}")
    if (last, events.hash, ticks.hash) != (ends.last_offset, ends.event_hash, ends.tick_hash):
        proof.findings.append(
            f"the log's end, at offset {last}, is not the one that its head names, "
            f"at {ends.last_offset}"
        )
    heads.end(last, events.hash)
    return proof


def _canonical(entry: AuditEntry) -> bytes:
    try:
        return canonical_json(entry)
    except NotCanonicalError:
        return b""  # of which no entry was ever made
