import { describe, expect, it } from 'vitest';

import { journeyProgress } from './journey';

const JOURNEY = {
  from_sector_id: 'a',
  to_sector_id: 'b',
  departed_at: '2026-11-24T14:00:00.000000Z',
  arrives_at: '2026-11-24T14:00:08.000000Z',
};
const START = Date.parse(JOURNEY.departed_at);

describe('journeyProgress', () => {
  it.each([
    [-500, 0, 8_500],
    [0, 0, 8_000],
    [2_000, 0.25, 6_000],
    [8_000, 1, 0],
    [60_000, 1, 0],
  ])('%i ms after departure', (elapsed, fraction, remainingMs) => {
    expect(journeyProgress(JOURNEY, START + elapsed)).toEqual({ fraction, remainingMs });
  });

  it('has arrived where departure and arrival are the same moment', () => {
    const instant = { ...JOURNEY, arrives_at: JOURNEY.departed_at };
    expect(journeyProgress(instant, START)).toEqual({ fraction: 1, remainingMs: 0 });
  });
});
