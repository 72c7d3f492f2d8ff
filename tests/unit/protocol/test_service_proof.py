"""A proof is good for one key, one name and a minute."""

import hmac

import pytest

from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.protocol.service_proof import PROOF_SECONDS, is_service_proof, service_proof

KEY = bytes(range(32))
NOW = UnixMicros(4_165_000_000_000_000)


def after(seconds: int) -> UnixMicros:
    return UnixMicros(NOW + seconds * MICROS_PER_SECOND)


@pytest.mark.parametrize("seconds", [-PROOF_SECONDS, 0, PROOF_SECONDS])
@pytest.mark.parametrize("username", ["bot_1", "größe", "\ud800"])
def test_a_proof_is_good_for_a_while(seconds: int, username: str) -> None:
    assert is_service_proof(KEY, username, service_proof(KEY, username, NOW), after(seconds))


def test_it_does_not_show_the_key() -> None:
    assert KEY.hex() not in service_proof(KEY, "bot_1", NOW)


@pytest.mark.parametrize("seconds", [-PROOF_SECONDS - 1, PROOF_SECONDS + 1])
def test_it_is_no_good_at_another_time(seconds: int) -> None:
    assert not is_service_proof(KEY, "bot_1", service_proof(KEY, "bot_1", NOW), after(seconds))


def test_it_is_no_good_for_another_name_or_key() -> None:
    proof = service_proof(KEY, "bot_1", NOW)
    assert not is_service_proof(KEY, "bot_2", proof, NOW)
    assert not is_service_proof(bytes(32), "bot_1", proof, NOW)


@pytest.mark.parametrize("change", [lambda p: p[:-1], lambda p: p.replace(".", "0.", 1), str.upper])
def test_a_changed_one_is_no_good(change: object) -> None:
    assert callable(change)
    assert not is_service_proof(KEY, "bot_1", change(service_proof(KEY, "bot_1", NOW)), NOW)


@pytest.mark.parametrize(
    "proof", ["", ".", "nonsense", "4165000000.", "4165000000.ÿ", "x." + "0" * 64]
)
def test_nonsense_is_no_proof(proof: str) -> None:
    assert not is_service_proof(KEY, "bot_1", proof, NOW)


def test_one_whose_time_is_no_number_is_no_good() -> None:
    said = b"sectorwars service sign-in\nbot_1\nsoon"
    proof = f"soon.{hmac.digest(KEY, said, 'sha256').hex()}"
    assert not is_service_proof(KEY, "bot_1", proof, NOW)
