"""A player's habits, reckoned from his own trades."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.values import UnixMicros, div_floor, rfc3339
from sectorwars.protocol.shapes.advice import TradedShare, TradingProfile

TRADES_CONSIDERED_MAX: Final = 500


class ProfileStore(Protocol):
    """Keeps the latest profile of each player."""

    async def put_profile(
        self, player_id: PlayerId, profile: dict[str, Any], at: UnixMicros
    ) -> None:
        """Store a profile in place of the last one.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        ...


def trading_profile(
    player_id: PlayerId, trades: Sequence[GoodsTraded], now: UnixMicros
) -> TradingProfile:
    """Reckon a profile from trades, newest first."""
    sales = [trade for trade in trades if trade.side is Side.SELL]
    turnover = sum(trade.total_credits for trade in trades)
    in_profit = sum((trade.profit_credits or 0) > 0 for trade in sales)
    return TradingProfile(
        player_id=player_id,
        trades=len(trades),
        units_bought=sum(trade.quantity for trade in trades if trade.side is Side.BUY),
        units_sold=sum(trade.quantity for trade in sales),
        turnover_credits=turnover,
        fees_credits=sum(trade.fees_credits for trade in trades),
        profit_credits=sum(trade.profit_credits or 0 for trade in sales),
        sales_in_profit_rate=round(in_profit / len(sales), 4) if sales else None,
        average_trade_credits=div_floor(turnover, len(trades)) if trades else None,
        commodities=_shares(trades, lambda trade: trade.commodity.value),
        ports=_shares(trades, lambda trade: trade.port_id),
        trades_considered_max=TRADES_CONSIDERED_MAX,
        first_trade_at=rfc3339(trades[-1].at) if trades else None,
        last_trade_at=rfc3339(trades[0].at) if trades else None,
        as_of=rfc3339(now),
    )


def _shares(
    trades: Iterable[GoodsTraded], name_of: Callable[[GoodsTraded], str]
) -> list[TradedShare]:
    """Group trades, the largest turnover first."""
    grouped: dict[str, list[GoodsTraded]] = {}
    for trade in trades:
        grouped.setdefault(name_of(trade), []).append(trade)
    shares = [
        TradedShare(
            name=name,
            trades=len(group),
            units=sum(trade.quantity for trade in group),
            turnover_credits=sum(trade.total_credits for trade in group),
            profit_credits=sum(trade.profit_credits or 0 for trade in group),
        )
        for name, group in grouped.items()
    ]
    return sorted(shares, key=lambda share: (-share.turnover_credits, share.name))
