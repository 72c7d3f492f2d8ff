"""Where the two hash chains stood, signed and written out now and then.

A chain shows a changed record, but not that all of it was made anew. Heads that lie outside the
database, under a key that the database does not hold, show that too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sectorwars.application.keys import SigningKey
from sectorwars.application.ports import (
    AuditChain,
    EventArchive,
)
from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.protocol.canonical import NotCanonicalError, canonical_json
from sectorwars.protocol.signing import FrameSigner, signed_frame, verify_frame

_DECODER: Final = msgspec.json.Decoder(dict[str, Any])


class HeadJournal(Protocol):
    """Lines that are only ever added to, outside the database."""

    def append(self, line: bytes) -> None:
        """Make a line durable at the end."""
        ...


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last record of a chain at a moment: its number or offset, and its hash in hex."""

    at: str
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class SignedHeads:
    """Both chains' heads, whose signature was good."""

    audit: ChainHead
    events: ChainHead


@dataclass(frozen=True, slots=True)
class HeadsFault:
    """What is wrong with a line, in a sentence."""

    sentence: str


class ChainWitness:
    """Signs the heads of both chains and writes them out."""

    def __init__(
        self, trail: AuditChain, events: EventArchive, journal: HeadJournal, key: SigningKey
    ) -> None:
        """Sign with `key`, into `journal`."""
        self._trail = trail
        self._events = events
        self._journal = journal
        self._signer = FrameSigner(key.private, key.kid)

    async def attest(self, now: UnixMicros) -> None:
        """Write out where the chains stand.

        Raises:
            StoreUnavailableError: the store cannot be reached.
            OSError: the journal cannot be written.
        """
        entry, entry_hash = await self._trail.head()
        offset, event_hash = await self._events.head()
        statement: dict[str, object] = {
            "at": rfc3339(now),
            "audit_entry": entry,
            "audit_hash": entry_hash.hex(),
            "event_offset": offset,
            "event_hash": event_hash.hex(),
        }
        self._journal.append(signed_frame(statement, self._signer))


def read_heads(
    lines: Sequence[bytes], keys: Mapping[str, Ed25519PublicKey]
) -> Iterator[SignedHeads | HeadsFault]:
    """Read what was written out, line by line, each with its signature checked."""
    for number, line in enumerate(lines, 1):
        try:
            statement = _DECODER.decode(line)
            signature = str(statement.pop("signature"))
            key = keys.get(statement["kid"])
            at = str(statement["at"])
            heads = SignedHeads(
                ChainHead(at, int(statement["audit_entry"]), str(statement["audit_hash"])),
                ChainHead(at, int(statement["event_offset"]), str(statement["event_hash"])),
            )
            canonical = canonical_json(statement)
        except (msgspec.DecodeError, NotCanonicalError, KeyError, TypeError, ValueError):
            yield HeadsFault(f"line {number} holds no signed heads")
            continue
        if key is None:
            yield HeadsFault(f"line {number} is signed with a key that is not the server's")
        elif not verify_frame(key, canonical, signature):
            yield HeadsFault(f"the signature of line {number} is not good")
        else:
            yield heads
