"""Shapes of a player's profit and loss."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TradeResult:
    """What trades came to; the profit of a sale is what it brought less fees and cost."""

    trades: int
    sales: int
    units_bought: int
    units_sold: int
    profit_credits: int
    fees_credits: int


@dataclass(frozen=True, slots=True)
class GoodProfit:
    """What trades of a good came to, ever and in the last 24 hours of real time."""

    commodity: str
    all_time: TradeResult
    last_24h: TradeResult


@dataclass(frozen=True, slots=True)
class Holding:
    """A good aboard. `cost_credits` is what it cost with fees, first in, first out.

    `bid_price` is the best bid where the ship is docked, the port's own or an open order's; null
    where nobody bids, and then nobody can say what the good is worth.
    """

    commodity: str
    quantity: int
    cost_credits: int
    bid_price: int | None
    worth_credits: int | None
    unrealised_credits: int | None


@dataclass(frozen=True, slots=True)
class ProfitStatement:
    """A player's profit and loss.

    `port_fees_credits` were paid for docking and departure. `unrealised_credits` is that of the
    goods somebody bids for. `equity_credits` is credits, those put aside for open orders, and
    the cargo: at its bid, or at cost where there is none.
    """

    as_of: str
    all_time: TradeResult
    last_24h: TradeResult
    goods: list[GoodProfit]
    port_fees_credits: int
    credits: int
    held_credits: int
    holdings: list[Holding]
    unrealised_credits: int
    equity_credits: int
