"""The whole core under faults: many seeds without a finding, each run repeatable."""

import pytest
from structlog.testing import capture_logs
from tests.simulation.store_mutations import STORE

from sectorwars.simulation.findings import shape
from sectorwars.simulation.report import history, replay_command
from sectorwars.simulation.simulator import Verdict, shrink, simulate

SEEDS = range(200)
STEPS = 100


def _simulate(seed: int, steps: int = STEPS) -> Verdict:
    with capture_logs():
        return simulate(seed, steps)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_promise_is_broken(seed: int) -> None:
    verdict = _simulate(seed)
    assert verdict.findings == []
    assert verdict.trades > 0


def test_the_same_seed_gives_the_same_run() -> None:
    assert _simulate(11) == _simulate(11)
    assert _simulate(11).digest != _simulate(12).digest


def test_faults_do_happen() -> None:
    """A simulator that no fault ever reaches would prove nothing."""
    with capture_logs() as logs:
        verdicts = [simulate(seed, STEPS) for seed in range(12)]
    reasons = " ".join(str(log.get("reason", "")) for log in logs)
    for reason in (
        "before the commit",
        "after the commit",
        "did not answer in time",
        "the store is away",
    ):
        assert reason in reasons
    assert sum(verdict.lives for verdict in verdicts) > 2 * len(verdicts)
    assert sum(verdict.fired for verdict in verdicts) > 0
    assert sum(verdict.fills for verdict in verdicts) > len(verdicts)
    texts = " ".join(entry.text for verdict in verdicts for entry in verdict.history)
    for word in ("killed", "stopped", "takes the lease", "by mistake", "slow", "clock: jumps"):
        assert word in texts


def test_a_broken_promise_is_reduced_to_what_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry that trades twice takes a newcomer, a command of his, and a doubt about it."""
    twice = next(one for one in STORE.all if one.name == "a_retry_that_trades_twice")
    twice.put_in(monkeypatch)
    with capture_logs():
        broken = simulate(3, STEPS)
        least = shrink(broken)
        again = simulate(3, STEPS, least.numbers)
        lesser = [
            simulate(3, STEPS, frozenset(least.numbers) - {number}) for number in least.numbers
        ]
    assert len(broken.numbers) > STEPS
    assert len(least.numbers) <= 10
    assert again == least
    wanted = shape(broken.findings[0])
    assert wanted in map(shape, least.findings)
    assert not any(wanted in map(shape, verdict.findings) for verdict in lesser)
    told = history(least)
    assert told.endswith(replay_command(least))
    assert f"{len(least.numbers)} actions" in told
    for number in least.numbers:
        assert f"#{number} " in told


def test_a_run_without_any_action_is_a_run() -> None:
    with capture_logs():
        verdict = simulate(5, STEPS, frozenset())
    assert (verdict.findings, verdict.trades, verdict.numbers) == ([], 0, ())
    assert "--only none" in replay_command(verdict)
