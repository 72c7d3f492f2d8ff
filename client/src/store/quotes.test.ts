import { describe, expect, it } from 'vitest';

import { marketRealtime } from '../testing/shapes';
import { newestGameTime, type Quotes, takeQuote } from './quotes';

describe('takeQuote', () => {
  const snapshot = marketRealtime({ version: 10, price: 50 });
  const updates = [
    marketRealtime({ version: 11, price: 51 }),
    marketRealtime({ commodity: 'fuel', version: 11, price: 80 }),
    marketRealtime({ version: 12, price: 49 }),
  ];

  it('makes of an old snapshot and the updates what a fresh snapshot shows', () => {
    const followed = [snapshot, ...updates].reduce<Quotes>(
      (quotes, market) => takeQuote(quotes, market, 5),
      {},
    );
    const fresh = updates
      .slice(1)
      .reduce<Quotes>((quotes, market) => takeQuote(quotes, market, 5), {});
    expect(followed.ore?.market).toEqual(fresh.ore?.market);
    expect(followed.fuel?.market).toEqual(fresh.fuel?.market);
  });

  it('leaves out what is older than what it has', () => {
    const quotes = takeQuote({}, marketRealtime({ version: 12, price: 49 }), 5);
    expect(takeQuote(quotes, snapshot, 6)).toBe(quotes);
  });

  it('remembers which way the price went, over updates without a change', () => {
    const moves = [50, 51, 51, 48].map((price, step) => marketRealtime({ price, version: step }));
    let quotes: Quotes = {};
    const seen = moves.map((market) => {
      quotes = takeQuote(quotes, market, 5);
      return quotes.ore?.lastMove;
    });
    expect(seen).toEqual(['none', 'up', 'up', 'down']);
  });
});

describe('newestGameTime', () => {
  it('is the latest of all quotes', () => {
    const early = marketRealtime({ game_time: '2102-01-03T00:10:00Z' });
    const late = marketRealtime({ commodity: 'fuel', game_time: '2102-01-03T00:11:00Z' });
    expect(newestGameTime({})).toBeUndefined();
    expect(newestGameTime(takeQuote(takeQuote({}, late, 1), early, 1))).toBe(late.game_time);
  });
});
