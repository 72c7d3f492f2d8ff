"""What a service shows when it signs in: that it knows its galaxy's service key, and not the key.

A proof is good for one name and for a minute, so whoever sees one gains nothing lasting by it.
"""

import hmac
from typing import Final

from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, div_floor

SERVICE_PROOF_HEADER: Final = "X-Service-Proof"
PROOF_SECONDS: Final = 60
"""How far the clocks of a service and of the server may differ."""

_PURPOSE: Final = b"sectorwars service sign-in"


def service_proof(key: bytes, username: str, now: UnixMicros) -> str:
    """Prove at `now` that who signs in as `username` knows the service key."""
    seconds = div_floor(now, MICROS_PER_SECOND)
    return f"{seconds}.{_digest(key, username, str(seconds))}"


def is_service_proof(key: bytes, username: str, proof: str, now: UnixMicros) -> bool:
    """Tell whether a proof is of this key and name, and made within PROOF_SECONDS of `now`."""
    seconds, _, digest = proof.partition(".")
    genuine = hmac.compare_digest(_digest(key, username, seconds).encode(), digest.encode())
    if not (genuine and seconds.isdecimal()):
        return False
    return abs(int(seconds) * MICROS_PER_SECOND - now) <= PROOF_SECONDS * MICROS_PER_SECOND


def _digest(key: bytes, username: str, seconds: str) -> str:
    said = b"\n".join((_PURPOSE, username.encode(errors="surrogatepass"), seconds.encode()))
    return hmac.digest(key, said, "sha256").hex()
