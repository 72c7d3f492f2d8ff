import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';

import { placedOrder } from '../testing/shapes';
import { afterOrder, creditsHeld, takeOrder, unitsOffered } from './openOrders';
import { resourceKeys } from './resourceKeys';

const OTHER = placedOrder({ order_id: 'order-2' });

describe('afterOrder', () => {
  it('puts a new order first', () => {
    expect(afterOrder([OTHER], placedOrder())).toEqual([placedOrder(), OTHER]);
  });

  it('follows an order in its place, never backwards', () => {
    const half = placedOrder({ filled: 5, held_credits: 228 });
    expect(afterOrder([placedOrder(), OTHER], half)).toEqual([half, OTHER]);
    expect(afterOrder([half, OTHER], placedOrder())).toEqual([half, OTHER]);
  });

  it('drops one that is closed, and knows nothing of one that it never saw open', () => {
    const closed = placedOrder({ close_reason: 'filled', filled: 10 });
    expect(afterOrder([placedOrder(), OTHER], closed)).toEqual([OTHER]);
    expect(afterOrder([OTHER], closed)).toEqual([OTHER]);
  });
});

describe('takeOrder', () => {
  it('has the history read again only when an order closed', () => {
    const resources = new QueryClient();
    resources.setQueryData(resourceKeys.openOrders, []);
    resources.setQueryData(resourceKeys.orderHistory, 'the old history');
    const isStale = () => resources.getQueryState(resourceKeys.orderHistory)?.isInvalidated;
    takeOrder(resources, placedOrder());
    expect(resources.getQueryData(resourceKeys.openOrders)).toEqual([placedOrder()]);
    expect(isStale()).toBe(false);
    takeOrder(resources, placedOrder({ close_reason: 'expired' }));
    expect(resources.getQueryData(resourceKeys.openOrders)).toEqual([]);
    expect(isStale()).toBe(true);
  });

  it('makes up no list where none was read', () => {
    const resources = new QueryClient();
    takeOrder(resources, placedOrder());
    expect(resources.getQueryData(resourceKeys.openOrders)).toBeUndefined();
  });
});

describe('what open orders put aside', () => {
  const sale = placedOrder({ side: 'sell', held_credits: 0, quantity: 10, filled: 4 });

  it('is the cargo that sales of a good still offer', () => {
    const open = [sale, placedOrder(), placedOrder({ side: 'sell', commodity: 'fuel' })];
    expect(unitsOffered(open, 'ore')).toBe(6);
  });

  it('is the credits that purchases hold', () => {
    expect(creditsHeld([placedOrder({ held_credits: 455 }), sale])).toBe(455);
  });
});
