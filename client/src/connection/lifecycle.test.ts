import { describe, expect, it } from 'vitest';

import {
  advance,
  DEAD_AFTER_MS,
  HANDSHAKE_MS,
  type Lifecycle,
  type LifecycleEvent,
  retryDelayMs,
  RETRY_LONGEST_MS,
  SIGNED_OUT,
  STALE_AFTER_MS,
} from './lifecycle';

/** Run events, each at its time, and return the last state with the last effects. */
function run(...events: readonly (readonly [number, LifecycleEvent['type']])[]) {
  return events.reduce<ReturnType<typeof advance>>(
    ([state], [nowMs, type]) => advance(state, { type }, nowMs, 0.5),
    [SIGNED_OUT, []],
  );
}

const TO_LIVE = [
  [0, 'sign_in'],
  [10, 'opened'],
  [20, 'authenticated'],
] as const;

const LIVE: Lifecycle = {
  phase: 'live',
  attempt: 0,
  sinceMs: 20,
  pricedAtMs: 20,
  toldStale: false,
};

describe('advance', () => {
  it('opens, authenticates and is live', () => {
    expect(run([0, 'sign_in'])[1]).toEqual([{ type: 'open' }]);
    expect(run([0, 'sign_in'], [10, 'opened'])[1]).toEqual([{ type: 'authenticate' }]);
    expect(run(...TO_LIVE)).toEqual([LIVE, []]);
  });

  it('says that prices are old when none comes, and is live again with the next', () => {
    const quiet = 21 + STALE_AFTER_MS;
    expect(run(...TO_LIVE, [quiet, 'tick'])[0].phase).toBe('stale');
    expect(run(...TO_LIVE, [quiet, 'tick'], [quiet + 5, 'price'])[0].phase).toBe('live');
  });

  it('takes no other frame for a price', () => {
    const quiet = 21 + STALE_AFTER_MS;
    expect(run(...TO_LIVE, [quiet, 'frame'], [quiet, 'tick'])[0].phase).toBe('stale');
    expect(run(...TO_LIVE, [quiet, 'tick'], [quiet + 5, 'frame'])[0].phase).toBe('stale');
  });

  it('waits longer for prices in a galaxy that ticks seldom', () => {
    const tick = { type: 'tick', staleAfterMs: 3 * STALE_AFTER_MS } as const;
    expect(advance(LIVE, tick, 21 + STALE_AFTER_MS, 0)[0].phase).toBe('live');
    expect(advance(LIVE, tick, 21 + 3 * STALE_AFTER_MS, 0)[0].phase).toBe('stale');
  });

  it('believes the server that prices are old, until it takes that back and one comes', () => {
    const told = [...TO_LIVE, [30, 'told_stale']] as const;
    expect(run(...told)[0].phase).toBe('stale');
    expect(run(...told, [40, 'frame'], [41, 'price'])[0].phase).toBe('stale');
    expect(run(...told, [50, 'told_fresh'])[0].phase).toBe('stale');
    expect(run(...told, [50, 'told_fresh'], [60, 'price'])[0].phase).toBe('live');
  });

  it('takes a new line as fresh until it is told otherwise', () => {
    const returned = run(
      ...TO_LIVE,
      [30, 'told_stale'],
      [40, 'closed'],
      [500, 'retry_due'],
      [510, 'opened'],
      [520, 'authenticated'],
    );
    expect(returned[0]).toEqual({ ...LIVE, sinceMs: 520, pricedAtMs: 520 });
  });

  it('gives a dead line up and tries another', () => {
    const [state, effects] = run(...TO_LIVE, [21 + DEAD_AFTER_MS, 'tick']);
    expect(state.phase).toBe('reconnecting');
    expect(effects).toEqual([{ type: 'close' }, { type: 'retry', delayMs: 375 }]);
  });

  it('gives a handshake up that takes too long', () => {
    const [state] = run([0, 'sign_in'], [1 + HANDSHAKE_MS, 'tick']);
    expect(state.phase).toBe('reconnecting');
  });

  it('waits longer after each failure, and starts over once live', () => {
    const lost = [...TO_LIVE, [100, 'closed']] as const;
    const twice = [...lost, [200, 'retry_due'], [210, 'closed']] as const;
    expect(run(...lost)[1]).toEqual([{ type: 'retry', delayMs: 375 }]);
    expect(run(...twice)[1]).toEqual([{ type: 'retry', delayMs: 750 }]);
    const recovered = [
      ...twice,
      [300, 'retry_due'],
      [310, 'opened'],
      [320, 'authenticated'],
    ] as const;
    expect(run(...recovered)[0].attempt).toBe(0);
  });

  it('tries at once when the network comes back', () => {
    const [state, effects] = run(...TO_LIVE, [100, 'closed'], [150, 'woken']);
    expect(state).toEqual({ ...SIGNED_OUT, phase: 'connecting', sinceMs: 150 });
    expect(effects).toEqual([{ type: 'open' }]);
  });

  it('renews the token when it is refused', () => {
    const [state, effects] = run([0, 'sign_in'], [10, 'opened'], [20, 'refused']);
    expect(state.phase).toBe('reconnecting');
    expect(effects.map((effect) => effect.type)).toEqual(['close', 'renew_token', 'retry']);
  });

  it('stays signed out, whatever the old socket still reports', () => {
    for (const type of [
      ...(['opened', 'authenticated', 'closed', 'frame', 'tick', 'woken'] as const),
      ...(['price', 'told_stale', 'told_fresh'] as const),
    ]) {
      expect(run(...TO_LIVE, [50, 'sign_out'], [60, type])).toEqual([SIGNED_OUT, []]);
    }
    expect(run(...TO_LIVE, [50, 'sign_out'], [60, 'refused'])).toEqual([SIGNED_OUT, []]);
    expect(run(...TO_LIVE, [50, 'sign_out'], [60, 'retry_due'])).toEqual([SIGNED_OUT, []]);
  });

  it('keeps the very state when nothing changes', () => {
    expect(advance(LIVE, { type: 'tick' }, 21, 0)[0]).toBe(LIVE);
  });
});

describe('retryDelayMs', () => {
  it('never falls below half of the step nor rises above the longest wait', () => {
    expect(retryDelayMs(0, 0)).toBe(250);
    expect(retryDelayMs(0, 0.999)).toBeLessThanOrEqual(500);
    expect(retryDelayMs(30, 0.999)).toBeLessThanOrEqual(RETRY_LONGEST_MS);
    expect(retryDelayMs(30, 0)).toBe(RETRY_LONGEST_MS / 2);
  });
});
