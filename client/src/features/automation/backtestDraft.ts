import { readWhole } from '../../ui/number';

const STAKE_MAX = 1_000_000_000_000;
const HOURS_MIN = 1;
const SPANS_HOURS = [1, 6, 24, 72];
const HOUR_MS = 3_600_000;

/** How long it takes until there is enough of a past; 0 where there is. */
export function pastMissingMs(recordedHours: number, timeScale: number): number {
  return (Math.max(0, HOURS_MIN - recordedHours) * HOUR_MS) / timeScale;
}

/** The spans that can be chosen where so many game hours are recorded. */
export function spanOptions(
  recordedHours: number,
): readonly { readonly value: string; readonly label: string }[] {
  const shorter = SPANS_HOURS.filter((hours) => hours < recordedHours).map((hours) => ({
    value: String(hours),
    label: hours === 1 ? 'The last game hour' : `The last ${hours} game hours`,
  }));
  const all = `All that is recorded: ${recordedHours.toFixed(1)} game hours`;
  return [{ value: 'all', label: all }, ...shorter];
}

/** Read the credits to begin with; empty, it is what the player has. */
export function readStake(
  text: string,
): { readonly credits: number | null } | { readonly fault: string } {
  if (text.trim() === '') return { credits: null };
  const read = readWhole(text, { of: 'credits', max: STAKE_MAX });
  return 'fault' in read ? read : { credits: read.value };
}
