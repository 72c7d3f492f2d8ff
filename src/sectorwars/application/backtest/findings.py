"""What a backtest came to, in wire shapes and in sentences."""

from dataclasses import replace
from typing import Final

from sectorwars.application.backtest.task import BacktestTask
from sectorwars.application.backtest.trial import Trial
from sectorwars.application.reading.rule_views import rule_trace, trade_reasoning
from sectorwars.application.reading.trade_views import trade_report
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import TradeId
from sectorwars.domain.market import Side
from sectorwars.domain.record import record
from sectorwars.domain.rule import Automation, ConditionType, TracedVerdict
from sectorwars.domain.values import TICKS_PER_GAME_HOUR, game_rfc3339, rfc3339
from sectorwars.protocol.shapes.backtest import (
    BacktestHeadline,
    BacktestResult,
    BacktestSpan,
    BacktestTrade,
    EquityPoint,
)

TRADES_MAX: Final = 500
"""Trades that are listed; a slow galaxy's past is long in real time, by which rules are limited."""

_IMPACT_NOTE: Final = (
    "The past does not answer: the port went on as recorded, and what the rules bought and sold "
    "stays on top to the end. Live, producers, haulers and other players would have answered."
)
_PLAYER_NOTE: Final = (
    "The ship stayed docked, open orders of other players were not met, and what you traded there "
    "yourself at the time is left out."
)


@record
class Findings:
    """What a backtest came to, in short and in full."""

    headline: BacktestHeadline
    result: BacktestResult


def findings(task: BacktestTask, trial: Trial) -> Findings:
    """Show what a trial of a task came to."""
    return Findings(
        _headline(trial),
        BacktestResult(
            trades=[
                _trade(number, trade, verdict, trial.automation)
                for number, (trade, verdict) in enumerate(trial.trades[:TRADES_MAX], start=1)
            ],
            equity=[
                EquityPoint(
                    tick=point.tick,
                    game_time=game_rfc3339(point.tick),
                    credits=point.credits,
                    cargo_value=point.cargo_value,
                    equity=point.total,
                )
                for point in trial.curve.sampled()
            ],
            blocked=trial.blocked,
            market_conflicts=trial.market_conflicts,
            notes=_notes(task, trial),
        ),
    )


def _headline(trial: Trial) -> BacktestHeadline:
    first, last = trial.curve.first, trial.curve.last
    trades = [trade for trade, _ in trial.trades]
    sales = [trade for trade in trades if trade.side is Side.SELL]
    wins = sum((sale.profit_credits or 0) > 0 for sale in sales)
    ticks = last.tick - first.tick
    return BacktestHeadline(
        span=BacktestSpan(
            from_game_time=game_rfc3339(first.tick),
            until_game_time=game_rfc3339(last.tick),
            began_at=rfc3339(trial.began_at),
            ended_at=rfc3339(trial.ended_at),
            ticks=ticks,
            game_hours=game_hours(ticks),
        ),
        profit_credits=last.total - first.total,
        realised_profit_credits=sum(sale.profit_credits or 0 for sale in sales),
        fees_credits=sum(trade.fees_credits for trade in trades),
        max_drawdown_credits=trial.curve.max_drawdown_credits,
        max_drawdown_percent=trial.curve.max_drawdown_bps / 100,
        trades_count=len(trades),
        sales_count=len(sales),
        wins=wins,
        win_rate=round(wins / len(sales), 4) if sales else None,
    )


def game_hours(ticks: int) -> float:
    """Return game hours, to the hundredth."""
    return round(ticks / TICKS_PER_GAME_HOUR, 2)


def _trade(
    number: int, trade: GoodsTraded, verdict: TracedVerdict, automation: Automation
) -> BacktestTrade:
    return BacktestTrade(
        tick=trade.tick,
        trade=trade_report(replace(trade, trade_id=TradeId(f"b-{number}"))),
        reasoning=trade_reasoning(
            automation,
            verdict.rule_id,
            trade.side,
            trade.quantity,
            trade.commodity,
            trade.total_credits,
        ),
        trace=rule_trace(verdict),
    )


def _notes(task: BacktestTask, trial: Trial) -> list[str]:
    notes = [_IMPACT_NOTE, _PLAYER_NOTE]
    conditions = {
        condition.type
        for rule in task.rules
        for condition in (*rule.spec.buy_conditions, *rule.spec.sell_conditions)
    }
    if ConditionType.AI_CONFIDENCE in conditions:
        notes.append("Rules saw the forecasts that had been published by then, and no later ones.")
    if trial.market_conflicts:
        notes.append(
            f"{trial.market_conflicts} recorded changes of stock could not have come about after "
            "what the rules had traded; they were cut to what the port had or had room for."
        )
    if len(trial.trades) > TRADES_MAX:
        notes.append(f"Only the first {TRADES_MAX} of {len(trial.trades)} trades are listed.")
    wanted = task.first_tick
    if wanted is not None and wanted < trial.first:
        notes.append(f"Nothing before {game_rfc3339(trial.first)} is recorded.")
    return notes
