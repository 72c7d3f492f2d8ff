// @vitest-environment jsdom
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { horizonPerformance, priceForecast } from '../../testing/advice';
import { fakeServices, Provided } from '../../testing/services';
import { ForecastStrip, recordSentence } from './ForecastStrip';

afterEach(cleanup);

function show(forecasts: readonly ReturnType<typeof priceForecast>[]) {
  const services = fakeServices();
  vi.spyOn(services.advice, 'forecasts').mockResolvedValue({ forecasts: [...forecasts] });
  vi.spyOn(services.advice, 'performance').mockResolvedValue({
    horizons: { '1h': horizonPerformance({ n: 0, hit_rate: null }) },
    days: 30,
  });
  render(
    <Provided services={services}>
      <ForecastStrip commodity="ore" horizon="1h" onHorizon={() => undefined} />
    </Provided>,
  );
}

describe('ForecastStrip', () => {
  it('shows what is expected, within which bounds, how likely, and why', async () => {
    show([priceForecast({ explanation: 'The 12 hour season <b>turns</b>.' })]);
    expect(await screen.findByText('48.00 – 62.00')).toBeTruthy();
    expect(screen.getByText('up 73% likely')).toBeTruthy();
    expect(screen.getByText('The 12 hour season <b>turns</b>.')).toBeTruthy();
    expect(await screen.findByText(/No 1h forecast has been scored yet/)).toBeTruthy();
  });

  it('says that there is no edge where there is none', async () => {
    show([priceForecast({ edge: false, confidence: 0.52 })]);
    expect(await screen.findByText('no edge')).toBeTruthy();
    expect(screen.queryByText(/likely/)).toBeNull();
  });

  it('says so where no forecast stands', async () => {
    show([priceForecast({ commodity: 'fuel' })]);
    expect(await screen.findByText(/No forecast stands/)).toBeTruthy();
  });
});

describe('recordSentence', () => {
  it('puts the hit rate with n and its interval beside what costs no thought', () => {
    expect(recordSentence(horizonPerformance(), '1h')).toBe(
      '62.5% of 1,200 right (58% to 67%); base rate 52%, persistence 49%.',
    );
  });
});
