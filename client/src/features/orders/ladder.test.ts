import { describe, expect, it } from 'vitest';

import type { GoodBook, PortGood } from '../../protocol/shapes';
import { placedOrder, portGood, portMarket } from '../../testing/shapes';
import { ladder } from './ladder';

function level(price: number, quantity: number, orders = 1) {
  return { price_credits: price, quantity, orders };
}

/** A port that deals in ore at 45 and 49, and its book. */
function port(book: Partial<GoodBook> = {}, good: Partial<PortGood> = {}) {
  return portMarket({
    goods: [portGood({ bid_price: 45, ask_price: 49, ...good })],
    books: [{ commodity: 'ore', buys: [], sells: [], ...book }],
  });
}

/** Write a ladder in short, a rung as `side price by depth`. */
function lines(rungs: ReturnType<typeof ladder>): readonly string[] {
  return rungs.map(({ side, price, by, depth }) => `${side} ${price} ${by} ${depth}`);
}

describe('ladder', () => {
  it('goes from the dearest offer down to the lowest bid, the port in its place', () => {
    const book = { sells: [level(48, 5), level(51, 10)], buys: [level(46, 3), level(44, 7)] };
    expect(lines(ladder(port(book), 'ore', []))).toEqual([
      'sell 51 players 15',
      'sell 49 port 5',
      'sell 48 players 5',
      'buy 46 players 3',
      'buy 45 port 3',
      'buy 44 players 10',
    ]);
  });

  it('puts the port first in turn at the same price', () => {
    const book = { sells: [level(49, 1)], buys: [level(45, 1)] };
    expect(lines(ladder(port(book), 'ore', []))).toEqual([
      'sell 49 players 1',
      'sell 49 port 0',
      'buy 45 port 0',
      'buy 45 players 1',
    ]);
  });

  it('leaves out a side that the port does not deal in', () => {
    const closed = { ask_price: null, sells: false };
    expect(lines(ladder(port({}, closed), 'ore', []))).toEqual(['buy 45 port 0']);
    const full = { ...closed, bid_price: null };
    expect(ladder(port({}, full), 'ore', [])).toEqual([]);
    expect(ladder(port(), 'fuel', [])).toEqual([]);
  });

  it('marks what is the player’s own: of this port, good, side and price only', () => {
    const own = placedOrder({ quantity: 10, filled: 4, limit_credits: 44 });
    const others = [
      placedOrder({ limit_credits: 44, port_id: 'port-2' }),
      placedOrder({ limit_credits: 44, commodity: 'fuel' }),
      placedOrder({ limit_credits: 44, side: 'sell' }),
      placedOrder({ limit_credits: 43 }),
    ];
    const book = port({ buys: [level(44, 9, 2)] }, { buys: false, sells: false });
    const rungs = ladder(book, 'ore', [own, ...others]);
    expect(rungs).toMatchObject([{ price: 44, units: 9, own: 6 }]);
  });
});
