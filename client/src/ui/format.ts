const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const two = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const signedTwo = new Intl.NumberFormat('en', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  signDisplay: 'exceptZero',
});
const signedWhole = new Intl.NumberFormat('en', {
  maximumFractionDigits: 0,
  signDisplay: 'exceptZero',
});
const rate = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const galaxyDate = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: '2-digit',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const galaxyDay = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: '2-digit',
  month: 'short',
});
const localTime = new Intl.DateTimeFormat('en-GB', {
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** Write whole numbers: units of goods, credits. */
export function formatUnits(units: number): string {
  return whole.format(units);
}

/** Write an amount of money. */
export function formatCredits(credits: number): string {
  return `${whole.format(credits)} cr`;
}

/** Write a gain or loss with its sign. */
export function formatProfit(credits: number): string {
  return `${signedWhole.format(credits)} cr`;
}

/** Write an average or index price, which has hundredths. */
export function formatPrice(price: number): string {
  return two.format(price);
}

/** Write a change with its sign. */
export function formatPercent(percent: number): string {
  return `${signedTwo.format(percent)}%`;
}

/** Write a share or a probability from 0 to 1, in per cent. */
export function formatRate(share: number): string {
  return rate.format(share);
}

/** Write how long ago something was. */
export function formatAge(ageMs: number): string {
  if (ageMs < 10_000) return `${(Math.max(0, ageMs) / 1_000).toFixed(1)} s`;
  if (ageMs < 60_000) return `${Math.floor(ageMs / 1_000)} s`;
  return `${Math.floor(ageMs / 60_000)} min`;
}

/** Write a moment in the galaxy's date. */
export function formatGalaxyDate(instant: string): string {
  return galaxyDate.format(new Date(instant));
}

/** Write the day of the galaxy's date that a moment falls on, given in its Unix milliseconds. */
export function formatGalaxyDay(gameTimeMs: number): string {
  return galaxyDay.format(gameTimeMs);
}

/** Write a moment of the reader's own clock. */
export function formatLocalTime(instant: string): string {
  return localTime.format(new Date(instant));
}
