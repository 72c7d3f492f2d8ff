"""Keys in files, and their publication."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sectorwars.application.keys import (
    SECRET_BYTES,
    KeyFileError,
    jwks,
    load_secret,
    load_signing_key,
    thumbprint,
)


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "token.pem"
    made = load_signing_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    read = load_signing_key(path)
    assert read.kid == made.kid
    signature = made.private.sign(b"text")
    read.public.verify(signature, b"text")


def test_the_thumbprint_is_that_of_the_standard() -> None:
    # RFC 8037, appendix A.3.
    x = base64.urlsafe_b64decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    key = Ed25519PublicKey.from_public_bytes(x)
    assert thumbprint(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    [member] = jwks([key])["keys"]
    assert member["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert member["kid"] == thumbprint(key)


def test_files_that_hold_no_such_key_are_refused_in_a_sentence(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    nonsense.chmod(0o600)
    with pytest.raises(KeyFileError, match="holds no private key"):
        load_signing_key(nonsense)
    other = tmp_path / "other.pem"
    other.write_bytes(
        generate_private_key(SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    other.chmod(0o600)
    with pytest.raises(KeyFileError, match="not Ed25519"):
        load_signing_key(other)
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match="cannot be used"):
        load_signing_key(tmp_path / "file" / "token.pem")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "token.pem"
    load_signing_key(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        load_signing_key(path)


def test_the_secret_of_the_bus_is_made_once_and_guarded_as_keys_are(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "bus.key"
    made = load_secret(path)
    assert len(made) == SECRET_BYTES
    assert load_secret(path, make=False) == made
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="read by others"):
        load_secret(path)


@pytest.mark.parametrize("text", ["", "nonsense", "00ff", "ü" * SECRET_BYTES])
def test_a_file_that_holds_no_such_secret_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bus.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="32 bytes in hex"):
        load_secret(path)


def test_where_no_key_may_be_made_a_missing_one_is_to_be_copied(tmp_path: Path) -> None:
    for load in (load_signing_key, load_secret):
        with pytest.raises(KeyFileError, match="copy it from the engine"):
            load(tmp_path / "keys" / "none", make=False)
    assert list(tmp_path.iterdir()) == []
