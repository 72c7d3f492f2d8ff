"""Shapes of backtests: what a rule would have done over the recorded past."""

from typing import Literal

from sectorwars.domain.record import record
from sectorwars.protocol.shapes.automation import RuleTrace, RuleView
from sectorwars.protocol.shapes.trade import TradeReport

Hold = Literal["empty", "aboard"]
"""What is in the hold at the start: nothing, or what is aboard the player's ship now."""


@record
class BacktestSpan:
    """From when to when was gone through, on both clocks; `ticks` are game minutes."""

    from_game_time: str
    until_game_time: str
    began_at: str
    ended_at: str
    ticks: int
    game_hours: float


@record
class BacktestTrade:
    """A trade that a rule would have made, and why; its ids are the backtest's own."""

    tick: int
    trade: TradeReport
    reasoning: str
    trace: RuleTrace


@record
class EquityPoint:
    """What the player would have been worth after a tick: credits, and the cargo at the port.

    A good counts at what all of it would fetch there after tax, or at its cost where the port
    does not buy it.
    """

    tick: int
    game_time: str
    credits: int
    cargo_value: int
    equity: int


@record
class BacktestHeadline:
    """What a backtest came to.

    `profit_credits` is the equity gained, `realised_profit_credits` that of the sales alone.
    `wins` are sales with a profit, `win_rate` their share of the sales, null without any.
    The drawdown is the deepest fall of the equity below what it had reached before.
    """

    span: BacktestSpan
    profit_credits: int
    realised_profit_credits: int
    fees_credits: int
    max_drawdown_credits: int
    max_drawdown_percent: float
    trades_count: int
    sales_count: int
    wins: int
    win_rate: float | None


@record
class BacktestResult:
    """All that a backtest found; `blocked` counts the verdicts, by code, that forbade a trade.

    `trades` and `equity` hold at most 500 each. `market_conflicts` counts the recorded changes of
    stock that could not have come about as recorded after what the rules had traded.
    """

    trades: list[BacktestTrade]
    equity: list[EquityPoint]
    blocked: dict[str, int]
    market_conflicts: int
    notes: list[str]


@record
class BacktestFailure:
    """Why a backtest has no result."""

    code: Literal["no_recorded_past", "backtest_interrupted", "backtest_too_long", "internal_error"]
    detail: str


@record
class Backtest:
    """A backtest: what was asked for, and how far it is; `progress` is in per cent.

    `headline` and `result` are null until it is done; a list leaves `result` out, as null.
    """

    backtest_id: str
    status: Literal["queued", "running", "done", "failed"]
    progress: int
    created_at: str
    port_id: str
    rules: list[RuleView]
    credits: int
    hold: Hold
    failure: BacktestFailure | None
    headline: BacktestHeadline | None
    result: BacktestResult | None


@record
class RecordedPast:
    """The past that backtests can go through just now, in game time."""

    from_game_time: str
    until_game_time: str
    game_hours: float


@record
class Backtests:
    """A player's backtests, newest first, and the past that is there to be tested on."""

    items: list[Backtest]
    recorded: RecordedPast | None
    kept_max: int
