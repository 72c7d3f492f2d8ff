/** Seconds left at which a countdown is spoken; every second would drown all else. */
const SPOKEN_AT = [10, 5, 3] as const;

/** Write how long a quote still stands. */
export function secondsLeft(remainingMs: number): number {
  return Math.ceil(remainingMs / 1_000);
}

/** Return what to say aloud of a countdown; it changes only at a few moments. */
export function spokenCountdown(remainingMs: number): string {
  if (remainingMs <= 0) return 'The quote has run out.';
  const left = secondsLeft(remainingMs);
  const mark = [...SPOKEN_AT].reverse().find((seconds) => left <= seconds);
  return mark === undefined ? 'The quote stands.' : `The quote stands for ${mark} seconds.`;
}
