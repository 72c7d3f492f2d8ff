import { describe, expect, it } from 'vitest';

import { priceForecast } from '../../testing/advice';
import { forecastCone } from './forecastCone';

describe('forecastCone', () => {
  it('leads from the price when it was made to what is expected, a point a candle', () => {
    const cone = forecastCone(priceForecast(), '5m');
    expect(cone?.aheadBars).toBe(12);
    expect(cone?.middle).toHaveLength(13);
    expect(cone?.middle[0]).toEqual({ at: Date.UTC(2102, 0, 1) / 1_000, price: 50 });
    expect(cone?.middle.at(-1)).toEqual({ at: Date.UTC(2102, 0, 1, 1) / 1_000, price: 56 });
    expect(cone?.middle[6]?.price).toBe(53);
    expect(cone?.low.at(-1)?.price).toBe(48);
    expect(cone?.high.at(-1)?.price).toBe(62);
  });

  it('is not drawn where it lies within one candle', () => {
    expect(forecastCone(priceForecast(), '1d')).toBeNull();
  });
});
