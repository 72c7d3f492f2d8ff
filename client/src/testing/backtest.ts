/** Well-formed backtests, for tests. */
import type { Backtest, BacktestHeadline, BacktestResult } from '../protocol/backtest';
import { rule } from './advice';

export function headline(changes: Partial<BacktestHeadline> = {}): BacktestHeadline {
  return {
    span: {
      from_game_time: '2102-01-01T00:00:00Z',
      until_game_time: '2102-01-01T02:00:00Z',
      began_at: '2026-11-24T14:00:00Z',
      ended_at: '2026-11-24T14:02:00Z',
      ticks: 120,
      game_hours: 2,
    },
    profit_credits: -40,
    realised_profit_credits: 25,
    fees_credits: 12,
    max_drawdown_credits: 90,
    max_drawdown_percent: 0.18,
    trades_count: 1,
    sales_count: 0,
    wins: 0,
    win_rate: null,
    ...changes,
  };
}

export function backtestResult(changes: Partial<BacktestResult> = {}): BacktestResult {
  return {
    trades: [
      {
        tick: 7,
        trade: {
          trade_id: 'b-1',
          port_id: 'port-1',
          side: 'buy',
          commodity: 'ore',
          quantity: 20,
          fills: [{ price_credits: 44, quantity: 20 }],
          total_credits: 880,
          fees_credits: 9,
          profit_credits: null,
          credits_after: 49_111,
          cargo_after: 20,
          stock_after: 900,
          market_version: 1_234,
          executed_at: '2026-11-24T14:00:07Z',
          game_time: '2102-01-01T00:07:00Z',
          order_id: null,
          rule_id: 'rule-1',
        },
        reasoning: 'Bought 20 ore for 880 credits by the rule Cheap ore: ask below 45.',
        trace: {
          rule_id: 'rule-1',
          side: 'buy',
          verdict: 'fired',
          at: '2026-11-24T14:00:07Z',
          game_time: '2102-01-01T00:07:00Z',
          port_id: 'port-1',
          market_version: 1_233,
          conditions: [
            { type: 'price_below', value: 45, comparison: 'less_than', input: 44, holds: true },
          ],
          caps: [],
          quantity: 20,
          code: null,
          detail: 'The conditions hold: buy 20.',
        },
      },
    ],
    equity: [
      {
        tick: 0,
        game_time: '2102-01-01T00:00:00Z',
        credits: 50_000,
        cargo_value: 0,
        equity: 50_000,
      },
    ],
    blocked: { automation_cooldown: 3, not_docked: 1 },
    market_conflicts: 0,
    notes: ['The past does not answer.'],
    ...changes,
  };
}

export function backtest(changes: Partial<Backtest> = {}): Backtest {
  return {
    backtest_id: 'bt_1',
    status: 'done',
    progress: 100,
    created_at: '2026-11-24T14:02:01Z',
    port_id: 'port-1',
    rules: [rule()],
    credits: 50_000,
    hold: 'empty',
    failure: null,
    headline: headline(),
    result: backtestResult(),
    ...changes,
  };
}
