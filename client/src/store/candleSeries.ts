import type { Candle, CandleInterval } from '../protocol/shapes';

/** How long a candle is, in seconds of the galaxy's time. */
export const CANDLE_SECONDS: Record<CandleInterval, number> = {
  '1m': 60,
  '5m': 300,
  '1h': 3_600,
  '1d': 86_400,
};

/** A candle as the chart draws it; `openedAt` is in seconds of the galaxy's date. */
export interface Bar {
  readonly openedAt: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Null while the bar is open, or until the server has said how much was traded in it. */
  readonly volume: number | null;
}

export function barOfCandle(candle: Candle): Bar {
  const { open, high, low, close, volume } = candle;
  return { openedAt: Date.parse(candle.time) / 1_000, open, high, low, close, volume };
}

/**
 * Take a live price into a series of bars, oldest first.
 *
 * @param gameTimeMs when the price held, in the galaxy's date.
 * @returns the bar to draw last: the last one changed, or a new one that opens at the price; null
 *   for a price older than the last bar.
 */
export function extendBars(
  last: Bar | undefined,
  interval: CandleInterval,
  price: number,
  gameTimeMs: number,
): Bar | null {
  const length = CANDLE_SECONDS[interval];
  const openedAt = Math.floor(gameTimeMs / 1_000 / length) * length;
  if (last !== undefined && openedAt < last.openedAt) return null;
  if (last === undefined || openedAt > last.openedAt) {
    return { openedAt, open: price, high: price, low: price, close: price, volume: null };
  }
  return {
    ...last,
    high: Math.max(last.high, price),
    low: Math.min(last.low, price),
    close: price,
  };
}
