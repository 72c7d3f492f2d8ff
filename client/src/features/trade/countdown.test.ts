import { describe, expect, it } from 'vitest';

import { secondsLeft, spokenCountdown } from './countdown';

describe('secondsLeft', () => {
  it.each([
    [10_000, 10],
    [9_001, 10],
    [9_000, 9],
    [1, 1],
    [0, 0],
  ])('%i ms are %i s', (remainingMs, seconds) => {
    expect(secondsLeft(remainingMs)).toBe(seconds);
  });
});

describe('spokenCountdown', () => {
  it('speaks at a few moments only, and at the end', () => {
    const said = Array.from({ length: 101 }, (_, tenth) => spokenCountdown(10_000 - tenth * 100));
    expect(said.filter((text, index) => text !== said[index - 1])).toEqual([
      'The quote stands for 10 seconds.',
      'The quote stands for 5 seconds.',
      'The quote stands for 3 seconds.',
      'The quote has run out.',
    ]);
  });

  it('says no number before the first of its moments', () => {
    expect(spokenCountdown(25_000)).toBe('The quote stands.');
  });
});
