"""Which passwords are good enough, and how hashing is kept bounded."""

import asyncio
import threading

import pytest

from sectorwars.application.accounts.password import (
    HashCost,
    HasherBusyError,
    PasswordHasher,
    password_fault,
)

CHEAP = HashCost(memory_kib=64, passes=1)


@pytest.mark.parametrize("password", ["8 chars!", "x1" * 64, "пароль на русском", "        a"])
def test_good_passwords(password: str) -> None:
    assert password_fault(password, "alice") is None


@pytest.mark.parametrize(
    "password",
    [
        "",
        "7 chars",
        "p" * 129,
        "Passw0rd",
        "QWERTYUIOP",
        "zzzzzzzzzz",
        "SectorWars2102",
        "Alice-In",
    ],
)
def test_passwords_that_will_not_do(password: str) -> None:
    assert password_fault(password, "alice-in")


async def test_a_hash_is_argon2id_and_verifies_its_password_only() -> None:
    hasher = PasswordHasher(CHEAP)
    hashed = await hasher.hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert await hasher.verify("correct horse", hashed)
    assert not await hasher.verify("Correct horse", hashed)
    assert not await hasher.verify("correct horse", None)
    assert not await hasher.verify("no account has this hash", None)
    assert not await hasher.verify("correct horse", "no hash at all")
    hasher.close()


async def test_the_event_loop_runs_on_while_hashing_and_too_many_are_refused() -> None:
    hasher = PasswordHasher(CHEAP, workers=1, waiting_max=2)
    gate = threading.Event()
    # The only worker is held, so that what comes after has to wait for certain.
    blocked = asyncio.create_task(hasher._run(gate.wait))
    waiting = asyncio.create_task(hasher.hash("first in line"))
    await asyncio.sleep(0)
    with pytest.raises(HasherBusyError):
        await hasher.hash("one too many")
    gate.set()
    assert await blocked
    assert (await waiting).startswith("$argon2id$")
    hasher.close()
