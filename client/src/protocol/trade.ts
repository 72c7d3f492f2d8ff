/** Executed trades (docs/PROTOCOL). */
import * as v from 'valibot';

import { commodity, credits, instant, units } from './scalars';

export const Side = v.picklist(['buy', 'sell']);
export type Side = v.InferOutput<typeof Side>;

/** A run of units at one price. */
export const FillRun = v.object({ price_credits: units, quantity: units });
export type FillRun = v.InferOutput<typeof FillRun>;

/**
 * `total_credits` is without fees: a buyer pays total + fees, a seller gets total − fees.
 * `order_id` and `rule_id` name the limit order that was filled, or the rule that traded, if any.
 */
export const Trade = v.object({
  trade_id: v.string(),
  port_id: v.string(),
  side: Side,
  commodity,
  quantity: units,
  fills: v.array(FillRun),
  total_credits: credits,
  fees_credits: credits,
  profit_credits: v.nullable(credits),
  credits_after: credits,
  cargo_after: units,
  stock_after: units,
  market_version: v.number(),
  executed_at: instant,
  game_time: instant,
  order_id: v.nullish(v.string()),
  rule_id: v.nullish(v.string()),
});
export type Trade = v.InferOutput<typeof Trade>;

export const TradeReceipt = v.object({
  command_id: v.string(),
  status: v.literal('executed'),
  trade: Trade,
});
export type TradeReceipt = v.InferOutput<typeof TradeReceipt>;

export const TradeHistory = v.object({
  items: v.array(Trade),
  next_cursor: v.nullable(v.string()),
});
