import type { QueryClient } from '@tanstack/react-query';

import type { Commodity } from '../protocol/commodity';
import type { PlacedOrder } from '../protocol/order';
import { resourceKeys } from './resourceKeys';

/**
 * Take an order's newest state into the open orders: old orders + updates are the fresh list, and a
 * closed one leaves it. An order never fills backwards, so an older state is left out.
 */
export function afterOrder(
  open: readonly PlacedOrder[],
  arriving: PlacedOrder,
): readonly PlacedOrder[] {
  const held = open.find(({ order_id }) => order_id === arriving.order_id);
  if (arriving.close_reason !== null) {
    return open.filter(({ order_id }) => order_id !== arriving.order_id);
  }
  if (held === undefined) return [arriving, ...open];
  if (arriving.filled < held.filled) return open;
  return open.map((order) => (order === held ? arriving : order));
}

/** Take an order's newest state into what the page knows. */
export function takeOrder(resources: QueryClient, order: PlacedOrder): void {
  resources.setQueryData<readonly PlacedOrder[]>(resourceKeys.openOrders, (open) =>
    open === undefined ? open : afterOrder(open, order),
  );
  if (order.close_reason !== null) {
    void resources.invalidateQueries({ queryKey: resourceKeys.orderHistory });
  }
}

/** Return the units of a good that open sales offer, which no other order can sell. */
export function unitsOffered(open: readonly PlacedOrder[], commodity: Commodity): number {
  return open
    .filter((order) => order.side === 'sell' && order.commodity === commodity)
    .reduce((sum, { quantity, filled }) => sum + quantity - filled, 0);
}

/** Return the credits that open purchases put aside. */
export function creditsHeld(open: readonly PlacedOrder[]): number {
  return open.reduce((sum, { held_credits }) => sum + held_credits, 0);
}
