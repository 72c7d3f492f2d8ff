import { commodityName } from '../../protocol/commodity';
import type { CloseReason, PlacedOrder } from '../../protocol/order';
import { formatUnits } from '../../ui/format';

const REASONS: Record<CloseReason, string> = {
  filled: 'Filled',
  cancelled: 'Cancelled by you',
  disconnected: 'Cancelled: your connection was lost',
  expired: 'Expired',
};

/** Say why an order is closed, and what of it was filled before; null while it is open. */
export function closeWords({ close_reason, filled, quantity }: PlacedOrder): string | null {
  if (close_reason === null) return null;
  const reason = REASONS[close_reason];
  if (close_reason === 'filled' || filled === 0) return reason;
  return `${reason}, after ${formatUnits(filled)} of ${formatUnits(quantity)} were filled`;
}

/** Say in a sentence what an order was, and why it is closed. */
export function closeSentence(order: PlacedOrder): string {
  return `Order to ${orderWords(order)}: ${closeWords(order)?.toLowerCase() ?? 'open'}.`;
}

/** Say what an order is to do. */
export function orderWords({ side, quantity, commodity, limit_credits }: PlacedOrder): string {
  const good = commodityName(commodity).toLowerCase();
  return `${side} ${formatUnits(quantity)} ${good} at ${formatUnits(limit_credits)}`;
}

/** Say whether an open order can be filled where the ship is, and what it waits for. */
export function standingWords(
  order: PlacedOrder,
  dockedPortId: string | null,
  portName: (portId: string) => string,
): string {
  return order.port_id === dockedPortId
    ? 'acts now'
    : `waits until you dock at ${portName(order.port_id)}`;
}

/** Say how long an open order still lives. */
export function lifeWords({ expires_at }: PlacedOrder, serverNowMs: number): string {
  const leftMs = Math.max(0, Date.parse(expires_at) - serverNowMs);
  const minutes = Math.ceil(leftMs / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
