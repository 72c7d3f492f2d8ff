"""Read players' automation back from its tables."""

from typing import Any, Final

import msgspec

from sectorwars.application.rows import (
    AutomationRow,
    RuleRow,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.rule import (
    AutomatedTrade,
    Condition,
    RiskLevel,
    RuleSpec,
)
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.postgres.connection import Connection

_CONDITIONS: Final = msgspec.json.Decoder(tuple[Condition, ...])

_AUTOMATIONS: Final = """
    SELECT player_id, active, pause_on_disconnect, paused_at_us, rule_serial
    FROM player_automation ORDER BY player_id
"""
# A player's rule ids differ in their serial number only, which rises.
_RULES: Final = """
    SELECT player_id, rule_id, name, commodity, port_id, buy_conditions, sell_conditions,
           risk_level, max_investment_credits, created_at_us, active, buy_spent, sell_spent
    FROM automation_rules ORDER BY player_id, length(rule_id), rule_id
"""
# The latest automated trade of each player, and those of the 24 hours before it.
_RECENT: Final = """
    SELECT t.player_id, (extract(epoch FROM t.executed_at) * 1000000)::bigint, t.rule_id,
           t.transaction_type, t.commodity, t.quantity, t.total_credits,
           coalesce(t.profit_credits, 0)
    FROM player_automation a
    CROSS JOIN LATERAL (
        SELECT max(executed_at) AS at FROM market_transactions
        WHERE player_id = a.player_id AND rule_id IS NOT NULL
    ) AS latest
    JOIN market_transactions t
      ON t.player_id = a.player_id AND t.rule_id IS NOT NULL
     AND t.executed_at > latest.at - interval '24 hours'
    ORDER BY t.player_id, t.log_offset
"""


async def select_automations(connection: Connection) -> tuple[AutomationRow, ...]:
    """Return the automation of every player who has one, in the order of their ids."""
    rules: dict[str, list[RuleRow]] = {}
    for player_id, *members in await connection.fetch(_RULES):
        rules.setdefault(player_id, []).append(_rule(members))
    recent: dict[str, list[AutomatedTrade]] = {}
    for player_id, *members in await connection.fetch(_RECENT):
        recent.setdefault(player_id, []).append(_trade(members))
    return tuple(
        AutomationRow(
            player_id=PlayerId(player_id),
            active=active,
            pause_on_disconnect=pauses,
            paused_at=paused_at,
            rule_serial=serial,
            rules=tuple(rules.get(player_id, ())),
            recent=tuple(recent.get(player_id, ())),
        )
        for player_id, active, pauses, paused_at, serial in await connection.fetch(_AUTOMATIONS)
    )


def _rule(members: list[Any]) -> RuleRow:
    (
        rule_id, name, commodity, port_id, buy_conditions, sell_conditions, risk_level,
        max_investment, created_at, active, buy_spent, sell_spent,
    ) = members  # fmt: skip
    spec = RuleSpec(
        name=name,
        commodity=Commodity(commodity),
        port_id=PortId(port_id) if port_id is not None else None,
        buy_conditions=_CONDITIONS.decode(buy_conditions),
        sell_conditions=_CONDITIONS.decode(sell_conditions),
        risk_level=RiskLevel(risk_level),
        max_investment_credits=max_investment,
    )
    return RuleRow(
        rule_id=RuleId(rule_id),
        spec=spec,
        created_at=UnixMicros(created_at),
        active=active,
        spent=frozenset(
            side for side, spent in ((Side.BUY, buy_spent), (Side.SELL, sell_spent)) if spent
        ),
    )


def _trade(members: list[Any]) -> AutomatedTrade:
    at, rule_id, side, commodity, quantity, total, profit = members
    return AutomatedTrade(
        UnixMicros(at), RuleId(rule_id), Side(side), Commodity(commodity), quantity, total, profit
    )
