"""The simulator bites: each of these deliberate faults is found within a few seeds."""

import pytest
from structlog.testing import capture_logs
from tests.simulation.engine_mutations import ENGINE
from tests.simulation.mutation import Mutation
from tests.simulation.store_mutations import STORE

from sectorwars.simulation.simulator import simulate

MUTATIONS = [*ENGINE.all, *STORE.all]
SEEDS = range(12)
STEPS = 150


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[mutation.name for mutation in MUTATIONS])
def test_a_mutation_is_found(mutation: Mutation, monkeypatch: pytest.MonkeyPatch) -> None:
    mutation.put_in(monkeypatch)
    findings: list[str] = []
    with capture_logs():
        for seed in SEEDS:
            findings += simulate(seed, STEPS).findings
            if any(mutation.found_as in finding for finding in findings):
                return
    pytest.fail(f"not found as {mutation.found_as!r}, but as {sorted(set(findings))[:5]}")


def test_there_are_enough_of_them() -> None:
    """Issue 5 asks for twenty at the least."""
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) >= 20
