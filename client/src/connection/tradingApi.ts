import type * as v from 'valibot';

import type { Commodity } from '../protocol/commodity';
import {
  type BindingQuote,
  CancelReceipt,
  type LimitOrder,
  type MarketOrder,
  type Order,
  OrderFate,
  OrderPage,
  OrderReceipt,
  QuoteList,
  QuoteReceipt,
  type Receipt,
} from '../protocol/order';
import { ProfitStatement } from '../protocol/profit';
import { type Side, TradeHistory, TradeReceipt } from '../protocol/trade';
import { sendAs, type TokenSource } from './http';

/** What a player wants a port to promise. */
export interface QuoteRequest {
  readonly side: Side;
  readonly commodity: Commodity;
  readonly quantity: number;
}

/** The endpoints of orders, quotes and trades. Every method may throw as `sendAs` does. */
export class TradingApi {
  constructor(private readonly tokens: TokenSource) {}

  /** Place an order; sent again under the same command id it is executed once. */
  place(commandId: string, order: Order): Promise<Receipt> {
    switch (order.type) {
      case 'market':
        return this.trade(commandId, order);
      case 'limit':
        return this.rest(commandId, order);
    }
  }

  /** Ask what became of an order; a 404 `never_seen` says that it may be sent again. */
  fate(commandId: string): Promise<OrderFate> {
    const path = `/trading/commands/${encodeURIComponent(commandId)}`;
    return sendAs(this.tokens, { method: 'GET', path, answer: OrderFate });
  }

  history(cursor: string | null, limit: number): Promise<v.InferOutput<typeof TradeHistory>> {
    const path = `/trading/history?${page(cursor, limit).toString()}`;
    return sendAs(this.tokens, { method: 'GET', path, answer: TradeHistory });
  }

  /** Ask for a binding quote; asked again under the same command id the answer is the same. */
  async requestQuote(commandId: string, request: QuoteRequest): Promise<BindingQuote> {
    const body = { ...request, command_id: commandId };
    const path = '/trading/quotes';
    const receipt = await sendAs(this.tokens, { method: 'POST', path, body, answer: QuoteReceipt });
    return receipt.quote;
  }

  /** Read the quotes that are live. */
  quotes(): Promise<QuoteList> {
    const path = '/trading/quotes';
    return sendAs(this.tokens, { method: 'GET', path, answer: QuoteList });
  }

  orders(status: 'open' | 'closed', cursor: string | null, limit: number): Promise<OrderPage> {
    const query = page(cursor, limit);
    query.set('status', status);
    const path = `/trading/orders?${query.toString()}`;
    return sendAs(this.tokens, { method: 'GET', path, answer: OrderPage });
  }

  /** Cancel an order; sent again under the same command id the answer is the same. */
  cancel(commandId: string, orderId: string): Promise<CancelReceipt> {
    const path = `/trading/orders/${encodeURIComponent(orderId)}`;
    return sendAs(this.tokens, { method: 'DELETE', path, commandId, answer: CancelReceipt });
  }

  /** Cancel all open orders; sent again under the same command id the answer is the same. */
  cancelAll(commandId: string): Promise<CancelReceipt> {
    const path = '/trading/orders';
    return sendAs(this.tokens, { method: 'DELETE', path, commandId, answer: CancelReceipt });
  }

  profit(): Promise<ProfitStatement> {
    const path = '/trading/profit';
    return sendAs(this.tokens, { method: 'GET', path, answer: ProfitStatement });
  }

  private trade(commandId: string, order: MarketOrder): Promise<TradeReceipt> {
    const bound = order.side === 'buy' ? 'max_price' : 'min_price';
    const body = {
      command_id: commandId,
      commodity: order.commodity,
      quantity: order.quantity,
      ...(order.limitPrice !== null && { [bound]: order.limitPrice }),
      ...(order.fill === 'partial' && { fill: order.fill }),
      ...(order.quoteId !== null && { quote_id: order.quoteId }),
    };
    const path = `/trading/${order.side}`;
    return sendAs(this.tokens, { method: 'POST', path, body, answer: TradeReceipt });
  }

  private rest(commandId: string, order: LimitOrder): Promise<OrderReceipt> {
    const body = {
      command_id: commandId,
      side: order.side,
      commodity: order.commodity,
      quantity: order.quantity,
      limit_price: order.limitPrice,
      good_for_seconds: order.goodForSeconds,
      cancel_on_disconnect: order.cancelOnDisconnect,
    };
    const path = '/trading/orders';
    return sendAs(this.tokens, { method: 'POST', path, body, answer: OrderReceipt });
  }
}

function page(cursor: string | null, limit: number): URLSearchParams {
  const query = new URLSearchParams({ limit: String(limit) });
  if (cursor !== null) query.set('cursor', cursor);
  return query;
}
