import base64
import hmac
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.signing import (
    FrameSigner,
    SessionKey,
    authenticated_frame,
    signed_frame,
    verify_frame,
)

# RFC 8032, 7.1, test 2.
RFC_8032_SECRET = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
RFC_8032_SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
PRIVATE = Ed25519PrivateKey.from_private_bytes(RFC_8032_SECRET)
SIGNER = FrameSigner(PRIVATE, "key-1")


def test_signature_is_ed25519_in_base64url() -> None:
    signature = SIGNER.sign(b"\x72")
    assert "=" not in signature
    assert base64.urlsafe_b64decode(signature + "==").hex() == RFC_8032_SIGNATURE


def test_signed_frame_verifies_without_its_signature_and_covers_the_kid() -> None:
    frame = json.loads(signed_frame({"type": "x", "data": {"price": 61.5}}, SIGNER))
    signature = frame.pop("signature")
    assert frame["kid"] == "key-1"
    assert verify_frame(PRIVATE.public_key(), canonical_json(frame), signature)
    frame["data"]["price"] = 61.6
    assert not verify_frame(PRIVATE.public_key(), canonical_json(frame), signature)


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64!", "ü", "A"])
def test_text_that_is_no_signature_does_not_verify(signature: str) -> None:
    assert not verify_frame(PRIVATE.public_key(), b"{}", signature)


def test_session_key_makes_hmac_sha256() -> None:
    # RFC 4231, test case 2.
    key = SessionKey(b"Jefe")
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert key.hex == b"Jefe".hex()
    assert key.sign(b"what do ya want for nothing?") == expected
    assert key.verify(b"what do ya want for nothing?", expected)
    assert not key.verify(b"what do ya want for nothing!", expected)
    assert not key.verify(b"what do ya want for nothing?", "ü")


def test_authenticated_frame_covers_everything_else() -> None:
    key = SessionKey(b"secret")
    frame = json.loads(authenticated_frame({"type": "pong", "data": {}}, key))
    signature = frame.pop("signature")
    assert key.verify(canonical_json(frame), signature)


@pytest.mark.parametrize("key_bytes", [0, 1, 32, 63, 64, 65, 131, 200])
@pytest.mark.parametrize("text_bytes", [0, 1, 63, 64, 65, 1_000])
def test_session_key_signs_as_the_standard_library_does(key_bytes: int, text_bytes: int) -> None:
    secret, text = bytes(range(200))[:key_bytes], b"\xaa" * text_bytes
    key = SessionKey(secret)
    for _ in range(2):
        assert key.sign(text) == hmac.new(secret, text, "sha256").hexdigest()
