"""Access tokens: short-lived JWTs signed with Ed25519, checked without asking the store."""

from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import jwt

from sectorwars.application.account import Account, AccountRole, Session, SessionId
from sectorwars.application.keys import SigningKey
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, div_ceil

ISSUER: Final = "sectorwars"
AUDIENCE: Final = "sectorwars"
_ALGORITHM: Final = "EdDSA"
_TOKEN_LENGTH_MAX: Final = 4_096
_CLOCK_SKEW_SECONDS: Final = 60
_CLAIMS: Final = ["iss", "aud", "sub", "sid", "jti", "iat", "exp", "auth_time", "name", "role"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a token speaks for, and until when it and its session last."""

    player_id: PlayerId
    username: str
    sid: SessionId
    role: AccountRole
    expires_at: UnixMicros
    session_expires_at: UnixMicros


class TokenFault(StrEnum):
    """Why a token is not taken."""

    MISSING = "token_missing"
    INVALID = "token_invalid"
    EXPIRED = "token_expired"
    REVOKED = "session_revoked"


class AccessTokens:
    """Issue access tokens and read them back.

    The last `cache_max` good tokens are remembered, so that a signature is checked once, not at
    every request; their times are always compared anew.
    """

    def __init__(
        self, key: SigningKey, ttl_seconds: int, session_ttl_seconds: int, cache_max: int = 4_096
    ) -> None:
        """Sign with `key`; a token lasts `ttl_seconds`, its session `session_ttl_seconds`."""
        self._key = key
        self._public = key.public
        self._ttl_seconds = ttl_seconds
        self._session_ttl_seconds = session_ttl_seconds
        self._cache_max = cache_max
        self._cache: OrderedDict[str, Principal] = OrderedDict()

    def issue(
        self, account: Account, session: Session, token_id: str, now: UnixMicros
    ) -> tuple[str, int]:
        """Return a token and the whole seconds it lasts: never longer than its session."""
        issued_at = now // MICROS_PER_SECOND
        session_left = div_ceil(session.expires_at - now, MICROS_PER_SECOND)
        lasts_seconds = min(self._ttl_seconds, session_left)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": account.player_id,
            "sid": session.sid,
            "jti": token_id,
            "iat": issued_at,
            "exp": issued_at + lasts_seconds,
            "auth_time": session.created_at // MICROS_PER_SECOND,
            "name": account.username,
            "role": account.role.value,
        }
        headers = {"kid": self._key.kid}
        token = jwt.encode(claims, self._key.private, algorithm=_ALGORITHM, headers=headers)
        return token, lasts_seconds

    def read(self, token: str, now: UnixMicros) -> Principal | None:
        """Return who a genuine token speaks for, expired or not; None for any other text."""
        principal = self._cache.get(token)
        if principal is not None:
            self._cache.move_to_end(token)
            return principal
        principal = self._decode(token, now)
        if principal is not None:
            if len(self._cache) >= self._cache_max:
                self._cache.popitem(last=False)
            self._cache[token] = principal
        return principal

    def _decode(self, token: str, now: UnixMicros) -> Principal | None:
        if len(token) > _TOKEN_LENGTH_MAX:
            return None
        try:
            if jwt.get_unverified_header(token).get("kid") != self._key.kid:
                return None
            claims: dict[str, Any] = jwt.decode(
                token,
                self._public,
                algorithms=[_ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                # Times are compared here, with the caller's `now`.
                options={
                    "require": _CLAIMS,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
            principal = self._principal(claims)
            issued_in_future = claims["iat"] > now // MICROS_PER_SECOND + _CLOCK_SKEW_SECONDS
        except (jwt.InvalidTokenError, ValueError, TypeError):
            return None
        return None if issued_in_future else principal

    def _principal(self, claims: dict[str, Any]) -> Principal:
        session_end = claims["auth_time"] + self._session_ttl_seconds
        return Principal(
            player_id=PlayerId(claims["sub"]),
            username=claims["name"],
            sid=SessionId(claims["sid"]),
            role=AccountRole(claims["role"]),
            expires_at=UnixMicros(claims["exp"] * MICROS_PER_SECOND),
            session_expires_at=UnixMicros(session_end * MICROS_PER_SECOND),
        )
