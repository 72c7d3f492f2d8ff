"""Verdicts on rules: what a store keeps of them, and for how long."""

from __future__ import annotations

from typing import Any

from tests.contract.persistence.first_hour import born, life

from sectorwars.domain.command import (
    CreateRule,
    RegisterPlayer,
    SwitchAutomation,
    ToggleRule,
    Undock,
)
from sectorwars.domain.ids import PlayerId, RuleId
from sectorwars.domain.rule import (
    Comparison,
    Condition,
    ConditionType,
    RiskLevel,
    RuleSpec,
    TracedVerdict,
)
from sectorwars.persistence.retention import RULE_TRACES_KEPT


async def test_verdicts_that_mattered_are_looked_up_newest_first(
    installation: Any, galaxy: Any
) -> None:
    store, _ = await installation.start()
    lease = await store.acquire_lease("first")
    verdicts: dict[RuleId, list[TracedVerdict]] = {}
    for batch in life(galaxy):
        await store.append(lease, batch)
        for verdict in batch.verdicts:
            verdicts.setdefault(verdict.rule_id, []).insert(0, verdict)
    deleted, sold, *_ = verdicts
    archive = installation.traces(store)
    ann = PlayerId("ann")

    assert len(verdicts[sold]) > 2
    found = await archive.verdicts(ann, sold, None, 100)
    assert [stored.verdict for stored in found] == verdicts[sold]
    assert await archive.verdicts(ann, sold, found[0].number, 1) == found[1:2]
    assert await archive.verdicts(PlayerId("bob"), sold, None, 100) == []
    assert await archive.verdicts(ann, deleted, None, 100) == []


async def test_only_the_latest_verdicts_of_a_rule_are_kept(installation: Any, galaxy: Any) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    await store.append(lease, galaxy.executed("ann", RegisterPlayer()))
    ship = galaxy.world.players["ann"].ship
    always = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 0)
    good = galaxy.world.ports[ship.docked_port_id].spec.goods[0].commodity
    for _ in range(2):
        spec = RuleSpec("Blocked", good, None, (always,), (), RiskLevel.MODERATE, 500)
        await store.append(lease, galaxy.executed("ann", CreateRule(spec)))
    await store.append(lease, galaxy.executed("ann", Undock()))
    await store.append(lease, galaxy.executed("ann", SwitchAutomation(True)))
    judged, other = galaxy.world.players["ann"].automation.rules
    await store.append(lease, galaxy.executed("ann", ToggleRule(other, True)))
    await store.append(lease, galaxy.ticks(1))
    made = []
    for _ in range(RULE_TRACES_KEPT + 2):
        await store.append(lease, galaxy.executed("ann", ToggleRule(judged, True)))
        batch = galaxy.ticks(1)
        made += batch.verdicts
        await store.append(lease, batch)
    archive = installation.traces(store)

    kept = await archive.verdicts(PlayerId("ann"), judged, None, RULE_TRACES_KEPT * 2)

    assert len(kept) == RULE_TRACES_KEPT
    assert [stored.verdict for stored in kept] == made[: -RULE_TRACES_KEPT - 1 : -1]
    assert len(await archive.verdicts(PlayerId("ann"), other, None, 9)) == 1
