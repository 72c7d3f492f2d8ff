"""Trades as receipts, the history and subscribers show them."""

from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.values import game_rfc3339, rfc3339
from sectorwars.protocol.shapes.trade import FillRun, TradeReport


def trade_report(event: GoodsTraded) -> TradeReport:
    """Show a trade to the one who made it."""
    return TradeReport(
        trade_id=event.trade_id,
        port_id=event.port_id,
        side=event.side.value,
        commodity=event.commodity.value,
        quantity=event.quantity,
        fills=[FillRun(fill.price_credits, fill.quantity) for fill in event.fills],
        total_credits=event.total_credits,
        fees_credits=event.fees_credits,
        profit_credits=event.profit_credits,
        credits_after=event.credits_after,
        cargo_after=event.cargo_after,
        stock_after=event.stock_after,
        market_version=event.market_version,
        executed_at=rfc3339(event.at),
        game_time=game_rfc3339(event.tick),
        order_id=event.order_id,
        rule_id=event.rule_id,
    )
