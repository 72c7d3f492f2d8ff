"""Who signed in, who was denied what: hash-chained, without anybody's name or address."""

import hmac
from collections import Counter
from collections.abc import Callable
from typing import Final

from sectorwars.application.hash_chain import GENESIS_HASH, chain_hash
from sectorwars.application.ports import AuditEntry, AuditTrail, StoreUnavailableError
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.protocol.canonical import canonical_json

PSEUDONYM_KEY_BYTES: Final = 32
OTHERS: Final = "others"
"""The actor whom denials are counted against once too many others have been seen in a minute."""

_MINUTE_MICROS: Final = 60 * MICROS_PER_SECOND
_DAY_MICROS: Final = 24 * 60 * _MINUTE_MICROS
_PSEUDONYM_HEX_DIGITS: Final = 16
_ACTORS_MAX: Final = 10_000
_PAGE: Final = 2_000

_Counted = tuple[UnixMicros, str, str]
"""A minute's start, an actor, a code."""


def entry_hash(previous: bytes, number: int, entry: AuditEntry) -> bytes:
    """Return the hash of an entry at its place in the chain, over its canonical JSON."""
    return chain_hash(previous, number, canonical_json(entry))


class AddressPseudonyms:
    """Names addresses by a keyed hash whose key lives in memory and for a day only.

    Within a day two entries can be seen to be of one address; afterwards nobody can tell which.
    """

    def __init__(self, entropy: Callable[[int], bytes]) -> None:
        """Draw keys of n bytes from `entropy`."""
        self._entropy = entropy
        self._key = entropy(PSEUDONYM_KEY_BYTES)
        self._day: int | None = None

    def pseudonym(self, address: str, now: UnixMicros) -> str:
        """Return the day's name of an address."""
        day = now // _DAY_MICROS
        if day != self._day:
            self._day = day
            self._key = self._entropy(PSEUDONYM_KEY_BYTES)
        digest = hmac.digest(self._key, address.encode(), "sha256")
        return f"address:{digest.hex()[:_PSEUDONYM_HEX_DIGITS]}"


class DenialCounts:
    """Counts denials per minute, actor and code, and enters a minute's counts once it is over."""

    def __init__(self, trail: AuditTrail, pseudonyms: AddressPseudonyms) -> None:
        """Enter counts into `trail`."""
        self._trail = trail
        self._pseudonyms = pseudonyms
        self._counts: Counter[_Counted] = Counter()

    def count(self, player_id: PlayerId | None, address: str, code: str, now: UnixMicros) -> None:
        """Count a denial against a player or, where nobody is known, an address."""
        minute = _minute(now)
        actor = self._pseudonyms.pseudonym(address, now) if player_id is None else player_id
        if (minute, actor, code) not in self._counts and len(self._counts) >= _ACTORS_MAX:
            actor = OTHERS
        self._counts[minute, actor, code] += 1

    async def flush(self, before: UnixMicros) -> None:
        """Enter the counts of the minutes that were over at `before`.

        Where the store is away they are kept for the next time.
        """
        due = {key: count for key, count in self._counts.items() if key[0] < _minute(before)}
        await self._enter(due)

    async def close(self) -> None:
        """Enter all counts, that of the minute under way too."""
        await self._enter(dict(self._counts))

    async def _enter(self, due: dict[_Counted, int]) -> None:
        if not due:
            return
        entries = [
            AuditEntry(minute, "denials", actor, {"code": code, "count": count})
            for (minute, actor, code), count in sorted(due.items())
        ]
        self._counts.subtract(due)
        try:
            await self._trail.append(entries)
        except StoreUnavailableError:
            self._counts.update(due)
            raise
        finally:
            self._counts = +self._counts


class SignInAudit:
    """Enters registrations, sign-ins, good or not, sign-outs and stolen refresh tokens.

    Each is entered before it is answered. Sign-ins that were turned away before the password was
    looked at are counted as denials, lest a flood of them be a flood of entries.
    """

    def __init__(self, trail: AuditTrail, pseudonyms: AddressPseudonyms) -> None:
        """Enter into `trail`."""
        self._trail = trail
        self._pseudonyms = pseudonyms

    async def enter(
        self,
        kind: str,
        player_id: PlayerId | None,
        refusal: Refusal | None,
        address: str,
        now: UnixMicros,
    ) -> None:
        """Enter what came of an attempt; `player_id` is None where the name is nobody's.

        Raises:
            StoreUnavailableError: it could not be entered, so the attempt must not succeed.
        """
        details: dict[str, str | int] = {
            "outcome": "success" if refusal is None else refusal.code,
            "from": self._pseudonyms.pseudonym(address, now),
        }
        await self._trail.append([AuditEntry(now, kind, player_id, details)])


async def chain_findings(trail: AuditTrail) -> tuple[int, list[str]]:
    """Walk the whole chain; return how many records it has and what speaks against it."""
    findings: list[str] = []
    last, head_hash = await trail.head()
    number, previous = 0, GENESIS_HASH
    while records := await trail.records(number, _PAGE):
        for record in records:
            if record.number != number + 1:
                findings.append(f"{record.number - number - 1} missing before {record.number}")
            if entry_hash(previous, record.number, record.entry) != record.hash:
                findings.append(f"the record {record.number} breaks the chain")
            # Going on from the stored hash, one changed record is one finding.
            number, previous = record.number, record.hash
    if (number, previous) != (last, head_hash):
        findings.append(f"the chain ends at {number}, its head says {last}")
    return number, findings


def _minute(now: UnixMicros) -> UnixMicros:
    return UnixMicros(now - now % _MINUTE_MICROS)
