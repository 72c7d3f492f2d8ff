import { formatUnits } from './format';

/** Digits, or groups of three behind one kind of separator. */
const WHOLE = String.raw`\d{1,3}(?:([,\s])\d{3}(?:\1\d{3})*)?|\d+`;
const WHOLE_NUMBER = new RegExp(`^(?:${WHOLE})$`);
const DECIMAL_NUMBER = new RegExp(String.raw`^[-−]?(?:(?:${WHOLE})(?:\.\d+)?|\.\d+)$`);

interface WholeBounds {
  /** What is counted, in the plural. */
  readonly of: string;
  readonly max: number;
}

/** Read a whole number of 1 or more as people write it, or say what is wrong with it. */
export function readWhole(
  text: string,
  { of, max }: WholeBounds,
): { readonly value: number } | { readonly fault: string } {
  const value = numberIn(text, WHOLE_NUMBER);
  if (value === null) return { fault: `Enter whole ${of} in digits, such as 5000 or 5,000.` };
  return value >= 1 && value <= max
    ? { value }
    : { fault: `Enter whole ${of}, from 1 to ${formatUnits(max)}.` };
}

/** Read a number as people write it, with a sign and a fraction where it has them; null for others. */
export function readDecimal(text: string): number | null {
  return numberIn(text, DECIMAL_NUMBER);
}

function numberIn(text: string, form: RegExp): number | null {
  const trimmed = text.trim();
  if (!form.test(trimmed)) return null;
  return Number(trimmed.replaceAll(/[,\s]/g, '').replace('−', '-'));
}
