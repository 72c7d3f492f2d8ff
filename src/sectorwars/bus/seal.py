"""Proof that a message on the bus comes from a process of this galaxy.

Source: HMAC of RFC 2104, with SHA-256.
"""

import hashlib
import hmac
from typing import Final

KEY_BYTES: Final = 32
_MAC_BYTES: Final = 32
_NAMESPACE_CHARACTERS: Final = 16


class BrokenSealError(Exception):
    """A message was not made, or not for this purpose, by a process that holds the key."""


class Seal:
    """Seals messages with the key that all processes of a galaxy share."""

    def __init__(self, key: bytes) -> None:
        """Seal with `key`, KEY_BYTES random bytes."""
        self._keyed = hmac.new(key, digestmod=hashlib.sha256)
        self.namespace = self._mac(b"namespace", b"").hex()[:_NAMESPACE_CHARACTERS]

    def close(self, purpose: bytes, message: bytes) -> bytes:
        """Return the sealed message; it opens for the same `purpose` only."""
        return self._mac(purpose, message) + message

    def open(self, purpose: bytes, sealed: bytes) -> bytes:
        """Return the message.

        Raises:
            BrokenSealError: the seal is not ours.
        """
        mac, message = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(purpose, message)):
            raise BrokenSealError
        return message

    def derive(self, purpose: bytes) -> bytes:
        """Return a key of KEY_BYTES for another `purpose`, the same in every process."""
        return self._mac(b"derived " + purpose, b"")

    def _mac(self, purpose: bytes, message: bytes) -> bytes:
        keyed = self._keyed.copy()
        # The length keeps a purpose from running over into the message.
        keyed.update(len(purpose).to_bytes(2) + purpose + message)
        return keyed.digest()
