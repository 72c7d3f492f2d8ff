/** A player's profit and loss (docs/PROTOCOL). */
import * as v from 'valibot';

import { commodity, credits, instant, units } from './scalars';

/** What trades came to; the profit of a sale is what it brought less fees and cost. */
export const TradeResult = v.object({
  trades: units,
  sales: units,
  units_bought: units,
  units_sold: units,
  profit_credits: credits,
  fees_credits: credits,
});
export type TradeResult = v.InferOutput<typeof TradeResult>;

export const GoodProfit = v.object({
  commodity,
  all_time: TradeResult,
  last_24h: TradeResult,
});
export type GoodProfit = v.InferOutput<typeof GoodProfit>;

/** A good aboard at cost and at what is bid where the ship is docked; null: nobody bids there. */
export const Holding = v.object({
  commodity,
  quantity: units,
  cost_credits: credits,
  bid_price: v.nullable(units),
  worth_credits: v.nullable(credits),
  unrealised_credits: v.nullable(credits),
});
export type Holding = v.InferOutput<typeof Holding>;

/**
 * `port_fees_credits` were paid for docking and departure; `unrealised_credits` is that of goods
 * somebody bids for; `equity_credits` counts goods without a bid at cost.
 */
export const ProfitStatement = v.object({
  as_of: instant,
  all_time: TradeResult,
  last_24h: TradeResult,
  goods: v.array(GoodProfit),
  port_fees_credits: credits,
  credits,
  held_credits: credits,
  holdings: v.array(Holding),
  unrealised_credits: credits,
  equity_credits: credits,
});
export type ProfitStatement = v.InferOutput<typeof ProfitStatement>;
