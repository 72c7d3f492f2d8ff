import { createStore, type StoreApi } from 'zustand/vanilla';

import type { Commodity } from '../protocol/commodity';
import type { MarketRealtime } from '../protocol/shapes';

/** The newest figures of a commodity, when they came, and which way the price just went. */
export interface Quote {
  readonly market: MarketRealtime;
  readonly receivedAtMs: number;
  readonly lastMove: 'up' | 'down' | 'none';
}

export type Quotes = Readonly<Partial<Record<Commodity, Quote>>>;
export type QuoteStore = StoreApi<Quotes>;

export function createQuoteStore(): QuoteStore {
  return createStore<Quotes>(() => ({}));
}

/**
 * Take in a snapshot or an update, which have the same shape: old quotes + updates are the fresh
 * snapshot. A version older than the one held is left out, whichever way it came.
 */
export function takeQuote(quotes: Quotes, market: MarketRealtime, receivedAtMs: number): Quotes {
  const held = quotes[market.commodity];
  if (held !== undefined && market.version < held.market.version) return quotes;
  const change = held === undefined ? 0 : market.price - held.market.price;
  const lastMove = change > 0 ? 'up' : change < 0 ? 'down' : (held?.lastMove ?? 'none');
  return { ...quotes, [market.commodity]: { market, receivedAtMs, lastMove } };
}

/** Return the galaxy's date of the newest quote; undefined where there is none. */
export function newestGameTime(quotes: Quotes): string | undefined {
  return Object.values(quotes)
    .map(({ market }) => market.game_time)
    .reduce<string | undefined>(
      (newest, time) =>
        newest === undefined || Date.parse(time) > Date.parse(newest) ? time : newest,
      undefined,
    );
}
