"""Seals open for who made them, for the same purpose, unchanged."""

from __future__ import annotations

import pytest

from sectorwars.bus.seal import KEY_BYTES, BrokenSealError, Seal

KEY = bytes(range(KEY_BYTES))


def test_a_sealed_message_opens_with_the_same_key_and_purpose() -> None:
    assert Seal(KEY).open(b"command", Seal(KEY).close(b"command", b"text")) == b"text"


@pytest.mark.parametrize(
    ("key", "purpose", "change"),
    [
        (bytes(KEY_BYTES), b"command", b""),
        (KEY, b"answer", b""),
        (KEY, b"commandt", b""),
        (KEY, b"command", b"!"),
    ],
)
def test_no_other_message_opens(key: bytes, purpose: bytes, change: bytes) -> None:
    sealed = Seal(KEY).close(b"command", b"text")
    with pytest.raises(BrokenSealError):
        Seal(key).open(purpose, sealed + change)


@pytest.mark.parametrize("sealed", [b"", b"short"])
def test_what_is_too_short_for_a_seal_does_not_open(sealed: bytes) -> None:
    with pytest.raises(BrokenSealError):
        Seal(KEY).open(b"command", sealed)


def test_galaxies_with_different_keys_have_different_namespaces() -> None:
    assert Seal(KEY).namespace == Seal(KEY).namespace
    assert Seal(KEY).namespace != Seal(bytes(KEY_BYTES)).namespace


def test_keys_for_other_purposes_are_the_same_in_every_process_and_tell_nothing() -> None:
    assert Seal(KEY).derive(b"names") == Seal(KEY).derive(b"names")
    assert len(Seal(KEY).derive(b"names")) == KEY_BYTES
    others = {KEY, Seal(KEY).derive(b"other"), Seal(bytes(KEY_BYTES)).derive(b"names")}
    assert Seal(KEY).derive(b"names") not in others
