"""Verdicts are packed small and come back as they were."""

import msgspec
import pytest

from sectorwars.domain.ids import PlayerId, PortId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.rule import (
    Cap,
    Comparison,
    Condition,
    ConditionResult,
    ConditionType,
    Trace,
    TracedVerdict,
    Verdict,
)
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.persistence.verdict_codec import pack_verdict, unpack_verdict

ANN, RULE = PlayerId("pl_ann"), RuleId("r-pl_ann-1")
BELOW = Condition(ConditionType.PRICE_BELOW, Comparison.LESS_THAN, 61_500)
SURE = Condition(ConditionType.AI_CONFIDENCE, Comparison.EQUALS, -700)
BLOCKED = TracedVerdict(
    ANN,
    RULE,
    Side.BUY,
    Verdict.BLOCKED,
    UnixMicros(4_165_000_000_000_000),
    Tick(-3),
    Trace(
        PortId("p0001"),
        7,
        (ConditionResult(BELOW, 60_000, True), ConditionResult(SURE, None, False)),
        (Cap("trades_in_an_hour", 20, 20), Cap("share_of_credits", 2**53, 5_000)),
        5,
        "automation_hourly_limit",
        "20 automated trades were made within the last hour.",
    ),
)
UNSEEN = TracedVerdict(
    ANN,
    RULE,
    Side.SELL,
    Verdict.FIRED,
    UnixMicros(1),
    Tick(0),
    Trace(None, None, (), (), None, None, ""),
)


@pytest.mark.parametrize("verdict", [BLOCKED, UNSEEN])
def test_a_verdict_comes_back_as_it_was(verdict: TracedVerdict) -> None:
    packed = pack_verdict(verdict)
    assert unpack_verdict(ANN, RULE, packed) == verdict
    assert len(packed) < 300


@pytest.mark.parametrize("packed", [b"", pack_verdict(UNSEEN)[:-1], b"\x90", b"{}"])
def test_damaged_bytes_are_no_verdict(packed: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        unpack_verdict(ANN, RULE, packed)
