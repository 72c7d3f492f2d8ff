"""A trade that met open orders, as each of those who had a part in it sees it."""

from dataclasses import replace

from sectorwars.domain.event import Crossing, GoodsTraded
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Fill, Side
from sectorwars.domain.values import Credits


def shares(trade: GoodsTraded) -> tuple[GoodsTraded, ...]:
    """Return the trade itself, then each crossing as a trade of the owner of the order met.

    The trade itself counts all units; those that an order's owner traded are among them.
    """
    return (trade, *(maker_share(trade, crossing) for crossing in trade.crossings))


def shares_of(player_id: PlayerId, trade: GoodsTraded) -> tuple[GoodsTraded, ...]:
    """Return a player's shares of a trade."""
    return tuple(share for share in shares(trade) if share.player_id == player_id)


def maker_share(trade: GoodsTraded, crossing: Crossing) -> GoodsTraded:
    """Return what the owner of an open order traded by it; the postings stay with the trade."""
    return replace(
        trade,
        trade_id=crossing.trade_id,
        trade_serial=crossing.trade_serial,
        player_id=crossing.player_id,
        command_id=crossing.command_id,
        side=Side.SELL if trade.side is Side.BUY else Side.BUY,
        quantity=crossing.quantity,
        fills=(Fill(crossing.price_credits, crossing.quantity),),
        total_credits=Credits(crossing.quantity * crossing.price_credits),
        fees_credits=crossing.fees_credits,
        profit_credits=crossing.profit_credits,
        credits_after=crossing.credits_after,
        cargo_after=crossing.cargo_after,
        postings=(),
        rule_id=None,
        order_id=crossing.order_id,
        quote_id=None,
        crossings=(),
    )
