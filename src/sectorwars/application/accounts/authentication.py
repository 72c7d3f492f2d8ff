"""Register, sign in, stay signed in and sign out; check who a token speaks for."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sectorwars.application.account import (
    Account,
    AccountRole,
    AccountStore,
    RefreshReused,
    RefreshRotated,
    Session,
    SessionId,
    username_key,
)
from sectorwars.application.accounts.enrolment import Enrolment
from sectorwars.application.accounts.opening import HASHER_BUSY, AccountOpening, account_fault
from sectorwars.application.accounts.password import HasherBusyError, PasswordHasher
from sectorwars.application.accounts.sign_in_throttle import SignInThrottle
from sectorwars.application.accounts.tokens import AccessTokens, Principal, TokenFault
from sectorwars.application.audit.trail import AuditKind, SignInAudit
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.protocol.service_proof import is_service_proof

TOKEN_REFUSALS: Final[dict[TokenFault, Refusal]] = {
    TokenFault.MISSING: Refusal(
        TokenFault.MISSING.value, Retry.NEVER, "Sign in, and send the access token."
    ),
    TokenFault.INVALID: Refusal(
        TokenFault.INVALID.value, Retry.NEVER, "The access token is not one of this server's."
    ),
    TokenFault.EXPIRED: Refusal(
        TokenFault.EXPIRED.value, Retry.SAME_ID, "The access token is over; refresh it."
    ),
    TokenFault.REVOKED: Refusal(
        TokenFault.REVOKED.value, Retry.NEVER, "The session was ended; sign in again."
    ),
}
INVALID_CREDENTIALS: Final = Refusal(
    "invalid_credentials", Retry.NEVER, "The username or the password is wrong."
)
SERVICE_PROOF_INVALID: Final = Refusal(
    "service_proof_invalid",
    Retry.NEVER,
    "The proof is not by this galaxy's service key, or not of this minute and name.",
)
REFRESH_INVALID: Final = Refusal(
    "refresh_token_invalid", Retry.NEVER, "The refresh token is not valid; sign in again."
)
REFRESH_REUSED: Final = Refusal(
    "refresh_token_reused",
    Retry.NEVER,
    "The refresh token had been used before, so its session was ended; sign in again.",
)
_REFRESH_TOKEN_BYTES: Final = 32
_REFRESH_TOKEN_LENGTH_MAX: Final = 128


@dataclass(frozen=True, slots=True)
class Grant:
    """The tokens of a signed-in player; `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    player_id: PlayerId
    username: str


class Authenticator:
    """Hold the sessions of players: the only place that gives out or takes tokens.

    `start` must be awaited before `verify` is asked, so that sessions ended before a restart stay
    ended. Store methods raise `StoreUnavailableError` through every coroutine here.
    """

    def __init__(
        self,
        store: AccountStore,
        hasher: PasswordHasher,
        tokens: AccessTokens,
        throttles: tuple[SignInThrottle, SignInThrottle],
        enrolment: Enrolment,
        entropy: Callable[[int], bytes],
        session_ttl_seconds: int,
        audit: SignInAudit,
        service_key: bytes | None = None,
    ) -> None:
        """Keep accounts in `store`; draw ids and secrets of n bytes from `entropy`.

        `throttles` are those of signing in and of registering; `audit` is told of each attempt.
        Who proves to know the `service_key` is not limited by address.
        """
        self._store = store
        self._hasher = hasher
        self._tokens = tokens
        self._sign_in_throttle, self._registration_throttle = throttles
        self._enrolment = enrolment
        self._opening = AccountOpening(store, hasher, entropy)
        self._entropy = entropy
        self._audit = audit
        self._service_key = service_key
        self._session_ttl_micros = session_ttl_seconds * MICROS_PER_SECOND
        # No more than the sessions of one session's life, as each leaves when it would be over.
        self._revoked: dict[SessionId, UnixMicros] = {}
        self._listeners: list[Callable[[SessionId], None]] = []
        self._announce: Callable[[SessionId, UnixMicros], None] = _tell_nobody

    async def start(self, now: UnixMicros) -> None:
        """Learn which sessions were ended before this process began."""
        self._revoked.update(await self._store.revoked_sessions(now))

    def on_revoked(self, listener: Callable[[SessionId], None]) -> None:
        """Call `listener` with each session that is ended from now on."""
        self._listeners.append(listener)

    def announce_to(self, announce: Callable[[SessionId, UnixMicros], None]) -> None:
        """Call `announce` with each session that is ended here, and when it would have been over.

        What `note_ended` and `learn_ended` bring is not announced.
        """
        self._announce = announce

    def note_ended(self, sid: SessionId, ends_at: UnixMicros, now: UnixMicros) -> None:
        """Take note of a session that another process has ended."""
        if sid in self._revoked or ends_at <= now:
            return
        self._revoked[sid] = ends_at
        for listener in self._listeners:
            listener(sid)

    async def learn_ended(self, now: UnixMicros) -> None:
        """Learn from the store which sessions other processes have ended.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        for sid, ends_at in await self._store.revoked_sessions(now):
            self.note_ended(sid, ends_at, now)

    async def register(
        self,
        username: str,
        password: str,
        email: str | None,
        address: str,
        now: UnixMicros,
        service_proof: str | None = None,
    ) -> Grant | Refusal:
        """Open an account, bring its player into the galaxy and sign him in.

        By a good `service_proof` it is a service's account.
        """
        refusal = account_fault(username, password, email)
        by_service = self._is_service(username, service_proof, now)
        if refusal is None and not by_service:
            refusal = await _admit(self._registration_throttle, address, service_proof, now)
        if refusal is not None:
            return refusal
        role = AccountRole.SERVICE if by_service else AccountRole.PLAYER
        account = await self._opening.open(username, password, email, now, role)
        if isinstance(account, Refusal):
            return account
        return await self._sign_in(AuditKind.REGISTRATION, account, address, now, by_service)

    async def login(
        self,
        username: str,
        password: str,
        address: str,
        now: UnixMicros,
        service_proof: str | None = None,
    ) -> Grant | Refusal:
        """Sign in. The answer and its time are the same for a wrong name and a wrong password."""
        by_service = self._is_service(username, service_proof, now)
        if not by_service:
            refusal = await _admit(self._sign_in_throttle, address, service_proof, now)
            if refusal is not None:
                return refusal
        key = username_key(username)
        if key is not None:
            refusal = self._sign_in_throttle.admit_name(key, now)
            if refusal is not None:
                return refusal
        account = None if key is None else await self._store.find_by_username(key)
        player_id = None if account is None else account.player_id
        try:
            password_hash = None if account is None else account.password_hash
            good = await self._hasher.verify(password, password_hash)
            if account is None or not good:
                await self._audit.enter(
                    AuditKind.LOGIN,
                    player_id,
                    None,
                    INVALID_CREDENTIALS,
                    address,
                    now,
                    by_service=by_service,
                )
                return INVALID_CREDENTIALS
            if self._hasher.is_outdated(account.password_hash):
                renewed = await self._hasher.hash(password)
                await self._store.replace_password_hash(account.player_id, renewed)
        except HasherBusyError:
            return HASHER_BUSY
        self._sign_in_throttle.succeeded(account.username_key, now)
        return await self._sign_in(AuditKind.LOGIN, account, address, now, by_service)

    async def refresh(self, refresh_token: str, address: str, now: UnixMicros) -> Grant | Refusal:
        """Exchange a refresh token, once, for new tokens of the same session."""
        if len(refresh_token) > _REFRESH_TOKEN_LENGTH_MAX:
            return REFRESH_INVALID
        next_token = self._refresh_token()
        outcome = await self._store.rotate_refresh(_digest(refresh_token), _digest(next_token), now)
        match outcome:
            case None:
                return REFRESH_INVALID
            case RefreshReused(session):
                self._revoke(session.sid, session.expires_at, now)
                await self._audit.enter(
                    AuditKind.REFRESH, session.player_id, session.sid, REFRESH_REUSED, address, now
                )
                return REFRESH_REUSED
            case RefreshRotated(session, account):
                return self._grant(account, session, next_token, now)

    async def logout(self, principal: Principal, address: str, now: UnixMicros) -> None:
        """End the principal's session, its tokens and its live connections."""
        await self._store.revoke_session(principal.sid, now)
        self._revoke(principal.sid, principal.session_expires_at, now)
        await self._audit.enter(
            AuditKind.LOGOUT, principal.player_id, principal.sid, None, address, now
        )

    async def account(self, principal: Principal) -> Account | Refusal:
        """Return the principal's account; refused where it is no more."""
        account = await self._store.find_by_player(principal.player_id)
        return TOKEN_REFUSALS[TokenFault.INVALID] if account is None else account

    def verify(self, token: str | None, now: UnixMicros) -> Principal | Refusal:
        """Return who a token speaks for, if it is good now."""
        principal = self.inspect_expired(token, now)
        if isinstance(principal, Principal) and principal.expires_at <= now:
            return TOKEN_REFUSALS[TokenFault.EXPIRED]
        return principal

    def inspect_expired(self, token: str | None, now: UnixMicros) -> Principal | Refusal:
        """Return who a genuine token speaks for, though it may be over.

        Its session must neither be ended nor over. Such a token is good for nothing but bringing
        back a live connection that was just lost (SEMANTICS, sessions).
        """
        if not token:
            return TOKEN_REFUSALS[TokenFault.MISSING]
        principal = self._tokens.read(token, now)
        if principal is None:
            return TOKEN_REFUSALS[TokenFault.INVALID]
        if principal.sid in self._revoked:
            return TOKEN_REFUSALS[TokenFault.REVOKED]
        if principal.session_expires_at <= now:
            return TOKEN_REFUSALS[TokenFault.EXPIRED]
        return principal

    async def forget_expired(self, now: UnixMicros) -> int:
        """Delete the sessions that are over; return how many. To be called now and then."""
        for sid in [sid for sid, ends_at in self._revoked.items() if ends_at <= now]:
            del self._revoked[sid]
        return await self._store.delete_expired_sessions(now)

    def close(self) -> None:
        """End the hashing threads."""
        self._hasher.close()

    def _is_service(self, username: str, proof: str | None, now: UnixMicros) -> bool:
        key = self._service_key
        return key is not None and proof is not None and is_service_proof(key, username, proof, now)

    async def _sign_in(
        self,
        kind: AuditKind,
        account: Account,
        address: str,
        now: UnixMicros,
        by_service: bool,
    ) -> Grant | Refusal:
        refusal = await self._enrolment.enrol(account.player_id)
        if refusal is not None:
            await self._audit.enter(
                kind, account.player_id, None, refusal, address, now, by_service=by_service
            )
            return refusal
        # Whole seconds, as tokens carry them, so that token and store agree on the session's end.
        created_at = UnixMicros(now - now % MICROS_PER_SECOND)
        session = Session(
            SessionId(f"s_{self._entropy(16).hex()}"),
            account.player_id,
            created_at,
            expires_at=UnixMicros(created_at + self._session_ttl_micros),
        )
        refresh_token = self._refresh_token()
        await self._audit.enter(
            kind, account.player_id, session.sid, None, address, now, by_service=by_service
        )
        await self._store.add_session(session, _digest(refresh_token))
        return self._grant(account, session, refresh_token, now)

    def _grant(
        self, account: Account, session: Session, refresh_token: str, now: UnixMicros
    ) -> Grant:
        access_token, expires_in = self._tokens.issue(
            account, session, self._entropy(16).hex(), now
        )
        return Grant(access_token, refresh_token, expires_in, account.player_id, account.username)

    def _refresh_token(self) -> str:
        return f"r_{self._entropy(_REFRESH_TOKEN_BYTES).hex()}"

    def _revoke(self, sid: SessionId, ends_at: UnixMicros, now: UnixMicros) -> None:
        if sid not in self._revoked and ends_at > now:
            self._announce(sid, ends_at)
        self.note_ended(sid, ends_at, now)


def _digest(refresh_token: str) -> bytes:
    # The token is 256 random bits: a plain digest keeps it as secret as a slow hash would.
    return hashlib.sha256(refresh_token.encode("utf-8", "surrogatepass")).digest()


async def _admit(
    throttle: SignInThrottle, address: str, wrong_proof: str | None, now: UnixMicros
) -> Refusal | None:
    """Count an attempt from an address; one with a wrong proof counts, and is refused."""
    refusal = await throttle.admit_address(address, now)
    return SERVICE_PROOF_INVALID if refusal is None and wrong_proof is not None else refusal


def _tell_nobody(_sid: SessionId, _ends_at: UnixMicros) -> None:
    """Stand for the other processes of a server that is alone."""
