"""Ed25519 keys that the server makes for itself at its first start, and their publication."""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

TOKEN_KEY_FILE: Final = "token.pem"  # noqa: S105 - the name of a file
FRAME_KEY_FILE: Final = "frame.pem"
GATEWAY_KEY_FILE: Final = "gateway.pem"
AUDIT_KEY_FILE: Final = "audit.pem"
BUS_KEY_FILE: Final = "bus.key"
SERVICE_KEY_FILE: Final = "service.key"
SECRET_BYTES: Final = 32
KEYS_DIRECTORY: Final = "keys"
"""Where in the data directory they all lie."""


class KeyFileError(Exception):
    """A key file cannot be used; the text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its `kid`, the RFC 7638 thumbprint of its public half."""

    private: Ed25519PrivateKey
    kid: str

    @property
    def public(self) -> Ed25519PublicKey:
        """Return the public half."""
        return self.private.public_key()


def signing_key(private: Ed25519PrivateKey) -> SigningKey:
    """Name a private key by its thumbprint."""
    return SigningKey(private, thumbprint(private.public_key()))


def load_signing_key(path: Path, *, make: bool = True) -> SigningKey:
    """Read the key in the file; where there is none yet, `make` one.

    The file is PKCS#8 PEM, readable by its owner only (0600) in a directory of his (0700).

    Raises:
        KeyFileError: the file or its directory cannot be used, is missing, is open to others, or
            holds no Ed25519 key.
    """
    pem = _read(path, _new_pem if make else None)
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise KeyFileError(f"The key file {path} holds no private key.") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyFileError(f"The key file {path} holds a key that is not Ed25519.")
    return signing_key(private)


def load_secret(path: Path, *, make: bool = True) -> bytes:
    """Read a secret that processes of a galaxy share; where there is none yet, `make` one.

    The file holds SECRET_BYTES bytes in hex, and is guarded as those of signing keys are.

    Raises:
        KeyFileError: the file or its directory cannot be used, is missing, is open to others, or
            holds no such secret.
    """
    text = _read(path, _new_hex if make else None)
    try:
        key = bytes.fromhex(text.decode())
    except ValueError:
        key = b""
    if len(key) != SECRET_BYTES:
        raise KeyFileError(f"The key file {path} does not hold {SECRET_BYTES} bytes in hex.")
    return key


def jwks(keys: Iterable[Ed25519PublicKey]) -> dict[str, Any]:
    """Return the JSON Web Key Set of public keys (RFC 7517, OKP keys of RFC 8037)."""
    return {
        "keys": [
            {**_members(key), "kid": thumbprint(key), "use": "sig", "alg": "EdDSA"} for key in keys
        ]
    }


def thumbprint(key: Ed25519PublicKey) -> str:
    """Return a public key's SHA-256 thumbprint, base64url without padding (RFC 7638)."""
    canonical = json.dumps(_members(key), sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _members(key: Ed25519PublicKey) -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(key.public_bytes_raw())}


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _new_pem() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _new_hex() -> bytes:
    return secrets.token_hex(SECRET_BYTES).encode() + b"\n"


def _read(path: Path, make: Callable[[], bytes] | None) -> bytes:
    try:
        if make is not None and not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(path, make())
        if path.stat().st_mode & 0o077:
            raise KeyFileError(
                f"The key file {path} can be read by others: run `chmod 600 {path}`, and replace "
                "the key if somebody may have seen it."
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise KeyFileError(
            f"The key file {path} is missing: copy it from the engine's data directory."
        ) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise KeyFileError(f"The key file {path} cannot be used: {reason}.") from error


def _create(path: Path, content: bytes) -> None:
    # Written aside and renamed, so that a crash never leaves half a key under the name.
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
