import * as v from 'valibot';
import { describe, expect, it } from 'vitest';

import published from '../../../docs/vectors/deltas.json';
import type { JsonObject } from './canonicalJson';
import { checksum, Delta, rebuilt, wholeText } from './delta';

const read = (text: string) => JSON.parse(text) as JsonObject;
const readDelta = (text: string) => v.parse(Delta, JSON.parse(text));

describe('rebuilt', () => {
  it.each(published.vectors)('makes the frame that was sent: $name', ({ base, delta, whole }) => {
    const frame = rebuilt(read(base), readDelta(delta));
    expect(frame).toEqual(JSON.parse(whole));
    expect(frame === null ? null : wholeText(frame)).toBe(whole);
  });

  it.each(published.mismatches)('finds out that $why', ({ base, delta }) => {
    expect(rebuilt(read(base), readDelta(delta))).toBeNull();
  });

  it('leaves the frame before as it was', () => {
    const { base, delta } = published.vectors[0] ?? { base: '', delta: '' };
    const frame = read(base);
    rebuilt(frame, readDelta(delta));
    expect(frame).toEqual(JSON.parse(base));
  });
});

describe('checksum', () => {
  it.each([
    // The check value of CRC-32/ISO-HDLC in the catalogue of CRC algorithms.
    ['123456789', 'cbf43926'],
    ['', '00000000'],
    ['€', '83f2c8d6'],
  ])('is the CRC-32 of %j', (text, expected) => {
    expect(checksum(text)).toBe(expected);
  });
});
