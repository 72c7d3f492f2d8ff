"""The hash chains that make a changed, lost or swapped record of the log show itself."""

import hashlib
from typing import Final

GENESIS_HASH: Final = bytes(32)
"""What the first record of a chain follows."""


def chain_hash(previous: bytes, offset: int, payload: bytes) -> bytes:
    """Return SHA-256 over the previous hash, the offset (8 bytes, big-endian) and the payload."""
    digest = hashlib.sha256(previous)
    digest.update(offset.to_bytes(8, "big"))
    digest.update(payload)
    return digest.digest()


class ChainWalk:
    """Follows a chain record by record. It goes on from each stored hash, not from the right one,
    so that one changed record is one finding.
    """

    def __init__(self, hash_: bytes = GENESIS_HASH) -> None:
        """Begin after the record with `hash_`."""
        self.hash = hash_

    def follow(self, offset: int, payload: bytes, stored_hash: bytes) -> bool:
        """Take the next record; return whether its hash is the one that it must have."""
        expected = chain_hash(self.hash, offset, payload)
        self.hash = stored_hash
        return expected == stored_hash
