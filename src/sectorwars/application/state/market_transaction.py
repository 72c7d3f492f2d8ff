"""Rows of `market_transactions`, and those that a trade must have."""

from dataclasses import dataclass

from sectorwars.application.state.trade_shares import shares
from sectorwars.domain.event import GoodsTraded


@dataclass(frozen=True, slots=True)
class MarketTransaction:
    """A row of `market_transactions`; `real_time_price_cents` is the mean price of a unit.

    `crossing` is 0 for the trade itself; 1, 2, … are those of the owners of the orders it met.
    """

    offset: int
    crossing: int
    trade_id: str
    player_id: str
    port_id: str
    side: str
    commodity: str
    quantity: int
    total_credits: int
    fees_credits: int
    profit_credits: int | None
    real_time_price_cents: int
    volume_24h: int
    stock_after: int
    market_version: int
    tick: int
    executed_at: int
    rule_id: str | None = None
    order_id: str | None = None
    quote_id: str | None = None


def transactions_of(offset: int, trade: GoodsTraded) -> tuple[MarketTransaction, ...]:
    """Return the rows of a trade, in their order."""
    return tuple(
        _transaction(offset, crossing, share) for crossing, share in enumerate(shares(trade))
    )


def _transaction(offset: int, crossing: int, trade: GoodsTraded) -> MarketTransaction:
    return MarketTransaction(
        offset=offset,
        crossing=crossing,
        trade_id=trade.trade_id,
        player_id=trade.player_id,
        port_id=trade.port_id,
        side=trade.side.value,
        commodity=trade.commodity.value,
        quantity=trade.quantity,
        total_credits=trade.total_credits,
        fees_credits=trade.fees_credits,
        profit_credits=trade.profit_credits,
        # Rounded half up, as the column is.
        real_time_price_cents=(200 * trade.total_credits + trade.quantity) // (2 * trade.quantity),
        volume_24h=min(trade.volume_24h, 2**31 - 1),
        stock_after=trade.stock_after,
        market_version=trade.market_version,
        tick=trade.tick,
        executed_at=trade.at,
        rule_id=trade.rule_id,
        order_id=trade.order_id,
        quote_id=trade.quote_id,
    )
