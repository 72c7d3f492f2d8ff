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
