import { formatUnits } from '../../ui/format';
import type { Side } from './estimate';

/** The most that can be ordered, and what bounds it in a few words. */
export interface Most {
  readonly quantity: number;
  readonly why: string;
}

/** Read a whole number above zero; null for anything else. */
export function wholeNumber(text: string): number | null {
  const trimmed = text.replaceAll(/[\s,]/g, '');
  const value = /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : 0;
  return value > 0 ? value : null;
}

/** Say what is wrong with a quantity as it was typed; undefined where nothing is. */
export function quantityError(text: string, most: Most, side: Side): string | undefined {
  const quantity = wholeNumber(text);
  if (quantity === null) return 'Enter a whole number of units, 1 or more.';
  if (quantity <= most.quantity) return undefined;
  return `You can ${side} at most ${formatUnits(most.quantity)}, ${most.why}.`;
}
