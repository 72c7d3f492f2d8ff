import { formatUnits } from '../../ui/format';
import { readWhole } from '../../ui/number';
import type { Side } from './estimate';

/** The most that can be ordered, and what bounds it in a few words. */
export interface Most {
  readonly quantity: number;
  readonly why: string;
}

/** The largest bounds that the server takes. */
const QUANTITIES = { of: 'units', max: 1_000_000 };
const PRICES = { of: 'credits a unit', max: 1_000_000_000 };

/** Read a quantity while it is typed; null where it is none. */
export function quantityIn(text: string): number | null {
  const read = readWhole(text, QUANTITIES);
  return 'value' in read ? read.value : null;
}

/** Read a price of a unit while it is typed; null where it is none. */
export function unitPriceIn(text: string): number | null {
  const read = readWhole(text, PRICES);
  return 'value' in read ? read.value : null;
}

/** Say what is wrong with the price of a unit as it was typed; undefined where nothing is. */
export function unitPriceError(text: string): string | undefined {
  const read = readWhole(text, PRICES);
  return 'fault' in read ? read.fault : undefined;
}

/** Say what is wrong with a quantity as it was typed; undefined where nothing is. */
export function quantityError(text: string, most: Most, side: Side): string | undefined {
  const read = readWhole(text, QUANTITIES);
  if ('fault' in read) return read.fault;
  if (read.value <= most.quantity) return undefined;
  return `You can ${side} at most ${formatUnits(most.quantity)}, ${most.why}.`;
}
