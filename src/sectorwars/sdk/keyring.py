"""The server's public keys, and whether a frame bears their signature."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sectorwars.protocol.canonical import NotCanonicalError, canonical_json
from sectorwars.protocol.signing import verify_frame
from sectorwars.sdk.errors import ForgedFrameError


class Keyring:
    """The Ed25519 keys of `/.well-known/jwks.json` by their `kid`.

    Source: RFC 7517; RFC 8037 for keys of type OKP.
    """

    def __init__(self) -> None:
        """Start without a key."""
        self._keys: dict[str, Ed25519PublicKey] = {}

    def load(self, jwks: Mapping[str, Any]) -> None:
        """Take the keys of a JSON Web Key Set in place of those known so far.

        Raises:
            ValueError: it is no set of Ed25519 keys.
        """
        try:
            self._keys = {key["kid"]: _public_key(key["x"]) for key in jwks["keys"]}
        except (KeyError, TypeError) as error:
            raise ValueError("the key set has no Ed25519 keys") from error

    def knows(self, kid: object) -> bool:
        """Tell whether there is a key of that name."""
        return kid in self._keys

    def check(self, signed: Mapping[str, Any]) -> None:
        """Check the `signature` that a frame bears under its `kid`.

        Raises:
            ForgedFrameError: it is not the server's.
        """
        covered = {name: value for name, value in signed.items() if name != "signature"}
        self.check_over(covered, signed.get("kid"), signed.get("signature"))

    def check_over(self, covered: Any, kid: object, signature: object) -> None:
        """Check a signature over the canonical JSON of a value, such as a quote.

        Raises:
            ForgedFrameError: it is not the server's.
        """
        key = self._keys.get(kid) if isinstance(kid, str) else None
        try:
            canonical = canonical_json(covered)
        except NotCanonicalError as error:
            raise ForgedFrameError(f"The frame has no canonical form: {error}.") from error
        if key is None or not isinstance(signature, str):
            raise ForgedFrameError("The frame names no key of the server.")
        if not verify_frame(key, canonical, signature):
            raise ForgedFrameError("The signature does not fit the frame.")


def _public_key(x: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(x + "=" * (-len(x) % 4)))
