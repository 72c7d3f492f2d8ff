import * as v from 'valibot';

import type { Order } from '../protocol/order';
import { commodity } from '../protocol/scalars';
import { Side } from '../protocol/trade';

const STORAGE_KEY = 'sectorwars.order';

/** An order that was sent and whose outcome is not known yet. */
export interface OrderInDoubt {
  readonly order: Order;
  readonly commandId: string;
}

const whole = v.pipe(v.number(), v.integer(), v.minValue(1));

const Stored = v.object({
  commandId: v.string(),
  order: v.variant('type', [
    v.object({
      type: v.literal('market'),
      side: Side,
      commodity,
      quantity: whole,
      limitPrice: v.nullable(whole),
      fill: v.picklist(['all', 'partial']),
      quoteId: v.nullable(v.string()),
    }),
    v.object({
      type: v.literal('limit'),
      side: Side,
      commodity,
      quantity: whole,
      limitPrice: whole,
      goodForSeconds: whole,
      cancelOnDisconnect: v.boolean(),
    }),
  ]),
});

/** Keeps the order under way over a reload of the page; it ends with the tab. */
export class OrdersInDoubt {
  constructor(private readonly storage: Storage) {}

  keep(order: OrderInDoubt): void {
    this.storage.setItem(STORAGE_KEY, JSON.stringify(order));
  }

  forget(): void {
    this.storage.removeItem(STORAGE_KEY);
  }

  /** Return the order that was left; null where there is none that can be read. */
  read(): OrderInDoubt | null {
    const text = this.storage.getItem(STORAGE_KEY);
    if (text === null) return null;
    try {
      return v.parse(Stored, JSON.parse(text));
    } catch {
      this.forget();
      return null;
    }
  }
}
