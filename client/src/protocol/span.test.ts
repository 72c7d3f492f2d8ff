import { describe, expect, it } from 'vitest';

import { spanProgress } from './span';

const SPAN = { from: '2026-11-24T14:00:00.000000Z', until: '2026-11-24T14:00:08.000000Z' };
const START = Date.parse(SPAN.from);

describe('spanProgress', () => {
  it.each([
    [-500, 0, 8_500],
    [0, 0, 8_000],
    [2_000, 0.25, 6_000],
    [8_000, 1, 0],
    [60_000, 1, 0],
  ])('%i ms after its beginning', (elapsed, fraction, remainingMs) => {
    expect(spanProgress(SPAN, START + elapsed)).toEqual({ fraction, remainingMs });
  });

  it('is over where beginning and end are the same moment', () => {
    const instant = { ...SPAN, until: SPAN.from };
    expect(spanProgress(instant, START)).toEqual({ fraction: 1, remainingMs: 0 });
  });
});
