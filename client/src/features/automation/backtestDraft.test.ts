import { describe, expect, it } from 'vitest';

import { pastMissingMs, readStake, spanOptions } from './backtestDraft';

describe('readStake', () => {
  it('takes whole credits, and nothing for what the player has', () => {
    expect(readStake('')).toEqual({ credits: null });
    expect(readStake(' 50,000 ')).toEqual({ credits: 50_000 });
  });

  it.each(['0', '0x10', '5,0', '1000000000001'])('says what is wrong with %s', (text) => {
    expect(readStake(text)).toHaveProperty('fault');
  });
});

it('offers the spans that are shorter than what is recorded', () => {
  expect(spanOptions(1).map(({ value }) => value)).toEqual(['all']);
  expect(spanOptions(24.5).map(({ value }) => value)).toEqual(['all', '1', '6', '24']);
});

it('reckons in real time how much of the past is missing', () => {
  expect(pastMissingMs(0, 60)).toBe(60_000);
  expect(pastMissingMs(0.5, 60)).toBe(30_000);
  expect(pastMissingMs(3, 60)).toBe(0);
});
