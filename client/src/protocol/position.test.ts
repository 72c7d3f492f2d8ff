import { describe, expect, it } from 'vitest';

import { continuity } from './position';

const SEEN = { epoch: 'a', offset: 7 };

describe('continuity', () => {
  it.each([
    [undefined, { epoch: 'a', offset: 3 }, { kind: 'first' }],
    [SEEN, { epoch: 'a', offset: 8 }, { kind: 'next' }],
    [SEEN, { epoch: 'a', offset: 7 }, { kind: 'duplicate' }],
    [SEEN, { epoch: 'a', offset: 2 }, { kind: 'duplicate' }],
    [SEEN, { epoch: 'a', offset: 11 }, { kind: 'gap', missed: 3 }],
    [SEEN, { epoch: 'b', offset: 8 }, { kind: 'restarted' }],
  ])('from %j to %j is %j', (seen, arriving, expected) => {
    expect(continuity(seen, arriving)).toEqual(expected);
  });
});
