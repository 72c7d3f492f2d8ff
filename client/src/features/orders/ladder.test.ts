import { describe, expect, it } from 'vitest';

import { orderBook, placedOrder } from '../../testing/shapes';
import { ladder } from './ladder';

function level(price: number, quantity: number, orders = 1) {
  return { price_credits: price, quantity, orders };
}

/** Write a ladder in short, a rung as `side price by depth`. */
function lines(rungs: ReturnType<typeof ladder>): readonly string[] {
  return rungs.map(({ side, price, by, depth }) => `${side} ${price} ${by} ${depth}`);
}

describe('ladder', () => {
  it('goes from the dearest offer down to the lowest bid, the port in its place', () => {
    const book = orderBook({
      bid_price: 45,
      ask_price: 49,
      sells: [level(48, 5), level(51, 10)],
      buys: [level(46, 3), level(44, 7)],
    });
    expect(lines(ladder(book, []))).toEqual([
      'sell 51 players 15',
      'sell 49 port 5',
      'sell 48 players 5',
      'buy 46 players 3',
      'buy 45 port 3',
      'buy 44 players 10',
    ]);
  });

  it('puts the port first in turn at the same price', () => {
    const book = orderBook({
      ask_price: 49,
      bid_price: 45,
      sells: [level(49, 1)],
      buys: [level(45, 1)],
    });
    expect(lines(ladder(book, []))).toEqual([
      'sell 49 players 1',
      'sell 49 port 0',
      'buy 45 port 0',
      'buy 45 players 1',
    ]);
  });

  it('leaves out a side that the port does not deal in', () => {
    expect(lines(ladder(orderBook({ ask_price: null, bid_price: 45 }), []))).toEqual([
      'buy 45 port 0',
    ]);
    expect(ladder(orderBook({ ask_price: null, bid_price: null }), [])).toEqual([]);
  });

  it('marks what is the player’s own: of this port, good, side and price only', () => {
    const own = placedOrder({ quantity: 10, filled: 4, limit_credits: 44 });
    const others = [
      placedOrder({ limit_credits: 44, port_id: 'port-2' }),
      placedOrder({ limit_credits: 44, commodity: 'fuel' }),
      placedOrder({ limit_credits: 44, side: 'sell' }),
      placedOrder({ limit_credits: 43 }),
    ];
    const book = orderBook({ bid_price: null, ask_price: null, buys: [level(44, 9, 2)] });
    expect(ladder(book, [own, ...others])).toMatchObject([{ price: 44, units: 9, own: 6 }]);
  });
});
