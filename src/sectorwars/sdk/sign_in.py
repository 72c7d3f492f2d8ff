"""A player's sign-in session: tokens that are renewed before they end."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from sectorwars.clock import SystemClock
from sectorwars.protocol.service_proof import service_proof
from sectorwars.sdk.errors import InvalidRequestError
from sectorwars.sdk.rest import Rest

_MARGIN_SHARE: Final = 0.2
"""The part of a token's life that is left when it is renewed."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A player's name and password.

    `service_key` is that of the galaxy, where the player is a service of its operator: it never
    leaves the process, and lifts the limit of sign-ins from an address.
    """

    username: str
    password: str
    service_key: bytes | None = field(default=None, repr=False)


class SignIn:
    """Tokens of a player, by his password where no refresh token is good any more."""

    def __init__(
        self,
        rest: Rest,
        credentials: Credentials,
        clock: SystemClock,
        refresh_token: str | None = None,
    ) -> None:
        """Sign in when a token is first asked for, by `refresh_token` where one was kept."""
        self._rest = rest
        self._credentials = credentials
        self._clock = clock
        self._access_token: str | None = None
        self._refresh_token = refresh_token
        self._renewing = asyncio.Lock()
        self.renew_at = clock.monotonic()

    @property
    def refresh_token(self) -> str | None:
        """Return what continues this session later, for one use; None where nothing does."""
        return self._refresh_token

    async def register(self) -> None:
        """Open the account, or sign in where it exists already.

        Raises:
            UnreachableError: there was no answer; the same call may be made again.
            RefusedError: name or password are no good, or the server is busy.
        """
        try:
            await self._grant("/auth/register", self._login())
        except InvalidRequestError as error:
            if error.code != "username_taken":
                raise
            await self._grant("/auth/login", self._login())

    async def token(self) -> str:
        """Return an access token that is good for a while.

        Raises:
            UnreachableError: there was no answer; the same call may be made again.
            RefusedError: the server refused.
        """
        async with self._renewing:
            if self._access_token is not None and self._clock.monotonic() < self.renew_at:
                return self._access_token
            # It is good for one use: were its answer lost, a second would end the session.
            refresh_token, self._refresh_token = self._refresh_token, None
            if refresh_token is not None:
                try:
                    return await self._grant("/auth/refresh", {"refresh_token": refresh_token})
                except InvalidRequestError:
                    # Its session is over; the password still is good.
                    pass
            return await self._grant("/auth/login", self._login())

    def expire(self) -> None:
        """Renew the token before its time."""
        self.renew_at = self._clock.monotonic()

    def forget(self) -> None:
        """Let the next token be one of a new session."""
        self._access_token = self._refresh_token = None

    def _login(self) -> dict[str, Any]:
        return {"username": self._credentials.username, "password": self._credentials.password}

    def _proof(self) -> str | None:
        known = self._credentials
        if known.service_key is None:
            return None
        return service_proof(known.service_key, known.username, self._clock.now())

    async def _grant(self, path: str, body: dict[str, Any]) -> str:
        grant = await self._rest.call("POST", path, body, service_proof=self._proof())
        token = str(grant["access_token"])
        self._access_token, self._refresh_token = token, str(grant["refresh_token"])
        self.renew_at = self._clock.monotonic() + int(grant["expires_in"]) * (1 - _MARGIN_SHARE)
        return token
