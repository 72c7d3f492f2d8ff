import { describe, expect, it } from 'vitest';

import { portGood as good } from '../../testing/shapes';
import {
  estimateOrder,
  largestOrder,
  largestPurchase,
  protectivePrice,
  reserveFor,
  type Side,
} from './estimate';

/** Orders priced by the server's own ladder (domain/market). */
const LADDERS: readonly (readonly [
  number,
  number,
  number,
  number,
  Side,
  number,
  number,
  number,
])[] = [
  [1000, 900, 45, 49, 'buy', 1, 49, 49],
  [1000, 900, 45, 49, 'buy', 10, 499, 50],
  [1000, 900, 45, 49, 'buy', 60, 3056, 52],
  [1000, 900, 45, 49, 'sell', 1, 45, 45],
  [1000, 900, 45, 49, 'sell', 10, 444, 44],
  [1000, 900, 45, 49, 'sell', 60, 2599, 42],
  [420, 1200, 189, 206, 'buy', 1, 206, 206],
  [420, 1200, 189, 206, 'buy', 10, 2066, 207],
  [420, 1200, 189, 206, 'buy', 60, 12631, 215],
  [420, 1200, 189, 206, 'sell', 1, 189, 189],
  [420, 1200, 189, 206, 'sell', 10, 1884, 188],
  [420, 1200, 189, 206, 'sell', 60, 11091, 181],
  [300, 300, 402, 438, 'buy', 1, 438, 438],
  [300, 300, 402, 438, 'buy', 10, 4440, 450],
  [300, 300, 402, 438, 'buy', 60, 28745, 523],
  [300, 300, 402, 438, 'sell', 1, 402, 402],
  [300, 300, 402, 438, 'sell', 10, 3967, 391],
  [300, 300, 402, 438, 'sell', 60, 22111, 337],
  [80, 60, 1058, 1165, 'buy', 1, 1165, 1165],
  [80, 60, 1058, 1165, 'buy', 10, 12473, 1333],
  [80, 60, 1058, 1165, 'buy', 60, 112487, 2822],
  [80, 60, 1058, 1165, 'sell', 1, 1058, 1058],
  [80, 60, 1058, 1165, 'sell', 10, 9903, 925],
  [80, 60, 1058, 1165, 'sell', 60, 42179, 436],
];

describe('estimateOrder', () => {
  it.each(LADDERS)(
    'is what the server makes of it: stock %i, target %i, bid %i, ask %i, %s %i',
    (stock, target, bid_price, ask_price, side, quantity, goods, worst) => {
      const estimate = estimateOrder(good({ stock, target, bid_price, ask_price }), side, quantity);
      if (estimate === null) throw new Error('the port deals in it');
      expect(estimate.goodsCredits).toBe(goods);
      expect(estimate.worstPrice).toBe(worst);
    },
  );

  it('adds the fee to a purchase and takes it off a sale, rounded up', () => {
    expect(estimateOrder(good(), 'buy', 1)).toMatchObject({ feeCredits: 1, totalCredits: 50 });
    expect(estimateOrder(good(), 'sell', 1)).toMatchObject({ feeCredits: 1, totalCredits: 44 });
  });

  it.each([
    ['buy', { ask_price: 53 }, 53],
    ['sell', { bid_price: 41 }, 41],
  ] as const)('begins a %s at the price that live quotes moved', (side, moved, price) => {
    expect(estimateOrder(good(moved), side, 1)?.worstPrice).toBe(price);
    const tenth = estimateOrder(good(moved), side, 10)?.worstPrice ?? 0;
    expect(side === 'buy' ? tenth > price : tenth < price).toBe(true);
  });

  it('has no price for what the port does not have, or has no room for', () => {
    const small = good({ stock: 100, target: 50 });
    expect(estimateOrder(small, 'buy', 100)).not.toBeNull();
    expect(estimateOrder(small, 'buy', 101)).toBeNull();
    expect(estimateOrder(small, 'sell', 100)).not.toBeNull();
    expect(estimateOrder(small, 'sell', 101)).toBeNull();
  });

  it('has nothing to say where the port has no price', () => {
    expect(estimateOrder(good({ ask_price: null }), 'buy', 1)).toBeNull();
    expect(estimateOrder(good({ bid_price: null }), 'sell', 1)).toBeNull();
  });
});

describe('largestOrder', () => {
  const means = { credits: 50_000, holdFree: 150, cargo: 20 };

  it.each([
    ['hold', good(), { ...means }, { quantity: 150, bound: 'hold' }],
    ['stock', good({ stock: 30 }), { ...means }, { quantity: 30, bound: 'stock' }],
    ['credits', good(), { ...means, credits: 99 }, { quantity: 1, bound: 'credits' }],
    ['a port that sells none', good({ sells: false }), means, { quantity: 0, bound: 'closed' }],
  ])('of a purchase is bounded by %s', (_, offered, having, expected) => {
    expect(largestOrder(offered, 'buy', having)).toEqual(expected);
  });

  it.each([
    ['cargo', good(), means, { quantity: 20, bound: 'cargo' }],
    ['the store', good({ stock: 3_595 }), means, { quantity: 5, bound: 'store' }],
    ['a port that buys none', good({ buys: false }), means, { quantity: 0, bound: 'closed' }],
  ])('of a sale is bounded by %s', (_, offered, having, expected) => {
    expect(largestOrder(offered, 'sell', having)).toEqual(expected);
  });

  it('can be paid, and one unit more cannot', () => {
    const offered = good({ stock: 10_000, target: 9_000 });
    const having = { credits: 2_500, holdFree: 150, cargo: 0 };
    const { quantity } = largestOrder(offered, 'buy', having);
    expect(estimateOrder(offered, 'buy', quantity)?.totalCredits).toBeLessThanOrEqual(2_500);
    expect(estimateOrder(offered, 'buy', quantity + 1)?.totalCredits).toBeGreaterThan(2_500);
  });
});

describe('protectivePrice', () => {
  it('allows two per cent against the player', () => {
    expect(protectivePrice('buy', 200)).toBe(204);
    expect(protectivePrice('sell', 200)).toBe(196);
  });
});

describe('what a limit order puts aside', () => {
  it('is its worth with the fee, rounded up', () => {
    expect(reserveFor(45, 10)).toBe(455);
    expect(reserveFor(100, 1)).toBe(101);
  });

  it.each([
    [50_000, 45, 1_100],
    [455, 45, 10],
    [454, 45, 9],
    [44, 45, 0],
  ])('is covered by %i credits at %i for %i units at most', (credits, limit, quantity) => {
    expect(largestPurchase(credits, limit)).toBe(quantity);
    expect(reserveFor(limit, quantity)).toBeLessThanOrEqual(credits);
    expect(reserveFor(limit, quantity + 1)).toBeGreaterThan(credits);
  });
});
