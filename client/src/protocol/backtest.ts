/** Shapes of backtests: what a rule would have done over the recorded past. */
import * as v from 'valibot';

import { Rule, type RuleDraft, RuleTrace } from './automation';
import { credits, instant, probability, units } from './scalars';
import { Trade } from './trade';

export const HOLDS = ['empty', 'aboard'] as const;
export type Hold = (typeof HOLDS)[number];

export const BacktestTrade = v.object({
  tick: v.number(),
  trade: Trade,
  reasoning: v.string(),
  trace: RuleTrace,
});
export type BacktestTrade = v.InferOutput<typeof BacktestTrade>;

/** What the player would have been worth: credits, and the cargo as it would sell at the port. */
export const EquityPoint = v.object({
  tick: v.number(),
  game_time: instant,
  credits,
  cargo_value: credits,
  equity: credits,
});
export type EquityPoint = v.InferOutput<typeof EquityPoint>;

/** `profit_credits` is the equity gained, `realised_profit_credits` that of the sales alone. */
export const BacktestHeadline = v.object({
  span: v.object({
    from_game_time: instant,
    until_game_time: instant,
    began_at: instant,
    ended_at: instant,
    ticks: units,
    game_hours: v.number(),
  }),
  profit_credits: credits,
  realised_profit_credits: credits,
  fees_credits: credits,
  max_drawdown_credits: credits,
  max_drawdown_percent: v.number(),
  trades_count: units,
  sales_count: units,
  wins: units,
  win_rate: v.nullable(probability),
});
export type BacktestHeadline = v.InferOutput<typeof BacktestHeadline>;

/** `blocked` counts, by code, what kept rules from trading. */
export const BacktestResult = v.object({
  trades: v.array(BacktestTrade),
  equity: v.array(EquityPoint),
  blocked: v.record(v.string(), units),
  market_conflicts: units,
  notes: v.array(v.string()),
});
export type BacktestResult = v.InferOutput<typeof BacktestResult>;

/** A backtest; `result` is null until it is done, and in lists. */
export const Backtest = v.object({
  backtest_id: v.string(),
  status: v.picklist(['queued', 'running', 'done', 'failed']),
  progress: units,
  created_at: instant,
  port_id: v.string(),
  rules: v.array(Rule),
  credits,
  hold: v.picklist(HOLDS),
  failure: v.nullable(v.object({ code: v.string(), detail: v.string() })),
  headline: v.nullable(BacktestHeadline),
  result: v.nullable(BacktestResult),
});
export type Backtest = v.InferOutput<typeof Backtest>;

/** A player's backtests, newest first, and the past that there is; null where there is none yet. */
export const Backtests = v.object({
  items: v.array(Backtest),
  recorded: v.nullable(
    v.object({ from_game_time: instant, until_game_time: instant, game_hours: v.number() }),
  ),
  kept_max: units,
});
export type Backtests = v.InferOutput<typeof Backtests>;

/** What is to be tested; without `credits` what the player has, without `hours` all there is. */
export interface BacktestOrder {
  /** A stored rule by its id, or one that is not stored. */
  readonly rule: string | RuleDraft;
  readonly hold: Hold;
  readonly credits: number | null;
  readonly hours: number | null;
}
