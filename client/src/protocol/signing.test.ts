import { describe, expect, it } from 'vitest';

import { importSessionKey, signFrame } from './signing';

const KEY = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const FRAME = {
  type: 'subscribe',
  id: '2',
  counter: 2,
  data: { channels: ['market.ore', 'account'] },
  timestamp: '2026-11-24T14:00:00.000Z',
  session_id: 's-1',
};

describe('signFrame', () => {
  it('makes the signature that the server makes over the same frame', async () => {
    const signature = await signFrame(await importSessionKey(KEY), FRAME);
    expect(signature).toBe('6cdff27def499af22b87a433c9f27c493da0ce95ee05108f516696f4036e799a');
  });

  it('covers what the frame asks for', async () => {
    const key = await importSessionKey(KEY);
    const other = { ...FRAME, data: { channels: ['market.fuel', 'account'] } };
    expect(await signFrame(key, other)).not.toBe(await signFrame(key, FRAME));
  });
});

describe('importSessionKey', () => {
  it.each(['', 'abc', 'ZZ'])('refuses %j', async (text) => {
    await expect(importSessionKey(text)).rejects.toThrow(RangeError);
  });
});
