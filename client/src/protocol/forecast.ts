/** Shapes of the forecasts of index prices and of their record. */
import * as v from 'valibot';

import { commodity, instant, probability, units } from './scalars';

export const HORIZONS = ['1h', '6h', '24h'] as const;
export type Horizon = (typeof HORIZONS)[number];

const PriceInterval = v.object({ low: v.number(), high: v.number() });

/**
 * A forecast that was published at the galaxy's date `made_at` and is scored at `due_at`.
 * `confidence` is the calibrated probability of the direction; without `edge`, no better than
 * chance is to be expected.
 */
export const PriceForecast = v.object({
  commodity,
  horizon: v.picklist(HORIZONS),
  made_at: instant,
  due_at: instant,
  reference_price: v.number(),
  predicted_price: v.number(),
  direction: v.picklist(['up', 'down']),
  confidence: probability,
  edge: v.boolean(),
  interval_80: PriceInterval,
  interval_95: PriceInterval,
  risk_level: v.picklist(['low', 'medium', 'high']),
  explanation: v.string(),
  model_id: v.string(),
});
export type PriceForecast = v.InferOutput<typeof PriceForecast>;

export const PriceForecasts = v.object({ forecasts: v.array(PriceForecast) });

const rate = v.nullable(probability);

/**
 * How the forecasts over one horizon have done, and what costs no thought beside them; null where
 * there is nothing to say it from. `n` counts scored forecasts whose price moved.
 */
export const HorizonPerformance = v.object({
  n: units,
  n_independent: units,
  flat: units,
  hit_rate: rate,
  ci_low: rate,
  ci_high: rate,
  base_rate: rate,
  baselines: v.object({ persistence: rate, drift: rate, mean_reversion: rate, auto_ets: rate }),
  p_value: rate,
  brier: v.nullable(v.number()),
  calibration_error: v.nullable(v.number()),
  coverage_80: rate,
  coverage_95: rate,
  model_id: v.string(),
});
export type HorizonPerformance = v.InferOutput<typeof HorizonPerformance>;

export const ForecastPerformance = v.object({
  horizons: v.partial(
    v.object({ '1h': HorizonPerformance, '6h': HorizonPerformance, '24h': HorizonPerformance }),
  ),
  days: units,
});
export type ForecastPerformance = v.InferOutput<typeof ForecastPerformance>;
