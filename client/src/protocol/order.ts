/** Orders, the book they rest in, and binding quotes (docs/PROTOCOL). */
import * as v from 'valibot';

import type { Commodity } from './commodity';
import { commodity, credits, instant, units } from './scalars';
import { Retry } from './shapes';
import { FillRun, Side, Trade, TradeReceipt } from './trade';

/** An order for immediate execution at the port where the ship is docked. */
export interface MarketOrder {
  readonly type: 'market';
  readonly side: Side;
  readonly commodity: Commodity;
  readonly quantity: number;
  /** Credits a unit: the most to pay for any, or the least to take. */
  readonly limitPrice: number | null;
  /** Whether part of it will do where not all can be had. */
  readonly fill: 'all' | 'partial';
  /** The binding quote at whose prices it is executed. */
  readonly quoteId: string | null;
}

/** An order that rests at the port where the ship is docked until it is filled or closed. */
export interface LimitOrder {
  readonly type: 'limit';
  readonly side: Side;
  readonly commodity: Commodity;
  readonly quantity: number;
  readonly limitPrice: number;
  readonly goodForSeconds: number;
  readonly cancelOnDisconnect: boolean;
}

export type Order = MarketOrder | LimitOrder;

export const CloseReason = v.picklist(['filled', 'cancelled', 'disconnected', 'expired']);
export type CloseReason = v.InferOutput<typeof CloseReason>;

/**
 * A limit order as the server holds it. `is_acting`: its owner is docked where it rests, so that it
 * can be filled; `close_reason` and `closed_at` are null while it is open.
 */
export const PlacedOrder = v.object({
  order_id: v.string(),
  port_id: v.string(),
  side: Side,
  commodity,
  quantity: units,
  filled: units,
  filled_credits: credits,
  limit_credits: units,
  held_credits: credits,
  cancel_on_disconnect: v.boolean(),
  is_acting: v.boolean(),
  placed_at: instant,
  expires_at: instant,
  close_reason: v.nullable(CloseReason),
  closed_at: v.nullable(instant),
});
export type PlacedOrder = v.InferOutput<typeof PlacedOrder>;

/** The answer to a placed order: the order after what was filled at once, and those trades. */
export const OrderReceipt = v.object({
  command_id: v.string(),
  status: v.literal('executed'),
  order: PlacedOrder,
  trades: v.array(Trade),
});
export type OrderReceipt = v.InferOutput<typeof OrderReceipt>;

/** The answer to an executed cancel: the orders that it closed. */
export const CancelReceipt = v.object({
  command_id: v.string(),
  status: v.literal('executed'),
  closed: v.array(
    v.object({
      order_id: v.string(),
      port_id: v.string(),
      reason: CloseReason,
      filled: units,
      filled_credits: credits,
    }),
  ),
  credits_after: credits,
});
export type CancelReceipt = v.InferOutput<typeof CancelReceipt>;

export const OrderPage = v.object({
  items: v.array(PlacedOrder),
  next_cursor: v.nullable(v.string()),
});
export type OrderPage = v.InferOutput<typeof OrderPage>;

/** What a port promises a player, for a trade that names it before `expires_at`. */
export const BindingQuote = v.object({
  quote_id: v.string(),
  port_id: v.string(),
  side: Side,
  commodity,
  quantity: units,
  fills: v.array(FillRun),
  total_credits: credits,
  fees_credits: credits,
  market_version: v.number(),
  issued_at: instant,
  expires_at: instant,
});
export type BindingQuote = v.InferOutput<typeof BindingQuote>;

export const QuoteReceipt = v.object({
  command_id: v.string(),
  status: v.literal('executed'),
  quote: BindingQuote,
});
export type QuoteReceipt = v.InferOutput<typeof QuoteReceipt>;

/** A quote that is no longer live; before `next_quote_at` the player is given no other. */
export const QuoteClose = v.object({
  quote_id: v.string(),
  reason: v.picklist(['used', 'expired', 'withdrawn']),
  next_quote_at: v.nullish(instant),
});
export type QuoteClose = v.InferOutput<typeof QuoteClose>;

/** The quotes of a player that are live; before `next_quote_at` he is given no other. */
export const QuoteList = v.object({
  quotes: v.array(BindingQuote),
  next_quote_at: v.nullish(instant),
});
export type QuoteList = v.InferOutput<typeof QuoteList>;

/** What an order that was executed is answered with. */
export const Receipt = v.union([TradeReceipt, OrderReceipt]);
export type Receipt = v.InferOutput<typeof Receipt>;

/** Return the trades that an order led to at once. */
export function tradesOf(receipt: Receipt): readonly Trade[] {
  return 'trade' in receipt ? [receipt.trade] : receipt.trades;
}

/** The fate of an order that the server knows. */
export const OrderFate = v.union([
  TradeReceipt,
  OrderReceipt,
  v.object({
    command_id: v.string(),
    status: v.literal('rejected'),
    code: v.nullish(v.string()),
    retry: Retry,
    detail: v.string(),
  }),
  v.object({ command_id: v.string(), status: v.literal('pending') }),
]);
export type OrderFate = v.InferOutput<typeof OrderFate>;
