import { describe, expect, it } from 'vitest';

import { barOfCandle, extendBars } from './candleSeries';

const candle = barOfCandle({
  time: '2102-01-03T00:10:00Z',
  open: 50,
  high: 52,
  low: 49,
  close: 51,
  volume: 30,
});
const at = (time: string) => Date.parse(`2102-01-03T${time}Z`);

describe('extendBars', () => {
  it('moves the last bar while it is open', () => {
    expect(extendBars(candle, '5m', 53, at('00:14:59'))).toEqual({
      ...candle,
      high: 53,
      close: 53,
    });
    expect(extendBars(candle, '5m', 48, at('00:14:59'))).toEqual({ ...candle, low: 48, close: 48 });
  });

  it('opens a bar at the next interval, its volume not known yet', () => {
    expect(extendBars(candle, '5m', 53, at('00:15:00'))).toEqual({
      openedAt: candle.openedAt + 300,
      open: 53,
      high: 53,
      low: 53,
      close: 53,
      volume: null,
    });
  });

  it('leaves out a price from before the last bar', () => {
    expect(extendBars(candle, '5m', 53, at('00:09:59'))).toBeNull();
  });

  it('begins a series', () => {
    expect(extendBars(undefined, '1h', 53, at('07:30:00'))?.openedAt).toBe(at('07:00:00') / 1_000);
  });
});
