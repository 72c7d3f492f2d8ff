import { describe, expect, it } from 'vitest';

import { placedOrder } from '../../testing/shapes';
import { closeWords, lifeWords, standingWords } from './words';

describe('closeWords', () => {
  it.each([
    ['filled', 10, 'Filled'],
    ['cancelled', 0, 'Cancelled by you'],
    ['cancelled', 3, 'Cancelled by you, after 3 of 10 were filled'],
    ['disconnected', 0, 'Cancelled: your connection was lost'],
    ['expired', 9, 'Expired, after 9 of 10 were filled'],
  ] as const)('%s with %i filled', (close_reason, filled, words) => {
    expect(closeWords(placedOrder({ close_reason, filled }))).toBe(words);
  });

  it('says nothing of an open order', () => {
    expect(closeWords(placedOrder())).toBeNull();
  });
});

describe('standingWords', () => {
  it('names the port that an order waits for', () => {
    const name = (portId: string) => `Dock ${portId}`;
    expect(standingWords(placedOrder(), 'port-1', name)).toBe('acts now');
    const waits = 'waits until you dock at Dock port-1';
    expect(standingWords(placedOrder(), 'port-2', name)).toBe(waits);
    expect(standingWords(placedOrder(), null, name)).toBe(waits);
  });
});

describe('lifeWords', () => {
  it.each([
    [-5_000, '0 min'],
    [1, '1 min'],
    [60_000, '1 min'],
    [59 * 60_000, '59 min'],
    [60 * 60_000, '1 h'],
    [47 * 3_600_000, '47 h'],
    [7 * 86_400_000, '7 days'],
  ])('%i ms', (leftMs, words) => {
    const order = placedOrder();
    expect(lifeWords(order, Date.parse(order.expires_at) - leftMs)).toBe(words);
  });
});
