import type { PriceForecast } from '../../protocol/forecast';
import type { CandleInterval } from '../../protocol/shapes';
import { CANDLE_SECONDS } from '../../store/candleSeries';

/** A price at a moment, in seconds of the galaxy's date. */
export interface Point {
  readonly at: number;
  readonly price: number;
}

/** A forecast as lines: the expected price, and the bounds of four cases in five. */
export interface Cone {
  readonly middle: readonly Point[];
  readonly low: readonly Point[];
  readonly high: readonly Point[];
  /** Candles between the forecast's making and its due date. */
  readonly aheadBars: number;
}

export const NO_CONE: Cone = { middle: [], low: [], high: [], aheadBars: 0 };

/**
 * Lay a forecast over candles: straight lines from the price when it was made to what is expected
 * at its due date. Nothing is foretold about the way between, so the lines claim nothing there.
 *
 * @returns null where the whole forecast lies within one candle.
 */
export function forecastCone(forecast: PriceForecast, interval: CandleInterval): Cone | null {
  const length = CANDLE_SECONDS[interval];
  const madeAt = barAt(forecast.made_at, length);
  const bars = (barAt(forecast.due_at, length) - madeAt) / length;
  if (bars < 1) return null;
  const from = forecast.reference_price;
  const line = (to: number): readonly Point[] =>
    Array.from({ length: bars + 1 }, (_, bar) => ({
      at: madeAt + bar * length,
      price: from + ((to - from) * bar) / bars,
    }));
  return {
    middle: line(forecast.predicted_price),
    low: line(forecast.interval_80.low),
    high: line(forecast.interval_80.high),
    aheadBars: bars,
  };
}

function barAt(instant: string, length: number): number {
  return Math.floor(Date.parse(instant) / 1_000 / length) * length;
}
