import { createStore, type StoreApi } from 'zustand/vanilla';

import type { Recommendation } from '../protocol/advice';
import type { Commodity } from '../protocol/commodity';

/** An order that a recommendation wants filled in on the ticket. */
export interface OrderDraft {
  /** Rises with each draft, so that the same one taken twice is filled in twice. */
  readonly serial: number;
  readonly side: 'buy' | 'sell';
  readonly commodity: Commodity;
  readonly quantity: number;
}

/** What the player means to do: the trade he follows, and the order to fill in next. */
export interface Plan {
  readonly followed: Recommendation | null;
  readonly draft: OrderDraft | null;
}

export type PlanStore = StoreApi<Plan>;

export function createPlanStore(): PlanStore {
  return createStore<Plan>(() => ({ followed: null, draft: null }));
}

/** Fill in an order on the ticket. */
export function fillIn(store: PlanStore, order: Omit<OrderDraft, 'serial'>): void {
  store.setState(({ draft }) => ({ draft: { ...order, serial: (draft?.serial ?? 0) + 1 } }));
}

/** What is to be done next to carry a recommendation out. */
export type Step =
  | { readonly kind: 'buy' }
  | { readonly kind: 'undock' }
  | { readonly kind: 'fly'; readonly sectorId: string }
  | { readonly kind: 'dock'; readonly portId: string }
  | { readonly kind: 'sell' }
  /** The ship is where the way does not lead. */
  | { readonly kind: 'off_course' };

/** Where the ship is and what it carries, as far as a plan asks. */
export interface Standing {
  readonly sectorId: string;
  readonly dockedPortId: string | null;
  /** Units aboard of the plan's commodity. */
  readonly cargo: number;
}

/** Return the next step of a plan from where the ship is now. */
export function nextStep(plan: Recommendation, standing: Standing): Step {
  const { buy, sell } = plan;
  const laden = buy === null || standing.cargo > 0;
  if (laden && standing.dockedPortId === sell.port_id) return { kind: 'sell' };
  if (!laden && standing.dockedPortId === buy.port_id) return { kind: 'buy' };
  const goal = laden ? sell : buy;
  if (standing.sectorId === goal.sector_id && standing.dockedPortId === null) {
    return { kind: 'dock', portId: goal.port_id };
  }
  if (standing.dockedPortId !== null) return { kind: 'undock' };
  const leg = legOf(plan, laden);
  const next = leg[leg.indexOf(standing.sectorId) + 1];
  return next === undefined ? { kind: 'off_course' } : { kind: 'fly', sectorId: next };
}

/** Return the sectors flown to before the purchase, or after it. */
function legOf({ buy, path }: Recommendation, laden: boolean): readonly string[] {
  const purchaseAt = buy === null ? -1 : path.indexOf(buy.sector_id);
  return laden ? path.slice(purchaseAt + 1) : path.slice(0, purchaseAt + 1);
}
