import { ApiProblem } from '../connection/problem';
import type { Order, OrderFate, Receipt } from '../protocol/order';

/** How often an order without an answer is asked for before the player is told so. */
const INQUIRIES = 6;
const INQUIRY_FIRST_MS = 400;
const INQUIRY_LONGEST_MS = 5_000;

/** What became of an order. */
export type Outcome =
  | { readonly kind: 'executed'; readonly receipt: Receipt }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }
  /** Nobody answered; the order may or may not have been executed. */
  | { readonly kind: 'unknown' };

/** The two requests an order needs. */
export interface OrderApi {
  place(commandId: string, order: Order): Promise<Receipt>;
  fate(commandId: string): Promise<OrderFate>;
}

/**
 * Send an order and find out what became of it. The command id stays the same over every retry,
 * so the order is executed at most once.
 *
 * @param onDoubt called when no answer came and the server is being asked.
 * @param sleep waits so many milliseconds.
 */
export async function placeOrder(
  api: OrderApi,
  commandId: string,
  order: Order,
  onDoubt: () => void,
  sleep: (ms: number) => Promise<void>,
): Promise<Outcome> {
  try {
    return { kind: 'executed', receipt: await api.place(commandId, order) };
  } catch (error) {
    if (isRefusal(error)) return { kind: 'refused', code: error.code, reason: error.message };
    onDoubt();
    return settleOrder(api, commandId, order, sleep);
  }
}

/** Ask what became of an order, sending it again under its own id where it never arrived. */
export async function settleOrder(
  api: OrderApi,
  commandId: string,
  order: Order,
  sleep: (ms: number) => Promise<void>,
): Promise<Outcome> {
  for (let inquiry = 0; inquiry < INQUIRIES; inquiry += 1) {
    await sleep(Math.min(INQUIRY_LONGEST_MS, INQUIRY_FIRST_MS * 2 ** inquiry));
    try {
      const outcome = outcomeOf(await api.fate(commandId));
      if (outcome !== null) return outcome;
    } catch (error) {
      if (!(error instanceof ApiProblem && error.code === 'never_seen')) continue;
      const outcome = await sendAgain(api, commandId, order);
      if (outcome !== null) return outcome;
    }
  }
  return { kind: 'unknown' };
}

async function sendAgain(api: OrderApi, commandId: string, order: Order): Promise<Outcome | null> {
  try {
    return { kind: 'executed', receipt: await api.place(commandId, order) };
  } catch (error) {
    return isRefusal(error) ? { kind: 'refused', code: error.code, reason: error.message } : null;
  }
}

function outcomeOf(fate: OrderFate): Outcome | null {
  switch (fate.status) {
    case 'executed':
      return { kind: 'executed', receipt: fate };
    case 'rejected':
      return { kind: 'refused', code: fate.code ?? 'rejected', reason: fate.detail };
    case 'pending':
      return null;
  }
}

/** A refusal is definite, while a failure of the server leaves the outcome open. */
function isRefusal(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem && error.status < 500 && error.retry !== 'same_id';
}
