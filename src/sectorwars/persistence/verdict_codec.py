"""Verdicts on rules as a few bytes: a MessagePack array, without the names of its members."""

from typing import Final

import msgspec

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


class _PackedVerdict(msgspec.Struct, array_like=True, frozen=True):
    side: Side
    verdict: Verdict
    at: int
    tick: int
    port_id: str | None
    market_version: int | None
    conditions: list[tuple[ConditionType, Comparison, int, int | None, bool]]
    caps: list[tuple[str, int, int]]
    quantity: int | None
    code: str | None
    detail: str


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_PackedVerdict)


def pack_verdict(verdict: TracedVerdict) -> bytes:
    """Pack a verdict but for whose it is: rule and player."""
    trace = verdict.trace
    return _ENCODER.encode(
        _PackedVerdict(
            side=verdict.side,
            verdict=verdict.verdict,
            at=verdict.at,
            tick=verdict.tick,
            port_id=trace.port_id,
            market_version=trace.market_version,
            conditions=[
                (
                    result.condition.type,
                    result.condition.comparison,
                    result.condition.value_milli,
                    result.input_milli,
                    result.holds,
                )
                for result in trace.conditions
            ],
            caps=[(cap.name, cap.used, cap.limit) for cap in trace.caps],
            quantity=trace.quantity,
            code=trace.code,
            detail=trace.detail,
        )
    )


def unpack_verdict(player_id: PlayerId, rule_id: RuleId, packed: bytes) -> TracedVerdict:
    """Unpack a verdict on a player's rule.

    Raises:
        msgspec.DecodeError: the bytes are no packed verdict.
    """
    row = _DECODER.decode(packed)
    return TracedVerdict(
        player_id=player_id,
        rule_id=rule_id,
        side=row.side,
        verdict=row.verdict,
        at=UnixMicros(row.at),
        tick=Tick(row.tick),
        trace=Trace(
            port_id=None if row.port_id is None else PortId(row.port_id),
            market_version=row.market_version,
            conditions=tuple(
                ConditionResult(Condition(kind, comparison, value), seen, holds)
                for kind, comparison, value, seen, holds in row.conditions
            ),
            caps=tuple(Cap(name, used, limit) for name, used, limit in row.caps),
            quantity=row.quantity,
            code=row.code,
            detail=row.detail,
        ),
    )
