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

describe('advance', () => {
  it('opens, authenticates and is live', () => {
    expect(run([0, 'sign_in'])[1]).toEqual([{ type: 'open' }]);
    expect(run([0, 'sign_in'], [10, 'opened'])[1]).toEqual([{ type: 'authenticate' }]);
    expect(run(...TO_LIVE)).toEqual([{ phase: 'live', attempt: 0, sinceMs: 20 }, []]);
  });

  it('says that prices are old when no frame comes, and is live again with the next', () => {
    const quiet = 21 + STALE_AFTER_MS;
    expect(run(...TO_LIVE, [quiet, 'tick'])[0].phase).toBe('stale');
    expect(run(...TO_LIVE, [quiet, 'tick'], [quiet + 5, 'frame'])[0].phase).toBe('live');
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
    expect(state).toEqual({ phase: 'connecting', attempt: 0, sinceMs: 150 });
    expect(effects).toEqual([{ type: 'open' }]);
  });

  it('renews the token when it is refused', () => {
    const [state, effects] = run([0, 'sign_in'], [10, 'opened'], [20, 'refused']);
    expect(state.phase).toBe('reconnecting');
    expect(effects.map((effect) => effect.type)).toEqual(['close', 'renew_token', 'retry']);
  });

  it('stays signed out, whatever the old socket still reports', () => {
    for (const type of ['opened', 'authenticated', 'closed', 'frame', 'tick', 'woken'] as const) {
      expect(run(...TO_LIVE, [50, 'sign_out'], [60, type])).toEqual([SIGNED_OUT, []]);
    }
    expect(run(...TO_LIVE, [50, 'sign_out'], [60, 'refused'])).toEqual([SIGNED_OUT, []]);
    expect(run(...TO_LIVE, [50, 'sign_out'], [60, 'retry_due'])).toEqual([SIGNED_OUT, []]);
  });

  it('keeps the very state when nothing changes', () => {
    const live: Lifecycle = { phase: 'live', attempt: 0, sinceMs: 5 };
    expect(advance(live, { type: 'tick' }, 6, 0)[0]).toBe(live);
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
