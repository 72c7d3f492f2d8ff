import { describe, expect, it } from 'vitest';

import { readDecimal, readWhole } from './number';

/** What looks like a number to a machine, or to a person of another country. */
const AMBIGUOUS = ['0x10', '1e3', '5,0', '5,00', '1,0000', ',500', '500,', '1,000 000', '1 00', ''];

describe('readWhole', () => {
  const bounds = { of: 'units', max: 1_000_000 };

  it.each([
    ['7', 7],
    [' 0042 ', 42],
    ['5000', 5_000],
    ['5,000', 5_000],
    ['1 000 000', 1_000_000],
    ['12\u202f345', 12_345],
  ])('takes %j', (text, value) => {
    expect(readWhole(text, bounds)).toEqual({ value });
  });

  it.each([...AMBIGUOUS, '-1', '+1', '1.5', 'many', '١٢'])(
    'asks for digits where it finds %j',
    (text) => {
      const fault = 'Enter whole units in digits, such as 5000 or 5,000.';
      expect(readWhole(text, bounds)).toEqual({ fault });
    },
  );

  it.each(['0', '1,000,001', '9'.repeat(400)])('says between which bounds %s is not', (text) => {
    expect(readWhole(text, bounds)).toEqual({ fault: 'Enter whole units, from 1 to 1,000,000.' });
  });
});

describe('readDecimal', () => {
  it.each([
    ['0', 0],
    ['-10', -10],
    ['−10', -10],
    ['1,200.5', 1_200.5],
    ['.25', 0.25],
  ])('takes %j', (text, value) => {
    expect(readDecimal(text)).toBe(value);
  });

  it.each([...AMBIGUOUS, '1.', '1.2.3', '.', '-', 'NaN', 'Infinity'])(
    'takes %j for none',
    (text) => {
      expect(readDecimal(text)).toBeNull();
    },
  );
});
