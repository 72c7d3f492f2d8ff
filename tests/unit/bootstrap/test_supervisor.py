"""Children are started again after pauses that grow, and given the settings of their parent."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from sectorwars.bootstrap.start_error import StartError
from sectorwars.bootstrap.supervisor import EXIT_USAGE, Child, child_environment
from sectorwars.settings import PREFIX, Settings

EXITS = "import sys; sys.exit({})"
STAYS = "import sys; sys.stdin.read()"


def child(code: str) -> Child:
    return Child("child", (sys.executable, "-c", code), dict(os.environ))


def until_ended(child: Child, now: float) -> None:
    """Look after a child until its end has been noticed."""
    deadline = time.monotonic() + 20
    while child.running:
        child.look_after(now)
        assert time.monotonic() < deadline
        time.sleep(0.01)


def starts(child: Child, seconds: float) -> list[float]:
    """Return at which moments a child that ends at once is started, looked after twice a second."""
    moments = []
    for half in range(int(seconds * 2)):
        now = half / 2
        child.look_after(now)
        if child.running:
            moments.append(now)
            until_ended(child, now)
    return moments


def test_a_child_that_ends_at_once_is_started_more_and_more_seldom() -> None:
    moments = starts(child(EXITS.format(1)), 30)
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.5, 13.0)


def test_a_child_that_has_lived_for_long_is_started_again_soon() -> None:
    steady = child(EXITS.format(1))
    now = starts(steady, 10)[-1] + 60
    steady.look_after(now)
    assert steady.running
    until_ended(steady, now + 60)
    steady.look_after(now + 60.2)
    assert steady.running
    until_ended(steady, now + 61)


def test_a_child_that_says_it_cannot_start_is_not_started_again() -> None:
    hopeless = child(EXITS.format(EXIT_USAGE))
    hopeless.look_after(0)
    with pytest.raises(StartError, match="could not start"):
        until_ended(hopeless, 0)


def test_a_child_that_has_run_before_is_started_again_whatever_it_says(tmp_path: Path) -> None:
    marker = tmp_path / "started"
    code = f"import pathlib, sys; p = pathlib.Path({str(marker)!r}); c = 2 * p.exists(); p.touch()"
    unlucky = child(f"{code}; sys.exit(c or 1)")
    assert len(starts(unlucky, 5)) > 2


@pytest.fixture
def staying() -> Iterator[Child]:
    staying = child(STAYS)
    staying.look_after(0)
    yield staying
    staying.wait_until_stopped(time.monotonic())


def test_a_child_is_left_alone_while_it_runs_and_stops_when_told(staying: Child) -> None:
    staying.look_after(0.1)
    assert staying.running
    staying.tell_to_stop()
    staying.wait_until_stopped(time.monotonic() + 20)
    assert not staying.running
    staying.tell_to_stop()
    staying.wait_until_stopped(time.monotonic())


def test_children_get_the_settings_of_their_parent_and_their_own() -> None:
    settings = Settings(
        data_dir=Path("here"),
        redis_url="redis://127.0.0.1",
        gateways=2,
        allowed_origins=("https://a.example",),
        trusted_proxies=("10.0.0.0/8",),
        port=8_123,
    )
    environment = child_environment(settings, {"role": "gateway", "own_port": 8_125})
    told = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }
    assert told["allowed_origins"] == '["https://a.example"]'
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        read = Settings()
    assert read == settings.model_copy(
        update={"role": "gateway", "own_port": 8_125, "gateways": 1, "stop_with_stdin": True}
    )
