"""Who signed in, who was denied what, which operator changed what: without name or address."""

import hmac
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sectorwars.application.account import SessionId
from sectorwars.application.audit.hash_chain import chain_hash
from sectorwars.application.ports import (
    AuditTrail,
    StoreUnavailableError,
)
from sectorwars.application.rows import AuditEntry
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.observability.metrics import DENIALS
from sectorwars.protocol.canonical import canonical_json

PSEUDONYM_KEY_BYTES: Final = 32
OTHERS: Final = "others"
"""The actor whom denials are counted against once too many others have been seen in a minute."""
DATA_DIRECTORY_OWNER: Final = "data_directory_owner"
"""The actor of who makes the first administrator: he has no account, but may write the files."""
SUCCESS: Final = "success"
"""The outcome of what was not refused."""

_MINUTE_MICROS: Final = 60 * MICROS_PER_SECOND
_DAY_MICROS: Final = 24 * 60 * _MINUTE_MICROS
_PSEUDONYM_HEX_DIGITS: Final = 16
_ACTORS_MAX: Final = 10_000

_Counted = tuple[UnixMicros, str, str]
"""A minute's start, an actor, a code."""


class AuditKind(StrEnum):
    """What an entry is about."""

    REGISTRATION = "registration"
    LOGIN = "login"
    LOGOUT = "logout"
    REFRESH = "refresh"
    DENIALS = "denials"
    ROLE_CHANGED = "role_changed"
    TRADING_STATE_CHANGED = "trading_state_changed"
    TRADE_CAPS_CHANGED = "trade_caps_changed"
    CONNECTIONS_VIEWED = "connections_viewed"
    CONNECTION_CLOSED = "connection_closed"
    WASH_TRADE_FLAGGED = "wash_trade_flagged"


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
        DENIALS.labels(code).inc()
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
            AuditEntry(minute, AuditKind.DENIALS, actor, {"code": code, "count": count})
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
        kind: AuditKind,
        player_id: PlayerId | None,
        session: SessionId | None,
        refusal: Refusal | None,
        address: str,
        now: UnixMicros,
        *,
        by_service: bool = False,
    ) -> None:
        """Enter what came of an attempt; `player_id` is None where the name is nobody's.

        `session` is the one that the attempt began or ended, if it did; `by_service` says that who
        made it has proven to be a service.

        Raises:
            StoreUnavailableError: it could not be entered, so the attempt must not succeed.
        """
        details = {"outcome": SUCCESS if refusal is None else refusal.code}
        if by_service:
            details["by"] = "service"
        where = self._pseudonyms.pseudonym(address, now)
        await self._trail.append([AuditEntry(now, kind, player_id, details, session, where)])


@dataclass(frozen=True, slots=True)
class Operator:
    """Who acts on the running of the game, and from where.

    `session` and `address` are None for who acts by the command line on the database itself.
    """

    actor: str
    session: SessionId | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class OperatorAct:
    """What an operator does to `subject`: a player's id, a port's id or `game`."""

    kind: AuditKind
    subject: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    details: Mapping[str, str | int]


class OperatorAudit:
    """Enters operators' acts: each before it is done, so that none is done without an entry.

    An act that then turns out not to be possible gets a second entry, with the refusal's code as
    its outcome and nothing after it.
    """

    def __init__(self, trail: AuditTrail, pseudonyms: AddressPseudonyms) -> None:
        """Enter into `trail`."""
        self._trail = trail
        self._pseudonyms = pseudonyms

    async def enter(
        self, operator: Operator, act: OperatorAct, refused_for: str | None, now: UnixMicros
    ) -> None:
        """Enter an act that is about to be done or, with a refusal's code, that was not done.

        Raises:
            StoreUnavailableError: it could not be entered, so the act must not be done.
        """
        outcome = refused_for or SUCCESS
        where = operator.address and self._pseudonyms.pseudonym(operator.address, now)
        entry = AuditEntry(
            now,
            act.kind,
            operator.actor,
            {**act.details, "outcome": outcome},
            operator.session,
            where,
            act.subject,
            act.before,
            act.after if refused_for is None else None,
        )
        await self._trail.append([entry])


def _minute(now: UnixMicros) -> UnixMicros:
    return UnixMicros(now - now % _MINUTE_MICROS)
