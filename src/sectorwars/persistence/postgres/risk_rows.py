"""The risk gate as a row, and what its caps count, read from the trades."""

from typing import Final

import msgspec

from sectorwars.application.rows import TradedMinute
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.risk import SLOT_MICROS, SLOTS_PER_DAY, RiskGate
from sectorwars.persistence.postgres.connection import Connection

_GATE: Final = msgspec.json.Decoder(RiskGate)
_JSON: Final = msgspec.json.Encoder()

_LATEST_MINUTE: Final = """
    SELECT date_bin('1 minute', executed_at, 'epoch') FROM market_transactions
    ORDER BY log_offset DESC LIMIT 1
"""
_TRADED: Final = """
    SELECT player_id, extract(epoch FROM minute)::bigint, commodity, trades, units, credits
    FROM (
        SELECT player_id, date_bin('1 minute', executed_at, 'epoch') AS minute, commodity,
               count(*) AS trades, sum(quantity)::bigint AS units,
               sum(total_credits)::bigint AS credits
        FROM market_transactions WHERE executed_at >= $1::timestamptz - $2 * interval '1 minute'
        GROUP BY player_id, minute, commodity
    ) AS traded
    ORDER BY minute, player_id, commodity
"""
_SLOT_SECONDS: Final = SLOT_MICROS // 1_000_000


async def select_risk_gate(connection: Connection) -> RiskGate:
    """Return what operators have set."""
    gate = await connection.fetchval("SELECT gate FROM risk_gate")
    return RiskGate() if gate is None else _GATE.decode(gate)


async def select_traded(connection: Connection) -> tuple[TradedMinute, ...]:
    """Return what each player traded in the day before the latest trade, oldest first."""
    latest = await connection.fetchval(_LATEST_MINUTE)
    if latest is None:
        return ()
    records = await connection.fetch(_TRADED, latest, SLOTS_PER_DAY)
    return tuple(
        TradedMinute(
            PlayerId(player_id),
            seconds // _SLOT_SECONDS,
            Commodity(commodity),
            trades,
            units,
            total,
        )
        for player_id, seconds, commodity, trades, units, total in records
    )


def encode_risk_gate(gate: RiskGate) -> str:
    """Return the gate as JSON."""
    return _JSON.encode(gate).decode()
